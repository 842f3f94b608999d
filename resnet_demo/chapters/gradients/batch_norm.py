"""BatchNorm by hand, for the numbers of one channel: train and eval, batch and running statistics. No torch here.

    x̂ = (x - mean) / sqrt(variance + ε)        y = γ·x̂ + β

In training, mean and variance are those of the batch, and the running ones move a tenth of the way towards them. In
evaluation the running ones are used and stay: a picture's result no longer depends on what else is in its batch. As in
torch, a batch is normalised by its variance over n, and the running variance follows the one over n - 1.
Ioffe and Szegedy 2015, arXiv 1502.03167, algorithms 1 and 2.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resnet_demo.checks import LIMIT, number
from resnet_demo.errors import CountError

EPSILON, MOMENTUM = 1e-5, 0.1
"""torch's own: what is added to the variance, and how far the running statistics move in one step."""


@dataclass(frozen=True)
class Statistics:
    """Mean and variance; unless told, those that running statistics start from."""

    mean: float = 0.0
    variance: float = 1.0


START = Statistics()


@dataclass(frozen=True)
class Normalised:
    """One batch, every number by name.

    Attributes:
        values: x, the channel's numbers over pictures and positions.
        training: whether `used` is `batch`, or the running statistics from before.
        batch: the batch's own statistics, its variance over n.
        used: what the values are normalised by.
        running: the running statistics afterwards.
        scaled: x̂.
        out: y.
    """

    values: tuple[float, ...]
    training: bool
    batch: Statistics
    used: Statistics
    running: Statistics
    scaled: tuple[float, ...]
    out: tuple[float, ...]


def normalise(
    values: Sequence[object],
    gamma: object = 1.0,
    beta: object = 0.0,
    running: Statistics = START,
    training: bool = True,
) -> Normalised:
    """One batch through BatchNorm. Raises CountError for what is not a number, and for too small a batch."""
    xs = tuple(number("x", value, -LIMIT, LIMIT) for value in values)
    scale, shift = number("gamma", gamma, -LIMIT, LIMIT), number("beta", beta, -LIMIT, LIMIT)
    least = 2 if training else 1
    if len(xs) < least:
        raise CountError("norm_batch", count=len(xs), least=least)
    batch = statistics(xs)
    used = batch if training else running
    scaled = tuple((x - used.mean) / math.sqrt(used.variance + EPSILON) for x in xs)
    after = _moved(running, batch, len(xs)) if training else running
    return Normalised(xs, training, batch, used, after, scaled, tuple(scale * x + shift for x in scaled))


def statistics(values: Sequence[float]) -> Statistics:
    """Mean, and variance over n."""
    mean = math.fsum(values) / len(values)
    return Statistics(mean, math.fsum((value - mean) ** 2 for value in values) / len(values))


def follow(
    batches: Iterable[Sequence[object]], gamma: object = 1.0, beta: object = 0.0, running: Statistics = START
) -> tuple[Normalised, ...]:
    """Batches in training, one after the other: the running statistics come closer to theirs with each."""
    found: list[Normalised] = []
    for batch in batches:
        found.append(normalise(batch, gamma, beta, found[-1].running if found else running))
    return tuple(found)


def undone(by: Statistics) -> tuple[float, float]:
    """The γ and β that give x back after a normalisation `by` these statistics: BatchNorm can learn the identity."""
    return math.sqrt(by.variance + EPSILON), by.mean


def _moved(running: Statistics, batch: Statistics, count: int) -> Statistics:
    unbiased = batch.variance * count / (count - 1)
    return Statistics(
        (1 - MOMENTUM) * running.mean + MOMENTUM * batch.mean,
        (1 - MOMENTUM) * running.variance + MOMENTUM * unbiased,
    )
