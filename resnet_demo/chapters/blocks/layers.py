"""A network as a sequence of layers in closed form, from which blocks, diagrams and tables are made.

Stages have their module's name ("layer1") and the paper's: conv1, conv2_x ... conv5_x of Table 1 (arXiv 1512.03385),
and for the CIFAR networks conv1 and stage 1 ... 3, one for each feature map size of section 4.2. Pooling to one pixel
and the classifier form the head, together with the final BN and ReLU of a V2 network (arXiv 1603.05027).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from resnet_demo.models.architectures import Architecture
from resnet_demo.models.layer_costs import (
    conv_parameters,
    conv_size,
    linear_macs,
    linear_parameters,
    norm_parameters,
)

Shape = tuple[int, int, int]
Shortcut = Literal["identity", "projection", "zero padding", "none"]
Kind = Literal["conv", "norm", "relu", "add", "pad", "maxpool", "avgpool", "linear"]


@dataclass(frozen=True)
class Layer:
    """One operation on a feature map.

    Attributes:
        name: its module's path, e.g. "layer1.0.conv1"; operations without a module are named "layer1.0.relu" or
            "layer1.0.add". "pad" is option A's shortcut: every `stride`-th pixel, and zeros for the missing channels.
        shortcut: whether it is on the shortcut instead of the main path.
        input, output: (C, H, W) for one image.
        kernel, stride, dilation, groups: of convolutions and pooling; kernel is 0 for other operations.
        bias: whether a convolution or linear layer has one.
        macs: multiply-adds of convolutions and linear layers; 1 MAC = 2 FLOPs.
    """

    name: str
    kind: Kind
    input: Shape
    output: Shape
    shortcut: bool = False
    kernel: int = 0
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    bias: bool = False
    parameters: int = 0
    macs: int = 0


@dataclass(frozen=True)
class Part:
    """A row of the table before counting: the stem's convolution, a pooling, a block, or a layer of the head."""

    name: str
    stage: str
    paper: str
    kind: str
    shortcut: Shortcut | None
    layers: tuple[Layer, ...]


def paper_stage(a: Architecture, index: int) -> str:
    """The paper's name of the stage "layer1" + `index`."""
    return f"conv{index + 2}_x" if a.stem == "imagenet" else f"stage {index + 1}"


def shortcut_kind(a: Architecture, stride: int, channels_in: int, channels_out: int) -> Shortcut:
    """The shortcut of a block, from its stride and channels."""
    if not a.residual:
        return "none"
    if stride == 1 and channels_in == channels_out and a.shortcut != "C":
        return "identity"
    return "zero padding" if a.shortcut == "A" else "projection"


def stack(a: Architecture, size: int) -> Iterator[Part]:
    """The parts of the network for an image of `size` x `size` pixels, in order."""
    build = _Stack(a, (3, size, size))
    yield from build.stem()
    for index, depth in enumerate(a.depths):
        for position in range(depth):
            yield build.block(index, position)
    yield from build.head()


