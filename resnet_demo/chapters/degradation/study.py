"""The degradation study as numbers: curves over seeds, the final table, and what can be said of them. No torch here.

He et al. 2015 (arXiv 1512.03385), section 4.2, Fig. 6 and Table 6.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.models.architectures import depth_of

RESULTS = WEIGHTS / "degradation.json"
PAPER_ERROR = {"resnet20": 8.75, "resnet32": 7.51, "resnet44": 7.17, "resnet56": 6.97, "resnet110": 6.43}
"""Test error in percent, Table 6. The paper gives its plain networks as curves only."""
PAPER_ITERATIONS = 64_000
TRAINING_PICTURES, TEST_PICTURES = 50_000, 10_000
"""CIFAR-10's; each step of training takes a whole batch of the former."""


@dataclass(frozen=True)
class Run:
    """One network trained once. Errors are percent, one for each epoch; the training error is a mean over the epoch
    while the weights move, on pictures shifted and flipped at random."""

    model: str
    seed: int
    parameters: int
    seconds: float
    training_error: tuple[float, ...]
    test_error: tuple[float, ...]

    @property
    def depth(self) -> int:
        return depth_of(self.model)

    @property
    def residual(self) -> bool:
        return self.model.startswith("resnet")


@dataclass(frozen=True)
class Study:
    """All runs by one recipe, with how they came about: see `training.study`."""

    runs: tuple[Run, ...]
    about: dict[str, Any]

    @property
    def models(self) -> tuple[str, ...]:
        """Shallow networks first, a plain one before its residual twin."""
        return tuple(sorted({run.model for run in self.runs}, key=lambda model: (depth_of(model), model)))

    @property
    def pictures(self) -> int:
        """How many images each network was trained on."""
        return round(TRAINING_PICTURES * (1 - self.about["recipe"]["valid_ratio"]))

    @property
    def iterations(self) -> int:
        """Steps of training of each network."""
        recipe = self.about["recipe"]
        return int(recipe["epochs"] * (self.pictures // recipe["batch_size"]))

    def of(self, model: str) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if run.model == model)


@dataclass(frozen=True)
class Curve:
    """An error over epochs, in percent: the mean over seeds, and the least and the greatest of them."""

    model: str
    half: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Final:
    """A line of the final table: means over the seeds, in percent; the spread is a standard deviation, or None."""

    model: str
    depth: int
    parameters: int
    seeds: int
    seconds: float
    training_error: float
    test_error: float
    spread: float | None
    paper: float | None


@dataclass(frozen=True)
class Finding:
    """A claim of the study and the two means that decide it, in percent: it holds where `worse` is above `better`."""

    key: str
    worse: float
    better: float
    depth: int
    shallow: int

    @property
    def holds(self) -> bool:
        return self.worse > self.better


@cache
def study(path: Path = RESULTS) -> Study:
    """The study that is shipped, or the one at `path` (a `degradation.json`)."""
    content = json.loads(path.read_text("utf-8"))
    runs = tuple(
        Run(
            item["model"],
            item["seed"],
            item["parameters"],
            item["seconds"],
            tuple(100 * (1 - row["train_accuracy"]) for row in item["history"]),
            tuple(100 * (1 - row["valid_accuracy"]) for row in item["history"]),
        )
        for item in content.pop("runs")
    )
    return Study(runs, content)


def curves(found: Study) -> tuple[Curve, ...]:
    """Two for each network: half "training" and half "test"."""
    halves: dict[str, Callable[[Run], tuple[float, ...]]] = {
        "training": lambda run: run.training_error,
        "test": lambda run: run.test_error,
    }
    return tuple(
        Curve(model, half, *_over_seeds(error(run) for run in found.of(model)))
        for model in found.models
        for half, error in halves.items()
    )


def table(found: Study) -> tuple[Final, ...]:
    """One line for each network."""
    return tuple(_final(model, found.of(model)) for model in found.models)


def findings(lines: Sequence[Final]) -> tuple[Finding, ...]:
    """The claims of section 4.2, decided by the final numbers. Every depth is there plain and residual."""
    plain, residual = twins(lines)
    depths = sorted(plain)
    same_depth = (
        Finding("residual_not_worse", plain[depth].test_error, residual[depth].test_error, depth, depths[0])
        for depth in depths
    )
    return over_depth(lines) + tuple(same_depth)


def over_depth(lines: Sequence[Final]) -> tuple[Finding, ...]:
    """The deepest networks beside the shallowest ones; nothing where all are equally deep."""
    plain, residual = twins(lines)
    shallow, deep = min(plain), max(plain)
    if shallow == deep:
        return ()
    return (
        Finding("plain_training", plain[deep].training_error, plain[shallow].training_error, deep, shallow),
        Finding("plain_test", plain[deep].test_error, plain[shallow].test_error, deep, shallow),
        Finding("residual_training", residual[shallow].training_error, residual[deep].training_error, deep, shallow),
    )


def twins(lines: Sequence[Final]) -> tuple[dict[int, Final], dict[int, Final]]:
    """The plain networks and the residual ones, by depth."""
    plain, residual = (
        {line.depth: line for line in lines if line.model.startswith(family)} for family in ("plain", "resnet")
    )
    return plain, residual


def _over_seeds(errors: Iterable[tuple[float, ...]]) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    epochs = list(zip(*errors, strict=True))
    return tuple(map(mean, epochs)), tuple(map(min, epochs)), tuple(map(max, epochs))


def _final(model: str, runs: tuple[Run, ...]) -> Final:
    test = [run.test_error[-1] for run in runs]
    return Final(
        model,
        runs[0].depth,
        runs[0].parameters,
        len(runs),
        mean(run.seconds for run in runs),
        mean(run.training_error[-1] for run in runs),
        mean(test),
        stdev(test) if len(test) > 1 else None,
        PAPER_ERROR.get(model),
    )
