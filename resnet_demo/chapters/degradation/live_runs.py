"""Runs of `live_training`: within limits, in a process of its own, recorded once, and compared with each other.

`python -m resnet_demo.chapters.degradation.live_runs` records those of `SWITCHED` that are not recorded yet.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from math import ceil
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from resnet_demo import errors
from resnet_demo.chapters.degradation import live_training
from resnet_demo.chapters.degradation.live_training import Point, Settings, start, train
from resnet_demo.checks import number, whole
from resnet_demo.data.sources import data_folder
from resnet_demo.errors import DemoError
from resnet_demo.models.architectures import depth_of
from resnet_demo.training.machine import made

MOST_RUNS = max(1, (os.cpu_count() or 1) // 2)
"""Runs at a time; each has one thread and gives way to the rest of the app. Others wait in the queue."""
DATA = data_folder()
DEPTHS = (8, 14, 20, 32, 44, 56)
WIDTHS, EPOCHS, RATES, SEEDS = (4, 32), (1, 30), (0.001, 1), (0, 9)
MINUTES = 15
WORK = 735_000
"""The most layers x channels x channels x epochs, over all networks of a run: `MINUTES` on one slow core.

Such a core trains nets of 20 and 56 layers with 16 channels on about 950 and 345 pictures a second. Both are some 4.9
million layers x channels x channels x pictures; 900 seconds of them are 4.4e9, and an epoch has 6,000 pictures, with
those that are tested on. Fewer channels use a core less well: that is nearer to channels than to their square, and
with 8 the largest run, 30 epochs of 44 and 56 layers, still takes about as long as the limit says.
"""
REDRAW = 1.0
RECORDED = Path(__file__).with_suffix(".json")
FIRST = Settings((8, 44), 8, 6, 0.1)
"""What all other runs are compared with."""
SWITCHED: tuple[dict[str, Any], ...] = (
    {},
    {"augment": False},
    {"schedule": "step"},
    {"held_out": "best"},
    {"held_out": "stop"},
    {"seed": 1},
)
"""What recorded runs set differently, one switch at a time."""
COMPARED = ("depths", "width", "epochs", "learning_rate", "data_dir", "augment", "schedule", "held_out", "seed")


@dataclass(frozen=True)
class Outcome:
    """What became of one network: errors (fractions) of the weights that are kept, and the epochs trained."""

    test: float
    training: float
    epochs: int


@dataclass(frozen=True)
class LiveRun:
    """A run as far as it has come."""

    settings: Settings
    points: tuple[Point, ...] = ()

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """Of each network that has finished."""
        return {point.model: self._outcome(point) for point in self.points if point.test is not None}

    @property
    def finished(self) -> bool:
        return self.outcomes.keys() == {*self.settings.models}

    @property
    def differs(self) -> dict[str, Any]:
        """The settings that are not those of `FIRST`."""
        first = asdict(FIRST)
        return {
            name: value for name, value in asdict(self.settings).items() if value != first[name] and name in COMPARED
        }

    def _outcome(self, last: Point) -> Outcome:
        assert last.test is not None
        watched = [(-point.watched, point.epoch) for point in self._of(last.model) if point.watched is not None]
        kept = last.epoch if self.settings.held_out == "none" else max(watched)[1]
        return Outcome(last.test, self._training(last.model, kept), round(last.epoch))

    def _training(self, model: str, epoch: float) -> float:
        """The training error over one whole epoch."""
        ends = [(point.epoch, point.training) for point in self._of(model) if epoch - 1 < point.epoch <= epoch]
        begins = [epoch - 1, *(end for end, _ in ends)]
        return sum((end - begin) * error for begin, (end, error) in zip(begins, ends, strict=False))

    def _of(self, model: str) -> list[Point]:
        return [point for point in self.points if point.model == model]


@dataclass(frozen=True)
class Effect:
    """What other settings changed: means over the networks of two runs, before and after.

    `seed` is how much another seed alone changes the test error; None where that was not measured.
    """

    test: tuple[float, float]
    training: tuple[float, float]
    seed: float | None

    @property
    def chance(self) -> str:
        """Whether the change of the test error is "beyond" that of another seed, "within" it, or this is "unknown"."""
        if self.seed is None:
            return "unknown"
        return "beyond" if abs(self.test[1] - self.test[0]) > self.seed else "within"


def effect(run: LiveRun, first: LiveRun, reseeded: LiveRun | None) -> Effect:
    """Of a run compared with the first, which `reseeded` repeats with another seed."""
    before, after = _means(first), _means(run)
    seed = abs(_means(reseeded)[0] - before[0]) if reseeded else None
    return Effect((before[0], after[0]), (before[1], after[1]), seed)


def _means(run: LiveRun) -> tuple[float, float]:
    """Test and training error, over the networks."""
    outcomes = run.outcomes.values()
    return mean(one.test for one in outcomes), mean(one.training for one in outcomes)


def checked(
    shallow: int,
    deep: int,
    width: float | None,
    epochs: float | None,
    rate: float | None,
    data: str,
    seed: float | None,
    switches: Mapping[str, Any],
    device: str,
) -> Settings:
    """Settings within their limits, for the device that the app runs on. Raises DemoError."""
    if shallow == deep or not {shallow, deep} <= {*DEPTHS}:
        raise DemoError("live_depths")
    settings = Settings(
        (min(shallow, deep), max(shallow, deep)),
        whole("width", width, *WIDTHS),
        whole("epochs", epochs, *EPOCHS),
        number("rate", rate, *RATES),
        str(DATA.resolve()) if data == "cifar10" else "",
        device=device,
        seed=whole("seed", seed, *SEEDS),
        **switches,
    )
    if work(settings) > WORK:
        raise DemoError(
            "live_long",
            minutes=ceil(MINUTES * work(settings) / WORK),
            limit=MINUTES,
            epochs=WORK // work(replace(settings, epochs=1)),
        )
    return settings


def work(settings: Settings) -> int:
    """Layers x channels x channels x epochs, over all networks of a run."""
    return sum(map(depth_of, settings.models)) * settings.width**2 * settings.epochs


def follow(settings: Settings) -> Iterator[LiveRun]:
    """Starts a run and yields it as far as it has come, about once a second. When the caller stops, the run ends.

    Raises DemoError where it meets an expected error, or its process ends by itself.
    """
    process, run = start(settings), LiveRun(settings)
    assert process.stdout is not None
    told = time.monotonic()
    try:
        for line in process.stdout:
            news = json.loads(line)
            if "error" in news:
                raise errors.DemoError(news["error"], **news["values"])  # of whatever kind it was there
            run = replace(run, points=(*run.points, Point(**news)))
            if time.monotonic() - told > REDRAW and not run.finished:
                yield run
                told = time.monotonic()
        if process.wait() != 0:
            raise DemoError("live_failed")
        yield run
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def data_choices() -> tuple[str, ...]:
    """What can be trained on here: drawn shapes always, CIFAR-10 where it lies in `DATA`."""
    present = any((DATA / folder).is_dir() for folder in ("cifar10", "cifar-10-batches-py"))
    return ("shapes", "cifar10") if present else ("shapes",)


@cache
def recorded() -> tuple[tuple[LiveRun, ...], dict[str, Any]]:
    """The runs that are shipped, `FIRST` first, and what they were made with."""
    content = json.loads(RECORDED.read_text("utf-8"))
    return tuple(_read(**run) for run in content.pop("runs")), content


def _read(changed: dict[str, Any], points: list[list[Any]]) -> LiveRun:
    names = [field.name for field in fields(Point)]
    return LiveRun(replace(FIRST, **changed), tuple(Point(**dict(zip(names, row, strict=True))) for row in points))


def record() -> None:
    """Trains the runs that are missing and writes the file that `recorded` reads: a point for each epoch."""
    live_training.INTERVAL = float("inf")
    torch.set_num_threads(1)
    content = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else made(torch.device("cpu")) | {"runs": []}
    runs = content["runs"]
    for changed in SWITCHED[len(runs) :]:
        points = train(replace(FIRST, **changed, device="cpu"))
        rows = [
            [round(one, 5) if isinstance(one, float) else one for one in asdict(point).values()] for point in points
        ]
        runs.append({"changed": changed, "points": rows})
        lines = ",\n".join(map(json.dumps, runs))
        about = json.dumps({**content, "runs": []}, indent=1)
        RECORDED.write_text(about.replace("[]", f"[\n{lines}\n]") + "\n", "utf-8")


if __name__ == "__main__":
    record()
