"""Zero-gamma: every residual branch's last BatchNorm starts at gamma = 0, so that F(x) = 0 at initialisation.

Then a block with an identity shortcut is exactly ReLU(x). Its convolutions are multiplied by gamma = 0, so their first
gradient is exactly zero; those of gamma and beta are not, so the branch becomes active after one step.
Goyal et al. 2017, arXiv 1706.02677, section 5.1; their Table 2b measures the benefit.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.chapters.residual.identity_mappings import seeded
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.layer_costs import whole
from resnet_demo.models.resnet import Block, ResNet, ZeroPadding, blocks_of, build

NETWORKS = ("resnet20", "resnet56", "resnet18", "resnet50")
BATCH, RATE = 8, 0.1
SIDES = {"cifar": 32, "imagenet": 64}


@dataclass(frozen=True)
class Row:
    """One block. Norms of gradients over all parameters of one kind: `before` in the first step, `after` in the second.

    `distance` is the largest |block(x) - ReLU(shortcut(x))| at initialisation, `usual` the same with gamma = 1.
    """

    name: str
    shortcut: str
    distance: float
    usual: float
    conv_before: float
    gamma_before: float
    beta_before: float
    conv_after: float


@lru_cache(maxsize=16)
def first_steps(name: str, seed: int = 0) -> tuple[Row, ...]:
    """Every block of a network with zero-gamma, before and after one SGD step on noise. Raises CountError."""
    whole("seed", seed, 0)
    draw = np.random.default_rng((seed, 1))
    side = SIDES[ARCHITECTURES[name].stem]
    pictures = torch.from_numpy(draw.normal(size=(BATCH, 3, side, side)).astype(np.float32))
    labels = torch.from_numpy(draw.integers(0, 10, BATCH))
    usual = distances(_network(name, seed, zero_gamma=False), pictures)
    network = _network(name, seed, zero_gamma=True)
    close = distances(network, pictures)
    before = _gradients(network, pictures, labels)
    torch.optim.SGD(network.parameters(), RATE).step()
    after = _gradients(network, pictures, labels)
    return tuple(
        Row(key, _kind(block), close[key], usual[key], *before[key], after[key][0])
        for key, block in blocks_of(network).items()
    )


def _network(name: str, seed: int, zero_gamma: bool) -> ResNet:
    network = seeded(build(name, 10, zero_gamma=zero_gamma), np.random.default_rng((seed, 0)))
    network.train()
    return network


@torch.no_grad()
def distances(network: ResNet, pictures: Tensor) -> dict[str, float]:
    """The largest |block(x) - ReLU(shortcut(x))| of each block for its own input x."""
    x, found = network.stem(pictures), {}
    for name, block in blocks_of(network).items():
        out = block(x)
        found[name] = float((out - block.shortcut(x).relu()).abs().max())
        x = out
    return found


def _gradients(network: ResNet, pictures: Tensor, labels: Tensor) -> dict[str, tuple[float, float, float]]:
    """Norms of each block's gradients: the branch's convolutions, the last gamma and the last beta."""
    network.zero_grad()
    functional.cross_entropy(network(pictures), labels).backward()
    return {
        name: (
            _norm([module.weight for module in block.children() if isinstance(module, nn.Conv2d)]),
            _norm([block.last_norm.get_parameter("weight")]),
            _norm([block.last_norm.get_parameter("bias")]),
        )
        for name, block in blocks_of(network).items()
    }


def _norm(parameters: list[Tensor]) -> float:
    return sum(float(p.grad.square().sum()) for p in parameters if p.grad is not None) ** 0.5


def _kind(block: Block) -> str:
    if isinstance(block.downsample, nn.Identity):
        return "identity"
    return "zero_padding" if isinstance(block.downsample, ZeroPadding) else "projection"
