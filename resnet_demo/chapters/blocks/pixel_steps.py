"""The steps of a walk through a block: plain numbers, without torch."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Path = Literal["main", "shortcut", "sum"]
TOLERANCE = 1e-5
"""For `Walk.error`: the difference between the network's values and those by hand that float32 rounding can cause."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """One operation on the followed pixel.

    Attributes:
        kind: "conv", "norm", "relu", "identity", "zero padding" or "add".
        label: the layer's name in the block: "conv1", "bn1", "relu1", "downsample.0", "add".
        path: "main" for F(x), "shortcut", or "sum" for the addition and what comes after it.
        channel, row, column: the position in the step's output.
        value: by hand, in float64; `network` is the network's own value, in float32.
        largest: the largest magnitude in the network's feature map, to which the error is relative.
    """

    kind: str
    label: str
    path: Path
    channel: int
    row: int
    column: int
    value: float
    network: float
    largest: float

    @property
    def error(self) -> float:
        """|by hand - network's| relative to the feature map's largest magnitude."""
        return abs(self.value - self.network) / (self.largest or 1.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvStep(Step):
    """value = sum of `by_channel` + bias = sum of `products` + `others` + bias.

    Attributes:
        stride, dilation: of the kernel.
        first: the first input channel that this output channel reads (0 without groups).
        shown: the input channel that contributes most, from which the walk continues.
        windows: (C / groups, k, k) input values under the kernel, zero for padding; `kernels` are their weights.
    """

    stride: int
    dilation: int
    first: int
    shown: int
    windows: Array
    kernels: Array
    bias: float

    @property
    def window(self) -> Array:
        """(k, k) of the shown channel."""
        return self.windows[self.shown - self.first]

    @property
    def weights(self) -> Array:
        """(k, k) of the shown channel."""
        return self.kernels[self.shown - self.first]

    @property
    def products(self) -> Array:
        """(k, k) of the shown channel, element by element."""
        return self.window * self.weights

    @property
    def by_channel(self) -> Array:
        """(C / groups,): the sum of the products for each input channel."""
        return (self.windows * self.kernels).sum((1, 2))

    @property
    def others(self) -> float:
        """The sum over all other channels."""
        return float(self.by_channel.sum() - self.products.sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class NormStep(Step):
    """value = scale · before + shift, with scale = gamma / sqrt(var + eps) and shift = beta - mean · scale."""

    before: float
    mean: float
    var: float
    gamma: float
    beta: float
    eps: float
    scale: float
    shift: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ReluStep(Step):
    """value = max(before, 0)."""

    before: float


@dataclass(frozen=True, eq=False, kw_only=True)
class CopyStep(Step):
    """x unchanged: from `source` (channel, row, column), or zero if option A has no channel to copy (None)."""

    source: tuple[int, int, int] | None


@dataclass(frozen=True, eq=False, kw_only=True)
class AddStep(Step):
    """value = residual + shortcut."""

    residual: float
    shortcut: float


@dataclass(frozen=True, eq=False)
class Walk:
    """A pixel of a block's output and the steps to it: F(x), then the shortcut, then the sum."""

    block: str
    channel: int
    row: int
    column: int
    steps: tuple[Step, ...]

    @property
    def value(self) -> float:
        """The value by hand."""
        return self.steps[-1].value

    @property
    def network(self) -> float:
        """The network's own value."""
        return self.steps[-1].network

    @property
    def error(self) -> float:
        """The largest |by hand - network's| of any step, relative to the largest magnitude in that step's output."""
        return max(step.error for step in self.steps)

    @property
    def holds(self) -> bool:
        """Whether the values by hand agree with the network's."""
        return self.error <= TOLERANCE
