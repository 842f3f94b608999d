"""Live training: shallow and deep networks side by side, in a separate process that can be stopped at once.

`python -m resnet_demo.chapters.degradation.live_training '<settings as JSON>'` prints one line of JSON for each
point of a curve.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from resnet_demo.data.datasets import Pictures, sample
from resnet_demo.data.shapes import shapes
from resnet_demo.errors import DemoError
from resnet_demo.models.architectures import ARCHITECTURES, depth_of
from resnet_demo.models.device import choose_device
from resnet_demo.models.resnet import ResNet
from resnet_demo.training.evaluation import evaluate
from resnet_demo.training.history import Epoch, finished
from resnet_demo.training.loop import Trainer
from resnet_demo.training.memory import keep_memory
from resnet_demo.training.recipe import PRESETS, Recipe, Schedule

INTERVAL = 0.5
NICENESS = 10
HELD_OUT = ("none", "best", "stop")
RATIO, PATIENCE = 0.2, 2
"""Of `HELD_OUT`: the part of the training images, and epochs without improvement before training stops."""


@dataclass(frozen=True)
class Settings:
    """What a visitor trains: plain and residual networks of two depths (6n + 2), `width` channels in the first stage.

    `data_dir` contains CIFAR-10, from which images are sampled; "" draws shapes instead. `pictures` is the number of
    training images; a fifth as many, `tested`, are used for testing. The seed decides weights, order, augmentation and
    the held-out part; the images are the same for all seeds. `held_out`: "none" measures every epoch on the test images
    and keeps the last one; "best" holds out a part of the training images and keeps the epoch with the least error on
    it; "stop" also stops when that has not improved for `PATIENCE` epochs.
    """

    depths: tuple[int, ...]
    width: int
    epochs: int
    learning_rate: float
    data_dir: str = ""
    pictures: int = 5_000
    device: str = "auto"
    seed: int = 0
    augment: bool = True
    schedule: Schedule = "cosine"
    held_out: str = "none"

    @property
    def tested(self) -> int:
        """The number of test images."""
        return self.pictures // 5

    @property
    def models(self) -> list[str]:
        """Names such as "plain8", shallow networks first."""
        return [f"{family}{depth}" for depth in sorted(set(self.depths)) for family in ("plain", "resnet")]

    @property
    def recipe(self) -> Recipe:
        return replace(
            PRESETS["short"],
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            batch_size=64,
            augmentation="pad-crop" if self.augment else "none",
            schedule=self.schedule,
            valid_ratio=0.0 if self.held_out == "none" else RATIO,
            patience=PATIENCE if self.held_out == "stop" else 0,
            seed=self.seed,
        )


@dataclass(frozen=True)
class Point:
    """A point on a network's curve. Errors are fractions: `training` since the last point.

    `watched` is the error after an epoch, on the held-out part or on the test images. `test`, with a network's last
    point, is the test error of the weights that are kept. `progress` is that of the whole run.
    """

    model: str
    epoch: float
    training: float
    watched: float | None
    progress: float
    test: float | None = None


def network(model: str, width: int, classes: int) -> ResNet:
    """A CIFAR network of any depth 6n + 2 and any width: "resnet8" has one block per stage."""
    family, depth = model.rstrip("0123456789"), depth_of(model)
    stock = ARCHITECTURES[f"{family}20"]
    blocks = (depth - 2) // 6
    return ResNet(
        replace(stock, name=model, depths=3 * (blocks,), widths=(width, 2 * width, 4 * width), num_classes=classes)
    )


def train(settings: Settings) -> Iterator[Point]:
    """Trains all networks alternately, epoch by epoch, so that their curves grow together. Raises DemoError."""
    recipe = settings.recipe
    images, test = _pictures(settings)
    training, watched = images.split(RATIO, settings.seed) if recipe.valid_ratio else (images, test)
    trainers = {}
    for model in settings.models:
        torch.manual_seed(settings.seed)
        net = network(model, settings.width, len(images.classes))
        trainers[model] = Trainer(net, recipe, choose_device(settings.device), Path(os.devnull))
    done = dict.fromkeys(trainers, 0.0)
    for epoch in range(settings.epochs):
        for model, trainer in trainers.items():
            if finished(trainer.history, recipe):
                continue
            for share, wrong in _epoch(trainer, epoch, training):
                last = share == 1
                measured = _finish_epoch(trainer, epoch, watched) if last else None
                ended = last and finished(trainer.history, recipe)
                done[model] = 1.0 if ended else (epoch + share) / settings.epochs
                progress = sum(depth_of(one) * part for one, part in done.items()) / sum(map(depth_of, done))
                yield Point(
                    model, epoch + share, wrong, measured, progress, _test_error(trainer, test) if ended else None
                )


def _epoch(trainer: Trainer, epoch: int, training: Pictures) -> Iterator[tuple[float, float]]:
    """Trains one epoch; yields how much of it is done and the training error since the last time, now and then."""
    torch.manual_seed(trainer.recipe.seed * 10_000 + epoch)
    batches = len(training) // trainer.recipe.batch_size
    reported, wrong, seen = time.perf_counter(), 0.0, 0
    for step, result in enumerate(trainer.steps(epoch, training), start=1):
        wrong, seen = wrong + (1 - result.accuracy) * result.count, seen + result.count
        if step == batches or time.perf_counter() - reported > INTERVAL:
            yield step / batches, wrong / seen
            reported, wrong, seen = time.perf_counter(), 0.0, 0


def _finish_epoch(trainer: Trainer, epoch: int, watched: Pictures) -> float:
    """Adds the epoch to the trainer's history, which decides what is kept and when to stop; returns its error."""
    found = evaluate(trainer.network, watched, trainer.preprocessing, trainer.device)
    recipe, unused = trainer.recipe, float("nan")
    row = Epoch(
        epoch + 1, recipe.rate(epoch), recipe.size_at(epoch), unused, unused, found.loss, found.accuracy, unused
    )
    trainer.add(row)
    return 1 - found.accuracy


def _test_error(trainer: Trainer, test: Pictures) -> float:
    """Of the weights that are kept."""
    trainer.network.load_state_dict(trainer.best)
    return 1 - evaluate(trainer.network, test, trainer.preprocessing, trainer.device).accuracy


def start(settings: Settings) -> "subprocess.Popen[str]":
    """Starts the training in a separate process that one `kill` ends; its lines are read from `stdout`.

    Unexpected errors in it are written to this process's stderr.
    """
    return subprocess.Popen(
        [sys.executable, "-m", __name__, json.dumps(asdict(settings))],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )


def _pictures(settings: Settings) -> tuple[Pictures, Pictures]:
    if not settings.data_dir:
        return shapes(settings.pictures, 0), shapes(settings.tested, 1)
    draw = torch.Generator().manual_seed(0)
    return (
        sample("cifar10", settings.data_dir, "train", settings.pictures, draw),
        sample("cifar10", settings.data_dir, "test", settings.tested, draw),
    )


def main(settings: Settings) -> None:
    """Prints the points, or an expected error as its key and values. Uses one thread; the app needs the others."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    torch.set_num_threads(1)
    keep_memory()
    try:
        for point in train(settings):
            print(json.dumps(asdict(point)), flush=True)
    except DemoError as error:
        print(json.dumps({"error": error.key, "values": dict(error.values)}), flush=True)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(
            1
        )  # the app has exited and nobody reads the pipe: no traceback, and no flush of the closed pipe at exit


if __name__ == "__main__":
    main(Settings(**json.loads(sys.argv[1])))
