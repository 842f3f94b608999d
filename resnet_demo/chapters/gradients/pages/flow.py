"""Layer by layer: a pair's gradients and signals over depth, one seed after the other, or one depth after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter, sleep
from typing import Any

import gradio as gr

from resnet_demo.chapters.gradients.flow import measure
from resnet_demo.chapters.gradients.pages.charts import flow_chart
from resnet_demo.chapters.gradients.pages.exports import csv_file, json_file
from resnet_demo.chapters.gradients.pages.flow_in_words import (
    chart_words,
    conditions,
    grown,
    progress,
    quantity_choices,
    reading,
)
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
from resnet_demo.chapters.gradients.pages.stop import Turn, asks, stops
from resnet_demo.kit.address import register
from resnet_demo.kit.assets import asset
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.display_names import dataset_title
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import AT_ONCE, bound
from resnet_demo.kit.messages import Problem, notice
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.initialisation import ACTIVATIONS, INITIALISATIONS
from resnet_demo.models.twins import PAIRS

CODE_BEHIND = (measure,)
PACE = 0.6
"""Seconds that a depth stays on the screen while the depth grows: what was measured before would fly past."""


@dataclass(frozen=True)
class Parts:
    setting: tuple[gr.Dropdown, gr.Radio, gr.Dropdown, gr.Radio, gr.Radio, gr.Radio]
    seeds: Slider
    grow: gr.Button
    stop: gr.Button
    quantity: gr.Radio
    axis: gr.Radio
    reading: gr.HTML
    chart: gr.Plot
    note: gr.HTML
    csv: gr.Button
    json: gr.Button
    file: gr.JSON
    run: gr.State
    halted: gr.State


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    opened = page.wake("gradients-flow")
    gr.HTML(opening(page.initial, "gradients", "flow"))
    parts = lay_out(page)
    register(page, "gradients", [*parts.setting, parts.seeds, parts.quantity, parts.axis])
    wire(page, parts, opened)


def lay_out(page: Site) -> Parts:
    with gr.Row(elem_id="gradients-flow"):
        with gr.Column(scale=1, min_width=270, elem_id="gradients-controls"):
            pair = page.word(
                gr.Dropdown(pair_choices(page.networks, page.initial), value="cifar-56", elem_id="gradients-pair"),
                label="gradients.pair",
                info="gradients.pair_info",
                choices=partial(pair_choices, page.networks),
            )
            norm = page.word(
                gr.Radio(value="batch", elem_id="gradients-norm"),
                label="gradients.norm",
                choices=partial(choices, "norm", NORMS),
            )
            initialisation = page.word(
                gr.Dropdown(
                    choices("initialisation", tuple(INITIALISATIONS), page.initial),
                    value="kaiming",
                    elem_id="gradients-initialisation",
                ),
                label="gradients.initialisation",
                choices=partial(choices, "initialisation", tuple(INITIALISATIONS)),
            )
            with page.word(gr.Accordion(open=False, elem_id="gradients-more"), label="gradients.more"):
                activation = _radio(page, "activation", tuple(ACTIVATIONS))
                version = _radio(page, "version", VERSIONS)
                batch = _radio(page, "batch", BATCHES)
                seeds = page.word(
                    Slider(1, MOST_SEEDS, value=1, step=1, elem_id="gradients-seeds"),
                    label="gradients.seeds",
                    info="gradients.seeds_info",
                )
            with gr.Row():
                grow = page.word(
                    gr.Button(variant="primary", scale=3, min_width=150, elem_id="gradients-grow"),
                    value="gradients.grow",
                )
                stop = page.word(
                    gr.Button(scale=1, min_width=70, elem_id="gradients-stop"),
                    value="gradients.stop",
                )
        with gr.Column(scale=3, min_width=320):
            said = gr.HTML(padding=False, elem_id="gradients-reading")
            chart = page.word(gr.Plot(show_label=False, elem_id="gradients-chart"), label="gradients.chart")
            with gr.Row():
                quantity = page.word(
                    gr.Radio(value="weights", elem_id="gradients-quantity", scale=4, min_width=260),
                    label="gradients.quantity",
                    choices=quantity_choices,
                )
                axis = page.word(
                    gr.Radio(value="log", elem_id="gradients-axis", scale=1, min_width=150),
                    label="gradients.axis",
                    choices=partial(choices, "axis", ("log", "linear")),
                )
            note = gr.HTML(padding=False, elem_id="gradients-note")
            with gr.Row(elem_id="gradients-exports"):
                csv = page.word(gr.Button(size="sm", elem_id="gradients-csv"), value="gradients.csv")
                json = page.word(gr.Button(size="sm", elem_id="gradients-json"), value="gradients.json")
    setting = (pair, norm, initialisation, activation, version, batch)
    return Parts(
        setting,
        seeds,
        grow,
        stop,
        quantity,
        axis,
        said,
        chart,
        note,
        csv,
        json,
        gr.JSON(visible=False),
        gr.State(),
        gr.State(0),
    )


def _radio(page: Site, name: str, keys: tuple[str, ...]) -> gr.Radio:
    radio = gr.Radio(value=keys[0], elem_id=f"gradients-{name}")
    return page.word(radio, label=f"gradients.{name}", choices=partial(choices, name, keys))


def choices(name: str, keys: tuple[str, ...], language: str) -> list[tuple[str, str]]:
    return [(t(language, f"gradients.{name}.{key}"), key) for key in keys]


def pair_choices(networks: Networks, language: str) -> list[tuple[str, str]]:
    """Untrained pairs by stem and depth, after the trained ones."""
    trained = [
        (
            t(language, "gradients.pair.trained", depth=depth, dataset=dataset_title(dataset)),
            key,
        )
        for key in trained_pairs(networks)
        for dataset, depth in (key.rsplit("-", 1),)
    ]
    return [(t(language, f"gradients.pair.{stem}", depth=depth), key) for key, (stem, depth) in PAIRS.items()] + trained


def wire(page: Site, parts: Parts, opened: Any) -> None:
    controls: list[Any] = [*parts.setting, parts.seeds]
    chosen = [*(control.select for control in parts.setting), parts.seeds.change]
    turn = gr.State(Turn())
    growth, setting = bound(grow, page.networks), list(parts.setting)
    deeper = asks([parts.grow.click], growth, setting, parts.run, parts.reading, turn)
    parts.setting[0].change(growable, parts.setting[0], parts.grow, **AT_ONCE)
    measure = bound(update, page.networks)
    asked = asks(chosen, measure, controls, parts.run, parts.reading, turn, first=[opened])
    stops(parts.stop, parts.halted, [asked, deeper])
    seen: list[Any] = [parts.run, parts.halted, parts.quantity, parts.axis]
    outputs = [parts.reading, parts.chart, parts.note]
    page.draws([place.change for place in seen], render, [*seen, page.language], *outputs)
    save = f"(file) => {{ {asset('chapters/gradients/pages/downloads.js')} save(file); }}"
    for button, write in ((parts.csv, csv_file), (parts.json, json_file)):
        written = button.click(write, parts.run, parts.file, **AT_ONCE)
        written.then(None, parts.file, None, js=save)


def update(
    networks: Networks,
    pair: str,
    norm: str,
    initialisation: str,
    activation: str,
    version: str,
    batch: str,
    seeds: int,
) -> Iterator[Run]:
    """The flows of the pair, a seed at a time, in no language. Raises DemoError for what cannot be measured."""
    setting = Setting(pair, norm, initialisation, activation, version, batch)
    yield from measuring(networks, setting, check(networks, setting, seeds))


def grow(
    networks: Networks, pair: str, norm: str, initialisation: str, activation: str, version: str, batch: str
) -> Iterator[Run]:
    """The flows of the pair's kind at one depth after the other, in no language. Raises DemoError, too."""
    setting = Setting(pair if pair in PAIRS else "cifar-8", norm, initialisation, activation, version, batch)
    check(networks, setting, 1)
    for run in growing(networks, setting):
        shown = perf_counter()
        yield run
        sleep(max(0.0, PACE - (perf_counter() - shown)))


def growable(pair: str) -> dict[str, Any]:
    """A trained pair was trained at its own depth only: it cannot grow."""
    return gr.update(interactive=pair in PAIRS)


def render(run: Run | Problem | None, halted: int, quantity: str, axis: str, language: str) -> tuple[Any, Any, Any]:
    """The sentence with its progress, the chart, and what was measured."""
    if run is None:
        return gr.skip(), gr.skip(), gr.skip()
    if isinstance(run, Problem):
        return notice(language, run), None, ""
    chart = flow_chart(run, quantity, axis == "log", chart_words(language, quantity))
    bar = "" if run.begun <= halted else progress(language, run.done, run.total, run.unit)
    return reading(language, run, quantity) + (bar or grown(language, run)), chart, conditions(language, run.current)
