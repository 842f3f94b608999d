"""dL/dx_l = dL/dx_L · (1 + d/dx_l ΣF), compared with autograd on the real blocks of one stage.

x_l is the input of block l and x_L the output of the stage; ΣF sums the branches of the blocks between them. With V2
(pre-activation) x_L = x_l + ΣF, so the equation is exact. With V1 a ReLU follows each addition: x_L is different, and
the gradient is blocked where that ReLU is off. Including the masks m_i = [x_i + F_i > 0], block by block from the top,
restores the equation: dL/dx_i = (m_i·dL/dx_i+1)·(1 + dF_i/dx_i).
He et al. 2016, arXiv 1603.05027, equations 3 to 5 and section 3.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd import grad
from torch.nn import functional

from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.layer_costs import whole
from resnet_demo.models.resnet import Block, ResNet, build

NETWORKS = ("resnet20", "resnet32", "resnet44", "resnet56", "resnet110")
STAGE = "layer1"  # first stage after the CIFAR stem: every shortcut is the identity, including the first block's
BATCH, SIDE = 4, 32


@dataclass(frozen=True)
class Row:
    """The equation from block l to the end of the stage.

    Norms over the batch: `actual` of dL/dx_l from autograd, `one` of dL/dx_L · 1, `rest` of dL/dx_L · d/dx_l ΣF.
    `residue` = |actual - equation| / |actual|; `masked` is the same including the ReLU masks (V1; V2 has none).
    `blocked` is the fraction of block l's output that its ReLU sets to zero.
    """

    block: int
    actual: float
    one: float
    rest: float
    residue: float
    masked: float
    blocked: float


@dataclass(frozen=True)
class Evaluation:
    """One network: a row per block of the stage, and the relative difference between x_L and x_l + ΣF."""

    name: str
    preactivation: bool
    seed: int
    rows: tuple[Row, ...]
    forward_residue: float


@lru_cache(maxsize=16)
def evaluate(name: str, preactivation: bool, seed: int = 0) -> Evaluation:
    """The equation on the first stage of a CIFAR network with random weights and a batch of noise.

    L is the cross-entropy of the whole network: dL/dx_L comes through all later layers. Raises CountError.
    """
    whole("seed", seed, 0)
    draw = np.random.default_rng(seed)
    network = seeded(build(name, residual=True, preactivation=preactivation), draw)
    network.train()
    pictures = torch.from_numpy(draw.normal(size=(BATCH, 3, SIDE, SIDE)).astype(np.float32))
    labels = torch.arange(BATCH) % ARCHITECTURES[name].num_classes
    blocks = list(network.stages[STAGE])
    inputs, branches = _climb(network, blocks, pictures)  # type: ignore[arg-type]
    loss = functional.cross_entropy(_finish(network, inputs[-1]), labels)
    gradients = grad(loss, inputs, retain_graph=True)
    rows = _rows(inputs, branches, gradients, preactivation)
    forward = _relative(inputs[-1], inputs[0] + sum(branches))
    return Evaluation(name, preactivation, seed, rows, forward)


def seeded(network: ResNet, draw: np.random.Generator) -> ResNet:
    """Kaiming normal over fan-out from `draw`: identical on every processor, unlike torch's own random numbers."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                deviation = (2 / (module.out_channels * module.kernel_size[0] ** 2)) ** 0.5
                module.weight.copy_(torch.from_numpy(draw.normal(0, deviation, module.weight.shape)))
            elif isinstance(module, nn.Linear):
                deviation = module.in_features**-0.5
                module.weight.copy_(torch.from_numpy(draw.uniform(-deviation, deviation, module.weight.shape)))
                nn.init.zeros_(module.bias)
    return network


def _climb(network: ResNet, blocks: list[Block], pictures: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """x_l for every block, x_L, and the F of every block: like block.forward, but keeping F."""
    inputs, branches = [network.stem(pictures)], []
    for block in blocks:
        branches.append(block.residual(inputs[-1]))
        total = branches[-1] + inputs[-1]  # the identity shortcut
        inputs.append(total if block.preactivation else block.relu(total))
    return inputs, branches


def _finish(network: ResNet, x: Tensor) -> Tensor:
    for name, stage in network.stages.items():
        x = x if name == STAGE else stage(x)
    return network.head(x)


def _rows(
    inputs: list[Tensor], branches: list[Tensor], gradients: tuple[Tensor, ...], preactivation: bool
) -> tuple[Row, ...]:
    top = gradients[-1]  # dL/dx_L
    restored = top
    found: list[Row] = []
    for i in reversed(range(len(branches))):
        (rest,) = grad(torch.stack(branches[i:]).sum(0), inputs[i], top, retain_graph=True)
        mask = torch.ones_like(top) if preactivation else (inputs[i] + branches[i] > 0).to(top.dtype)
        (inner,) = grad(branches[i], inputs[i], mask * restored, retain_graph=True)
        restored = mask * restored + inner
        found.append(
            Row(
                i + 1,
                float(gradients[i].norm()),
                float(top.norm()),
                float(rest.norm()),
                _relative(gradients[i], top + rest),
                _relative(gradients[i], restored),
                float(1 - mask.mean()),
            )
        )
    return tuple(reversed(found))


def _relative(actual: Tensor, other: Tensor) -> float:
    return float((actual - other).detach().norm() / actual.detach().norm())
