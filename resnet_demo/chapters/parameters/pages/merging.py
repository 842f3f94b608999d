"""Add or concatenate: what a stack of layers passes on, and what training keeps of it."""

from plotly import graph_objects as go

from resnet_demo.chapters.parameters.merging import MOST_LAYERS, Stack, added, concatenated
from resnet_demo.chapters.parameters.pages.charts import FAMILIES, with_axes
from resnet_demo.kit.html import measured, summary
from resnet_demo.kit.page import Output, Page, chart, number, slider
from resnet_demo.kit.text import t

MEGABYTE = 1e6
Stacks = tuple[Stack, Stack]


def compute(channels: int, growth: int, layers: int, size: int) -> Stacks:
    """Raises CountError."""
    return added(channels, layers, size), concatenated(channels, growth, layers, size)


def draw(stacks: Stacks, language: str) -> tuple[str, go.Figure, str]:
    """What comes out of either stack, its channels layer by layer, and everything that was counted."""
    add, concatenate = stacks
    answer = t(
        language,
        "parameters.merging.answer",
        layers=len(add.layers),
        added=f"{add.channels:,}",
        concatenated=f"{concatenate.channels:,}",
        ratio=f"{concatenate.kept / add.kept:.2f}",
    )
    counted = {
        "channels": lambda stack: f"{stack.channels:,}",
        "earlier": lambda stack: f"{stack.layers[-1].earlier:,}",
        "parameters": lambda stack: f"{stack.parameters:,}",
        "macs": lambda stack: f"{stack.macs:,}",
        "kept": lambda stack: f"{stack.kept_bytes / MEGABYTE:,.2f} MB",
        "kept_once": lambda stack: f"{stack.kept_once_bytes / MEGABYTE:,.2f} MB",
    }
    rows = [(t(language, f"parameters.merging.row.{name}"), *map(say, stacks)) for name, say in counted.items()]
    heads = ["", *(t(language, f"parameters.merging.{stack.merge}") for stack in stacks)]
    return summary(answer), _read(language, stacks), measured(heads, rows)


def _read(language: str, stacks: Stacks) -> go.Figure:
    """The channels that each layer reads."""
    figure = go.Figure()
    for stack, family, symbol in zip(stacks, ("resnet", "densenet"), ("circle", "diamond"), strict=True):
        figure.add_scatter(
            x=[layer.number for layer in stack.layers],
            y=[layer.channels_in for layer in stack.layers],
            name=t(language, f"parameters.merging.{stack.merge}"),
            mode="lines+markers",
            line={"color": FAMILIES[family], "width": 3},
            marker={"symbol": symbol, "size": 8},
        )
    axes = (t(language, f"parameters.merging.axis.{name}") for name in ("layer", "channels"))
    return with_axes(figure, 380, *axes, yaxis={"rangemode": "tozero"})


PAGE = Page(
    "merging",
    compute,
    draw,
    controls=(
        number("channels", 64),
        number("growth", 32),
        slider("layers", 1, MOST_LAYERS, 12),
        number("size", 32, folded=True),
    ),
    outputs=(Output("answer"), chart("read", "parameters.merging.chart"), Output("counted")),
    code=(added, concatenated),
    note="parameters.merging.note",
)
