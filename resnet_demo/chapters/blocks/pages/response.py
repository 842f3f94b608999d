"""Layer responses: how strongly each layer of a ResNet and of its twin answers, as in the paper's Fig. 7."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from plotly import graph_objects as go

from resnet_demo.chapters.blocks.pages.responses_chart import response_lines
from resnet_demo.chapters.blocks.responses import Responses, responses
from resnet_demo.data.examples import examples
from resnet_demo.kit.address import register
from resnet_demo.kit.controls import Choice
from resnet_demo.kit.display_names import family
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import bound
from resnet_demo.kit.memory import kept
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.offered_networks import Networks, Offer, trained_choices
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated

ORDERS = ("depth", "size")
Measured = dict[str, Responses]
"""By the keys of the networks: two may have one architecture and other weights."""


@dataclass(frozen=True)
class Parts:
    networks: tuple[gr.Dropdown, gr.Dropdown]
    order: gr.Radio
    said: gr.HTML
    chart: gr.Plot
    measured: gr.State


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    gr.HTML(opening(page.initial, "blocks", "response"))
    opened = page.wake("blocks-response")
    parts = lay_out(page)
    register(page, "blocks", [*parts.networks, parts.order])
    wire(page, parts, opened)


def lay_out(page: Site) -> Parts:
    keys = page.networks.keys
    with gr.Row():
        left, right = (
            page.word(
                Choice(
                    page.networks.choices,
                    value=keys[min(place, len(keys) - 1)],
                    min_width=260,
                    elem_id=f"blocks-response-{side}",
                ),
                label=f"blocks.response.{side}",
                choices=Offer(page.networks, trained_choices),
            )
            for place, side in enumerate(("first", "second"))
        )
        order = page.word(
            gr.Radio(value="depth", elem_id="blocks-response-order"),
            label="blocks.response.order",
            choices=order_choices,
        )
    chart = page.word(gr.Plot(elem_id="blocks-response-chart"), label="blocks.response.chart")
    said = gr.HTML(elem_id="blocks-response-said")
    return Parts((left, right), order, said, chart, gr.State())


def order_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"blocks.response.order.{key}"), key) for key in ORDERS]


def wire(page: Site, parts: Parts, selected: Any) -> None:
    """`selected` is the event of the page's being opened: nothing is measured before it."""
    left, right = parts.networks
    controls = [left, right, parts.order]
    events = [selected, left.change, right.change, parts.order.change]
    measured = page.measures(events, bound(update, page.networks), controls, parts.measured, parts.chart)
    page.shows([measured], parts.measured, render, parts.said, parts.chart)


def update(networks: Networks, left: str, right: str, order: str) -> tuple[str, Measured] | Problem:
    """The responses of both networks to the example pictures, in no language yet."""
    found = attempt(measure, networks, tuple(dict.fromkeys((left, right))))
    return found if isinstance(found, Problem) else (order, found)


@kept("measurements")
@accelerated
def measure(networks: Networks, keys: tuple[str, ...]) -> Measured:
    """Raises CheckpointError and ArchitectureError. The pictures are always the same, so it is measured once."""
    pictures = [opened(example.key) for example in examples()]
    return {key: responses(networks.get(key), pictures) for key in keys}


def render(found: tuple[str, Measured] | Problem, language: str) -> tuple[str, go.Figure | None]:
    """What was measured in a sentence, and the figure."""
    if isinstance(found, Problem):
        return notice(language, found), None
    order, measured = found
    lines = []
    for key, one in measured.items():
        layers = one.layers if order == "depth" else one.sorted
        lines.append(
            (Networks.label(key), family(one.name), [(x.layer, x.kernel) for x in layers], [x.std for x in layers])
        )
    across = t(language, f"blocks.response.axis.{order}")
    return _said(language, measured), response_lines(lines, (across, t(language, "blocks.response.axis")))


def _said(language: str, measured: Measured) -> str:
    """The means, what they were measured on, and what the paper says."""
    means = [
        t(language, "blocks.response.mean", network=Networks.label(key), mean=f"{_mean(one):.3f}")
        for key, one in measured.items()
    ]
    pictures = next(iter(measured.values())).pictures
    measured_on = t(language, "blocks.response.measured", count=pictures)
    return (
        f'<p class="summary">{"<br>".join(means)}</p><p>{measured_on}</p>'
        f'<p class="hint">{t(language, "blocks.response.paper")}</p>'
    )


def _mean(one: Responses) -> float:
    return sum(layer.std for layer in one.layers) / len(one.layers)
