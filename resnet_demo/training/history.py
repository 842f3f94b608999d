"""The history of a training run, epoch by epoch: written as JSON and drawn as a plot."""

import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from resnet_demo.training.recipe import Recipe


@dataclass(frozen=True)
class Epoch:
    """One pass over the training images. Losses are in nats, accuracies are fractions, `size` is in pixels per side.

    Training figures are averages over the epoch, while the weights change, with augmentation; validation follows it.
    """

    epoch: int
    learning_rate: float
    size: int
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
    seconds: float


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a temporary file and renames it: a reader sees the old file or the new one, never a partial one."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_json(path: Path, value: object) -> None:
    write_atomically(path, (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode())


def as_rows(history: Iterable[Epoch]) -> list[dict[str, float]]:
    return [asdict(epoch) for epoch in history]


def best(history: Sequence[Epoch]) -> Epoch:
    """The epoch with the best validation accuracy, the latest in case of ties."""
    return max(history, key=lambda row: (row.valid_accuracy, row.epoch))


def kept(history: Sequence[Epoch], recipe: Recipe) -> Epoch:
    """The epoch whose weights are kept: the best one, or the last one if nothing was held out to choose by."""
    return best(history) if recipe.valid_ratio else history[-1]


def finished(history: Sequence[Epoch], recipe: Recipe) -> bool:
    """Whether training ends here: after the recipe's epochs, or earlier when its patience runs out."""
    if not history:
        return False
    impatient = recipe.valid_ratio > 0 and 0 < recipe.patience <= len(history) - best(history).epoch
    return len(history) >= recipe.epochs or impatient


def plot(histories: Mapping[str, Sequence[Epoch]], watched: str, path: Path) -> None:
    """Training error, and the error on what was watched, over epochs of one or several networks, as a PNG."""
    from matplotlib.figure import Figure  # half a second, and the app trains without drawing this

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for index, (name, history) in enumerate(histories.items()):
        epochs = [row.epoch for row in history]
        colour = f"C{index}"
        training = [100 * (1 - row.train_accuracy) for row in history]
        measured = [100 * (1 - row.valid_accuracy) for row in history]
        axes.plot(epochs, training, "--", color=colour, label=f"{name}, training")
        axes.plot(epochs, measured, color=colour, label=f"{name}, {watched}")
    axes.set(xlabel="epoch", ylabel="error, %", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    content = io.BytesIO()
    figure.savefig(content, dpi=150, format="png")
    write_atomically(path, content.getvalue())
