"""The loss around the trained weights: twins on one map each, with a point that a visitor moves."""

from dataclasses import dataclass
from html import escape
from math import log10
from typing import Any

from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

from resnet_demo.chapters.degradation.landscape import Plane, directions
from resnet_demo.chapters.degradation.landscape_study import CHANCE, Landscape, landscapes
from resnet_demo.kit.charts import framed
from resnet_demo.kit.display_names import title
from resnet_demo.kit.page import Output, Page, chart, radio, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

VIEWS = ("contour", "surface")
COLOURS = "Viridis"
STEP = landscapes().step


@dataclass(frozen=True)
class Shown:
    """The twins of one depth, and the point of the plane that is looked at, as indices of the axis."""

    networks: tuple[Landscape, Landscape]
    column: int
    row: int
    view: str


def compute(depth: int, x: float, y: float, view: str) -> Shown:
    """The grid's point nearest to (x, y)."""
    networks = landscapes().twins(depth)
    column, row = (_nearest(networks[0].axis, value) for value in (x, y))
    return Shown(networks, column, row, view)


def _nearest(places: tuple[float, ...], value: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index] - value))


def draw(shown: Shown, language: str) -> tuple[str, Figure, str]:
    found = landscapes()
    how = t(
        language,
        "degradation.landscape.how",
        points=len(shown.networks[0].axis),
        count=found.about["count"],
        span=f"{found.about['span']:g}",
        seed=found.about["seed"],
        processor=found.about["machine"]["processor"],
        torch=found.about["versions"]["torch"],
    )
    return answer(language, shown), drawn(language, shown), f'<p class="hint">{escape(how)}</p>'


def answer(language: str, shown: Shown) -> str:
    """Which twin's surroundings are flatter, by two numbers; then the point."""
    residual, plain = shown.networks
    sentence = t(
        language,
        f"degradation.landscape.{verdict(residual, plain)}",
        residual=title(residual.model),
        plain=title(plain.model),
        chance=f"{CHANCE:.2f}",
        residual_share=f"{100 * residual.below_chance:.0f}",
        plain_share=f"{100 * plain.below_chance:.0f}",
        residual_curvature=f"{residual.curvature:.2g}",
        plain_curvature=f"{plain.curvature:.2g}",
    )
    points = "".join(f"<li>{escape(_point(language, one, shown))}</li>" for one in shown.networks)
    return f'<p class="summary">{escape(sentence)}</p><ul class="findings">{points}</ul>'


def verdict(residual: Landscape, plain: Landscape) -> str:
    """Whose surroundings are flatter: "residual" or "plain" where both measures agree, "mixed" where they do not."""
    wider, flatter = residual.below_chance > plain.below_chance, residual.curvature < plain.curvature
    return "mixed" if wider != flatter else "residual" if wider else "plain"


def _point(language: str, one: Landscape, shown: Shown) -> str:
    return t(
        language,
        "degradation.landscape.point",
        network=title(one.model),
        x=f"{one.axis[shown.column]:.2f}",
        y=f"{one.axis[shown.row]:.2f}",
        accuracy=f"{100 * one.accuracy[shown.row][shown.column]:.1f}",
        loss=f"{one.loss[shown.row][shown.column]:.3g}",
    )


def drawn(language: str, shown: Shown) -> Figure:
    """Both maps on one scale of colours: the logarithm of the loss."""
    kind = "scene" if shown.view == "surface" else "xy"
    figure = make_subplots(
        1, 2, specs=[[{"type": kind}] * 2], subplot_titles=[title(one.model) for one in shown.networks]
    )
    logs = [log10(loss) for one in shown.networks for row in one.loss for loss in row]
    low, high = min(logs), max(logs)
    ticks = [tick for tick in (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100) if low <= log10(tick) <= high]
    bar: dict[str, Any] = {
        "title": t(language, "degradation.landscape.loss"),
        "tickvals": [log10(one) for one in ticks],
    }
    bar |= {"ticktext": [f"{one:g}" for one in ticks], "thickness": 14}
    for column, one in enumerate(shown.networks, 1):
        common: dict[str, Any] = {
            "x": one.axis,
            "y": one.axis,
            "z": [[log10(loss) for loss in row] for row in one.loss],
            "text": _hover(language, one),
            "hovertemplate": "%{text}<extra></extra>",
            "colorscale": COLOURS,
            "colorbar": bar,
            "showscale": column == 2,
        }
        if shown.view == "surface":
            figure.add_surface(**common, cmin=low, cmax=high, row=1, col=column)
        else:
            figure.add_contour(**common, zmin=low, zmax=high, ncontours=24, line={"width": 0.5}, row=1, col=column)
            figure.add_scatter(
                x=[one.axis[shown.column]],
                y=[one.axis[shown.row]],
                mode="markers",
                marker={"size": 14, "symbol": "cross-thin", "line": {"width": 3, "color": "#ffffff"}},
                showlegend=False,
                hoverinfo="skip",
                row=1,
                col=column,
            )
    if shown.view == "surface":
        look = {"xaxis_title": "x", "yaxis_title": "y", "zaxis_title": t(language, "degradation.landscape.log")}
        figure.update_scenes(**look)
    else:
        figure.update_yaxes(scaleanchor="x")
    return framed(figure, 470)


def _hover(language: str, one: Landscape) -> list[list[str]]:
    return [
        [
            t(language, "degradation.landscape.hover", accuracy=f"{100 * accuracy:.1f}", loss=f"{loss:.3g}")
            for accuracy, loss in zip(accuracies, losses, strict=True)
        ]
        for accuracies, losses in zip(one.accuracy, one.loss, strict=True)
    ]


def depth_choices(site: Site) -> list[tuple[str, int]]:
    return [(t(site.initial, "degradation.layers", depth=depth), depth) for depth in landscapes().depths]


def view_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"degradation.landscape.{view}"), view) for view in VIEWS]


PAGE = Page(
    "landscape",
    compute,
    draw,
    controls=(
        radio("depth", depth_choices, landscapes().depths[-1], label="degradation.landscape.depth"),
        slider("x", -1, 1, 0, step=STEP),
        slider("y", -1, 1, 0, step=STEP),
        radio("view", view_choices, VIEWS[0], folded=True),
    ),
    outputs=(Output("answer"), chart("chart", "degradation.landscape.chart"), Output("how", folded=True)),
    code=(directions, Plane),
    note="degradation.landscape.note",
)
