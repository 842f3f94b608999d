"""The curves of the residual tab. Numbers and words in, Plotly figures out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plotly import graph_objects as go

from resnet_demo.chapters.residual.fitting import middle
from resnet_demo.chapters.residual.pages.figures import figure as written
from resnet_demo.kit.charts import COLOURS as TWINS
from resnet_demo.kit.charts import INK, framed
from resnet_demo.kit.format import power

COLOURS = {**TWINS, "clean": "#0891b2"}
FLOOR = 1e-9  # where a logarithmic axis draws an exact zero
SYMBOLS = {"infinite": "triangle-up", "nan": "x", "underflow": "triangle-down", "zero": "circle-open"}


@dataclass(frozen=True)
class Mark:
    """Where a curve ends: which kind of end, the first x that is no number any more, and what is said there."""

    kind: str
    at: int
    words: str


@dataclass(frozen=True)
class Curve:
    """A named line; `colour` as in `COLOURS`."""

    name: str
    colour: str
    values: Sequence[float]
    marks: Sequence[Mark] = ()


def over_blocks(curves: Sequence[Curve], x_title: str, logarithmic: bool) -> go.Figure:
    """Curves over x_0 to x_n. What an axis cannot show leaves a gap, and a mark with words where the gap begins."""
    figure = go.Figure()
    for position, curve in enumerate(curves):
        drawn = [_drawable(value, logarithmic) for value in curve.values]
        line = {"color": COLOURS[curve.colour], "width": 3, "dash": ("solid", "dash", "dot")[position % 3]}
        hover = f"{curve.name}<br>k = %{{x}}: %{{hovertext}}<extra></extra>"
        told = ["" if value is None else written(value) for value in drawn]
        figure.add_scatter(y=drawn, name=curve.name, mode="lines", line=line, hovertext=told, hovertemplate=hover)
        _add_marks(figure, curve, drawn, ("top", "middle", "bottom")[position % 3])
    _axes(figure, x_title, logarithmic, [value for curve in curves for value in curve.values])
    if max(len(curve.values) for curve in curves) < 12:
        figure.update_xaxes(dtick=1)  # there is no half a block
    return framed(figure, 380)


def _drawable(value: float, logarithmic: bool) -> float | None:
    if not math.isfinite(value) or (logarithmic and value == 0):
        return None
    return abs(value) if logarithmic else value


def _add_marks(figure: go.Figure, curve: Curve, drawn: Sequence[float | None], height: str) -> None:
    """On the last number before the gap, with the words on the gap's side; those of one place share one mark."""
    known = [i for i, value in enumerate(drawn) if value is not None]
    places: dict[int, list[Mark]] = {}
    for mark in curve.marks if known else ():
        places.setdefault(min(known, key=lambda i: abs(i - mark.at)), []).append(mark)
    for at, marks in places.items():
        leftwards = at > 0.75 * len(drawn) or (0.25 * len(drawn) < at and min(mark.at for mark in marks) < at)
        words = ", ".join(mark.words for mark in marks)
        colour = COLOURS[curve.colour]
        figure.add_scatter(
            x=[at],
            y=[drawn[at]],
            mode="markers+text",
            text=[f" {words} "],
            textposition=f"{height} {'left' if leftwards else 'right'}",
            textfont={"color": colour, "size": 13},
            marker={
                "symbol": SYMBOLS[marks[0].kind],
                "size": 12,
                "color": colour,
                "line": {"width": 2, "color": colour},
            },
            hovertemplate=f"{words}<extra></extra>",
            showlegend=False,
            cliponaxis=False,
        )


