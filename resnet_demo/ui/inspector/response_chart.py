"""Layer responses as a figure; no gradio here."""

from collections.abc import Sequence

from plotly import graph_objects as go

from resnet_demo.ui.charts import framed

COLOURS = {"residual": "#4f46e5", "plain": "#d97706"}
GRID = "rgba(122,134,153,0.25)"


def response_lines(
    networks: Sequence[tuple[str, str, Sequence[tuple[str, int]], Sequence[float]]], axes: tuple[str, str]
) -> go.Figure:
    """A line for each network, as in Fig. 7 of arXiv 1512.03385.

    A network is its title, its family, its layers' names with their kernels' sides, and their standard deviations.
    """
    figure = go.Figure(
        [
            go.Scatter(
                name=title,
                x=list(range(1, len(values) + 1)),
                y=list(values),
                customdata=[f"{name}, {kernel}×{kernel}" for name, kernel in layers],
                mode="lines+markers",
                line={"color": COLOURS[family], "width": 2.5},
                marker={"size": 8, "symbol": "circle" if family == "residual" else "diamond"},
                hovertemplate=f"{title}<br>%{{customdata}}: %{{y:.3f}}<extra></extra>",
            )
            for title, family, layers, values in networks
        ]
    )
    across, up = axes
    figure.update_layout(
        xaxis={"title": across, "dtick": 1, "gridcolor": GRID, "zeroline": False},
        yaxis={"title": up, "rangemode": "tozero", "gridcolor": GRID, "zeroline": False},
        hovermode="x unified",
    )
    return framed(figure, 440)
