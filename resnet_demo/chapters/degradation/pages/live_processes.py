"""Training while a visitor watches: one run for each, a bound on all, and nothing left behind."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from threading import Lock

from resnet_demo.chapters.degradation.live_training import Point, Settings, start
from resnet_demo.checks import number, whole
from resnet_demo.data.sources import data_folder
from resnet_demo.errors import DemoError
from resnet_demo.kit.messages import Problem
from resnet_demo.models.architectures import depth_of

MOST_RUNS = max(1, (os.cpu_count() or 1) // 2)
"""Runs at a time; each has one thread and gives way to the rest of the app. Others wait in the queue."""
DATA = data_folder()
WIDTHS, EPOCHS, RATES = (4, 32), (1, 30), (0.001, 1)
LIMITS = {"width": WIDTHS, "epochs": EPOCHS, "rate": RATES}
MINUTES = 15
WORK = 735_000
"""The most layers x channels x channels x epochs, over all networks of a run: `MINUTES` on one slow core.

Such a core trains nets of 20 and 56 layers with 16 channels on about 950 and 345 pictures a second. Both are some 4.9
million layers x channels x channels x pictures; 900 seconds of them are 4.4e9, and an epoch has 6,000 pictures, with
those that are tested on. Fewer channels use a core less well: that is nearer to channels than to their square, and
with 8 the largest run, 30 epochs of 44 and 56 layers, still takes about as long as the limit says.
"""
REDRAW = 1.0


@dataclass(frozen=True)
class Progress:
    """How far a run is. `left`: seconds, None where unknown.

    `stage`: "starting", "training", "done", "stopped" by the visitor, or "failed" where its process ended by itself.
    `problem`: an expected error that ended it, or that kept another one from following; what was drawn stays.
    """

    settings: Settings
    points: tuple[Point, ...] = ()
    stage: str = "starting"
    left: float | None = None
    problem: Problem | None = None


class Runs:
    """The processes in use, by visitor's session."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[str, subprocess.Popen[str]] = {}

    def begin(self, session: str, settings: Settings) -> "subprocess.Popen[str]":
        """Starts a run; one of the same visitor that is still going ends."""
        process = start(settings)
        with self._lock:
            earlier = self._running.get(session)
            self._running[session] = process
        if earlier is not None:
            _kill(earlier)
        return process

    def stop(self, session: str) -> None:
        """Ends the visitor's run, if there is one, at once."""
        with self._lock:
            process = self._running.pop(session, None)
        if process is not None:
            _kill(process)

    def holds(self, session: str, process: "subprocess.Popen[str]") -> bool:
        """Whether this is the visitor's run: nobody has stopped it, and no later one has taken its place."""
        with self._lock:
            return self._running.get(session) is process

    def end(self, session: str, process: "subprocess.Popen[str]") -> None:
        """Ends this run, and leaves a later one of the same visitor alone."""
        with self._lock:
            if self._running.get(session) is process:
                del self._running[session]
        _kill(process)

    def __len__(self) -> int:
        return len(self._running)


def _kill(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()


def checked(
    depths: list[int], width: float | None, epochs: float | None, rate: float | None, data: str, device: str
) -> Settings:
    """Settings within their limits, for the device that the app runs on. Raises DemoError."""
    if len(set(depths)) != 2:
        raise DemoError("live_depths")
    channels, rounds = whole("width", width, *WIDTHS), whole("epochs", epochs, *EPOCHS)
    peak = number("rate", rate, *RATES)
    folder = str(DATA.resolve()) if data == "cifar10" else ""
    settings = Settings(tuple(sorted(depths)), channels, rounds, peak, folder, device=device)
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


def follow(runs: Runs, session: str, settings: Settings) -> Iterator[Progress]:
    """Starts a run and tells, about once a second, how far it is. When the caller stops listening, the run ends."""
    now = Progress(settings)
    yield now
    process = runs.begin(session, settings)
    assert process.stdout is not None
    told, first = time.monotonic(), None
    try:
        for line in process.stdout:
            news = json.loads(line)
            if "error" in news:
                yield replace(now, stage="stopped", left=None, problem=Problem(news["error"], news["values"]))
                return
            point = Point(**news)
            moment = (time.monotonic(), point.progress)
            first = first or moment
            now = Progress(settings, (*now.points, point), "training", seconds_left(first, moment))
            if time.monotonic() - told > REDRAW:
                yield now
                told = time.monotonic()
        ended = "failed" if runs.holds(session, process) else "stopped"
        yield replace(now, stage="done" if process.wait() == 0 else ended, left=None)
    finally:
        runs.end(session, process)


def seconds_left(first: tuple[float, float], now: tuple[float, float]) -> float | None:
    """From two moments (seconds, share that is done), or None while there is one only.

    Not from the start of the process: it loads and paints for long before it trains.
    """
    (began, done_then), (time_now, done) = first, now
    return (time_now - began) / (done - done_then) * (1 - done) if done > done_then else None


def data_choices() -> tuple[str, ...]:
    """What can be trained on here: drawn shapes always, CIFAR-10 where it lies in `DATA`."""
    present = any((DATA / folder).is_dir() for folder in ("cifar10", "cifar-10-batches-py"))
    return ("shapes", "cifar10") if present else ("shapes",)