def fits(named: Sequence[tuple[str, str, Sequence[Sequence[float]]]], x_title: str, last: int) -> go.Figure:
    """Losses over steps, of (name, colour, curves): each seed as a thin line, their median as a thick one."""
    figure = go.Figure()
    for name, colour, curves in named:
        for curve in curves:
            figure.add_scatter(
                y=[_drawable(v, True) for v in curve],
                mode="lines",
                line={"color": COLOURS[colour], "width": 1},
                opacity=0.35,
                showlegend=False,
                hoverinfo="skip",
            )
        medians = [_drawable(middle(values), True) for values in zip(*curves, strict=True)]
        hover = f"{name}<br>%{{x}}: %{{hovertext}}<extra></extra>"
        told = ["" if value is None else written(value, 3) for value in medians]
        figure.add_scatter(
            hovertext=told,
            y=medians,
            name=name,
            mode="lines",
            line={"color": COLOURS[colour], "width": 3.5},
            hovertemplate=hover,
        )
    _axes(figure, x_title, True, [value for _, _, curves in named for curve in curves for value in curve])
    figure.update_xaxes(range=[0, last])
    return framed(figure, 400)


def residues(curves: Sequence[Curve], x_title: str, limit: float) -> go.Figure:
    """Relative residues over blocks, with the limit as a line; an exact zero stands on the floor, which says 0."""
    figure = go.Figure()
    for curve, dash in zip(curves, ("solid", "dot", "solid"), strict=True):
        blocks = list(range(1, len(curve.values) + 1))
        figure.add_scatter(
            x=blocks,
            y=[max(value, FLOOR) for value in curve.values],
            customdata=curve.values,
            hovertext=[written(value, 3) for value in curve.values],
            name=curve.name,
            mode="lines+markers",
            line={"color": COLOURS[curve.colour], "width": 3, "dash": dash},
            marker={"size": 9},
            cliponaxis=False,
            hovertemplate=f"{curve.name}<br>%{{x}}: %{{hovertext}}<extra></extra>",
        )
    figure.add_hline(limit, line={"color": INK, "width": 1.5, "dash": "dash"})
    _axes(figure, x_title, True, [limit])
    exponents = [-7, -5, -3, -1]
    figure.update_yaxes(
        tickvals=[FLOOR, *(10.0**exponent for exponent in exponents)],
        ticktext=["0", *(f"10<sup>{exponent}</sup>" for exponent in exponents)],
        range=[math.log10(FLOOR) - 0.2, 0.5],
    )
    figure.update_xaxes(dtick=1 if len(curves[0].values) < 12 else 2)
    return framed(figure, 380)


def descent(losses: Sequence[float], x_title: str) -> go.Figure:
    """One loss over steps."""
    figure = go.Figure(go.Scatter(y=list(losses), mode="lines", line={"color": COLOURS["residual"], "width": 3}))
    _axes(figure, x_title, True, losses)
    return framed(figure, 300)


def _axes(figure: go.Figure, x_title: str, logarithmic: bool, values: Sequence[float]) -> None:
    figure.update_xaxes(title=x_title, zeroline=False)
    figure.update_yaxes(exponentformat="power", automargin=True)
    if logarithmic:
        figure.update_yaxes(type="log", **_ticks([abs(value) for value in values if value and math.isfinite(value)]))


def _ticks(sizes: Sequence[float]) -> dict[str, Any]:
    """Whole powers of ten on a long logarithmic axis; numbers written in full on a short one, where Plotly would write
    loose digits between two powers."""
    least, most = min(sizes, default=1.0), max(sizes, default=1.0)
    decades = math.log10(most) - math.log10(least)  # their quotient may overflow
    if decades > 2:
        return {"dtick": math.ceil(decades / 7)}
    if 0 < decades < 0.7:
        third = (most - least) / 3
        unit = 10.0 ** math.floor(math.log10(third))
        return {"dtick": f"L{unit * max(digit for digit in (1, 2, 5) if digit == 1 or digit * unit <= third):g}"}
    exponents = range(math.floor(math.log10(least)) - 1, math.ceil(math.log10(most)) + 1)
    numbers = [float(f"{digit}e{exponent}") for exponent in exponents for digit in (1, 2, 5)]
    return {"tickvals": numbers, "ticktext": [power(f"{number:g}") for number in numbers]}
