"""The degradation study as Plotly figures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from plotly import graph_objects as go

from resnet_demo.chapters.degradation.study import Curve
from resnet_demo.kit.charts import COLOURS, framed
from resnet_demo.kit.display_names import title
from resnet_demo.models.architectures import depth_of

DEPTH_COLOURS = {20: "#0891b2", 32: "#10b981", 44: "#a855f7", 56: "#e11d48", 110: "#64748b"}


def lines(models: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Colour and width for each network: no two are alike.

    Within one family of the study's depths the colour tells the depth. Elsewhere it tells the family, and deeper is
    thicker.
    """
    depths = {model: depth_of(model) for model in models}
    families = {model: "plain" if model.startswith("plain") else "residual" for model in depths}
    if len({*families.values()}) < 2 and {*depths.values()} <= DEPTH_COLOURS.keys():
        return {model: {"color": DEPTH_COLOURS[depth], "width": 2} for model, depth in depths.items()}
    ranks = {depth: rank for rank, depth in enumerate(sorted({*depths.values()}))}
    return {
        model: {"color": COLOURS[families[model]], "width": 2 + 1.5 * ranks[depth]} for model, depth in depths.items()
    }


def error_curves(curves: Sequence[Curve], names: Mapping[str, str], words: Mapping[str, str], top: float) -> go.Figure:
    """Errors in percent over epochs: training dashed, test solid, a band from the least to the greatest over seeds.

    `names` says how a network is called, `words` "epoch", "error", "comma" and each half; `top` ends the axis.
    """
    figure, line = go.Figure(), lines(curve.model for curve in curves)
    for curve in curves:
        epochs = list(range(1, len(curve.mean) + 1))
        if curve.low != curve.high:
            figure.add_scatter(
                x=epochs + epochs[::-1],
                y=[*curve.high, *curve.low[::-1]],
                fill="toself",
                fillcolor=line[curve.model]["color"],
                opacity=0.15,
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        figure.add_scatter(
            x=epochs,
            y=curve.mean,
            name=f"{names[curve.model]}{words['comma']}{words[curve.half]}",
            mode="lines",
            line={**line[curve.model], "dash": "dash" if curve.half == "training" else "solid"},
            hovertemplate="%{y:.2f}%",
        )
    figure.update_layout(
        hovermode="x unified",
        xaxis={"title": words["epoch"]},
        yaxis={"title": words["error"], "range": [0, top], "ticksuffix": "%"},
    )
    return framed(figure, 420)


def live_curves(
    points: Mapping[str, Sequence[tuple[float, float]]],
    tests: Mapping[str, Sequence[tuple[float, float]]],
    names: Mapping[str, str],
    words: Mapping[str, str],
    epochs: int,
) -> go.Figure:
    """Errors (fractions) of networks in training over epochs: training as a dotted line, test after each epoch.

    `names` holds all networks of the run, also those that have no point yet: a line keeps its colour and width.
    """
    figure, line = go.Figure(), lines(names)
    deepest = max(map(depth_of, names), default=0)
    for model, series in points.items():
        figure.add_scatter(
            x=[x for x, _ in series],
            y=[100 * y for _, y in series],
            name=f"{names[model]}{words['comma']}{words['training']}",
            mode="lines",
            line={**line[model], "dash": "dot"},
            hovertemplate="%{y:.1f}%",
        )
        figure.add_scatter(
            x=[x for x, _ in tests.get(model, ())],
            y=[100 * y for _, y in tests.get(model, ())],
            name=f"{names[model]}{words['comma']}{words['test']}",
            mode="lines+markers",
            line=line[model],
            marker={"size": 7, "symbol": "circle" if depth_of(model) == deepest else "circle-open"},
            hovertemplate="%{y:.1f}%",
        )
    figure.update_layout(
        hovermode="closest",
        uirevision="live",
        xaxis={"title": words["epoch"], "range": [0, epochs]},
        yaxis={"title": words["error"], "range": [0, 100], "ticksuffix": "%"},
    )
    return framed(figure, 440)


def single_cuts(
    errors: Mapping[str, Mapping[str, float]], whole: Mapping[str, float], words: Mapping[str, str]
) -> go.Figure:
    """Test error (percent) without one part, by where the part lies; `errors` by network, then by part."""
    figure, line = go.Figure(), lines(errors)
    for model, found in errors.items():
        figure.add_scatter(
            x=[(index + 0.5) / len(found) for index in range(len(found))],
            y=list(found.values()),
            name=title(model),
            mode="lines+markers",
            line=line[model],
            text=list(found),
            hovertemplate="%{text}: %{y:.1f}%",
        )
        figure.add_hline(y=whole[model], line={**line[model], "width": line[model]["width"] / 2, "dash": "dot"})
    figure.update_layout(
        xaxis={"title": words["where"], "range": [0, 1], "showticklabels": False},
        yaxis={"title": words["error"], "range": [0, 100], "ticksuffix": "%"},
    )
    return framed(figure, 400)


def several_cuts(errors: Mapping[str, Mapping[int, Sequence[float]]], words: Mapping[str, str]) -> go.Figure:
    """Test error (percent) over how many parts are cut at random: the mean, and each draw as a point."""
    figure, line = go.Figure(), lines(errors)
    for model, found in errors.items():
        counts = list(found)
        figure.add_scatter(
            x=counts,
            y=[sum(draws) / len(draws) for draws in found.values()],
            name=title(model),
            mode="lines+markers",
            line=line[model],
            hovertemplate="%{x}: %{y:.1f}%",
        )
        figure.add_scatter(
            x=[count for count, draws in found.items() for _ in draws],
            y=[value for draws in found.values() for value in draws],
            mode="markers",
            marker={"color": line[model]["color"], "size": 5, "opacity": 0.4},
            showlegend=False,
            hoverinfo="skip",
        )
    figure.update_layout(
        xaxis={"title": words["count"], "rangemode": "tozero"},
        yaxis={"title": words["error"], "range": [0, 100], "ticksuffix": "%"},
    )
    return framed(figure, 400)


def what_is_left(shares: Mapping[str, Sequence[tuple[str, float]]], words: Mapping[str, str]) -> go.Figure:
    """For one photograph: the probability (fraction) that is left to the whole network's answer, part by part."""
    figure = go.Figure()
    for name, found in shares.items():
        figure.add_bar(
            x=[f"{part}" for part, _ in found],
            y=[100 * share for _, share in found],
            name=name,
            marker_color=COLOURS["plain" if name.startswith("Plain") else "residual"],
            hovertemplate="%{x}: %{y:.1f}%",
        )
    figure.update_layout(
        xaxis={"title": words["part"], "tickangle": -45, "automargin": True},
        yaxis={"title": words["probability"], "range": [0, 100], "ticksuffix": "%"},
    )
    return framed(figure, 420)
