"""Initial weights from a separate generator: torch's global random state is neither read nor changed."""

import math
from collections.abc import Callable, Collection
from functools import partial

import torch
from torch import Generator, Tensor, nn

from resnet_demo.errors import ArchitectureError
from resnet_demo.models.architectures import Architecture
from resnet_demo.models.resnet import Block, ResNet

SMALL, LARGE = 0.01, 1.5
"""Standard deviation of "small", and the factor by which "large" multiplies Kaiming's standard deviation."""

Draw = Callable[[Tensor, Generator], object]


def kaiming(weight: Tensor, generator: Generator, scale: float = 1.0) -> None:
    """Normal distribution with variance 2 / fan-out: arXiv 1502.01852."""
    nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu", generator=generator)
    with torch.no_grad():
        weight.mul_(scale)


def xavier(weight: Tensor, generator: Generator) -> None:
    """Normal distribution with variance 2 / (fan-in + fan-out): Glorot and Bengio 2010."""
    nn.init.xavier_normal_(weight, generator=generator)


def small(weight: Tensor, generator: Generator) -> None:
    """Normal distribution with standard deviation 0.01 for every width, as in AlexNet."""
    nn.init.normal_(weight, std=SMALL, generator=generator)


INITIALISATIONS: dict[str, Draw] = {
    "kaiming": kaiming,
    "xavier": xavier,
    "small": small,
    "large": partial(kaiming, scale=LARGE),
    "zero_gamma": kaiming,
}
ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


def random_network(
    architecture: Architecture, initialisation: str = "kaiming", activation: str = "relu", seed: int = 0
) -> ResNet:
    """The network with weights drawn with `seed`; a ResNet and its plain twin get the same weights.

    The projections of the shortcuts, which the twin lacks, are drawn last. Biases start at zero, BatchNorm as the
    identity, and the linear layer uniform over +-1/sqrt(fan-in). Raises ArchitectureError for an unknown name.
    """
    draw = INITIALISATIONS[chosen("initialisation", initialisation, INITIALISATIONS)]
    function = ACTIVATIONS[chosen("activation", activation, ACTIVATIONS)]
    generator = torch.Generator().manual_seed(seed)
    with torch.device("meta"):
        network = ResNet(architecture)
    network.to_empty(device="cpu")
    for _, module in sorted(network.named_modules(), key=lambda item: "downsample" in item[0]):
        if isinstance(module, nn.Conv2d):
            draw(module.weight, generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            bound = 1 / math.sqrt(module.in_features)
            nn.init.uniform_(module.weight, -bound, bound, generator=generator)
            nn.init.uniform_(module.bias, -bound, bound, generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
    _zero_gamma(network)
    _activate(network, function)
    return network


def _zero_gamma(network: ResNet) -> None:
    """Sets the last gamma of every branch to 0 if the architecture says so: arXiv 1706.02677, section 5.1."""
    for module in network.modules():
        if isinstance(module, Block) and network.architecture.zero_gamma:
            nn.init.zeros_(module.last_norm.get_parameter("weight"))


def _activate(network: ResNet, function: type[nn.Module]) -> None:
    """Replaces every ReLU by another activation."""
    for module in network.modules():
        if isinstance(module, (ResNet, Block)):
            module.add_module("relu", function())


def chosen(name: str, value: str, known: Collection[str]) -> str:
    """`value`, if it is one of `known`. Raises ArchitectureError otherwise."""
    if value not in known:
        raise ArchitectureError("choice_unknown", name=name, value=value, known=", ".join(known))
    return value
