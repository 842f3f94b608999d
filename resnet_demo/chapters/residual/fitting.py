"""What is easier to learn: F to 0, or H to the identity? The same block is fitted with its shortcut and without.

Both start from the same weights, see the same maps in the same order and take the same steps of plain SGD; the loss is
the mean squared distance of the block's output from its target. The maps are max(0, normal noise), as a block gets them
from the ReLU before it, so that a solution of loss 0 exists for both: with the shortcut F = 0, without it F = identity.
With BatchNorm only F = 0 is exact: elsewhere a batch's statistics fluctuate, which leaves a loss of about 0.001.
Whether SGD finds a solution is what the fit shows.
The control "exchanged" asks for the maps with their channels rotated by one: a target that is not near the identity.
He et al. 2015, arXiv 1512.03385, section 3.1.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from resnet_demo import checks
from resnet_demo.checks import whole
from resnet_demo.errors import ResidualError
from resnet_demo.models.architectures import describe
from resnet_demo.models.resnet import BasicBlock

TARGETS = ("identity", "exchanged")
NORMS = ("batch", "none")
CHANNELS, SIDE, BATCH = 8, 8, 16
MOST_STEPS, MOST_SEEDS, STRIDE = 500, 10, 25
LOW_RATE, HIGH_RATE = 0.001, 1
RECORDED = Path(__file__).with_suffix(".json")


@dataclass(frozen=True)
class FitSettings:
    """How to fit. `target` is in `TARGETS`, `norm` in `NORMS`; one block of each kind for each seed."""

    target: str = "identity"
    norm: str = "batch"
    rate: float = 0.1
    steps: int = 300
    seeds: int = 5


@dataclass(frozen=True)
class Fit:
    """Losses after 0, 1, 2 ... steps, one curve for each seed, as far as the fit has come."""

    settings: FitSettings
    parameters: int
    residual: tuple[tuple[float, ...], ...]
    plain: tuple[tuple[float, ...], ...]

    @property
    def done(self) -> int:
        """Steps taken."""
        return len(self.residual[0]) - 1

    @property
    def finished(self) -> bool:
        return self.done == self.settings.steps

    @property
    def last(self) -> tuple[float, float]:
        """Median over the seeds of the last loss: residual, plain."""
        return middle([curve[-1] for curve in self.residual]), middle([curve[-1] for curve in self.plain])

    @property
    def wins(self) -> int:
        """Seeds in which the block with the shortcut has the lower last loss."""
        return sum(_lower(a[-1], b[-1]) for a, b in zip(self.residual, self.plain, strict=True))

    @property
    def defeats(self) -> int:
        """Seeds in which the plain block has it. Two equal losses are neither."""
        return sum(_lower(b[-1], a[-1]) for a, b in zip(self.residual, self.plain, strict=True))

    @property
    def diverged(self) -> tuple[int, int]:
        """Seeds whose last loss is infinite or no number any more: residual, plain."""
        residual, plain = (
            sum(not math.isfinite(curve[-1]) for curve in curves) for curves in (self.residual, self.plain)
        )
        return residual, plain


def middle(losses: Sequence[float]) -> float:
    """The median; a loss that is no number any more counts as infinite."""
    return median(math.inf if math.isnan(loss) else loss for loss in losses)


def _lower(a: float, b: float) -> bool:
    """Whether loss `a` is the lower one; one that is no number any more is higher than any."""
    return not math.isnan(a) and (math.isnan(b) or a < b)


def fit_settings(target: str, norm: str, rate: float, steps: int, seeds: int) -> FitSettings:
    """Checked settings. Raises ResidualError or CountError."""
    for name, value, known in (("target", target, TARGETS), ("norm", norm, NORMS)):
        if value not in known:
            raise ResidualError("residual_choice", name=name, value=value, known=", ".join(known))
    return FitSettings(
        target,
        norm,
        checks.number("rate", rate, LOW_RATE, HIGH_RATE),
        whole("steps", steps, 1, MOST_STEPS),
        whole("seeds", seeds, 1, MOST_SEEDS),
    )


def fit(settings: FitSettings) -> Iterator[Fit]:
    """All blocks in step; yields every `STRIDE` steps and at the end."""
    pairs = [tuple(make_block(kind, settings.norm, seed) for kind in (True, False)) for seed in range(settings.seeds)]
    blocks = [block for pair in pairs for block in pair]
    optimisers = [torch.optim.SGD(block.parameters(), settings.rate) for block in blocks]
    draws = [np.random.default_rng((1, seed)) for seed in range(settings.seeds)]
    losses: list[list[float]] = [[] for _ in blocks]
    parameters = sum(p.numel() for p in blocks[0].parameters())
    for number in range(settings.steps + 1):  # once more than there are steps: the loss after the last one
        for seed, draw in enumerate(draws):
            x = draw_maps(draw)
            for i in (2 * seed, 2 * seed + 1):
                loss = _loss(blocks[i], x, settings.target)
                losses[i].append(loss.item())
                if number < settings.steps:
                    _descend(optimisers[i], loss)
        if number and (number % STRIDE == 0 or number == settings.steps):
            yield Fit(settings, parameters, tuple(map(tuple, losses[::2])), tuple(map(tuple, losses[1::2])))


@cache
def recorded() -> Fit:
    """The fit with the default settings, as measured once: run this module to measure it again."""
    run = json.loads(RECORDED.read_text("utf-8"))
    return Fit(FitSettings(), run["parameters"], *(tuple(map(tuple, run[kind])) for kind in ("residual", "plain")))


def record(run: Fit) -> None:
    """Writes the file that `recorded` reads, each loss to five digits."""
    rounded = {
        kind: [[float(f"{loss:.5g}") for loss in curve] for curve in getattr(run, kind)]
        for kind in ("residual", "plain")
    }
    RECORDED.write_text(json.dumps({"parameters": run.parameters, **rounded}) + "\n", "utf-8")


def make_block(residual: bool, norm: str, seed: int) -> BasicBlock:
    """A block of our CIFAR networks on `CHANNELS` channels; a seed gives the same weights with and without shortcut."""
    block = BasicBlock(describe("resnet20", residual=residual, norm=norm), CHANNELS, CHANNELS, CHANNELS, 1, 1)
    draw = np.random.default_rng((0, seed))
    for module in block.modules():
        if isinstance(module, nn.Conv2d):
            deviation = (2 / (9 * CHANNELS)) ** 0.5  # Kaiming normal
            weight = draw.normal(0, deviation, module.weight.shape).astype(np.float32)
            module.weight = nn.Parameter(torch.from_numpy(weight))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return block


def draw_maps(draw: np.random.Generator) -> Tensor:
    maps = draw.normal(size=(BATCH, CHANNELS, SIDE, SIDE)).clip(0).astype(np.float32)
    return torch.from_numpy(maps)  # (B, C, H, W)


def _loss(block: BasicBlock, x: Tensor, target: str) -> Tensor:
    wanted = x if target == "identity" else x.roll(1, dims=1)
    return (block(x) - wanted).square().mean()


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


if __name__ == "__main__":
    *_, last = fit(FitSettings())
    record(last)
