"""The loss around the trained weights: twins on one map each, with a point that a visitor moves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from typing import Any

from markupsafe import Markup
from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

from resnet_demo.chapters.degradation.landscape import Plane, along_line, directions
from resnet_demo.chapters.degradation.landscape_study import CHANCE, LINE, Landscape, Line, landscapes
from resnet_demo.checks import number
from resnet_demo.kit.charts import COLOURS, SYMBOLS, framed
from resnet_demo.kit.display_names import family, title
from resnet_demo.kit.format import margins
from resnet_demo.kit.html import hint, summary
from resnet_demo.kit.page import Output, Page, chart, radio, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

VIEWS = ("contour", "surface")
HEIGHTS = "Viridis"
STEP = landscapes().step


@dataclass(frozen=True)
class Shown:
    """The twins of one depth, and the point of the plane that is looked at, as indices of the axis."""

    networks: tuple[Landscape, Landscape]
    column: int
    row: int
    view: str


def compute(depth: int, x: float, y: float, view: str) -> Shown:
    """The grid's point nearest to (x, y). Raises CountError."""
    networks = landscapes().twins(depth)
    first, *_, last = axis = networks[0].axis
    column, row = (_nearest(axis, number(name, value, first, last)) for name, value in (("x", x), ("y", y)))
    return Shown(networks, column, row, view)


def _nearest(places: tuple[float, ...], value: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index] - value))


def draw(shown: Shown, language: str) -> tuple[str, Figure, str, str, Figure, str]:
    """Which twin's surroundings are rougher, both maps, the point on them; folded, the descent, how it was measured."""
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
    lines = {one.model: one.line for one in shown.networks if one.line}
    courses = "".join(f"<p>{escape(course(language, model, line))}</p>" for model, line in lines.items())
    below = f"{points(language, shown)}{flatness(language, shown)}"
    pictures = drawn(language, shown), below, courses, descents(language, lines)
    return answer(language, shown), *pictures, hint(how)


def answer(language: str, shown: Shown) -> str:
    """Which twin's surroundings are rougher, by their valleys."""
    return summary(_compared(language, shown, roughness))


def flatness(language: str, shown: Shown) -> Markup:
    """Which twin's surroundings are flatter, by two numbers."""
    return Markup("<p>{}</p>").format(_compared(language, shown, verdict))


def _compared(language: str, shown: Shown, verdict_of: Callable[[Landscape, Landscape], str]) -> str:
    residual, plain = shown.networks
    values = {
        "residual": title(residual.model),
        "plain": title(plain.model),
        "chance": f"{CHANCE:.2f}",
        "residual_share": f"{100 * residual.below_chance:.0f}",
        "plain_share": f"{100 * plain.below_chance:.0f}",
        "residual_curvature": f"{residual.curvature:.2g}",
        "plain_curvature": f"{plain.curvature:.2g}",
        "residual_valleys": residual.valleys,
        "plain_valleys": plain.valleys,
    }
    return t(language, f"degradation.landscape.{verdict_of(residual, plain)}", **values)


def points(language: str, shown: Shown) -> str:
    """Accuracy and loss of both networks at the point."""
    listed = "".join(f"<li>{escape(_point(language, one, shown))}</li>" for one in shown.networks)
    shares = [one.accuracy[shown.row][shown.column] for one in shown.networks]
    how_sure = margins(language, shares, landscapes().about["count"])
    return f'<ul class="findings">{listed}</ul>{hint(how_sure)}'


def roughness(residual: Landscape, plain: Landscape) -> str:
    """Whether the plain network has more valleys, "rougher", fewer, "smoother", or as many, "even"."""
    if residual.valleys == plain.valleys:
        return "even"
    return "rougher" if plain.valleys > residual.valleys else "smoother"


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
    if shown.view == "contour":  # above the maps: beside them a phone has no room
        bar |= {"orientation": "h", "y": 1.1, "yanchor": "bottom", "len": 0.8}
    for column, one in enumerate(shown.networks, 1):
        common: dict[str, Any] = {
            "x": one.axis,
            "y": one.axis,
            "z": [[log10(loss) for loss in row] for row in one.loss],
            "text": _hover(language, one),
            "hovertemplate": "%{text}<extra></extra>",
            "colorscale": HEIGHTS,
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
        for column, anchor in ((1, "x"), (2, "x2")):  # both squares, of the same size
            figure.update_yaxes(scaleanchor=anchor, constrain="domain", constraintoward="top", col=column)
        figure.update_xaxes(constrain="domain")
    return framed(figure, 490).update_layout(margin_t=130 if shown.view == "contour" else 68)  # for names and colours


def course(language: str, model: str, line: Line) -> str:
    """How the loss runs from the initial weights to the trained ones."""
    return t(
        language,
        f"degradation.landscape.{line.course}",
        network=title(model),
        first=f"{line.loss[0]:.3g}",
        highest=f"{max(line.loss):.3g}",
        last=f"{line.loss[LINE.index(1)]:.3g}",
    )


def descents(language: str, lines: dict[str, Line]) -> Figure:
    """The loss from the initial weights to the trained ones and a little further."""
    figure = Figure()
    for model, line in lines.items():
        figure.add_scatter(
            x=LINE,
            y=line.loss,
            text=_details(language, line.loss, line.accuracy),
            name=title(model),
            mode="lines+markers",
            line={"color": COLOURS[family(model)], "width": 3},
            marker={"symbol": SYMBOLS[family(model)], "size": 7},
            hovertemplate="%{text}",
        )
    figure.update_layout(
        xaxis={
            "tickvals": [0, 0.5, 1],
            "ticktext": [t(language, f"degradation.landscape.{place}") for place in ("initial", "halfway", "trained")],
        },
        yaxis={"title": t(language, "degradation.landscape.loss"), "rangemode": "tozero"},
    )
    return framed(figure, 340)


def _hover(language: str, one: Landscape) -> list[list[str]]:
    return [_details(language, *row) for row in zip(one.loss, one.accuracy, strict=True)]


def _details(language: str, losses: Sequence[float], accuracies: Sequence[float]) -> list[str]:
    return [
        t(language, "degradation.landscape.hover", accuracy=f"{100 * accuracy:.1f}", loss=f"{loss:.3g}")
        for loss, accuracy in zip(losses, accuracies, strict=True)
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
    outputs=(
        Output("answer"),
        chart("chart", "degradation.landscape.chart"),
        Output("points"),
        Output("courses", folded=True),
        chart("line", "degradation.landscape.line", folded=True),
        Output("how", folded=True),
    ),
    code=(directions, Plane, along_line),
    note="degradation.landscape.note",
)
