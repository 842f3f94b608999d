"""Up to a hundred equal blocks: value and gradient as curves, and where they leave the range of numbers."""

from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.chapters.residual.many_blocks import LARGEST_STACK, Departure, Stack, stack
from resnet_demo.chapters.residual.one_block import FORMS, number, weights
from resnet_demo.chapters.residual.pages.charts import Curve, Mark, over_blocks
from resnet_demo.chapters.residual.pages.figures import figure, opening, source, subscript
from resnet_demo.chapters.residual.pages.one_block import activations
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.listeners import AT_ONCE
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

STARTS: dict[str, tuple[Any, ...]] = {
    "hand": (2.0, 0.5, -0.1, 0.0, 0.0, "relu"),
    "below": (1.0, 0.5, 0.2, 0.0, 0.0, "relu"),
    "above": (2.0, 1.5, 1.0, 0.0, 0.0, "relu"),
    "sigmoid": (2.0, 1.0, 1.0, 0.0, 0.0, "sigmoid"),
    "tanh": (0.5, 0.9, 0.9, 0.0, 0.0, "tanh"),
    "nan": (-1.0, 3.0, 1.0, 0.0, 1.0, "relu"),
}
AXES = ("log", "linear")
FADED, LARGE = 1e-3, 1e3


@dataclass(frozen=True)
class Parts:
    tab: gr.Tab
    start: gr.Radio
    controls: list[Any]
    blocks: Slider
    axis: gr.Radio
    words: gr.HTML
    values: gr.Plot
    gradients: gr.Plot
    notes: gr.HTML


def build(page: Site, tab: gr.Tab) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="stack"))
    start = page.word(
        gr.Radio(starts(page.initial), value="below", elem_id="residual-start"),
        label="residual.stack.start",
        choices=starts,
    )
    x, w1, w2, b1, b2, activation = STARTS["below"]
    with gr.Row():
        controls: list[Any] = [
            _slider(page, name, value) for name, value in {"x": x, "w1": w1, "w2": w2, "b1": b1, "b2": b2}.items()
        ]
    with gr.Row():
        controls.append(
            page.word(
                gr.Radio(activations(), value=activation, elem_id="residual-stack-activation", min_width=180),
                label="residual.activation",
            )
        )
        blocks = page.word(
            Slider(1, LARGEST_STACK, value=30, step=1, elem_id="residual-blocks", min_width=200),
            label="residual.blocks",
        )
        axis = page.word(
            gr.Radio(axes(page.initial), value="log", elem_id="residual-axis", min_width=180),
            label="residual.axis",
            choices=axes,
        )
    words = gr.HTML(elem_id="residual-stack-words")
    with gr.Row():
        values = page.word(gr.Plot(elem_id="residual-stack-values", min_width=320), label="residual.stack.title.values")
        gradients = page.word(
            gr.Plot(elem_id="residual-stack-gradients", min_width=320), label="residual.stack.title.gradients"
        )
    notes = gr.HTML(elem_id="residual-stack-notes")
    return Parts(tab, start, controls, blocks, axis, words, values, gradients, notes)


def _slider(page: Site, name: str, value: float) -> Slider:
    reach = 5 if name == "x" else 3
    slider = Slider(-reach, reach, value=value, step=0.01, elem_id=f"residual-stack-{name}", min_width=160)
    return page.word(slider, label=f"residual.{name}")


def starts(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"residual.start.{name}"), name) for name in STARTS]


def axes(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"residual.axis.{name}"), name) for name in AXES]


def wire(page: Site, parts: Parts) -> None:
    parts.start.select(chosen, parts.start, parts.controls, trigger_mode="multiple", **AT_ONCE)
    controls = [*parts.controls, parts.blocks, parts.axis]
    events = [parts.tab.select, *(control.change for control in controls)]
    outputs = [parts.words, parts.values, parts.gradients, parts.notes]
    page.draws(events, render, [*controls, page.language], *outputs)


def chosen(start: str) -> list[Any]:
    """The controls of a starting point."""
    return list(STARTS[start])


def stacks(x: float, w1: float, w2: float, b1: float, b2: float, activation: str, blocks: int) -> list[Stack]:
    """All three kinds. Raises ResidualError or CountError."""
    w, first = weights(w1, w2, b1, b2, activation), number("x", x)
    return [stack(first, w, blocks, form) for form in FORMS]


def render(
    x: float, w1: float, w2: float, b1: float, b2: float, activation: str, blocks: int, axis: str, language: str
) -> tuple[str, Figure | None, Figure | None, str]:
    """What happened, both charts, and how to read them."""
    made = attempt(stacks, x, w1, w2, b1, b2, activation, blocks)
    if isinstance(made, Problem):
        return notice(language, made), None, None, ""
    cards = "".join(_card(language, one) for one in made)
    rows = [
        {"k": k} | {f"{name}_{one.form}": series[k] for one in made for name, series in _series(one).items()}
        for k in range(len(made[0].values))
    ]
    charts = [_chart(language, made, which, axis == "log") for which in ("values", "gradients")]
    notes = source(language, "residual.stack.range") + downloads(language, "residual-stack", rows)
    return f'<div class="cards">{cards}</div>', charts[0], charts[1], notes


def _series(one: Stack) -> dict[str, tuple[float, ...]]:
    return {"value": one.values, "gradient": one.gradients}


def _chart(language: str, made: list[Stack], which: str, logarithmic: bool) -> Figure:
    curves = []
    for one in made:
        found = one.value_departures if which == "values" else one.gradient_departures
        marks = [Mark(d.kind, d.at, t(language, f"residual.leaves.{d.kind}", at=subscript(d.at))) for d in found]
        series = one.values if which == "values" else one.gradients
        curves.append(Curve(t(language, f"residual.form.{one.form}"), one.form, series, marks))
    return over_blocks(curves, t(language, "residual.stack.x"), logarithmic)


def _card(language: str, one: Stack) -> str:
    """The product of the factors, with what became of it."""
    product, low, high, count = one.gradients[0], min(one.factors), max(one.factors), len(one.factors)
    key = "same" if figure(low) == figure(high) else "range"
    values = {"low": figure(low), "high": figure(high), "count": count, "product": figure(product)}
    facts = [t(language, f"residual.factors.{key}", **values), *_said(language, one)]
    items = "".join(f"<li>{escape(fact)}</li>" for fact in facts)
    return (
        f'<section class="card {one.form}"><h3>{escape(t(language, f"residual.form.{one.form}"))}</h3>'
        f'<p class="verdict">{escape(t(language, f"residual.fate.{fate(product)}"))}</p>'
        f'<ul class="facts-list">{items}</ul></section>'
    )


def fate(product: float) -> str:
    """What has become of the gradient: "nan", "exploded", "zero", "vanished" or "alive"."""
    size = abs(product)
    if size != size:
        return "nan"
    if size > LARGE:
        return "exploded"
    if size == 0:
        return "zero"
    return "vanished" if size < FADED else "alive"


def _said(language: str, one: Stack) -> list[str]:
    return [_leaves(language, "value", d) for d in one.value_departures] + [
        _leaves(language, "gradient", d) for d in one.gradient_departures
    ]


def _leaves(language: str, which: str, departure: Departure) -> str:
    return t(language, f"residual.{which}.{departure.kind}", at=subscript(departure.at))
