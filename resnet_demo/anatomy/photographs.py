"""The networks trained on photographs, each beside its twin, as numbers from their cards. No torch here.

He et al. 2015 (arXiv 1512.03385), section 4.1, Tables 2 and 3.
"""

from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resnet_demo.anatomy.degradation import RESULTS, Curve, Final, twins
from resnet_demo.models.architectures import depth_of
from resnet_demo.models.cards import cards, mistakes

DATASET = "imagenette"
PAPER_ERROR = {"plain18": 27.94, "resnet18": 27.88, "plain34": 28.54, "resnet34": 25.03, "resnet50": 22.85}
"""Top-1 error on ImageNet's validation pictures in percent, Tables 2 and 3. There is no plain network of 50 layers."""
TOLD = {"recipe", "history", "accuracy", "parameters", "seconds", "seed", "how"}
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
    def margin(self) -> float:
        """Of paired answers: a picture moves the difference only if one network alone errs on it."""
        apart, surplus = self.residual_alone + self.plain_alone, self.plain_alone - self.residual_alone
        return 200 * sqrt(apart - surplus**2 / self.count) / self.count

    @property
    def verdict(self) -> str:
        """ "residual" or "plain" for the better one, "unclear" where the difference is within the margin."""
        difference = self.plain - self.residual
        if abs(difference) <= self.margin:
            return "unclear"
        return "residual" if difference > 0 else "plain"


def pairs(folder: Path = RESULTS.parent) -> tuple[Card, ...]:
    """The cards of the networks in `folder` whose twin is there, too.

    All of them started from random weights, and have the recipe, the options and the test photographs of the shallowest
    pair. Some pictures were held out, and the cards say on which test photographs the networks err.

    Shallow networks first, a ResNet before its plain twin. Raises CheckpointError for a card that cannot be used.
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
    return tuple(
        Final(
            card["model"],
            depth_of(card["model"]),
            card["parameters"],
            1,
            card["seconds"],
            100 * (1 - card["history"][-1]["train_accuracy"]),
            100 * (1 - card["accuracy"]["top1"]),
            None,
            PAPER_ERROR.get(card["model"]),
        )
        for card in found
    )


def gaps(found: tuple[Card, ...]) -> tuple[Gap, ...]:
    """Twin against twin on the test half, shallow ones first."""
    wrong = {card["model"]: mistakes(card["accuracy"]) for card in found}
    plain, residual = twins(table(found))
    return tuple(
        _gap(depth, residual[depth].test_error, line.test_error, wrong[residual[depth].model], wrong[line.model])
        for depth, line in plain.items()
    )


def _gap(depth: int, residual: float, plain: float, ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> Gap:
    return Gap(depth, residual, plain, len(ours), int((ours & ~theirs).sum()), int((theirs & ~ours).sum()))
