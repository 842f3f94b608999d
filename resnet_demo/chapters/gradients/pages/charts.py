"""Gradients and signals over depth, as Plotly figures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plotly import graph_objects as go

from resnet_demo.chapters.gradients.gradient_curves import Curve, Flow, curve
from resnet_demo.chapters.gradients.pages.measurements import Measured, Run
from resnet_demo.chapters.gradients.shattered_gradients import Shattering
from resnet_demo.kit.charts import COLOURS, GRID, framed
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import number

LINE = "rgba(122,134,153,0.45)"


@dataclass(frozen=True)
class Trace:
    """A curve to draw: its legend, colour and dash."""

    name: str
    colour: str
    curve: Curve
    dash: str = "solid"


def flow_chart(run: Run, quantity: str, logarithmic: bool, words: Mapping[str, str]) -> go.Figure:
    """ResNet and twin over depth; shallower depths of a growing run stay as faint curves behind."""
    figure = go.Figure()
    for earlier in run.depths[:-1]:
        _ghosts(figure, earlier, quantity)
    pairs = flows(run.current)
    traces = [
        Trace(title(members[0].network), COLOURS[kind], curve(members, quantity)) for kind, members in pairs.items()
    ]
    seeds = len(run.current.twins)
    for trace in traces:
        if seeds > 1:
            _band(figure, trace)
        _line(figure, trace, f"{words['band']}: %{{customdata[2]}} – %{{customdata[3]}}" if seeds > 1 else "")
    side = curve(pairs["residual"], quantity, projections=True)
    if side.names:
        _markers(figure, words["projection"], COLOURS["residual"], side)
    _stages(figure, pairs["residual"][0], words["stage"])
    _style(figure, words["depth"], words["quantity"], 400)
    if logarithmic:
        _logarithmic(figure, words["zero"], words["overflow"])
    return figure


def flows(measured: Measured) -> dict[str, list[Flow]]:
    """The flows of a measurement by family, a flow for each seed."""
    return {
        "residual": [twins.residual for twins in measured.twins],
        "plain": [twins.plain for twins in measured.twins],
    }


def claim_chart(traces: Sequence[Trace], decades: tuple[int, int], words: Mapping[str, str]) -> go.Figure:
    """A claim's curves on the log axis that all claims share: 10 to the power of `decades`."""
    figure = go.Figure()
    for trace in traces:
        _line(figure, trace, "")
    _style(figure, words["depth"], words["quantity"], 440)
    _logarithmic(figure, words["zero"], words["overflow"])
    figure.update_layout(margin={"b": 150})  # room for the longest legend: all claims' charts are of one height
    return figure.update_yaxes(range=list(decades), dtick=3)


def correlation_chart(
    found: Mapping[str, Sequence[Shattering]], depths: Sequence[int], change: float, words: Mapping[str, str]
) -> go.Figure:
    """Correlation of input gradients over the network's depth, for one size of change."""
    figure = go.Figure()
    for kind, members in found.items():
        values = [member.correlations[member.changes.index(change)] for member in members]
        figure.add_scatter(
            x=list(depths[: len(values)]),
            y=values,
            mode="lines+markers",
            name=words[kind],
            line={"color": COLOURS[kind], "width": 3},
            marker={"size": 9},
            hovertemplate="%{x}: %{y:.3f}<extra>" + words[kind] + "</extra>",
        )
    _style(figure, words["layers"], words["correlation"], 400)
    figure.update_layout(margin={"t": 48})  # below the chart's label
    figure.update_xaxes(range=[0, depths[-1] + 6], tickvals=list(depths))
    return figure.update_yaxes(range=[-0.1, 1.06])


def walk_chart(walks: Mapping[str, Sequence[float]], changes: Sequence[float], words: Mapping[str, str]) -> go.Figure:
    """One number of the gradient along a line of slightly changed pictures, for both networks."""
    figure = go.Figure()
    for kind, values in walks.items():
        figure.add_scatter(
            x=[100 * change for change in changes],
            y=list(values),
            mode="lines+markers",
            name=words[kind],
            line={"color": COLOURS[kind], "width": 2.5},
            marker={"size": 5},
            hovertemplate="%{x:.2f}%: %{y:.2f}<extra>" + words[kind] + "</extra>",
        )
    _style(figure, words["change"], words["component"], 400)
    figure.update_layout(margin={"t": 48})  # below the chart's label
    return figure.update_xaxes(ticksuffix="%")


