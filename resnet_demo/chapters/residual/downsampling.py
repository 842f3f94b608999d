"""A map halved in height and width: max-pool 2x2, average-pool 2x2, and a trained 3x3 convolution of stride 2.

The pools have nothing to learn and treat every map alike. The convolution has 9 weights and a bias, and is trained on
random maps to bring out what a target says should survive; the map on show is not among them.
Springenberg et al. 2014, arXiv 1412.6806 (strided convolution in place of pooling). ResNet downsamples by strided
convolutions, except for the max-pool in its stem (He et al. 2015, arXiv 1512.03385, section 3.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.errors import ResidualError
from resnet_demo.models.layer_costs import whole

Map = NDArray[np.float32]  # (H, W), values from 0 to 1
SIDE, PICTURES, STEPS, STRIDE, RATE = 32, 32, 300, 30, 0.03
WAYS = ("max", "average", "convolution")
MAPS = ("shapes", "stripes", "points")
_BINOMIAL = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
_SOBEL = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
TARGETS = ("average", "smooth", "edges", "brightest")


@dataclass(frozen=True, eq=False)  # arrays have no truth value of their own
class Halved:
    """One way's result.

    `error`: RMS distance from the target over the target's own RMS. `mean`, `largest`, `spread` (standard deviation) of
    the halved map. `recovered`: share of the original's variance that the halved map, enlarged again, still explains.
    """

    way: str
    parameters: int
    picture: Map
    error: float
    mean: float
    largest: float
    spread: float
    recovered: float


@dataclass(frozen=True, eq=False)  # arrays have no truth value of their own
class Halving:
    """The map, what should survive of it, and the three ways after `len(losses)` training steps."""

    target: str
    picture: Map
    wanted: Map
    ways: tuple[Halved, ...]
    kernel: tuple[tuple[float, ...], ...]
    bias: float
    losses: tuple[float, ...]

    @property
    def finished(self) -> bool:
        return len(self.losses) == STEPS


def halve(picture: Map, target: str, seed: int = 0) -> Iterator[Halving]:
    """Trains the convolution for `STEPS` steps and yields what there is at the start and every `STRIDE` steps.

    `picture` has even sides. Raises ResidualError for an unknown target, CountError for a seed that is none.
    """
    if target not in TARGETS:
        raise ResidualError("residual_choice", name="target", value=target, known=", ".join(TARGETS))
    draw = np.random.default_rng(whole("seed", seed, 0))
    convolution = nn.Conv2d(1, 1, 3, stride=2, padding=1)
    convolution.weight = nn.Parameter(torch.from_numpy(draw.normal(0, 1 / 3, (1, 1, 3, 3)).astype(np.float32)))
    nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
    maps = training_maps(draw)  # (B, 1, H, W)
    wanted = desired(maps, target)
    optimiser = torch.optim.Adam(convolution.parameters(), RATE)
    losses: list[float] = []
    yield _state(picture, target, convolution, losses)
    for number in range(1, STEPS + 1):
        loss = (convolution(maps) - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if number % STRIDE == 0:
            yield _state(picture, target, convolution, losses)


def desired(maps: Tensor, target: str) -> Tensor:
    """What should survive: each 2x2's mean or maximum, or every second pixel of the blurred map or of its slope."""
    if target == "average":
        return functional.avg_pool2d(maps, 2)  # (B, 1, H/2, W/2)
    if target == "brightest":
        return functional.max_pool2d(maps, 2)
    kernel = _BINOMIAL if target == "smooth" else _SOBEL
    return functional.conv2d(maps, kernel[None, None], stride=2, padding=1)


def training_maps(draw: np.random.Generator) -> Tensor:
    """Random maps of every coarseness: noise at 4 to `SIDE` pixels, enlarged; (B, 1, H, W)."""
    found = []
    for i in range(PICTURES):
        side = 2 ** (2 + i % 4)
        found.append(np.kron(draw.uniform(0, 1, (side, side)), np.ones((SIDE // side, SIDE // side))))
    return torch.from_numpy(np.stack(found)[:, None].astype(np.float32))


def sample(name: str) -> Map:
    """A drawn map: shapes with a thin line, one-pixel stripes beside a checkerboard, or single bright points."""
    y, x = np.mgrid[:SIDE, :SIDE]
    picture = np.zeros((SIDE, SIDE), np.float32)
    if name == "stripes":
        picture[:] = np.where(x < SIDE // 2, x % 2, (x + y) % 2)
    elif name == "points":
        picture[:] = 0.1
        picture[
            np.random.default_rng(3).integers(1, SIDE - 1, 24), np.random.default_rng(4).integers(1, SIDE - 1, 24)
        ] = 1
    else:
        picture[(x - 9) ** 2 + (y - 9) ** 2 < 45] = 0.9
        picture[(x > 18) & (x < 28) & (y > 4) & (y < 14)] = 0.6
        picture[abs(x - y // 2 - 14) < 1] = 1
        picture[(y > 20) & (y < 28) & (x < 13) & (x % 2 == 0)] = 0.8
    return picture


def _state(picture: Map, target: str, convolution: nn.Conv2d, losses: list[float]) -> Halving:
    x = torch.from_numpy(picture)[None, None]
    wanted = desired(x, target)
    with torch.no_grad():
        results = (functional.max_pool2d(x, 2), functional.avg_pool2d(x, 2), convolution(x))
    counts = (0, 0, sum(p.numel() for p in convolution.parameters()))
    ways = tuple(_halved(*found, x, wanted) for found in zip(WAYS, counts, results, strict=True))
    kernel = tuple(tuple(row) for row in convolution.weight[0, 0].tolist())
    bias = float(convolution.bias.detach()) if convolution.bias is not None else 0.0
    return Halving(target, picture, wanted[0, 0].numpy(), ways, kernel, bias, tuple(losses))


def _halved(way: str, parameters: int, result: Tensor, x: Tensor, wanted: Tensor) -> Halved:
    enlarged = functional.interpolate(result, scale_factor=2)
    return Halved(
        way,
        parameters,
        result[0, 0].numpy(),
        float((result - wanted).square().mean().sqrt() / wanted.square().mean().sqrt()),
        float(result.mean()),
        float(result.max()),
        float(result.std(correction=0)),
        max(0.0, 1 - float((enlarged - x).square().mean() / x.var(correction=0))),
    )
