"""Block against block: up to four columns, a chart, an equal budget, and the result to take along."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.chapters.parameters.counting import count_block
from resnet_demo.chapters.parameters.exports import FORMATS
from resnet_demo.chapters.parameters.notation import read
from resnet_demo.chapters.parameters.pages import equal_budget, link
from resnet_demo.chapters.parameters.pages.blocks_answers import ASKED, fitted, opened_at, preset, render
from resnet_demo.chapters.parameters.pages.cards import MEASURES
from resnet_demo.chapters.parameters.pages.columns import LETTERS, Column, build_column, chosen
from resnet_demo.chapters.parameters.pages.presets import FIRST, PRESETS
from resnet_demo.kit.assets import asset
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import AT_ONCE, QUIETLY, bound
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

LARGEST = 224

CODE_BEHIND = (count_block,)


@dataclass(frozen=True)
class Parts:
    """Controls and outputs; `asked` are the controls of the whole comparison, `columns` those of each block."""

    presets: dict[str, gr.Button]
    trouble: gr.State
    size: Slider
    against: gr.Radio
    measure: gr.Radio
    chart: gr.HTML
    columns: tuple[Column, ...]
    change: gr.Radio
    variable: gr.Dropdown
    target: gr.Radio
    unit: gr.Radio
    solution: gr.HTML
    fit: gr.Button
    format: gr.Radio
    export: gr.Textbox
    copy: gr.Button
    link: gr.HTML
    copy_link: gr.Button

    @property
    def asked(self) -> list[Any]:
        return [getattr(self, name) for name in ASKED]

    @property
    def controls(self) -> list[Any]:
        return [control for column in self.columns for control in column.controls]

    @property
    def every(self) -> list[Any]:
        """The columns, each with its controls."""
        return [part for column in self.columns for part in (column.frame, *column.controls)]

    @property
    def linked(self) -> list[Any]:
        """What an address sets."""
        return [self.trouble, self.size, self.against, *self.every]

    @property
    def outputs(self) -> list[Any]:
        return [self.chart, *(column.card for column in self.columns), self.solution, self.export, self.link]


def build(site: Site) -> None:
    """The page builds itself: its columns are controls and answers in one."""
    opened = site.wake("parameters-blocks")
    gr.HTML(opening(site.initial, "parameters", "blocks"), elem_id="parameters-blocks-opening")
    wire(site, _lay_out(site), opened)


def _lay_out(page: Site) -> Parts:
    with gr.Row(elem_id="parameters-presets"):
        presets = {key: _preset(page, key) for key in PRESETS}
    with gr.Row(elem_id="parameters-view"):
        size = page.word(
            Slider(1, LARGEST, value=56, step=1, elem_id="parameters-size", min_width=220), label="parameters.size"
        )
        against = _radio(page, "against", "A", equal_budget.letter_choices)
        measure = _radio(page, "measure", MEASURES[0], measure_choices)
    chart = gr.HTML(elem_id="parameters-chart")
    trouble = gr.State()  # a Problem, where the page's address could not be read
    start = [read(text) for text in PRESETS[FIRST]]
    with gr.Row(elem_id="parameters-columns"):
        columns = tuple(
            build_column(page, letter, start[i] if i < len(start) else None) for i, letter in enumerate(LETTERS)
        )
    page.word(gr.HTML(elem_classes="hint"), value="parameters.units")
    with page.word(gr.Accordion(open=False, elem_id="parameters-budget"), label="parameters.budget.title"):
        page.word(gr.HTML(elem_classes="hint"), value="parameters.budget.look")
        with gr.Row():
            change = _radio(page, "change", "B", equal_budget.letter_choices)
            variable = page.word(
                gr.Dropdown(
                    equal_budget.variable_choices(page.initial),
                    value="channels",
                    elem_id="parameters-variable",
                    filterable=False,
                    min_width=150,
                ),
                label="parameters.variable",
                choices=equal_budget.variable_choices,
            )
            target = _radio(page, "target", "C", equal_budget.letter_choices)
            unit = _radio(page, "unit", "parameters", equal_budget.measure_choices)
        solution = gr.HTML(elem_id="parameters-solution")
        fit = page.word(gr.Button(elem_id="parameters-fit", size="sm"), value="parameters.budget.apply")
    with page.word(gr.Accordion(open=False, elem_id="parameters-take"), label="parameters.take.title"):
        link_html = gr.HTML(elem_id="parameters-link")
        copy_link = page.word(gr.Button(elem_id="parameters-copy-link", size="sm"), value="parameters.copy_link")
        chosen_format = _radio(page, "format", FORMATS[0], format_choices)
        export = page.word(
            gr.Textbox(lines=8, max_lines=14, interactive=False, elem_id="parameters-export"), label="parameters.export"
        )
        copy = page.word(gr.Button(elem_id="parameters-copy", size="sm"), value="parameters.copy")
    return Parts(
        presets, trouble, size, against, measure, chart, columns, change, variable, target, unit, solution, fit,
        chosen_format, export, copy, link_html, copy_link,
    )  # fmt: skip


def _preset(page: Site, key: str) -> gr.Button:
    button = gr.Button(elem_id=f"parameters-preset-{key}", size="sm", min_width=0)
    return page.word(button, value=f"parameters.preset.{key}")


def _radio(page: Site, name: str, value: str, choices: Any) -> gr.Radio:
    radio = gr.Radio(choices(page.initial), value=value, elem_id=f"parameters-{name}", min_width=150)
    return page.word(radio, label=f"parameters.{name}", choices=choices)


def measure_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.chart.{measure}"), measure) for measure in MEASURES]


def format_choices(_: str) -> list[tuple[str, str]]:
    return [("Markdown", "markdown"), ("LaTeX", "latex"), ("CSV", "csv")]


def wire(page: Site, parts: Parts, opened: Any) -> None:
    controls = [*parts.asked, *parts.controls]
    events = [opened, parts.trouble.change, *(control.change for control in controls)]
    page.draws(events, render, [page.language, parts.trouble, *controls], *parts.outputs)
    for letter, column in zip(LETTERS, parts.columns, strict=True):
        kind, before, after = column.controls[:3]
        shown = [column.frame, *column.controls]
        kind.select(bound(chosen, letter), [kind, before, after], shown, trigger_mode="multiple", **AT_ONCE)
    for key, button in parts.presets.items():
        button.click(bound(preset, key), None, [parts.trouble, *parts.every], trigger_mode="multiple", **QUIETLY)
    parts.fit.click(fitted, controls, parts.every, **QUIETLY)
    copy = f'(text) => ({asset("chapters/parameters/pages/copy.js")})("#{parts.copy.elem_id}", null, text)'
    parts.copy.click(None, parts.export, None, js=copy)
    link.copies(parts.copy_link, parts.link)
    page.load(linked, None, parts.linked, **QUIETLY)


def linked(request: gr.Request) -> list[Any]:
    """The comparison that the address asks for."""
    return opened_at(request.query_params)
