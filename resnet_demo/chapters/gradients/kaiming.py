"""Kaiming's formula beside what is measured: of weights that were drawn, and of signal and gradient in a stack.

A convolution has fan-in = k²·C and fan-out = k²·N: so many weights belong to each value that it writes, or reads. ReLU
lets half of a mean square pass, so Kaiming's variance of 2 / fan keeps it through convolution and ReLU; Xavier's of
2 / (fan-in + fan-out) would do so without a ReLU. With C channels throughout, each layer multiplies the mean square by

    k²·C · Var(w) / 2

forward, and that of the gradient by the same backward: 1 for Kaiming, 1/2 for Xavier, 9/4 for 1.5 times Kaiming.
K. He et al. 2015, arXiv 1502.01852, equations 10 and 14; Glorot and Bengio 2010.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.models.architectures import describe
from resnet_demo.models.initialisation import INITIALISATIONS, LARGE, SMALL, chosen, random_network
from resnet_demo.models.layer_costs import whole

CHANNELS, SIDE, KERNEL, BATCH = 64, 8, 3, 8
MOST_LAYERS = 50


@dataclass(frozen=True)
class Drawn:
    """One convolution's weights: how many, their deviation by the formula, and that of the weights as drawn."""

    name: str
    fan_in: int
    fan_out: int
    weights: int
    formula: float
    measured: float


@dataclass(frozen=True)
class Level:
    """The mean square of what a layer's convolution writes, and of the gradient there, each beside its formula.

    The picture that goes in and the gradient that comes back in have a mean square of 1.
    """

    layer: int
    signal_formula: float
    signal: float
    gradient_formula: float
    gradient: float


def deviation(initialisation: str, fan_in: int, fan_out: int) -> float:
    """The deviation of weights by an initialisation's formula. Raises ArchitectureError for an unknown one."""
    kaiming = math.sqrt(2 / fan_out)
    formulas = {
        "kaiming": kaiming,
        "xavier": math.sqrt(2 / (fan_in + fan_out)),
        "small": SMALL,
        "large": LARGE * kaiming,
        "zero_gamma": kaiming,
    }
    return formulas[chosen("initialisation", initialisation, INITIALISATIONS)]


def drawn(name: str, initialisation: str = "kaiming", seed: int = 0) -> tuple[Drawn, ...]:
    """Every convolution of a network as `seed` draws it. Raises ArchitectureError or CountError."""
    network = random_network(describe(name), initialisation, seed=whole("seed", seed, 0))
    found = []
    for path, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            fan_in, fan_out = fans(module.weight)
            formula = deviation(initialisation, fan_in, fan_out)
            weight = module.weight.detach().double()
            measured = float(weight.square().mean().sqrt())  # the mean is 0 by the formula
            found.append(Drawn(path, fan_in, fan_out, weight.numel(), formula, measured))
    return tuple(found)


def fans(weight: Tensor) -> tuple[int, int]:
    """Fan-in and fan-out of a convolution's weight (N, C / groups, k, k), as torch counts them."""
    window = weight[0, 0].numel()
    return weight.shape[1] * window, weight.shape[0] * window


def levels(initialisation: str = "kaiming", layers: int = 10, seed: int = 0) -> tuple[Level, ...]:
    """A stack of 3x3 convolutions with ReLU between them, forward and backward, in float64.

    `CHANNELS` throughout; the maps are continued periodically, so that every value has its whole fan. Noise goes in at
    the first layer, and as the gradient of the last layer's output. Raises ArchitectureError or CountError.
    """
    draw = INITIALISATIONS[chosen("initialisation", initialisation, INITIALISATIONS)]
    layers = whole("layers", layers, 1, MOST_LAYERS)
    generator = torch.Generator().manual_seed(whole("seed", seed, 0))
    shape = (BATCH, CHANNELS, SIDE, SIDE)
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    upstream = torch.randn(shape, generator=generator, dtype=torch.float64)
    written: list[Tensor] = []
    with torch.enable_grad():
        for _ in range(layers):
            weight = torch.empty((CHANNELS, CHANNELS, KERNEL, KERNEL), dtype=torch.float64)
            draw(weight, generator)
            entering = functional.pad(written[-1].relu() if written else x, [KERNEL // 2] * 4, mode="circular")
            written.append(functional.conv2d(entering, weight).requires_grad_())
    gradients = torch.autograd.grad(written[-1], written, upstream)
    fan = CHANNELS * KERNEL**2
    factor = fan * deviation(initialisation, fan, fan) ** 2 / 2
    return tuple(
        Level(i, 2 * factor**i, _mean_square(y), factor ** (layers - i), _mean_square(g))
        for i, (y, g) in enumerate(zip(written, gradients, strict=True), 1)
    )


def _mean_square(values: Tensor) -> float:
    return float(values.detach().square().mean())
