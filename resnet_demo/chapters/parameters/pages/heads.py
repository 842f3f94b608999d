"""Two trunks, two heads: what flattening costs, and what global average pooling saves."""

from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.chapters.parameters.heads import HEADS, TRUNKS, HeadCount, Linear, head
from resnet_demo.chapters.parameters.pages import link
from resnet_demo.chapters.parameters.pages.cards import maths, opening
from resnet_demo.chapters.parameters.pages.charts import lines_over_size
from resnet_demo.chapters.parameters.pages.columns import in_words
from resnet_demo.kit.controls import Number, Slider
from resnet_demo.kit.page import Page, Problem, attempt, notice
from resnet_demo.kit.text import t

SMALLEST, LARGEST = 32, 512
SIZES = range(SMALLEST, LARGEST + 1, 16)
START = {"size": 224, "hidden": 4096, "classes": 1000}
FAMILIES = {"vgg16": "plain", "resnet50": "residual"}
TITLES = {"vgg16": "VGG-16", "resnet50": "ResNet-50"}


@dataclass(frozen=True)
class Parts:
    size: Slider
    hidden: Number
    classes: Number
    table: gr.HTML
    chart: gr.Plot
    link: link.LinkParts

    @property
    def controls(self) -> list[Any]:
        return [self.size, self.hidden, self.classes]


def build(page: Page) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="heads"))
    with gr.Row(elem_id="parameters-heads-controls"):
        size = page.word(
            Slider(SMALLEST, LARGEST, value=START["size"], step=1, elem_id="parameters-heads-size", min_width=220),
            label="parameters.heads.size",
        )
        hidden = page.word(
            Number(START["hidden"], elem_id="parameters-heads-hidden", min_width=110), label="parameters.field.hidden"
        )
        classes = page.word(
            Number(START["classes"], elem_id="parameters-heads-classes", min_width=110),
            label="parameters.field.classes",
        )
    table = gr.HTML(elem_id="parameters-heads-table")
    chart = page.word(gr.Plot(elem_id="parameters-heads-chart"), label="parameters.heads.chart")
    page.word(gr.HTML(elem_classes="hint"), value="parameters.heads.note")
    return Parts(size, hidden, classes, table, chart, link.build(page, "heads"))


def wire(page: Page, parts: Parts, shown: Any) -> None:
    """`shown` is the event of the sub-page being opened: nothing is computed before it."""
    trouble = parts.link.trouble
    events = [shown, trouble.change, *(control.change for control in parts.controls)]
    outputs = parts.table, parts.chart, parts.link.html
    page.draws(events, render, [page.language, trouble, *parts.controls], *outputs)
    link.copies(parts.link.copy, parts.link.html)


def read(query: link.Query) -> tuple[int, int, int]:
    """The numbers of an address. Raises CountError."""
    size, hidden, classes = (link.number(query, name, start) for name, start in START.items())
    counted(size, hidden, classes)
    return size, hidden, classes


def render(
    language: str, trouble: Problem | None, size: Any, hidden: Any, classes: Any
) -> tuple[str, Figure | None, str]:
    """The four heads as cards, and as lines over the size of the input; the link."""
    said = notice(language, trouble) if trouble else ""
    heads = attempt(counted, size, hidden, classes)
    if isinstance(heads, Problem):
        return said + notice(language, in_words(language, heads)), None, ""
    cards = "".join(_card(language, found) for found in heads)
    rounds_up = [TRUNKS[found.trunk].rounds_up for found in heads]
    lines = {
        _title(language, found.trunk, found.head): [
            head(found.trunk, found.head, side, hidden, classes).parameters for side in SIZES
        ]
        for found in heads
    }
    labels = t(language, "parameters.heads.size"), t(language, "parameters.axis.parameters")
    return (
        f'{said}<div class="cards heads">{cards}</div>',
        lines_over_size(lines, SIZES, rounds_up, size, *labels),
        link.page_link(language, "heads", size=size, hidden=hidden, classes=classes),
    )


def counted(size: Any, hidden: Any, classes: Any) -> list[HeadCount]:
    """Either head on either trunk. Raises CountError."""
    return [head(trunk, kind, size, hidden, classes) for trunk in TRUNKS for kind in HEADS]


def _title(language: str, trunk: str, kind: str) -> str:
    return f"{TITLES[trunk]} + {t(language, f'parameters.heads.{kind}')}"


def _card(language: str, found: HeadCount) -> str:
    own = (found.trunk, found.head) in (("vgg16", "flatten"), ("resnet50", "gap"))
    mark = f'<span class="own">{escape(t(language, "parameters.heads.own"))}</span>' if own else ""
    last = t(language, "parameters.heads.map", channels=found.channels, side=found.side)
    rows = "".join(_layer(layer) for layer in found.layers)
    title = escape(_title(language, found.trunk, found.head))
    return (
        f'<section class="card {FAMILIES[found.trunk]}"><h3>{title}{mark}</h3>'
        f'<p class="facts">{escape(last)}</p>'
        f'<p class="sum"><b>{found.parameters:,}</b> {escape(t(language, "parameters.parameters"))}</p>'
        f'<ul class="layers">{rows}</ul>'
        f'<p class="hint">{escape(t(language, "parameters.heads.macs", macs=f"{found.macs:,}"))}</p></section>'
    )


def _layer(layer: Linear) -> str:
    formula, numbers = maths(layer.expression), maths(layer.expression, numbers=True)
    weights = f"{layer.macs:,} + {layer.parameters - layer.macs:,}"
    return (
        f'<li><b>{layer.name.upper()}</b><span class="maths">{formula}<br>= {numbers}<br>= {weights}</span>'
        f"<span>{layer.parameters:,}</span></li>"
    )