def _line(figure: go.Figure, trace: Trace, spread: str) -> None:
    found = trace.curve
    figure.add_scatter(
        x=list(found.positions),
        y=list(found.means),
        customdata=list(zip(found.names, *map(_told, (found.means, found.lows, found.highs)), strict=True)),
        mode="lines+markers",
        name=trace.name,
        line={"color": trace.colour, "width": 3, "dash": trace.dash},
        marker={"size": 5},
        hovertemplate=f"%{{customdata[0]}}<br>%{{customdata[1]}}<br>{spread}<extra>{trace.name}</extra>",
    )


def _told(values: Sequence[float]) -> list[str]:
    """What is read on pointing at a curve."""
    return [number(value, 3) for value in values]


def _band(figure: go.Figure, trace: Trace) -> None:
    """From the smallest to the largest value over the seeds."""
    found = trace.curve
    red, green, blue = (int(trace.colour[i : i + 2], 16) for i in (1, 3, 5))
    quiet = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
    figure.add_scatter(x=list(found.positions), y=list(found.lows), **quiet)
    figure.add_scatter(
        x=list(found.positions),
        y=list(found.highs),
        fill="tonexty",
        fillcolor=f"rgba({red},{green},{blue},0.2)",
        **quiet,
    )


def _ghosts(figure: go.Figure, measured: Measured, quantity: str) -> None:
    for kind, members in flows(measured).items():
        found = curve(members, quantity)
        name = title(members[0].network)
        figure.add_scatter(
            x=list(found.positions),
            y=list(found.means),
            mode="lines",
            line={"color": COLOURS[kind], "width": 1.5},
            opacity=0.35,
            showlegend=False,
            customdata=_told(found.means),
            hovertemplate=f"%{{customdata}}<extra>{name}</extra>",
        )


def _markers(figure: go.Figure, name: str, colour: str, found: Curve) -> None:
    figure.add_scatter(
        x=list(found.positions),
        y=list(found.means),
        customdata=list(zip(found.names, _told(found.means), strict=True)),
        mode="markers",
        name=name,
        marker={"size": 11, "symbol": "diamond-open", "color": colour, "line": {"width": 2}},
        hovertemplate=f"%{{customdata[0]}}<br>%{{customdata[1]}}<extra>{name}</extra>",
    )


def _stages(figure: go.Figure, flow: Flow, word: str) -> None:
    """A thin line where a stage begins, with its number above."""
    for place in flow.inputs:
        stage, _, block = place.name.partition(".")
        if block == "0":
            figure.add_vline(x=place.position - 0.5, line={"color": LINE, "width": 1, "dash": "dot"})
            figure.add_annotation(
                x=place.position - 0.4,
                y=1,
                yref="paper",
                text=word.format(number=stage.removeprefix("layer")),
                showarrow=False,
                xanchor="left",
                yanchor="bottom",
                font={"size": 12},
            )


def _style(figure: go.Figure, x: str, y: str, height: int) -> None:
    framed(figure, height)
    figure.update_layout(
        margin={"l": 8, "r": 12, "t": 26, "b": 8},
        legend={"yref": "paper", "y": -0.2, "yanchor": "top", "x": 0, "font": {"size": 14}},
        showlegend=True,
        hovermode="closest",
    )
    for axis, words in ((figure.update_xaxes, x), (figure.update_yaxes, y)):
        axis(
            title={"text": words, "standoff": 8, "font": {"size": 13}}, gridcolor=GRID, zeroline=False, automargin=True
        )


def _logarithmic(figure: go.Figure, zero: str, overflow: str) -> None:
    """A log axis has no place for 0, infinity or NaN: they are marked at its lower and upper edge, and said so."""
    drawn = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    finite = [value for trace in drawn for value in trace.y if 0 < value < math.inf]
    floor = min(finite, default=1.0) / 10
    ceiling = max(finite, default=1.0) * 10
    edges = {zero: (floor, "triangle-down", lambda v: v == 0), overflow: (ceiling, "x", lambda v: not math.isfinite(v))}
    for name, (edge, symbol, belongs) in edges.items():
        for trace in drawn:
            places = [x for x, value in zip(trace.x, trace.y, strict=True) if belongs(value)]
            if places and trace.showlegend is not False:
                colour = trace.line.color or trace.marker.color
                figure.add_scatter(
                    x=places,
                    y=[edge] * len(places),
                    mode="markers",
                    name=f"{trace.name}: {name}",
                    marker={"symbol": symbol, "size": 8, "color": colour},
                    hovertemplate=f"{name}<extra>{trace.name}</extra>",
                )
    for trace in figure.data:
        trace.y = [
            value if 0 < value < math.inf else (floor if trace.hoverinfo == "skip" else None) for value in trace.y
        ]
    decades = math.log10(ceiling / floor)
    figure.update_yaxes(type="log", exponentformat="power", dtick=math.ceil(decades / 9) if decades > 4 else "D2")
