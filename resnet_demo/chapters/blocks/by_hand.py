"""A block's arithmetic in float64 with numpy, only at the requested pixels.

Only the weights come from torch's layers, so every value in a block is computed in a second, independent way.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[np.float64]
Pixel = tuple[int, int]


def exact(tensor: Tensor) -> Array:
    """A tensor's values in float64."""
    return tensor.detach().cpu().double().numpy()


class Field:
    """A feature map (C, H, W) whose values are computed on request."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape
        self._known: dict[Pixel, Array] = {}

    def at(self, pixels: Iterable[Pixel]) -> Array:
        """(P, C): all channels at each of P pixels; zero outside the map, as for padding."""
        pixels = list(pixels)
        _, height, width = self.shape
        inside = {(row, column) for row, column in pixels if 0 <= row < height and 0 <= column < width}
        if missing := sorted(inside - self._known.keys()):
            self._known.update(zip(missing, self.compute(missing), strict=True))
        outside = np.zeros(self.shape[0])
        return np.stack([self._known.get(pixel, outside) for pixel in pixels])

    def value(self, channel: int, pixel: Pixel) -> float:
        return float(self.at([pixel])[0, channel])

    def compute(self, pixels: list[Pixel]) -> Array:
        """(P, C) at pixels inside the map."""
        raise NotImplementedError


class Given(Field):
    """A given feature map."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        channels, height, width = values.shape
        super().__init__((channels, height, width))
        self.values = values

    def compute(self, pixels: list[Pixel]) -> Array:
        rows, columns = zip(*pixels, strict=True)
        return self.values[:, rows, columns].T.astype(np.float64)


class Convolved(Field):
    """A convolution's output: the sum of window · weight over taps and input channels, plus bias."""

    def __init__(self, before: Field, conv: nn.Conv2d) -> None:
        self.before = before
        self.kernel, self.stride, self.dilation = conv.kernel_size[0], conv.stride[0], conv.dilation[0]
        self.padding, self.groups = int(conv.padding[0]), conv.groups
        self.weight = exact(conv.weight)  # (D, C / groups, k, k)
        self.bias = np.zeros(conv.out_channels) if conv.bias is None else exact(conv.bias)
        reach = self.dilation * (self.kernel - 1) + 1
        height, width = ((side + 2 * self.padding - reach) // self.stride + 1 for side in before.shape[1:])
        super().__init__((conv.out_channels, height, width))

    def taps(self, pixel: Pixel) -> list[Pixel]:
        """The k² input pixels under the kernel."""
        top, left = (at * self.stride - self.padding for at in pixel)
        steps = [self.dilation * tap for tap in range(self.kernel)]
        return [(top + down, left + right) for down in steps for right in steps]

    def windows(self, pixels: list[Pixel]) -> Array:
        """(P, C, k²): the input under the kernel at each pixel."""
        taps = self.before.at(tap for pixel in pixels for tap in self.taps(pixel))  # (P · k², C)
        return taps.reshape(len(pixels), self.kernel**2, -1).transpose(0, 2, 1)

    def compute(self, pixels: list[Pixel]) -> Array:
        groups, channels = self.groups, self.shape[0]
        inputs = self.windows(pixels).reshape(len(pixels), groups, -1).transpose(1, 2, 0)  # (g, C / g · k², P)
        products = self.weight.reshape(groups, channels // groups, -1) @ inputs  # (g, D / g, P)
        return products.reshape(channels, len(pixels)).T + self.bias


class Normalised(Field):
    """BatchNorm's output in evaluation mode: scale · before + shift, channel by channel."""

    def __init__(self, before: Field, norm: nn.BatchNorm2d) -> None:
        super().__init__(before.shape)
        self.before, self.eps = before, norm.eps
        self.mean, self.var = exact(norm.get_buffer("running_mean")), exact(norm.get_buffer("running_var"))
        self.gamma, self.beta = exact(norm.weight), exact(norm.bias)
        self.scale = self.gamma / np.sqrt(self.var + self.eps)
        self.shift = self.beta - self.mean * self.scale

    def compute(self, pixels: list[Pixel]) -> Array:
        return self.before.at(pixels) * self.scale + self.shift


class Rectified(Field):
    """ReLU's output: max(before, 0)."""

    def __init__(self, before: Field) -> None:
        super().__init__(before.shape)
        self.before = before

    def compute(self, pixels: list[Pixel]) -> Array:
        return np.maximum(self.before.at(pixels), 0)
