"""Two trunks, two heads: what flattening costs, and what global average pooling saves."""

from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.anatomy.heads import HEADS, TRUNKS, HeadCount, Linear, head
from resnet_demo.ui.calculator.cards import maths, opening
from resnet_demo.ui.calculator.charts import lines_over_size
from resnet_demo.ui.calculator.columns import in_words
from resnet_demo.ui.contract import Page, Problem, attempt, notice
from resnet_demo.ui.controls import Number, Slider
from resnet_demo.ui.text import t

SMALLEST, LARGEST = 32, 512
SIZES = range(SMALLEST, LARGEST + 1, 16)
TITLES = {"vgg16": "VGG-16", "resnet50": "ResNet-50"}


@dataclass(frozen=True)
class Parts:
    size: Slider
    hidden: Number
    classes: Number
    table: gr.HTML
    chart: gr.Plot


def build(page: Page) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="heads"))
    with gr.Row(elem_id="calculator-heads-controls"):
        size = page.word(
            Slider(SMALLEST, LARGEST, value=224, step=1, elem_id="calculator-heads-size", min_width=220),
            label="calculator.heads.size",
        )
        hidden = page.word(
            Number(4096, elem_id="calculator-heads-hidden", min_width=110), label="calculator.field.hidden"
        )
        classes = page.word(
            Number(1000, elem_id="calculator-heads-classes", min_width=110), label="calculator.field.classes"
        )
    table = gr.HTML(elem_id="calculator-heads-table")
    chart = page.word(gr.Plot(elem_id="calculator-heads-chart"), label="calculator.heads.chart")
    page.word(gr.HTML(elem_classes="hint"), value="calculator.heads.note")
    return Parts(size, hidden, classes, table, chart)


def wire(page: Page, parts: Parts, shown: Any) -> None:
    """`shown` is the event of the sub-page being opened: nothing is computed before it."""
    controls: list[Any] = [parts.size, parts.hidden, parts.classes]
    events = [shown, *(control.change for control in controls)]
    page.draws(events, render, [*controls, page.language], parts.table, parts.chart)


def render(size: Any, hidden: Any, classes: Any, language: str) -> tuple[str, Figure | None]:
    """The four heads as cards, and as lines over the size of the input."""
    heads = attempt(counted, size, hidden, classes)
    if isinstance(heads, Problem):
        return notice(language, in_words(language, heads)), None
    cards = "".join(_card(language, found) for found in heads)
    lines = {
        _title(language, trunk, kind): [head(trunk, kind, side, hidden, classes).parameters for side in SIZES]
        for trunk in TRUNKS
        for kind in HEADS
    }
    labels = t(language, "calculator.heads.size"), t(language, "calculator.chart.parameters")
    return f'<div class="cards heads">{cards}</div>', lines_over_size(lines, SIZES, size, *labels)


def counted(size: Any, hidden: Any, classes: Any) -> list[HeadCount]:
    """Either head on either trunk. Raises CountError."""
    return [head(trunk, kind, size, hidden, classes) for trunk in TRUNKS for kind in HEADS]


def _title(language: str, trunk: str, kind: str) -> str:
    return f"{TITLES[trunk]} + {t(language, f'calculator.heads.{kind}')}"


def _card(language: str, found: HeadCount) -> str:
    own = (found.trunk, found.head) in (("vgg16", "flatten"), ("resnet50", "gap"))
    mark = f'<span class="own">{escape(t(language, "calculator.heads.own"))}</span>' if own else ""
    last = t(language, "calculator.heads.map", channels=found.channels, side=found.side)
    rows = "".join(_layer(layer) for layer in found.layers)
    return (
        f'<section class="card head-{found.head}"><h3>{escape(_title(language, found.trunk, found.head))}{mark}</h3>'
        f'<p class="facts">{escape(last)}</p>'
        f'<p class="sum"><b>{found.parameters:,}</b> {escape(t(language, "calculator.parameters"))}</p>'
        f'<ul class="layers">{rows}</ul>'
        f'<p class="hint">{escape(t(language, "calculator.heads.macs", macs=f"{found.macs:,}"))}</p></section>'
    )


def _layer(layer: Linear) -> str:
    formula, numbers = maths(layer.expression), maths(layer.expression, numbers=True)
    weights = f"{layer.macs:,} + {layer.parameters - layer.macs:,}"
    return (
        f'<li><b>{layer.name.upper()}</b><span class="maths">{formula}<br>= {numbers}<br>= {weights}</span>'
        f"<span>{layer.parameters:,}</span></li>"
    )
