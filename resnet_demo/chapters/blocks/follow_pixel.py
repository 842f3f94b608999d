"""Follows one pixel of one channel by hand through a block: every product and every sum, in float64.

Only the block's input is taken from the network. Everything after it is computed here, value by value and without
torch, and compared with the network's float32 results.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image
from torch import nn

from resnet_demo.chapters.blocks.activations import BlockValues, Map, open_block
from resnet_demo.chapters.blocks.by_hand import Convolved, Field, Given, Normalised, Pixel, Rectified
from resnet_demo.chapters.blocks.pixel_steps import AddStep, ConvStep, CopyStep, NormStep, Path, ReluStep, Step, Walk
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.models.layer_costs import whole
from resnet_demo.models.resnet import Block, Bottleneck, ZeroPadding, block_of

Operations = list[tuple[str, Field]]
"""Layers by name, each with its output."""


def follow(classifier: Classifier, image: Image.Image, block: str, channel: int, row: int, column: int) -> Walk:
    """The walk to pixel (row, column) of `channel` of the block's output, for an RGB image.

    Raises ArchitectureError for an unknown block, CountError for a pixel outside the feature map.
    """
    return walk(block_of(classifier.network, block), open_block(classifier, image, block), channel, row, column)


def walk(block: Block, values: BlockValues, channel: int, row: int, column: int) -> Walk:
    """The same for a block whose feature maps are given."""
    channels, height, width = values.output.shape
    channel = whole("channel", channel, low=0, high=channels - 1)
    pixel = whole("row", row, low=0, high=height - 1), whole("column", column, low=0, high=width - 1)
    main = list(_main_path(block, Given(values.x)))
    steps = _back(main, values, "main", channel, pixel)
    if block.downsample is not None:
        beside = _shortcut(block.downsample, main, values, channel, pixel)
        steps += [*beside, _addition(steps[-1].value, beside[-1].value, values.total, channel, pixel)]
    if not block.preactivation:
        before = steps[-1].value
        closing = _common(f"relu{_convolutions(block)}", "sum", values.output, channel, pixel, max(before, 0.0))
        steps.append(ReluStep(kind="relu", before=before, **closing))
    return Walk(values.block, channel, *pixel, tuple(steps))


def _convolutions(block: Block) -> int:
    return 3 if isinstance(block, Bottleneck) else 2


def _main_path(block: Block, x: Field) -> Iterator[tuple[str, Field]]:
    """The layers of F(x) applied to x."""
    top = x
    count = _convolutions(block)
    for number in range(1, count + 1):
        kinds = ["bn", "relu", "conv"] if block.preactivation else ["conv", "bn", "relu"]
        if kinds[-1] == "relu" and number == count:
            kinds.pop()  # V1's last ReLU comes after the addition
        for kind in kinds:
            layer = block.relu if kind == "relu" else block.get_submodule(f"{kind}{number}")
            if not isinstance(layer, nn.Identity):  # no BN
                top = _field(top, layer)
                yield f"{kind}{number}", top


def _field(before: Field, layer: nn.Module) -> Field:
    if isinstance(layer, nn.Conv2d):
        return Convolved(before, layer)
    return Normalised(before, layer) if isinstance(layer, nn.BatchNorm2d) else Rectified(before)


def _shortcut(downsample: nn.Module, main: Operations, values: BlockValues, channel: int, pixel: Pixel) -> list[Step]:
    """x unchanged, padded with zeros, or projected; V2 projects the normalised and rectified x."""
    if isinstance(downsample, nn.Sequential):
        first_convolution = next(field for _, field in main if isinstance(field, Convolved))
        projected: Operations = []
        top = first_convolution.before
        for index, layer in enumerate(downsample):
            if not isinstance(layer, nn.Identity):
                top = _field(top, layer)
                projected.append((f"downsample.{index}", top))
        return _back(projected, values, "shortcut", channel, pixel)
    assert values.shortcut is not None
    stride = downsample.stride if isinstance(downsample, ZeroPadding) else 1
    there = channel < values.x.shape[0]
    source = (channel, pixel[0] * stride, pixel[1] * stride) if there else None
    value = float(values.x[source]) if source else 0.0
    kind = "zero padding" if isinstance(downsample, ZeroPadding) else "identity"
    common = _common("downsample", "shortcut", values.shortcut, channel, pixel, value)
    return [CopyStep(kind=kind, source=source, **common)]


def _addition(residual: float, shortcut: float, total: Map, channel: int, pixel: Pixel) -> Step:
    common = _common("add", "sum", total, channel, pixel, residual + shortcut)
    return AddStep(kind="add", residual=residual, shortcut=shortcut, **common)


def _back(operations: Operations, values: BlockValues, path: Path, channel: int, pixel: Pixel) -> list[Step]:
    """The steps of a path, found from its end; at each convolution the channel that contributes most is followed."""
    steps: list[Step] = []
    for label, field in reversed(operations):
        common = _common(label, path, values.inside[label], channel, pixel, field.value(channel, pixel))
        if isinstance(field, Convolved):
            step = _convolution(field, common)
            steps.append(step)
            channel, pixel = step.shown, (pixel[0] * field.stride, pixel[1] * field.stride)  # the kernel's centre
        elif isinstance(field, Normalised):
            steps.append(_normalisation(field, common))
        elif isinstance(field, Rectified):
            steps.append(ReluStep(kind="relu", before=field.before.value(channel, pixel), **common))
    return steps[::-1]


def _convolution(field: Convolved, common: dict[str, Any]) -> ConvStep:
    channel, pixel = common["channel"], (common["row"], common["column"])
    weights = field.weight[channel]  # (C / g, k, k)
    first = channel // (field.shape[0] // field.groups) * len(weights)
    windows = field.windows([pixel])[0, first : first + len(weights)].reshape(weights.shape)  # (C / g, k, k)
    most = int(np.abs((windows * weights).sum((1, 2))).argmax())
    return ConvStep(
        kind="conv",
        stride=field.stride,
        dilation=field.dilation,
        first=first,
        shown=first + most,
        windows=windows,
        kernels=weights,
        bias=float(field.bias[channel]),
        **common,
    )


def _normalisation(field: Normalised, common: dict[str, Any]) -> NormStep:
    channel = common["channel"]
    return NormStep(
        kind="norm",
        before=field.before.value(channel, (common["row"], common["column"])),
        mean=float(field.mean[channel]),
        var=float(field.var[channel]),
        gamma=float(field.gamma[channel]),
        beta=float(field.beta[channel]),
        eps=field.eps,
        scale=float(field.scale[channel]),
        shift=float(field.shift[channel]),
        **common,
    )


def _common(label: str, path: Path, of_network: Map, channel: int, pixel: Pixel, value: float) -> dict[str, Any]:
    return {
        "label": label,
        "path": path,
        "channel": channel,
        "row": pixel[0],
        "column": pixel[1],
        "value": value,
        "network": float(of_network[channel, pixel[0], pixel[1]]),
        "largest": float(np.abs(of_network).max()),
    }
