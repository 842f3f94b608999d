"""Paths: what part of the gradient comes back through paths of each length.

A block computes F(x) + shortcut(x), so a stack of n blocks is a sum over 2^n paths, C(n, k) of which go through k
branches F and n - k shortcuts. The derivative is the sum of their derivatives. With the network's ReLUs and BatchNorms
as they are at one input, it is exact: the gradients that come back through the paths of each length add up to the
network's own. Veit, Wilber, Belongie 2016 (arXiv 1605.06431), sections 3 and 5.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import comb

import torch
from torch import Tensor

from resnet_demo.models.resnet import ResNet, blocks_of

CARRIED = 0.9
"""The part of the gradient that is looked for in the middle lengths: half of the rest lies on either side."""
Pull = Callable[[Tensor], Tensor]
"""Takes gradients at a block's output, one per row, back to its input."""
Step = tuple[Pull, Pull]
"""A block backward: through its branch alone, through its shortcut alone."""


@dataclass(frozen=True)
class Paths:
    """The gradient of the winning logit at the first block's input, by length of path, k = 0 ... n.

    Attributes:
        counts: how many of all paths have this length, as a share.
        single: the norm of the gradient through one path, a mean over the sampled ones.
        shares: the part of the whole gradient g that all paths of this length carry, <g_k, g> / <g, g>. They add up to
            1, and one of them is negative where the paths of that length act against the rest.
    """

    blocks: int
    counts: tuple[float, ...]
    single: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def products(self) -> tuple[float, ...]:
        """How many paths there are times the gradient through one of them, as shares of the sum over all lengths."""
        weighted = [count * norm for count, norm in zip(self.counts, self.single, strict=True)]
        return tuple(one / sum(weighted) for one in weighted)

    @property
    def carrying(self) -> tuple[int, int]:
        """The shortest and the longest of the lengths that carry `CARRIED` of the gradient."""
        below = [*accumulate(self.shares)]
        rest = (1 - CARRIED) / 2
        low = next(k for k, share in enumerate(below) if share > rest)
        return low, next(k for k, share in enumerate(below) if share >= 1 - rest)

    @property
    def verdict(self) -> str:
        """ "short" where all these lengths are below the middle one, "long" where all are above it, else "middle"."""
        low, high = self.carrying
        return "short" if high < self.blocks / 2 else "long" if low > self.blocks / 2 else "middle"


def measure_paths(network: ResNet, x: Tensor, samples: int = 4, seed: int = 0) -> Paths:
    """The gradient of the network's winning logit for one image x (1, 3, H, W), split by length of path."""
    steps, gradient = linearised(network, x)
    by_length = sums(steps, gradient).flatten(1).cpu().double()  # (n + 1, ...); Apple's GPUs have no float64
    whole = by_length.sum(0)
    n, draw = len(steps), random.Random(seed)
    drawn = [set(draw.sample(range(n), k)) for k in range(n + 1) for _ in range(samples)]
    chosen = torch.tensor([[block in one for block in range(n)] for one in drawn])
    norms = along(steps, gradient, chosen).flatten(1).norm(dim=1).view(n + 1, samples)
    single = norms.mean(1).tolist()
    counts = tuple(comb(n, k) / 2**n for k in range(n + 1))
    shares = tuple(float(one @ whole / (whole @ whole)) for one in by_length)
    return Paths(n, counts, tuple(single), shares)


def linearised(network: ResNet, x: Tensor) -> tuple[list[Step], Tensor]:
    """The blocks backward, in order from the input, and the gradient (1, D, H, W) at the last one's output."""
    with torch.inference_mode(False), torch.no_grad():
        out = network.stem(x.clone())
        steps = []
        for block in blocks_of(network).values():
            with torch.enable_grad():
                before = out.detach().requires_grad_()
                branch, shortcut = block.residual(before), block.shortcut(before)
                added = branch.detach() + shortcut.detach()
            passes = torch.ones_like(added) if block.preactivation else (added > 0).to(added.dtype)
            steps.append((_pull(branch, before, passes), _pull(shortcut, before, passes)))
            out = added * passes
        with torch.enable_grad():
            last = out.detach().requires_grad_()
            logits = network.head(last)
            (gradient,) = torch.autograd.grad(logits[0, logits.argmax()], last)
    return steps, gradient


def _pull(output: Tensor, before: Tensor, passes: Tensor) -> Pull:
    """Back through one part of a block; `passes` is the derivative of the ReLU after the addition."""

    def pull(gradients: Tensor) -> Tensor:
        rows = (gradients * passes)[:, None]  # (R, 1, D, H, W)
        return torch.autograd.grad(output, before, rows, retain_graph=True, is_grads_batched=True)[0][:, 0]

    return pull


def sums(steps: Sequence[Step], gradient: Tensor) -> Tensor:
    """The gradient at the first step's input through all paths of each length, one row for each k = 0 ... n.

    `gradient` is a single row. With g[k] at a block's output, its input gets shortcut(g[k]) + branch(g[k - 1]).
    """
    rows = gradient
    for branch, shortcut in reversed(steps):
        kept, through = shortcut(rows), branch(rows)
        none = torch.zeros_like(kept[:1])
        rows = torch.cat([kept, none]) + torch.cat([none, through])
    return rows


def along(steps: Sequence[Step], gradient: Tensor, chosen: Tensor) -> Tensor:
    """The gradient at the first step's input along single paths, one row for each row of `chosen` (R, n).

    A path goes through the branches of the blocks that are True in its row, and through the others' shortcuts.
    """
    rows = gradient.expand(len(chosen), *gradient.shape[1:])
    for (branch, shortcut), through in zip(reversed(steps), chosen.T.flip(0), strict=True):
        kept, changed = shortcut(rows[~through]), branch(rows[through])
        rows = kept.new_empty(len(chosen), *kept.shape[1:])
        rows[~through], rows[through] = kept, changed
    return rows
