"""Why a ResNet takes images of any size: global average pooling compared with a flattening head."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod

from resnet_demo.chapters.blocks.layers import Shape, stack
from resnet_demo.chapters.blocks.rows import LARGEST_SIDE
from resnet_demo.models.architectures import Architecture, describe
from resnet_demo.models.layer_costs import whole

USUAL_SIDE = {"imagenet": 224, "cifar": 32}
"""The image size in pixels per side that the networks with each stem were designed for."""


@dataclass(frozen=True)
class AtSize:
    """The head of a network at one image size.

    Attributes:
        size: side of the image; `side` is that of the feature map before the head, with `channels` channels.
        pooled: inputs of the classifier after global average pooling: one per channel, at any size.
        flattened: inputs that it would get from the flattened map, and `expected` the number it was built for.
        message: torch's error in that case, or None if the numbers match.
    """

    size: int
    side: int
    channels: int
    pooled: int
    flattened: int
    expected: int
    message: str | None


def any_size(name: str, sizes: Iterable[int], made_for: int | None = None, **options: object) -> tuple[AtSize, ...]:
    """The head of the network `name` at each of `sizes`, compared with a flattening head.

    The flattening head is built for images of `made_for` px; the default is 224, or 32 with the CIFAR stem.
    Raises ArchitectureError, and CountError for sizes.
    """
    a = describe(name, **options)
    expected = _flattened(a, USUAL_SIDE[a.stem] if made_for is None else made_for)
    found = []
    for size in sizes:
        got = _flattened(a, size)
        message = None if got == expected else refusal(got, expected, a.num_classes)
        side = _map(a, size)[1]
        found.append(AtSize(size, side, a.out_channels, a.out_channels, got, expected, message))
    return tuple(found)


def refusal(got: int, expected: int, classes: int) -> str:
    """The error of torch's linear layer for an image with `got` numbers when it takes `expected`."""
    return f"mat1 and mat2 shapes cannot be multiplied (1x{got} and {expected}x{classes})"


def _map(a: Architecture, size: int) -> Shape:
    """(C, H, W) of the feature map before global average pooling. Only the first block of a stage changes the shape."""
    shallow = replace(a, depths=(1,) * len(a.depths))
    parts = list(stack(shallow, whole("size", size, high=LARGEST_SIDE)))
    return next(part.layers[0].input for part in parts if part.kind == "avgpool")


def _flattened(a: Architecture, size: int) -> int:
    return prod(_map(a, size))
