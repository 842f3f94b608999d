"""Kaiming's formula beside what is measured: signal and gradient through a stack, and a network's weights."""

from dataclasses import dataclass
from typing import Any

from plotly import graph_objects as go

from resnet_demo.chapters.gradients.kaiming import (
    CHANNELS,
    KERNEL,
    MOST_LAYERS,
    Drawn,
    Level,
    deviation,
    drawn,
    levels,
)
from resnet_demo.kit.charts import framed
from resnet_demo.kit.format import number
from resnet_demo.kit.html import measured, summary
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.page import Output, Page, chart, dropdown, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

FORMULAS = ("kaiming", "xavier", "small", "large")
NETWORK = "plain20"
KEPT = 3.0
"""A mean square that stays within this factor of the formula's start is called kept."""


@dataclass(frozen=True)
class Stack:
    """A stack's levels, by what each layer should multiply the mean square, and a network's weights."""

    initialisation: str
    factor: float
    levels: tuple[Level, ...]
    weights: tuple[Drawn, ...]


def compute(initialisation: str, layers: int, seed: int) -> Stack:
    """Raises ArchitectureError or CountError."""
    fan = CHANNELS * KERNEL**2
    factor = fan * deviation(initialisation, fan, fan) ** 2 / 2
    return Stack(initialisation, factor, levels(initialisation, layers, seed), drawn(NETWORK, initialisation, seed))


def draw(stack: Stack, language: str) -> tuple[str, go.Figure, str]:
    """What becomes of the signal, its way through the layers, and the weights as drawn."""
    heads = [t(language, f"gradients.kaiming.column.{name}") for name in ("layer", "in", "out", "formula", "measured")]
    rows = [
        (one.name, f"{one.fan_in:,}", f"{one.fan_out:,}", number(one.formula, 3), number(one.measured, 3))
        for one in stack.weights
    ]
    return summary(_answer(language, stack)), _through(language, stack), measured(heads, rows)


def _answer(language: str, stack: Stack) -> str:
    last = stack.levels[-1]
    change = last.signal / 2  # a mean square of 1 went in, and the first convolution's factor is 2 before its ReLU
    kind = "kept" if 1 / KEPT < change < KEPT else "shrinks" if change < 1 else "grows"
    return t(
        language,
        f"gradients.kaiming.answer.{kind}",
        initialisation=t(language, f"gradients.initialisation.{stack.initialisation}"),
        factor=number(stack.factor, 3),
        layers=last.layer,
        signal=number(last.signal),
        formula=number(last.signal_formula),
    )


def _through(language: str, stack: Stack) -> go.Figure:
    """Mean squares over the layers on a logarithmic axis: measured as points, by the formula as lines."""
    figure = go.Figure()
    for name, colour, symbol in (("signal", "#0891b2", "circle"), ("gradient", "#7c3aed", "diamond")):
        label = t(language, f"gradients.kaiming.{name}")
        place: dict[str, Any] = {"x": [one.layer for one in stack.levels], "legendgroup": name}
        formula = [getattr(one, f"{name}_formula") for one in stack.levels]
        figure.add_scatter(y=formula, mode="lines", line={"color": colour, "width": 2}, showlegend=False, **place)
        points = {"color": colour, "size": 9, "symbol": symbol}
        figure.add_scatter(
            y=[getattr(one, name) for one in stack.levels], name=label, mode="markers", marker=points, **place
        )
    figure.update_xaxes(title=t(language, "gradients.kaiming.layer"))
    figure.update_yaxes(type="log", exponentformat="power", title=t(language, "gradients.kaiming.axis"))
    return framed(figure, 380)


def choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"gradients.initialisation.{name}"), name) for name in FORMULAS]


PAGE = Page(
    "kaiming",
    compute,
    draw,
    controls=(
        dropdown("initialisation", choices, FORMULAS[0], label="gradients.initialisation"),
        slider("layers", 1, MOST_LAYERS, 20),
        slider("seed", 0, 9, 0, folded=True),
    ),
    outputs=(Output("answer"), chart("through", "gradients.kaiming.chart"), Output("weights", folded=True)),
    lane=MEASURED,
    code=(deviation, levels),
    note="gradients.kaiming.note",
)
