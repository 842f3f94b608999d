"""Where did the network look, did another look there too, and can the map be believed?"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.gradcam.pages.choices import fitted
from resnet_demo.chapters.gradcam.pages.controls import Question, build_question, wire_question
from resnet_demo.chapters.gradcam.pages.drawing import view
from resnet_demo.chapters.gradcam.pages.maps import NONE, Looked, Waiting, asked, explained, look, maps, seconds
from resnet_demo.chapters.gradcam.pages.pages import (
    CheckPage,
    GalleryPage,
    build_checks,
    build_gallery,
    drawing,
    wire_checks,
    wire_gallery,
)
from resnet_demo.chapters.gradcam.pages.runs import Run, build_run, wire_run
from resnet_demo.chapters.gradcam.pages.script_answers import answers
from resnet_demo.kit.format import intro
from resnet_demo.kit.image_input import PhotoInput
from resnet_demo.kit.listeners import bound
from resnet_demo.kit.messages import Problem, answer, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Result, Step, stepwise
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated, lent

KEY = "gradcam"


@dataclass(frozen=True)
class Parts:
    photo: PhotoInput
    question: Question
    pages: gr.Tabs
    slow: gr.Column
    run: Run
    maps: gr.HTML
    checks: tuple[CheckPage, ...]
    gallery: GalleryPage
    found: gr.State
    numbers: gr.JSON

    @property
    def controls(self) -> list[Any]:
        """Everything that a map depends on, in the order of `asked`."""
        return [self.photo.photo, *self.question.controls]


def build(page: Site) -> Parts:
    page.word(gr.HTML(), value=opening)
    question = build_question(page)
    with gr.Tabs(elem_id="cam-pages", overflow_behavior="wrap") as pages:
        with page.word(gr.Tab(id="maps", elem_id="gradcam-page-maps"), label="gradcam.page.maps"):
            maps_shown = drawing("compare.js", "cam-maps")
            with gr.Column(visible=False, elem_id="cam-slow") as slow:
                run = build_run(page, "slow", "gradcam.run")
        with page.word(gr.Tab(id="checks", elem_id="gradcam-page-checks"), label="gradcam.page.checks"):
            checks = build_checks(page)
        with page.word(gr.Tab(id="gallery", elem_id="gradcam-page-gallery"), label="gradcam.page.gallery"):
            gallery = build_gallery(page)
    return Parts(
        page.photo, question, pages, slow, run, maps_shown, checks, gallery, gr.State(), gr.JSON(visible=False)
    )


def opening(language: str) -> str:
    """The question, what to look for, and what a map cannot say."""
    caveat = escape(t(language, "gradcam.caveat"))
    return f'{intro(language, KEY)}<p class="cam-caveat">{caveat}</p>'


def wire(page: Site, parts: Parts) -> None:
    changes = list(parts.question.changes)
    # The page takes the listeners of an event in turn: a change ends what runs before it asks for anything new.
    ran = wire_run(page, parts.run, search, parts.controls, parts.found, changes)
    wire_checks(page, parts.checks, parts.found, parts.controls, changes)
    wire_question(page, parts.question)
    looked = page.measures(
        [page.ready, *changes], bound(update, page.networks), parts.controls, parts.found, parts.maps
    )
    page.shows([looked, ran], parts.found, render, parts.maps, parts.slow)
    wire_gallery(page, parts.gallery, parts.pages, parts.controls, looked)
    page.endpoint(
        bound(endpoint, page.networks),
        [*parts.controls[:6], page.language, *parts.controls[6:]],
        parts.numbers,
        "compare_cam",
        concurrency_id="network_slow",  # a script may ask for a slow method: visitors' quick maps do not wait for it
        concurrency_limit=1,
    )


def update(networks: Networks, *controls: Any) -> Looked | Waiting | Problem:
    """The maps, or what a slow method would take, in no language yet."""
    return attempt(lambda: look(networks, fitted(networks, asked(*controls))))


def _seconds(networks: Networks, *controls: Any) -> int:
    return seconds(asked(*controls))


@lent(_seconds)
@accelerated
def search(networks: Networks, *controls: Any) -> Iterator[Step | Result[Looked | Problem]]:
    """The steps of a slow method, then its maps or the problem that it met."""
    yield from stepwise(
        lambda progress: attempt(lambda: explained(networks, fitted(networks, asked(*controls)), progress))
    )


def render(found: Looked | Waiting | Problem, language: str) -> tuple[dict[str, Any], Any]:
    """What the browser draws, and whether there is something slow to start."""
    return view(found, language), gr.Column(visible=isinstance(found, Waiting))


def endpoint(
    networks: Networks,
    picture: str | None,
    left: str,
    right: str,
    target: str,
    layer: list[str] | str,
    method: str,
    language: str,
    against: str = NONE,
    counterfactual: bool = False,
) -> list[dict[str, Any]]:
    """Class activation maps of one network or two for one picture.

    picture: an image file, or {"url": "data:image/jpeg;base64,..."}. left, right: networks, for example
    "resnet18-imagenette", or "resnet18-random" for untrained weights; right may be "none". target: a class id, or "own"
    for each network's own prediction. layer: a stage ("layer4") or block ("layer4.0"), or a list of them, whose maps
    are averaged. method: for example "gradcam"; a slow one such as "scorecam" takes its time. language: "en" or "zh".
    against: a class id to explain why not this class, or "none". counterfactual: what speaks against the class.
    Returns, for each network, the raw map at the layer's own resolution (of several the finest one's; FullGrad's is of
    the crop's size), its class, "logit", probability and peak, the share of the crop above half of it, and how far the
    two maps agree. "logit" is what the map explains: the class's logit, less that of "against", negated in a
    counterfactual.
    """
    question = asked(picture, left, right, target, layer, method, against, counterfactual)
    return answers(answer(language, attempt(maps, networks, question)), language)
