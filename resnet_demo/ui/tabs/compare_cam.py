"""Where did the network look, did another look there too, and can the map be believed?"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.explain import SLOW
from resnet_demo.ui.accelerator import accelerated
from resnet_demo.ui.cam.choices import (
    Choices,
    chosen_keys,
    fitted,
    layer_choices,
    method_choices,
    networks_of,
    networks_or_none,
    rivals,
    targets,
)
from resnet_demo.ui.cam.looks import NONE, OWN, Asked, Looked, Waiting, asked, explained, look, maps
from resnet_demo.ui.cam.pages import (
    CheckPage,
    GalleryPage,
    build_checks,
    build_gallery,
    drawing,
    wire_checks,
    wire_gallery,
)
from resnet_demo.ui.cam.runs import Run, build_run, wire_run
from resnet_demo.ui.cam.script import answers
from resnet_demo.ui.cam.view import view
from resnet_demo.ui.contract import NETWORK, QUIETLY, Page, Problem, answer, attempt, bound
from resnet_demo.ui.controls import Choice
from resnet_demo.ui.networks import Networks
from resnet_demo.ui.photo import PhotoParts, build_photo, wire_photo
from resnet_demo.ui.stepwise import Result, Step, stepwise
from resnet_demo.ui.text import t
from resnet_demo.ui.wording import intro

KEY = "compare_cam"


@dataclass(frozen=True)
class Parts:
    photo: PhotoParts
    left: gr.Dropdown
    right: gr.Dropdown
    target: Choice
    layer: Choice
    method: gr.Dropdown
    hint: gr.HTML
    against: Choice
    counterfactual: gr.Checkbox
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
        chosen = [self.photo.photo, self.left, self.right, self.target, self.layer, self.method]
        return [*chosen, self.against, self.counterfactual]


def build(page: Page) -> Parts:
    page.word(gr.HTML(), value=opening)
    controls = _controls(page)
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            photo = build_photo(page, KEY)
        with gr.Column(scale=3, min_width=320), gr.Tabs(elem_id="cam-pages") as pages:
            with page.word(gr.Tab(id="maps", elem_id="cam-page-maps"), label="compare_cam.page.maps"):
                maps_shown = drawing("cam_compare.js", "cam-maps")
                with gr.Column(visible=False, elem_id="cam-slow") as slow:
                    run = build_run(page, "slow", "compare_cam.run")
            with page.word(gr.Tab(id="checks", elem_id="cam-page-checks"), label="compare_cam.page.checks"):
                checks = build_checks(page)
            with page.word(gr.Tab(id="gallery", elem_id="cam-page-gallery"), label="compare_cam.page.gallery"):
                gallery = build_gallery(page)
    return Parts(photo, *controls, pages, slow, run, maps_shown, checks, gallery, gr.State(), gr.JSON(visible=False))


def opening(language: str) -> str:
    """The question, what to look for, and what a map cannot say."""
    caveat = escape(t(language, "compare_cam.caveat"))
    return f'{intro(language, KEY)}<p class="cam-caveat">{caveat}</p>'


def _controls(
    page: Page,
) -> tuple[gr.Dropdown, gr.Dropdown, Choice, Choice, gr.Dropdown, gr.HTML, Choice, gr.Checkbox]:
    """Networks, class, layer and method, and what is asked less often; in the order of `Parts`."""
    networks, language = page.networks, page.initial
    keys = networks.keys[:2]
    with gr.Row(elem_id="cam-controls"):
        left = gr.Dropdown(networks_of(networks, language), value=keys[0], elem_id="cam-left", scale=5, min_width=230)
        page.word(left, label="compare_cam.left", choices=partial(networks_of, networks))
        others = networks_or_none(networks, language)
        right = gr.Dropdown(others, value=keys[-1], elem_id="cam-right", scale=5, min_width=230)
        page.word(right, label="compare_cam.right", choices=partial(networks_or_none, networks))
        classes = targets(networks, keys, language)
        target = Choice(classes, value=OWN, elem_id="cam-target", scale=4, min_width=230)
        page.word(target, label="compare_cam.target")
        layers = layer_choices(networks, keys, language)
        layer = Choice(layers, value=[layers[0][1]], multiselect=True, elem_id="cam-layer", scale=4, min_width=130)
        page.word(layer, label="compare_cam.layer")
        method = gr.Dropdown(method_choices(), value="gradcam", elem_id="cam-method", scale=3, min_width=130)
        page.word(method, label="compare_cam.method")
    with gr.Row(elem_id="cam-beside"):
        with gr.Column(scale=3, min_width=280):
            hint = gr.HTML(value=method_hint("gradcam", language), elem_id="cam-hint")
        with gr.Column(scale=2, min_width=280):
            against, opposite = _more(page, rivals(networks, keys, language))
    return left, right, target, layer, method, hint, against, opposite


def _more(page: Page, classes: Choices) -> tuple[Choice, gr.Checkbox]:
    """Why not another class, and what speaks against one."""
    with page.word(gr.Accordion(open=False, elem_id="cam-more"), label="compare_cam.more"), gr.Row():
        against = Choice(classes, value=NONE, elem_id="cam-against", min_width=180)
        page.word(against, label="compare_cam.against", info="compare_cam.against_info")
        opposite = gr.Checkbox(elem_id="cam-counterfactual", min_width=180)
        page.word(opposite, label="compare_cam.counterfactual", info="compare_cam.counterfactual_info")
    return against, opposite


def wire(page: Page, parts: Parts) -> None:
    wire_photo(parts.photo)
    # Not a dropdown's `input`: that one also comes whenever it loses the focus.
    dropdowns = [parts.left, parts.right, parts.target, parts.method, parts.against]
    changes = [*parts.photo.given, *(one.select for one in dropdowns), parts.layer.input, parts.counterfactual.input]
    # The page takes the listeners of an event in turn: a change ends what runs before it asks for anything new.
    ran = wire_run(page, parts.run, search, parts.controls, parts.found, changes)
    wire_checks(page, parts.checks, parts.found, changes)
    pair, choices = [parts.left, parts.right], [parts.target, parts.layer, parts.against]
    events = [control.select for control in pair]
    _at_once(page, events, bound(options, page.networks), [*pair, *choices, page.language], choices)
    _at_once(page, [parts.method.select], method_hint, [parts.method, page.language], [parts.hint])
    looked = page.measures(
        [page.ready, *changes], bound(update, page.networks), parts.controls, parts.found, parts.maps
    )
    page.shows([looked, ran], parts.found, render, parts.maps, parts.slow)
    wire_gallery(page, parts.gallery, parts.pages, parts.controls, looked)
    gr.on(
        [],
        bound(endpoint, page.networks),
        [*parts.controls[:6], page.language, *parts.controls[6:]],
        parts.numbers,
        api_name=KEY,
        api_description=inspect.getdoc(endpoint),
        **NETWORK,
    )


def _at_once(page: Page, events: list[Any], render: Any, inputs: list[Any], outputs: list[Any]) -> None:
    """Drawn beside the maps, which are what waits for the last of many events."""
    gr.on(events, render, inputs, outputs, trigger_mode="multiple", **QUIETLY)
    page.draws([], render, inputs, *outputs)


def options(
    networks: Networks, left: str, right: str, target: str, layers: list[str], against: str, language: str
) -> tuple[Any, ...]:
    """Classes and layers that both networks have, and of those chosen the ones that are still there."""
    keys = chosen_keys(left, right)
    kept = fitted(networks, Asked(None, keys, target, tuple(layers), against=against))
    offered = (
        (targets(networks, keys, language), target, kept.target),
        (layer_choices(networks, keys, language), layers, list(kept.layers)),
        (rivals(networks, keys, language), against, kept.against),
    )
    # A value that stays is not sent again: the page would take it for a change, and ask for the same maps twice.
    return tuple(
        gr.update(choices=names) if new == old else gr.update(choices=names, value=new) for names, old, new in offered
    )


def method_hint(method: str, language: str) -> str:
    """What a method does, and whether it is slow."""
    slow = f"<b>{t(language, 'compare_cam.slow_mark')}</b> " if method in SLOW else ""
    name = method.replace("+", "p")
    return f'<p class="hint">{slow}{escape(t(language, f"compare_cam.method.{name}"))}</p>'


def update(networks: Networks, *controls: Any) -> Looked | Waiting | Problem:
    """The maps, or what a slow method would take, in no language yet."""
    return attempt(lambda: look(networks, fitted(networks, asked(*controls))))


@accelerated
def search(networks: Networks, *controls: Any) -> Iterator[Step | Result[Looked | Problem]]:
    """The steps of a slow method, then its maps or the problem that it met."""
    question = fitted(networks, asked(*controls))
    yield from stepwise(lambda progress: attempt(explained, networks, question, progress))


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

    picture: an image file. left, right: networks, for example "resnet18-imagenette", or "resnet18-random" for untrained
    weights; right may be "none". target: a class id, or "own" for each network's own prediction. layer: a stage
    ("layer4") or block ("layer4.0"), or a list of them, whose maps are averaged. method: for example "gradcam"; a slow
    one such as "scorecam" takes its time. language: "en" or "zh". against: a class id to explain why not this class, or
    "none". counterfactual: what speaks against the class.
    Returns, for each network, the raw map at the layer's own resolution, its class, logit, probability and peak, the
    share of the crop above half of it, and how far the two maps agree.
    """
    question = asked(picture, left, right, target, layer, method, against, counterfactual)
    return answers(answer(language, attempt(maps, networks, question)), language)
