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
from resnet_demo.training.loop import Trainer
from resnet_demo.training.memory import keep_memory
from resnet_demo.training.recipe import PRESETS

INTERVAL = 0.5
NICENESS = 10


@dataclass(frozen=True)
class Settings:
    """What a visitor trains: plain and residual networks of two depths (6n + 2), `width` channels in the first stage.

    `data_dir` contains CIFAR-10, from which images are sampled; "" draws shapes instead. `pictures` is the number of
    training images; a fifth as many are used for testing.
    """

    depths: tuple[int, ...]
    width: int
    epochs: int
    learning_rate: float
    data_dir: str = ""
    pictures: int = 5_000
    device: str = "auto"
    seed: int = 0

    @property
    def models(self) -> list[str]:
        """Names such as "plain8", shallow networks first."""
        return [f"{family}{depth}" for depth in sorted(set(self.depths)) for family in ("plain", "resnet")]


@dataclass(frozen=True)
class Point:
    """A point on a network's curve. Errors are fractions: `training` since the last point, `test` after an epoch."""

    model: str
    epoch: float
    training: float
    test: float | None
    progress: float


def network(model: str, width: int, classes: int) -> ResNet:
    """A CIFAR network of any depth 6n + 2 and any width: "resnet8" has one block per stage."""
    family, depth = model.rstrip("0123456789"), depth_of(model)
    stock = ARCHITECTURES[f"{family}20"]
    blocks = (depth - 2) // 6
    return ResNet(
        replace(stock, name=model, depths=3 * (blocks,), widths=(width, 2 * width, 4 * width), num_classes=classes)
    )


def train(settings: Settings) -> Iterator[Point]:
    """Trains all networks alternately, batch by batch, so that their curves grow together. Raises DemoError."""
    training, test = _pictures(settings)
    recipe = replace(PRESETS["short"], epochs=settings.epochs, learning_rate=settings.learning_rate, batch_size=64)
    trainers = {}
    for model in settings.models:
        torch.manual_seed(settings.seed)
        net = network(model, settings.width, len(training.classes))
        trainers[model] = Trainer(net, recipe, choose_device(settings.device), Path(os.devnull))
    batches = len(training) // recipe.batch_size
    work = sum(depth_of(model) for model in trainers)
    for epoch in range(settings.epochs):
        for number, (model, trainer) in enumerate(trainers.items()):
            torch.manual_seed(recipe.seed * 10_000 + epoch)
            before = sum(depth_of(name) for name in list(trainers)[:number])
            reported, wrong, seen = time.perf_counter(), 0.0, 0
            for step, result in enumerate(trainer.steps(epoch, training), start=1):
                wrong, seen = wrong + (1 - result.accuracy) * result.count, seen + result.count
                last = step == batches
                if last or time.perf_counter() - reported > INTERVAL:
                    tested = evaluate(trainer.network, test, trainer.preprocessing, trainer.device) if last else None
                    done = (epoch + (before + depth_of(model) * step / batches) / work) / settings.epochs
                    yield Point(
                        model,
                        epoch + step / batches,
                        wrong / seen,
                        None if tested is None else 1 - tested.accuracy,
                        done,
                    )
                    reported, wrong, seen = time.perf_counter(), 0.0, 0


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
    training, test = settings.pictures, settings.pictures // 5
    if not settings.data_dir:
        return shapes(training, settings.seed), shapes(test, settings.seed + 1)
    draw = torch.Generator().manual_seed(settings.seed)
    return (
        sample("cifar10", settings.data_dir, "train", training, draw),
        sample("cifar10", settings.data_dir, "test", test, draw),
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
