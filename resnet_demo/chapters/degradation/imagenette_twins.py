"""The networks trained on photographs, each beside its twin, as numbers from their cards. No torch here.

He et al. 2015 (arXiv 1512.03385), section 4.1, Tables 2 and 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resnet_demo.chapters.degradation.study import RESULTS, Curve, Final
from resnet_demo.checkpoints.card import cards, mistakes, one_run
from resnet_demo.models.architectures import depth_of

DATASET = "imagenette"
PAPER_ERROR = {"plain18": 27.94, "resnet18": 27.88, "plain34": 28.54, "resnet34": 25.03, "resnet50": 22.85}
"""Top-1 error on ImageNet's validation pictures in percent, ten crops each, Tables 2 and 3.

There is no plain network of 50 layers.
"""
TOLD = {"recipe", "history", "accuracy", "parameters", "seconds", "seed", "best_epoch", "how"}
"""What a card tells of a training. One that comes from elsewhere may not."""

Card = dict[str, Any]


@dataclass(frozen=True)
class Gap:
    """The test errors of twins in percent, over the same `count` pictures.

    On `residual_alone` of them the residual network errs and its twin does not, on `plain_alone` it is the other way
    round; `margin` is two standard errors of the difference of the errors, in percentage points.
    """

    depth: int
    residual: float
    plain: float
    count: int
    residual_alone: int
    plain_alone: int

    @property
    def difference(self) -> int:
        """Pictures by which the plain network's mistakes outnumber the residual one's."""
        return self.plain_alone - self.residual_alone

    @property
    def margin(self) -> float:
        """Of paired answers: an image moves the difference only if exactly one network misclassifies it."""
        apart = self.residual_alone + self.plain_alone
        return 200 * sqrt(apart - self.difference**2 / self.count) / self.count

    @property
    def verdict(self) -> str:
        """ "residual" or "plain" for the better one, "unclear" where the difference is within the margin."""
        difference = self.plain - self.residual
        if abs(difference) <= self.margin:
            return "unclear"
        return "residual" if difference > 0 else "plain"


@dataclass(frozen=True)
class Seeds:
    """The test errors of twins over the same seeds, in percent: means and standard deviations.

    In `residual_better` of the `count` runs the residual network errs less than the plain one of the same seed.
    """

    depth: int
    count: int
    residual: float
    residual_spread: float
    plain: float
    plain_spread: float
    residual_better: int


def pairs(folder: Path = RESULTS.parent) -> tuple[Card, ...]:
    """The cards of the networks in `folder` whose twin is there, too.

    All of them started from random weights, and have the recipe, the options and the test photographs of the shallowest
    pair. Some pictures were held out, and the cards say on which test photographs the networks err.

    Shallow networks first, a ResNet before its plain twin.
    """
    told = (card for card in cards(folder) if card["dataset"] == DATASET and card.keys() >= TOLD)
    alone = (card for card in told if "start" not in card and card["recipe"]["valid_ratio"])
    own = {card["model"]: card for card in alone if "wrong" in card["accuracy"]}
    matched = [
        (own[f"resnet{depth}"], own[f"plain{depth}"])
        for depth in sorted({depth_of(model) for model in own})
        if own.keys() >= {f"resnet{depth}", f"plain{depth}"}
    ]
    alike = [pair for pair in matched if _terms(pair[0]) == _terms(pair[1])]
    return tuple(card for pair in alike if _terms(pair[0]) == _terms(alike[0][0]) for card in pair)


def _terms(card: Card) -> tuple[Any, ...]:
    """What two cards have in common when their networks can be compared."""
    return card["recipe"], card["options"], card["accuracy"]["data"]


def curves(found: tuple[Card, ...]) -> tuple[Curve, ...]:
    """Errors in percent over epochs, two for each network: half "training" and half "validation"."""
    halves = {"training": "train_accuracy", "validation": "valid_accuracy"}
    drawn = []
    for card in found:
        for half, line in halves.items():
            errors = tuple(100 * (1 - row[line]) for row in card["history"])
            drawn.append(Curve(card["model"], half, errors, errors, errors))
    return tuple(drawn)


def table(found: tuple[Card, ...]) -> tuple[Final, ...]:
    """One line for each network: its training error in the last epoch, its error on the test half."""
    return tuple(_final(card) for card in found)


def _final(card: Card) -> Final:
    """Over all seeds that the card tells of."""
    model, seeds = card["model"], card.get("seeds", {"runs": [one_run(card)], "std": None})
    runs, spread = seeds["runs"], seeds["std"]
    return Final(
        model,
        depth_of(model),
        card["parameters"],
        len(runs),
        mean(run["seconds"] for run in runs),
        100 * (1 - mean(run["train_accuracy"] for run in runs)),
        100 * (1 - mean(run["top1"] for run in runs)),
        None if spread is None else 100 * spread,
        PAPER_ERROR.get(model),
    )


def gaps(found: tuple[Card, ...]) -> tuple[Gap, ...]:
    """Twin against twin on the test half, shallow ones first."""
    return tuple(
        _gap(depth_of(plain["model"]), mistakes(residual["accuracy"]), mistakes(plain["accuracy"]))
        for residual, plain in _twins(found)
    )


def _gap(depth: int, residual: NDArray[np.bool_], plain: NDArray[np.bool_]) -> Gap:
    alone = int((residual & ~plain).sum()), int((plain & ~residual).sum())
    return Gap(depth, 100 * float(residual.mean()), 100 * float(plain.mean()), len(plain), *alone)


def over_seeds(found: tuple[Card, ...]) -> tuple[Seeds, ...]:
    """Twins that were both trained with the same several seeds, shallow ones first."""
    several = (pair for pair in _twins(found) if all("seeds" in card for card in pair))
    return tuple(_seeds(residual, plain) for residual, plain in several if _drawn(residual) == _drawn(plain))


def _twins(found: tuple[Card, ...]) -> Iterator[tuple[Card, Card]]:
    """A ResNet and its plain twin, as `pairs` puts them."""
    return zip(found[::2], found[1::2], strict=True)


def _drawn(card: Card) -> list[int]:
    return [run["seed"] for run in card["seeds"]["runs"]]


def _seeds(residual: Card, plain: Card) -> Seeds:
    ours, theirs = ([run["top1"] for run in card["seeds"]["runs"]] for card in (residual, plain))
    return Seeds(
        depth_of(plain["model"]),
        len(ours),
        100 * (1 - residual["seeds"]["mean"]),
        100 * residual["seeds"]["std"],
        100 * (1 - plain["seeds"]["mean"]),
        100 * plain["seeds"]["std"],
        sum(mine > other for mine, other in zip(ours, theirs, strict=True)),
    )
