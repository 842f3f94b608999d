"""Can a heat map be believed? Three checks of it, measured on the network and read in words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from resnet_demo.chapters.gradcam.pages.choices import fitted
from resnet_demo.chapters.gradcam.pages.maps import NONE, Asked, Look, Looked, Waiting, picture, seconds
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.examples import examples
from resnet_demo.errors import DemoError
from resnet_demo.explain import SLOW, Analysis
from resnet_demo.explain.explanation import heatmap
from resnet_demo.explain.faithfulness import (
    Confidence,
    Curves,
    Randomised,
    aggregate,
    average_drop,
    deletion_insertion,
    randomisation,
)
from resnet_demo.explain.methods import Progress, portion
from resnet_demo.kit.display_names import title
from resnet_demo.kit.image_input import opened, read
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.steps_in_thread import Result, Step, stepwise
from resnet_demo.kit.zerogpu import accelerated, lent

CURVES, CONFIDENCE, RANDOMISED = "curves", "confidence", "randomised"
CHECKS = (CURVES, CONFIDENCE, RANDOMISED)
DRAWS = 2


@dataclass(frozen=True)
class Checked:
    """What a check found for each map; `examples` is its mean over the example photographs, where it was taken.

    None for a network that could be measured on none of them.
    """

    looked: Looked
    found: tuple[Any, ...]
    examples: tuple[Confidence | None, ...] = ()


@dataclass(frozen=True)
class Ordered:
    """Deletion and insertion by a map, and the areas that maps of no meaning reach, one for each draw."""

    curves: Curves
    chance_deletion: tuple[float, ...]
    chance_insertion: tuple[float, ...]


@dataclass(frozen=True)
class Unchecked:
    """Nobody has asked for this check yet."""


def same_question(networks: Networks, looked: Looked, question: Asked) -> None:
    """Raises DemoError where what was looked at answers another question: its map is still on its way."""
    fits = fitted(networks, question)
    # The file of one photograph may move.
    if replace(fits, path=looked.asked.path) != looked.asked or picture(fits.path) != looked.picture:
        raise DemoError("check_early")


def _seconds(networks: Networks, check: str, looked: Looked | Waiting | Problem | None) -> int:
    """Some hundred passes, or the map once more for each of the six steps of the cascade."""
    return (6 if check == RANDOMISED else 2) * seconds(looked.asked) if isinstance(looked, Looked) else 1


@lent(_seconds)
@accelerated
def measured(networks: Networks, check: str, looked: Looked | Waiting | Problem | None) -> Iterator[Step | Result[Any]]:
    """The steps of a check, then what it found, or the problem that it met."""
    yield from stepwise(lambda progress: attempt(measure, check, networks, looked, progress))


def measure(check: str, networks: Networks, looked: Looked | Waiting | Problem | None, progress: Progress) -> Checked:
    """Raises DemoError where there is no map to check, or one that shows nothing."""
    if not isinstance(looked, Looked):
        raise DemoError("check_none")
    for item in looked.looks:  # a blank map would seem to forget what it never held
        if not item.explanation.heatmap.any():
            raise DemoError("check_flat", network=title(item.name))
    one: Callable[..., Any] = {CURVES: _curves, CONFIDENCE: _confidence, RANDOMISED: _randomised}[check]
    count = len(looked.looks)
    found = tuple(
        one(networks.get(item.key), item, looked, portion(progress, i, count)) for i, item in enumerate(looked.looks)
    )
    # The examples answer for their own predictions, where the other class need not be a rival.
    if check == CONFIDENCE and looked.asked.method not in SLOW and looked.asked.against == NONE:
        parts = [(networks.get(item.key), portion(progress, i, count)) for i, item in enumerate(looked.looks)]
        return Checked(looked, found, tuple(_mean(classifier, looked, told) for classifier, told in parts))
    return Checked(looked, found)


def _curves(classifier: Classifier, item: Look, looked: Looked, progress: Progress) -> Ordered:
    """The curves of the map, and the areas of the same map with its cells shuffled: what chance would reach."""
    explanation, draw, areas = item.explanation, np.random.default_rng(0), []
    curves = deletion_insertion(classifier, explanation, portion(progress, 0, DRAWS + 1))
    for i in range(DRAWS):
        cells = draw.permutation(explanation.map.ravel()).reshape(explanation.map.shape)
        chance = replace(explanation, map=cells, heatmap=heatmap(cells, *explanation.heatmap.shape))
        areas.append(deletion_insertion(classifier, chance, portion(progress, i + 1, DRAWS + 1)))
    return Ordered(curves, tuple(one.deletion_area for one in areas), tuple(one.insertion_area for one in areas))


def _confidence(classifier: Classifier, item: Look, looked: Looked, progress: Progress) -> Confidence:
    return average_drop(classifier, item.explanation)


def _mean(classifier: Classifier, looked: Looked, progress: Progress | None) -> Confidence | None:
    """Over the example photographs, each with the network's own prediction.

    Those do not count whose map is flat, or where the probability is 0 already.
    """
    asked, found = looked.asked, []
    pictures = [opened(example.key) for example in examples() if example.wnid]
    for i, image in enumerate(pictures):
        if progress:
            progress(i, len(pictures))
        seen = Analysis(classifier, image).explain(asked.method, asked.layers, counterfactual=asked.counterfactual)
        one = attempt(average_drop, classifier, seen)
        if not isinstance(one, Problem):
            found.append(one)
    return aggregate(found) if found else None


def _randomised(classifier: Classifier, item: Look, looked: Looked, progress: Progress) -> Sequence[Randomised]:
    return randomisation(classifier, read(looked.picture.path), item.explanation, progress)