class _Stack:
    """Builds a sequence of layers; `shape` is the shape of the last output."""

    def __init__(self, a: Architecture, shape: Shape) -> None:
        self.a = a
        self.shape = shape

    def convolution(
        self,
        name: str,
        channels: int,
        kernel: int,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        before: Shape | None = None,
    ) -> Layer:
        """Adds a layer to the main path or, if `before` is given, to a shortcut with that input shape."""
        shape = before or self.shape
        side = conv_size(shape[1], kernel, stride, dilation * (kernel // 2), dilation)
        bias = self.a.norm == "none"
        weights = conv_parameters(shape[0], channels, kernel, groups)
        after = (channels, side, side)
        if before is None:
            self.shape = after
        return Layer(
            name,
            "conv",
            shape,
            after,
            before is not None,
            kernel,
            stride,
            dilation,
            groups,
            bias,
            weights + (channels if bias else 0),
            weights * side * side,
        )

    def norm(self, name: str, shortcut: bool = False) -> list[Layer]:
        """BatchNorm, or nothing in a network without it."""
        if self.a.norm == "none":
            return []
        parameters = norm_parameters(self.shape[0])
        return [Layer(name, "norm", self.shape, self.shape, shortcut, parameters=parameters)]

    def relu(self, name: str) -> Layer:
        return Layer(name, "relu", self.shape, self.shape)

    def stem(self) -> Iterator[Part]:
        imagenet = self.a.stem == "imagenet"
        kernel, stride = (7, 2) if imagenet else (3, 1)
        layers = [self.convolution("conv1", self.a.widths[0], kernel, stride)]
        if not self.a.preactivation:
            layers += [*self.norm("bn1"), self.relu("relu")]
        yield Part("conv1", "stem", "conv1", "conv", None, tuple(layers))
        if imagenet:
            before, side = self.shape, conv_size(self.shape[1], 3, 2, 1)
            self.shape = (before[0], side, side)
            pooling = Layer("maxpool", "maxpool", before, self.shape, kernel=3, stride=2)
            yield Part("maxpool", "stem", paper_stage(self.a, 0), "maxpool", None, (pooling,))

    def block(self, index: int, position: int) -> Part:
        a, before = self.a, self.shape
        name = f"layer{index + 1}.{position}"
        stride = a.strides[index] if position == 0 else 1
        layers: list[Layer] = []
        for number, (kernel, channels, step, dilation, groups) in enumerate(self._plan(index, position, stride), 1):
            conv, bn = f"{name}.conv{number}", f"{name}.bn{number}"
            if a.preactivation:
                layers += [*self.norm(bn), self.relu(f"{name}.relu")]
            layers.append(self.convolution(conv, channels, kernel, step, dilation, groups))
            if not a.preactivation:
                layers += [*self.norm(bn), self.relu(f"{name}.relu")]
        closing = [] if a.preactivation else [layers.pop()]  # V1's last ReLU comes after the addition
        kind = shortcut_kind(a, stride, before[0], self.shape[0])
        layers += self._shortcut(name, kind, before, stride)
        if kind != "none":
            layers.append(Layer(f"{name}.add", "add", self.shape, self.shape))
        return Part(name, f"layer{index + 1}", paper_stage(a, index), a.block, kind, (*layers, *closing))

    def _plan(self, index: int, position: int, stride: int) -> list[tuple[int, int, int, int, int]]:
        """Kernel, channels out, stride, dilation and groups of each convolution of F."""
        a = self.a
        inner, out = a.inner_widths[index], a.widths[index] * a.expansion
        dilation = a.dilations[index if position else max(index - 1, 0)]
        if a.block == "basic":
            return [(3, inner, stride, dilation, 1), (3, out, 1, dilation, 1)]
        first, second = (stride, 1) if a.stride_in_1x1 else (1, stride)
        return [(1, inner, first, 1, 1), (3, inner, second, dilation, a.groups), (1, out, 1, 1, 1)]

    def _shortcut(self, name: str, kind: Shortcut, before: Shape, stride: int) -> list[Layer]:
        if kind == "zero padding":
            return [Layer(f"{name}.downsample", "pad", before, self.shape, True, stride=stride)]
        if kind != "projection":
            return []
        projection = self.convolution(f"{name}.downsample.0", self.shape[0], 1, stride, before=before)
        return [projection, *([] if self.a.preactivation else self.norm(f"{name}.downsample.1", True))]

    def head(self) -> Iterator[Part]:
        if self.a.preactivation:
            yield Part("bn_last", "head", "head", "norm", None, (*self.norm("bn_last"), self.relu("relu")))
        before, pooled = self.shape, (self.shape[0], 1, 1)
        pooling = Layer("avgpool", "avgpool", before, pooled, kernel=before[1])
        yield Part("avgpool", "head", "head", "avgpool", None, (pooling,))
        classes = self.a.num_classes
        parameters, macs = linear_parameters(before[0], classes), linear_macs(before[0], classes)
        linear = Layer("fc", "linear", pooled, (classes, 1, 1), bias=True, parameters=parameters, macs=macs)
        yield Part("fc", "head", "head", "linear", None, (linear,))
