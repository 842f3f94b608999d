"""Layer responses as a figure; no gradio here."""

from collections.abc import Sequence

from plotly import graph_objects as go

from resnet_demo.kit.charts import COLOURS, GRID, SYMBOLS, framed

AGAIN = ("#0891b2", "dash", "square")
"""Of a second line of one family."""
NUMBERED = 20
"""Layers, up to which each has its number below the axis."""


def response_lines(
    networks: Sequence[tuple[str, str, Sequence[tuple[str, int]], Sequence[float]]], axes: tuple[str, str]
) -> go.Figure:
    """A line for each network, as in Fig. 7 of arXiv 1512.03385.

    A network is its title, its family, its layers' names with their kernels' sides, and their standard deviations.
    """
    figure = go.Figure()
    families = [family for _, family, _, _ in networks]
    for place, (title, family, layers, values) in enumerate(networks):
        colour, dash, symbol = AGAIN if family in families[:place] else (COLOURS[family], "solid", SYMBOLS[family])
        figure.add_scatter(
            name=title,
            x=list(range(1, len(values) + 1)),
            y=list(values),
            customdata=[f"{name}, {kernel}×{kernel}" for name, kernel in layers],
            mode="lines+markers",
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 8, "symbol": symbol},
            hovertemplate=f"{title}<br>%{{customdata}}: %{{y:.3f}}<extra></extra>",
        )
    across, up = axes
    longest = max(len(values) for _, _, _, values in networks)
    ticks = {"dtick": 1} if longest <= NUMBERED else {}
    figure.update_layout(
        xaxis={"title": across, "gridcolor": GRID, "zeroline": False, **ticks},
        yaxis={"title": up, "rangemode": "tozero", "gridcolor": GRID, "zeroline": False},
        hovermode="x unified",
    )
    return framed(figure, 440)
