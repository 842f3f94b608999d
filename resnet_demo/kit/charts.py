"""What all charts share. The browser draws them, so Chinese needs no font here."""

from plotly import graph_objects as go

INK = "#7a8699"  # the page shows it lighter or darker, as its own small print (style.css)
GRID = "rgba(122,134,153,0.25)"
COLOURS = {"residual": "#6366f1", "plain": "#d97706"}
"""Of the twins, at least 3 : 1 on a light and on a dark page."""
SYMBOLS = {"residual": "circle", "plain": "diamond"}
"""Of their points, for those who cannot tell the colours apart."""


def framed(figure: go.Figure, height: int) -> go.Figure:
    """On any page: no background, legible ink and grid, and a legend below that covers no title."""
    figure.update_xaxes(gridcolor=GRID, zerolinecolor=GRID)
    figure.update_yaxes(gridcolor=GRID, zerolinecolor=GRID)
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 44, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 14},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "traceorder": "normal"},
    )
