"""The maps of one network or two, what they say of each other, and the button that starts a slow method."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from resnet_demo.chapters.gradcam.pages.choices import fitted
from resnet_demo.chapters.gradcam.pages.drawing import drawing, view
from resnet_demo.chapters.gradcam.pages.maps_in_words import answer, method_in_words
from resnet_demo.chapters.gradcam.pages.measured_maps import Asked, Looked, Waiting, asked, explained, look, seconds
from resnet_demo.chapters.gradcam.pages.question import USED
from resnet_demo.explain import Analysis
from resnet_demo.explain.comparison import agreement
from resnet_demo.explain.methods import combine
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, Run
from resnet_demo.kit.steps_in_thread import Step, stepwise
from resnet_demo.kit.zerogpu import accelerated, lent

SLOWLY: dict[str, Any] = {"concurrency_id": "network_slow", "concurrency_limit": 1}
"""The lane of what runs a network for long: others' quick maps do not wait for it."""


def compute(networks: Networks, **question: Any) -> Looked | Waiting:
    """The maps, or what a slow method would take. Raises DemoError for what cannot be explained."""
    put = asked(**question)
    return replace(look(networks, fitted(networks, put)), asked=put)


def run(networks: Networks, **question: Any) -> Iterator[Step | Looked | Problem]:
    """The steps of a slow method, then its maps or the problem that it met."""
    return search(networks, asked(**question))


def _seconds(_: Networks, put: Asked) -> int:
    return seconds(put)


@lent(_seconds)
@accelerated
def search(networks: Networks, put: Asked) -> Iterator[Step | Looked | Problem]:
    yield from stepwise(
        lambda progress: attempt(lambda: replace(explained(networks, fitted(networks, put), progress), asked=put))
    )


def draw(found: Looked | Waiting, language: str) -> tuple[Markup, dict[str, Any] | None, Markup]:
    """Whether two maps agree, or what a slow method takes; the maps; and what their method does."""
    maps = view(found, language) if isinstance(found, Looked) else None
    return answer(language, found), maps, method_in_words(language, found.asked)


PAGE = Page(
    "maps",
    compute,
    draw,
    controls=(),
    outputs=(Output("answer"), drawing("pair", "compare.js"), Output("method")),
    uses=USED,
    lane=MEASURED,
    run=Run(run, "gradcam.run", SLOWLY),
    code=(Analysis.explain, combine, agreement),
)
