"""Layer by layer: a pair's gradients and signals over depth, one seed after the other, or one depth after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter, sleep
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.chapters.gradients.flow import measure
from resnet_demo.chapters.gradients.gradient_curves import QUANTITIES
from resnet_demo.chapters.gradients.pages.charts import flow_chart
from resnet_demo.chapters.gradients.pages.exports import csv_file, json_file
from resnet_demo.chapters.gradients.pages.flow_in_words import chart_words, conditions, grown, reading
from resnet_demo.chapters.gradients.pages.measurements import (
    BATCHES,
    MOST_SEEDS,
    NORMS,
    VERSIONS,
    Run,
    Setting,
    check,
    growing,
    measuring,
    trained_pairs,
)
from resnet_demo.kit.assets import asset
from resnet_demo.kit.display_names import dataset_title
from resnet_demo.kit.listeners import AT_ONCE, MEASURED, bound
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Built, Control, Output, Page, chart, dropdown, radio, slider
from resnet_demo.kit.page import Run as Button
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import LANE, Step
from resnet_demo.kit.text import t
from resnet_demo.models.initialisation import ACTIVATIONS, INITIALISATIONS
from resnet_demo.models.twins import PAIRS

PACE = 0.6
"""Seconds that a depth stays on the screen while the depth grows: what was measured before would fly past."""


@dataclass(frozen=True)
class Shown:
    """What was measured for a setting and its number of seeds, and how it is shown."""

    asked: tuple[Setting, int]
    run: Run
    quantity: str
    axis: str


def compute(
    networks: Networks, shown: Shown | None, twins: str, seeds: int, quantity: str, axis: str, **values: str
) -> Iterator[Step | Shown]:
    """The flows of the pair, a seed at a time. Raises DemoError for what cannot be measured."""
    asked = Setting(twins, **values), seeds
    if shown and shown.asked == asked:
        yield replace(shown, quantity=quantity, axis=axis)
        return
    for made in measuring(networks, asked[0], check(networks, *asked)):
        yield made if isinstance(made, Step) else Shown(asked, made, quantity, axis)


def grow(
    networks: Networks, shown: Shown | None, twins: str, seeds: int, quantity: str, axis: str, **values: str
) -> Iterator[Step | Shown]:
    """The flows of the pair's kind at one depth after the other; of a trained pair's, untrained. Raises DemoError."""
    asked = Setting(twins, **values), seeds
    setting = replace(asked[0], pair=twins if twins in PAIRS else "cifar-8")
    check(networks, setting, 1)
    for made in growing(networks, setting):
        since = perf_counter()
        yield made if isinstance(made, Step) else Shown(asked, made, quantity, axis)
        if isinstance(made, Run):
            sleep(max(0.0, PACE - (perf_counter() - since)))


def draw(shown: Shown, language: str) -> tuple[str, Figure, str, Shown]:
    """The sentence, the chart, and what was measured."""
    run, quantity = shown.run, shown.quantity
    return (
        reading(language, run, quantity) + grown(language, run),
        flow_chart(run, quantity, shown.axis == "log", chart_words(language, quantity)),
        conditions(language, run.current),
        shown,
    )


def choices(name: str, keys: tuple[str, ...], site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"gradients.{name}.{key}"), key) for key in keys]


def choice(name: str, keys: tuple[str, ...], **more: Any) -> Control:
    """A control of this chapter's settings."""
    return radio(name, partial(choices, name, keys), keys[0], label=f"gradients.{name}", **more)


def pair_choices(site: Site) -> list[tuple[str, str]]:
    """Untrained pairs by stem and depth, before the trained ones."""
    language = site.initial
    trained = [
        (t(language, "gradients.pair.trained", depth=depth, dataset=dataset_title(dataset)), key)
        for key in trained_pairs(site.networks)
        for dataset, depth in (key.rsplit("-", 1),)
    ]
    return [(t(language, f"gradients.pair.{stem}", depth=depth), key) for key, (stem, depth) in PAIRS.items()] + trained


def wire(built: Built) -> None:
    """The numbers as files, written when they are asked for: those of ten seeds are long."""
    script = asset("kit/static/download.js")
    file = gr.HTML(html_template="", js_on_load=script, elem_id="gradients-flow-file")
    with gr.Row(elem_classes="downloads"):
        for name, write in (("csv", csv_file), ("json", json_file)):
            button = gr.Button(t(built.site.initial, f"gradients.{name}"), size="sm", elem_id=f"gradients-flow-{name}")
            button.click(bound(written, write), built.outputs["shown"], file, **AT_ONCE)


def written(write: Any, shown: Shown | None) -> Any:
    """A file for the browser to save, where anything was measured."""
    return write(shown.run) if shown else gr.skip()


PAGE = Page(
    "flow",
    compute,
    draw,
    controls=(
        dropdown("twins", pair_choices, "cifar-56", label="gradients.pair", offers_networks=True),
        choice("norm", NORMS),
        choice("quantity", QUANTITIES, folded=True),
        choice("axis", ("log", "linear"), folded=True),
        choice("initialisation", tuple(INITIALISATIONS), folded=True),
        choice("activation", tuple(ACTIVATIONS), folded=True),
        choice("version", VERSIONS, folded=True),
        choice("batch", BATCHES, folded=True),
        slider("seeds", 1, MOST_SEEDS, 1, label="gradients.seeds", info="gradients.seeds_info", folded=True),
    ),
    outputs=(Output("answer"), chart("chart", "gradients.chart"), Output("conditions"), Output("shown", gr.State)),
    uses=("networks",),
    lane={**MEASURED, **LANE},
    run=Button(grow, "gradients.grow"),
    code=(measure,),
    note="gradients.pair_info",
    wire=wire,
)
