"""The measured loss landscapes as numbers, and what they say of the networks. Does not import torch.

Li et al. 2018 (arXiv 1712.09913); measured by `python -m resnet_demo landscape`.
"""

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.models.architectures import depth_of

RESULTS = WEIGHTS / "landscape.json"
CHANCE = log(10)
"""The loss of ten equal probabilities: a network above it knows less than nothing."""
Grid = tuple[tuple[float, ...], ...]
LINE = tuple(share / 20 for share in range(25))
"""Places on the line from the initial weights (0) to the trained ones (1) and a little further."""


def axis(points: int, span: float) -> tuple[float, ...]:
    """The `points` places from -span to span, with 0 in the middle. `points` is odd."""
    half = points // 2
    return tuple(span * (index - half) / half for index in range(points))


@dataclass(frozen=True)
class Line:
    """Loss and top-1 accuracy (fraction) at each place of LINE."""

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]

    @property
    def course(self) -> str:
        """From the initial to the trained weights, the loss "falls", "climbs" above its start, or "wavers" below it."""
        way = [loss for share, loss in zip(LINE, self.loss, strict=True) if share <= 1]
        if all(after < before for before, after in pairwise(way)):
            return "falls"
        return "climbs" if max(way) > way[0] else "wavers"


@dataclass(frozen=True)
class Landscape:
    """One network: loss and top-1 accuracy (fraction) at each point; row by row, y from the lowest.

    `line` is None for a network whose initial weights its card does not allow to draw again.
    """

    model: str
    axis: tuple[float, ...]
    loss: Grid
    accuracy: Grid
    line: Line | None = None

    @property
    def residual(self) -> bool:
        return self.model.startswith("resnet")

    @property
    def depth(self) -> int:
        return depth_of(self.model)

    @property
    def centre(self) -> float:
        """The loss at the trained weights."""
        middle = len(self.axis) // 2
        return self.loss[middle][middle]

    @property
    def curvature(self) -> float:
        """The second derivative of the loss at the trained weights, as a mean over both directions."""
        middle, step = len(self.axis) // 2, self.axis[1] - self.axis[0]
        around = sum(self.loss[middle + dy][middle + dx] - self.centre for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)))
        return around / 2 / step**2

    @property
    def below_chance(self) -> float:
        """The share of the points whose loss is below that of ten equal probabilities."""
        losses = [loss for row in self.loss for loss in row]
        return sum(loss < CHANCE for loss in losses) / len(losses)

    @property
    def valleys(self) -> int:
        """The number of points whose loss is below that of all eight neighbours: 1 for a bowl."""
        inner = range(1, len(self.axis) - 1)
        return sum(self._is_valley(row, column) for row in inner for column in inner)

    def _is_valley(self, row: int, column: int) -> bool:
        around = [self.loss[row + dy][column + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dx or dy]
        return self.loss[row][column] < min(around)


@dataclass(frozen=True)
class Landscapes:
    """All networks, with the conditions of the measurement: points, span, images, seed, machine, versions."""

    networks: tuple[Landscape, ...]
    about: dict[str, Any]

    @property
    def depths(self) -> tuple[int, ...]:
        """Those of which both twins were measured."""
        residual, plain = ({one.depth for one in self.networks if one.residual is kind} for kind in (True, False))
        return tuple(sorted(residual & plain))

    @property
    def step(self) -> float:
        """The distance between neighbouring points."""
        return float(2 * self.about["span"] / (self.about["points"] - 1))

    def twins(self, depth: int) -> tuple[Landscape, Landscape]:
        """The residual and the plain network of one depth."""
        residual, plain = (
            next(one for one in self.networks if one.depth == depth and one.residual is kind) for kind in (True, False)
        )
        return residual, plain


@cache
def landscapes(path: Path = RESULTS) -> Landscapes:
    """The shipped results, or those that `landscape` wrote to `path`."""
    content = json.loads(path.read_text("utf-8"))
    where = axis(content["points"], content["span"])
    networks = tuple(
        Landscape(model, where, _grid(measured["loss"]), _grid(measured["accuracy"]), _line(measured["line"]))
        for model, measured in content.pop("networks").items()
    )
    return Landscapes(networks, content)


def _grid(rows: list[list[float]]) -> Grid:
    return tuple(map(tuple, rows))


def _line(measured: dict[str, list[float]] | None) -> Line | None:
    return Line(tuple(measured["loss"]), tuple(measured["accuracy"])) if measured else None
