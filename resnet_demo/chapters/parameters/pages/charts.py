"""Plotly figures of the chapter: heads over the input's size, networks by cost and accuracy, depth."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotly import graph_objects as go

from resnet_demo.chapters.parameters.depth import NetworkCount
from resnet_demo.chapters.parameters.timeline import Known
from resnet_demo.kit.charts import COLOURS, INK, framed

FAMILIES = {
    "alexnet": "#94a3b8",
    "vgg": COLOURS["plain"],
    "googlenet": "#10b981",
    "resnet": COLOURS["residual"],
    "wide": "#0ea5e9",
    "densenet": "#db2777",
    "resnext": "#7c3aed",
    "convnext": "#b45309",
}


def with_axes(figure: go.Figure, height: int, x: str, y: str, **axes: Any) -> go.Figure:
    """The frame of all charts, with its axes named."""
    framed(figure, height)
    figure.update_xaxes(title=x, automargin=True, **axes.get("xaxis", {}))
    return figure.update_yaxes(title={"text": y, "standoff": 12}, automargin=True, **axes.get("yaxis", {}))


def lines_over_size(
    lines: Mapping[str, Sequence[int]],
    sizes: Sequence[int],
    rounds_up: Sequence[bool],
    marked: int | None,
    x: str,
    y: str,
) -> go.Figure:
    """One line for each head, in its trunk's colour, a trunk's second one dotted; `marked` is the size of the page.

    Between two of `sizes` a line that `rounds_up` is at the height of the later one, the others at that of the earlier.
    """
    styles = [(colour, dash) for colour in (COLOURS["plain"], COLOURS["residual"]) for dash in ("solid", "dot")]
    figure = go.Figure(
        [
            go.Scatter(
                x=list(sizes),
                y=[number / 1e6 for number in numbers],
                customdata=list(numbers),
                name=name,
                mode="lines",
                line={"color": colour, "width": 3, "dash": dash, "shape": "vh" if up else "hv"},
                hovertemplate=f"{name}<br>%{{x}} px: %{{customdata:,}}<extra></extra>",
            )
            for (name, numbers), up, (colour, dash) in zip(lines.items(), rounds_up, styles, strict=True)
        ]
    )
    if marked is not None:
        figure.add_vline(x=marked, line={"color": INK, "width": 2, "dash": "dash"})
    return with_axes(figure, 420, x, y, yaxis={"separatethousands": True})


def scatter(
    networks: Sequence[Known], hover: Mapping[str, str], across: str, x: str, y: str, families: Mapping[str, str]
) -> go.Figure:
    """Accuracy over `across` ("macs", "parameters" or "year"), the area of a circle for the parameters."""
    largest = max(known.parameters for known in networks)
    figure = go.Figure()
    for family, colour in FAMILIES.items():
        members = [known for known in networks if known.family == family]
        figure.add_trace(
            go.Scatter(
                x=[
                    getattr(known, across) / (1 if across == "year" else 1e9 if across == "macs" else 1e6)
                    for known in members
                ],
                y=[known.top1 for known in members],
                name=families[family],
                mode="lines+markers+text",
                text=[known.title for known in members],
                textposition=[_beside(known, across) for known in members],
                cliponaxis=False,
                textfont={"size": 12},
                line={"color": colour, "width": 1, "dash": "dot"},
                marker={
                    "color": colour,
                    "opacity": 0.75,
                    "size": [known.parameters for known in members],
                    "sizemode": "area",
                    "sizeref": 2 * largest / 56**2,
                    "sizemin": 5,
                    "line": {"width": 1, "color": "white"},
                },
                customdata=[hover[known.key] for known in members],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    whole_years = {"dtick": 1, "tickformat": "d", "range": [2011.5, 2017]} if across == "year" else {}
    return with_axes(figure, 520, x, y, xaxis=whole_years, yaxis={"range": [54, 81.5]})


BESIDE = {
    "vgg16": "bottom center",
    "resnet18": "bottom right",
    "resnet34": "bottom right",
    "resnet50": "bottom right",
    "resnet152": "bottom center",
    "densenet121": "middle left",
}


def _beside(known: Known, across: str) -> str:
    """Where a network's name stands, so that neighbours do not cover it."""
    if across == "year":
        return {"wide": "top center", "resnext": "bottom right"}.get(known.family, "middle right")
    return BESIDE.get(known.key, "top center")


def depths(
    curves: Mapping[str, Sequence[NetworkCount]],
    marked: Mapping[str, NetworkCount],
    here: Mapping[str, NetworkCount],
    measure: str,
    x: str,
    y: str,
) -> go.Figure:
    """Cost over layers for either kind of block, the named networks, and the one that the page is at."""
    scale = 1e9 if measure == "macs" else 1e6
    figure = go.Figure()
    for (name, curve), colour in zip(curves.items(), (COLOURS["plain"], COLOURS["residual"]), strict=True):
        figure.add_trace(_points(curve, name, measure, scale, mode="lines", line={"color": colour, "width": 3}))
    named = list(marked.values())
    figure.add_trace(
        _points(
            named, "", measure, scale, mode="markers+text", text=list(marked),
            textposition=["top left" if n.kind == "basic" else "bottom right" for n in named],
            showlegend=False, cliponaxis=False,
            marker={"size": 11, "color": [COLOURS["plain" if n.kind == "basic" else "residual"] for n in named]},
        )
    )  # fmt: skip
    for name, network in here.items():
        figure.add_trace(
            _points(
                [network], name, measure, scale, mode="markers",
                marker={"size": 17, "symbol": "star", "color": "#dc2626", "line": {"width": 1, "color": "white"}},
            )
        )  # fmt: skip
    with_axes(figure, 460, x, y, xaxis={"rangemode": "tozero"}, yaxis={"rangemode": "tozero"})
    return figure.update_layout(margin={"r": 36})  # the deepest network's name stands beside its point


def _points(networks: Sequence[NetworkCount], name: str, measure: str, scale: float, **style: Any) -> go.Scatter:
    return go.Scatter(
        x=[network.layers for network in networks],
        y=[getattr(network, measure) / scale for network in networks],
        name=name,
        customdata=[
            f"{network.layers}: {'-'.join(map(str, network.blocks))}<br>{getattr(network, measure):,}"
            for network in networks
        ],
        hovertemplate="%{customdata}<extra></extra>",
        **style,
    )
