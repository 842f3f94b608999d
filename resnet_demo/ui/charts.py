"""Results in, Plotly figures out. The browser draws them, so Chinese needs no font here."""

from collections.abc import Mapping, Sequence

from plotly import graph_objects as go

PALETTE = ("#4f46e5", "#0891b2", "#7c3aed", "#d97706", "#64748b")
INK = "#7a8699"  # legible on a light and on a dark page


def framed(figure: go.Figure, height: int) -> go.Figure:
    """On any page: no background, legible ink, and a legend below that covers no title."""
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 44, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 14},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "traceorder": "normal"},
    )


def stacked_terms(blocks: Mapping[str, Mapping[str, int]], terms: Sequence[str], axis: str) -> go.Figure:
    """Kinds of block as bars, each stacked from its parameters by term; `terms` orders the stack. All in words."""
    kinds = list(blocks)
    figure = go.Figure(
        [
            go.Bar(
                name=term,
                y=kinds,
                x=[parts.get(term, 0) for parts in blocks.values()],
                orientation="h",
                marker_color=PALETTE[i % len(PALETTE)],
                hovertemplate=f"%{{y}}<br>{term}: %{{x:,}}<extra></extra>",
            )
            for i, term in enumerate(terms)
        ]
    )
    figure.update_layout(
        barmode="stack", yaxis={"autorange": "reversed"}, xaxis={"title": axis, "gridcolor": "rgba(122,134,153,0.25)"}
    )
    return framed(figure, 150 + 60 * len(kinds))
