"""A block of a trained network opened for a photograph: what is measured of it, in no language yet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from resnet_demo.chapters.blocks.activations import BlockValues, Map, open_block
from resnet_demo.chapters.blocks.follow_pixel import walk
from resnet_demo.chapters.blocks.pixel_steps import Walk
from resnet_demo.kit.image_input import read
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.models.layer_costs import whole
from resnet_demo.models.resnet import block_of, blocks_of

SHOWN = 6


@dataclass(frozen=True, eq=False)
class Opened:
    """Maps of some channels of a block, each (channels, H, W), and the pixel that is followed first.

    `x` is None for a channel that the block's input does not have. `gap` is |F(x) + shortcut - sum| at most;
    `strengths` are the root mean squares of F(x) and of the shortcut over all channels, None without a shortcut.
    """

    key: str
    network: str
    block: str
    crop: Image.Image
    channels: tuple[int, ...]
    shape: tuple[int, int, int]
    x: tuple[Map | None, ...]
    residual: Map
    shortcut: Map | None
    total: Map
    output: Map
    preactivation: bool
    mixes: bool
    gap: float
    first: int
    strengths: tuple[float, float | None]

    @property
    def place(self) -> str:
        """Tells the blocks of all networks apart, two of one architecture with other weights, too."""
        return f"{self.key} {self.block}"


def open_for(networks: Networks, path: str | None, key: str, block: str, wanted: Sequence[int]) -> Opened:
    """Raises PictureError, CheckpointError, and ArchitectureError for an unknown block."""
    return _opened(networks, read(path), key, block, wanted)


def follow_for(networks: Networks, path: str | None, key: str, block: str, index: int) -> Walk:
    """The walk to the pixel `index` of the block's output, counted through channels, rows and columns."""
    return _followed(networks, read(path), key, block, index)


def block_names(networks: Networks, key: str) -> list[str]:
    return list(blocks_of(networks.get(key).network))


def channels_of(networks: Networks, key: str, block: str) -> int:
    """Channels out of the block."""
    found = block_of(networks.get(key).network, block)
    convolutions = [getattr(found, name) for name in ("conv3", "conv2") if hasattr(found, name)]
    return int(convolutions[0].out_channels)


@accelerated
def _opened(networks: Networks, image: Image.Image, key: str, block: str, wanted: Sequence[int]) -> Opened:
    classifier = networks.get(key)
    values = open_block(classifier, image, block)
    channels = _channels(values, wanted)
    picked = list(channels)
    opened = block_of(classifier.network, block)
    return Opened(
        key=key,
        network=classifier.name,
        block=block,
        crop=values.crop,
        channels=channels,
        shape=values.output.shape,
        x=tuple(values.x[channel] if channel < len(values.x) else None for channel in channels),
        residual=values.residual[picked],
        shortcut=None if values.shortcut is None else values.shortcut[picked],
        total=values.total[picked],
        output=values.output[picked],
        preactivation=opened.preactivation,
        mixes="downsample.0" in values.inside,
        gap=values.gap,
        first=_first(values, channels[0]),
        strengths=(_strength(values.residual), None if values.shortcut is None else _strength(values.shortcut)),
    )


def _channels(values: BlockValues, wanted: Sequence[int]) -> tuple[int, ...]:
    """The wanted ones, or those in which F(x) is strongest: the largest root mean square comes first."""
    if wanted:
        return tuple(whole("channel", channel, low=0, high=len(values.output) - 1) for channel in wanted)
    strength = np.square(values.residual).mean((1, 2))
    return tuple(int(channel) for channel in np.argsort(-strength, kind="stable")[:SHOWN])


def _strength(maps: Map) -> float:
    return float(np.sqrt(np.square(maps, dtype=np.float64).mean()))


def _first(values: BlockValues, channel: int) -> int:
    """The brightest pixel of the channel's output."""
    _, height, width = values.output.shape
    return channel * height * width + int(values.output[channel].argmax())


@accelerated
def _followed(networks: Networks, image: Image.Image, key: str, block: str, index: int) -> Walk:
    classifier = networks.get(key)
    values = open_block(classifier, image, block)
    _, height, width = values.output.shape
    index = whole("pixel", index, low=0, high=values.output.size - 1)
    channel, place = divmod(index, height * width)
    return walk(block_of(classifier.network, block), values, channel, *divmod(place, width))
