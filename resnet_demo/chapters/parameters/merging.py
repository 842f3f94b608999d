"""What goes on from layer to layer: their sum, as in ResNet, or all of them side by side, as in DenseNet.

    add:  x ← x + f(x)               concatenate:  x ← [x, f(x)],   with f(x) = conv(ReLU(x))

A sum keeps C channels however deep the stack, and what was added cannot be told apart again. A concatenation keeps
every map as it is, so it grows by g channels with each layer, and every convolution reads more of them. Training keeps
for the backward pass what each convolution read: C maps a layer where they are added, C + l·g where they are
concatenated, which is quadratic in the number of layers. If each map is kept only once, memory is linear in it again,
for the price of putting the maps side by side a second time (Pleiss et al. 2017, arXiv 1707.06990).
Plain integers, no torch. DenseNet: Huang et al. 2016, arXiv 1608.06993.
"""

from dataclasses import dataclass

from resnet_demo.chapters.parameters.counting import FLOAT32
from resnet_demo.models.layer_costs import conv_macs, conv_parameters, whole

KERNEL = 3
MOST_LAYERS = 100


@dataclass(frozen=True)
class Layer:
    """One layer f.

    Attributes:
        number: 1, 2, ...
        channels_in, channels_out: of its convolution.
        earlier: outputs of earlier layers, and the input, that reach it unmixed.
        parameters, macs: of its convolution, without a bias.
        kept: numbers that training keeps of it for the backward pass: what its convolution reads.
    """

    number: int
    channels_in: int
    channels_out: int
    earlier: int
    parameters: int
    macs: int
    kept: int


@dataclass(frozen=True)
class Stack:
    """Layers that are merged in one way, on maps of `size` x `size` pixels.

    `channels` are those that come out; `kept_once` the numbers that are kept where no map is kept twice.
    """

    merge: str
    size: int
    layers: tuple[Layer, ...]
    channels: int
    kept_once: int

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    @property
    def kept(self) -> int:
        return sum(layer.kept for layer in self.layers)

    @property
    def kept_bytes(self) -> int:
        """In float32."""
        return FLOAT32 * self.kept

    @property
    def kept_once_bytes(self) -> int:
        """In float32."""
        return FLOAT32 * self.kept_once


def added(channels: int, layers: int, size: int = 32) -> Stack:
    """Each layer's output is added to its input. Raises CountError."""
    counted = range(whole("layers", layers, 1, MOST_LAYERS))
    found = tuple(_layer(number, channels, channels, 1, size) for number in counted)
    return Stack("add", size, found, channels, sum(layer.kept for layer in found))


def concatenated(channels: int, growth: int, layers: int, size: int = 32) -> Stack:
    """Each layer's `growth` channels are put beside its input. Raises CountError."""
    growth, counted = whole("growth", growth), range(whole("layers", layers, 1, MOST_LAYERS))
    found = tuple(_layer(number, channels + number * growth, growth, number + 1, size) for number in counted)
    out = channels + len(found) * growth
    return Stack("concatenate", size, found, out, (out - growth) * size**2)  # no convolution reads the last one's


def _layer(before: int, channels_in: int, channels_out: int, earlier: int, size: int) -> Layer:
    return Layer(
        before + 1,
        channels_in,
        channels_out,
        earlier,
        conv_parameters(channels_in, channels_out, KERNEL),
        conv_macs(channels_in, channels_out, KERNEL, size),
        channels_in * size**2,
    )
