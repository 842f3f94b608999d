"""Three checks of a heat map, measured on the network, in no language yet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from resnet_demo.chapters.gradcam.pages.choices import fitted
from resnet_demo.chapters.gradcam.pages.measured_maps import NONE, Asked, Look, Looked, explained, seconds
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.examples import examples
from resnet_demo.errors import DemoError
from resnet_demo.explain import SLOW, Analysis
from resnet_demo.explain.common import Progress, portion
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
from resnet_demo.kit.display_names import title
from resnet_demo.kit.image_input import opened, read
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.steps_in_thread import Step, stepwise
from resnet_demo.kit.zerogpu import accelerated, lent

CURVES, CONFIDENCE, RANDOMISED = "curves", "confidence", "randomised"
CHECKS = (CONFIDENCE, CURVES, RANDOMISED)
DRAWS = 2


@dataclass(frozen=True)
class Checked:
    """What a check found for each map; `examples` is its mean over the example photographs, where it was taken.

    None for a network that could be measured on none of them.
    """

    check: str
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
    """A check that takes long and that nobody has started."""

    check: str


def _seconds(_: Networks, check: str, asked: Asked) -> int:
    """The map, then some hundred passes, or the map once more for each of the six steps of the cascade."""
    return (7 if check == RANDOMISED else 3) * seconds(asked)


@lent(_seconds)
@accelerated
def measured(networks: Networks, check: str, asked: Asked) -> Iterator[Step | Checked | Problem]:
    """The steps of a check, then what it found, or the problem that it met."""
    yield from stepwise(lambda progress: attempt(measure, networks, check, asked, progress))


def measure(networks: Networks, check: str, asked: Asked, progress: Progress | None) -> Checked:
    """Makes the map and checks it. Raises DemoError for a map that shows nothing."""
    parts = 2 if asked.method in SLOW else 1
    looked = explained(networks, fitted(networks, asked), portion(progress, 0, parts))
    progress = portion(progress, parts - 1, parts)
    found = checked(networks, check, looked, progress)
    # The examples answer for their own predictions, where the other class need not be a rival.
    if check == CONFIDENCE and parts == 1 and looked.asked.against == NONE:
        count = len(looked.looks)
        told = [(networks.get(item.key), portion(progress, i, count)) for i, item in enumerate(looked.looks)]
        return replace(found, examples=tuple(_mean(classifier, looked, part) for classifier, part in told))
    return found


@accelerated
def checked(networks: Networks, check: str, looked: Looked, progress: Progress | None = None) -> Checked:
    """A check of each map. Raises DemoError for one that shows nothing."""
    for item in looked.looks:  # a blank map would seem to forget what it never held
        if not item.explanation.heatmap.any():
            raise DemoError("check_flat", network=title(item.name))
    one: Callable[..., Any] = {CURVES: _curves, CONFIDENCE: _confidence, RANDOMISED: _randomised}[check]
    count = len(looked.looks)
    found = tuple(
        one(networks.get(item.key), item, looked, portion(progress, i, count)) for i, item in enumerate(looked.looks)
    )
    return Checked(check, looked, found)


def _curves(classifier: Classifier, item: Look, looked: Looked, progress: Progress | None) -> Ordered:
    """The curves of the map, and the areas of the same map with its cells shuffled: what chance would reach."""
    explanation, draw, areas = item.explanation, np.random.default_rng(0), []
    curves = deletion_insertion(classifier, explanation, portion(progress, 0, DRAWS + 1))
    for i in range(DRAWS):
        cells = draw.permutation(explanation.map.ravel()).reshape(explanation.map.shape)
        chance = replace(explanation, map=cells, heatmap=heatmap(cells, *explanation.heatmap.shape))
        areas.append(deletion_insertion(classifier, chance, portion(progress, i + 1, DRAWS + 1)))
    return Ordered(curves, tuple(one.deletion_area for one in areas), tuple(one.insertion_area for one in areas))


def _confidence(classifier: Classifier, item: Look, looked: Looked, progress: Progress | None) -> Confidence:
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


def _randomised(classifier: Classifier, item: Look, looked: Looked, progress: Progress | None) -> Sequence[Randomised]:
    return randomisation(classifier, read(looked.picture.path), item.explanation, progress)
