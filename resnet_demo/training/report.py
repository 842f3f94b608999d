"""Evaluates a network's predictions: accuracy by class, confusions and calibration."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn import functional

from resnet_demo.training.history import write_atomically
from resnet_demo.training.lettering import lettered

BINS = 15
NUMBERED = 20
"""The largest number of classes for which the confusion matrix shows numbers and names."""


@dataclass(frozen=True)
class Bin:
    """The predictions with a confidence in one of `BINS` equal bins from 0 to 1: mean confidence, accuracy, count."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Report:
    """A network's results on `count` labelled images.

    Attributes:
        accuracy: top-1 accuracy as a fraction; `loss` is cross-entropy in nats.
        per_class: accuracy of each class; None for a class without images.
        confusion: number of images by true class (row) and predicted class (column).
        calibration_error: expected calibration error, the mean over all images of |accuracy - confidence| of
            their bin: Guo et al. 2017, arXiv 1706.04599, equation 3. 0 means perfectly calibrated probabilities.
        bins: the bins behind it, least confident first; empty bins are left out.
    """

    accuracy: float
    loss: float
    count: int
    per_class: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration_error: float
    bins: tuple[Bin, ...]


def report(logits: Tensor, labels: Tensor) -> Report:
    """From logits (N, K) and labels (N,)."""
    classes = logits.shape[1]
    confidence, answers = logits.double().softmax(1).max(1)
    right = answers == labels
    confusion = torch.bincount(labels * classes + answers, minlength=classes**2).view(classes, classes)
    totals = confusion.sum(1).tolist()
    bins = _bins(confidence, right)
    return Report(
        right.double().mean().item(),
        functional.cross_entropy(logits.double(), labels).item(),
        len(labels),
        tuple(hit / total if total else None for hit, total in zip(confusion.diag().tolist(), totals, strict=True)),
        tuple(tuple(row) for row in confusion.tolist()),
        sum(b.count * abs(b.accuracy - b.confidence) for b in bins) / len(labels),
        bins,
    )


def _bins(confidence: Tensor, right: Tensor) -> tuple[Bin, ...]:
    """Bin m holds confidences in ((m - 1) / M, m / M]."""
    which = (confidence * BINS).ceil().long().clamp(1, BINS) - 1
    found = [(confidence[which == m], right[which == m]) for m in range(BINS)]
    return tuple(Bin(c.mean().item(), r.double().mean().item(), len(c)) for c, r in found if len(c))


def draw(found: Report, classes: Sequence[str], title: str, path: Path) -> None:
    """The confusion matrix and the reliability diagram, as a PNG."""
    content = io.BytesIO()
    with lettered([title, *classes]) as drawable:
        figure = Figure(figsize=(13, 6), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        figure.suptitle(
            f"{drawable(title)}: {found.accuracy:.2%} of {found.count:,} correct, loss {found.loss:.3f} nats"
        )
        _confusion(left, found, list(map(drawable, classes)))
        _reliability(right, found)
        figure.savefig(content, dpi=120, format="png")
    write_atomically(path, content.getvalue())


def _confusion(axes: Axes, found: Report, classes: Sequence[str]) -> None:
    counts = np.array(found.confusion)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set(title="Confusion matrix: number of images", xlabel="predicted class", ylabel="true class")
    if len(classes) > NUMBERED:
        return
    names = [
        f"{name}  {'-' if part is None else f'{part:.1%}'}" for name, part in zip(classes, found.per_class, strict=True)
    ]
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axes.set_yticks(range(len(classes)), names)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = shares[row, column] > 0.5
            axes.text(column, row, str(count), ha="center", va="center", color="white" if dark else "black", size=9)


def _reliability(axes: Axes, found: Report) -> None:
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", label="perfectly calibrated")
    heights = [b.accuracy for b in found.bins]
    sizes = [20 + 400 * b.count / found.count for b in found.bins]
    axes.plot([b.confidence for b in found.bins], heights, color="C0", alpha=0.5)
    axes.scatter([b.confidence for b in found.bins], heights, sizes, color="C0", label="predictions (area: number)")
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title(f"Calibration: expected error {found.calibration_error:.3f}")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", markerscale=0.4)
