"""What is asked of a heat map: whose, of which class, at which layer, by which method."""

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.gradcam.pages.choices import (
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
from resnet_demo.chapters.gradcam.pages.maps import NONE, OWN, Asked
from resnet_demo.explain import SLOW
from resnet_demo.explain.methods import SOURCES, check_method
from resnet_demo.kit.controls import Choice
from resnet_demo.kit.listeners import AT_ONCE, bound
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.offered_networks import Networks, Offer
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t


@dataclass(frozen=True)
class Question:
    """The controls, and the hint on the chosen method."""

    left: gr.Dropdown
    right: gr.Dropdown
    target: Choice
    layer: Choice
    method: Choice
    hint: gr.HTML
    against: Choice
    counterfactual: gr.Checkbox

    @property
    def controls(self) -> list[Any]:
        """In the order of `looks.asked`, which begins with the photograph."""
        return [self.left, self.right, self.target, self.layer, self.method, self.against, self.counterfactual]

    @property
    def changes(self) -> list[Any]:
        """The events of another question. (A dropdown's `input` also comes whenever it loses the focus.)"""
        dropdowns = [self.left, self.right, self.target, self.method, self.against]
        return [*(one.select for one in dropdowns), self.layer.input, self.counterfactual.input]


def build_question(page: Site) -> Question:
    """Lays out networks, class, layer and method, and what is asked less often."""
    networks, language = page.networks, page.initial
    keys = page.chosen
    with gr.Row(elem_id="cam-controls"):
        left = Choice(networks_of(networks, language), value=keys[0], elem_id="cam-left", scale=5, min_width=230)
        page.word(left, label="gradcam.left", choices=Offer(networks, networks_of))
        others = networks_or_none(networks, language)
        right = Choice(others, value=keys[-1], elem_id="cam-right", scale=5, min_width=230)
        page.word(right, label="gradcam.right", choices=Offer(networks, networks_or_none))
        page.followers += [(left, "residual", "cam-left"), (right, "plain", "cam-right")]
        classes = targets(networks, keys, language)
        target = Choice(classes, value=OWN, elem_id="cam-target", scale=4, min_width=230)
        page.word(target, label="gradcam.target")
        layers = layer_choices(networks, keys, language)
        layer = Choice(layers, value=[layers[0][1]], multiselect=True, elem_id="cam-layer", scale=4, min_width=130)
        page.word(layer, label="gradcam.layer")
        method = Choice(method_choices(), value="gradcam", elem_id="cam-method", scale=3, min_width=130)
        page.word(method, label="gradcam.method")
    with gr.Row(elem_id="cam-beside"):
        with gr.Column(scale=3, min_width=280):
            said = gr.HTML(value=hint("gradcam", [layers[0][1]], language), elem_id="cam-hint")
        with gr.Column(scale=2, min_width=280):
            against, opposite = _more(page, rivals(networks, keys, language))
    return Question(left, right, target, layer, method, said, against, opposite)


def _more(page: Site, classes: Choices) -> tuple[Choice, gr.Checkbox]:
    """Why not another class, and what speaks against one."""
    with page.word(gr.Accordion(open=False, elem_id="cam-more"), label="gradcam.more"), gr.Row():
        against = Choice(classes, value=NONE, elem_id="cam-against", min_width=180)
        page.word(against, label="gradcam.against", info="gradcam.against_info")
        opposite = gr.Checkbox(elem_id="cam-counterfactual", min_width=180)
        page.word(opposite, label="gradcam.counterfactual", info="gradcam.counterfactual_info")
    return against, opposite


def wire_question(page: Site, question: Question) -> None:
    """The choices follow the networks, the hint the method and whether a layer is chosen."""
    pair, choices = [question.left, question.right], [question.target, question.layer, question.against]
    events = [control.select for control in pair]
    _at_once(page, events, bound(options, page.networks), [*pair, *choices, page.language], choices)
    hinted = [question.method, question.layer]
    _at_once(page, [question.method.select, question.layer.change], hint, [*hinted, page.language], [question.hint])


def _at_once(page: Site, events: list[Any], render: Any, inputs: list[Any], outputs: list[Any]) -> None:
    """Drawn beside the maps, which are what waits for the last of many events."""
    gr.on(events, render, inputs, outputs, trigger_mode="multiple", **AT_ONCE)
    page.draws([], render, inputs, *outputs)


def options(
    networks: Networks, left: str, right: str, target: str, layers: list[str], against: str, language: str
) -> tuple[Any, ...]:
    """Classes and layers that both networks have, and of those chosen the ones that are still there.

    Nothing moves where a network is gone: in place of the maps that is said.
    """
    keys = chosen_keys(left, right)
    kept = attempt(fitted, networks, Asked(None, keys, target, tuple(layers), against=against))
    if isinstance(kept, Problem):
        return gr.skip(), gr.skip(), gr.skip()
    offered = (
        (targets(networks, keys, language), target, kept.target),
        (layer_choices(networks, keys, language), layers, list(kept.layers)),
        (rivals(networks, keys, language), against, kept.against),
    )
    # A value that stays is not sent again: the page would take it for a change, and ask for the same maps twice.
    return tuple(
        gr.update(choices=names) if new == old else gr.update(choices=names, value=new) for names, old, new in offered
    )


def hint(method: str, layers: list[str] | None, language: str) -> str:
    """What a method does, its source, whether it is slow, and which layer it takes where none is chosen.

    Raises ArchitectureError for an unknown method.
    """
    check_method(method)
    slow = f"<b>{t(language, 'gradcam.slow_mark')}</b> " if method in SLOW else ""
    name = method.replace("+", "p")
    said = t(language, f"gradcam.method.{name}") + t(language, "gradcam.method_source", source=SOURCES[method])
    if not layers and method != "fullgrad":  # which takes all layers anyway
        said += t(language, "gradcam.no_layer")
    return f'<p class="hint">{slow}{escape(said)}</p>'
