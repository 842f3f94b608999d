"""The paper's Fig. 3 (arXiv 1512.03385): VGG-19, the plain network and the ResNet of 34 layers, layer beside layer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from resnet_demo.chapters.blocks.layers import Layer
from resnet_demo.chapters.blocks.pages.svg import IDENTITY, PROJECTION, drawing, path, rect, tag, text
from resnet_demo.chapters.blocks.rows import Row

FIRST, APART, BAR = 118, 170, 128  # middle of the first column, to the next one, width of a bar
HIGH, GAP = 17, 6
TOP = 70.0
COLOURS = {224: "#94a3b8", 112: "#94a3b8", 56: "#0ea5e9", 28: "#10b981", 14: "#f59e0b", 7: "#ef4444", 1: "#8b5cf6"}


@dataclass(frozen=True)
class Bar:
    """A layer: its words, the side of the map out of it, and where a shortcut starts or ends beside it."""

    words: str
    side: int
    opens: bool = False
    closes: str = ""


@dataclass
class Column:
    """A network's bars by the side of the map out of them."""

    title: str
    facts: tuple[str, str]
    bars: dict[int, list[Bar]] = field(default_factory=dict)


def column(title: str, facts: tuple[str, str], rows: Sequence[Row]) -> Column:
    bars = [bar for row in rows for bar in _bars(row)]
    made = Column(title, facts)
    for side, members in groupby(bars, key=lambda bar: bar.side):
        made.bars[side] = list(members)
    return made


def _bars(row: Row) -> list[Bar]:
    weighty = [layer for layer in row.layers if not layer.shortcut and layer.kind not in ("norm", "relu", "add")]
    shortcut = "" if row.shortcut in (None, "none") else str(row.shortcut)
    last = len(weighty) - 1
    return [
        Bar(_words(layer), layer.output[1], bool(shortcut) and i == 0, shortcut if i == last else "")
        for i, layer in enumerate(weighty)
    ]


def _words(layer: Layer) -> str:
    """As the paper writes them: "3×3 conv, 128, /2"."""
    step = f", /{layer.stride}" if layer.stride > 1 else ""
    if layer.kind == "conv":
        return f"{layer.kernel}×{layer.kernel} conv, {layer.output[0]}{step}"
    return {"maxpool": f"pool{step}", "avgpool": "avg pool", "linear": f"fc {layer.output[0]}"}[layer.kind]


def svg(columns: Sequence[Column], side_label: str, label: str) -> str:
    """The columns side by side; bars out of which maps of one size come are on one height."""
    sides = sorted({side for one in columns for side in one.bars}, reverse=True)
    width = FIRST + APART * len(columns) - APART / 2 + 40
    parts = [text(4, 52, side_label, 11, opacity=0.75)]
    for index, one in enumerate(columns):
        x = FIRST + APART * index
        size = min(15, 1.6 * APART / len(one.title))  # with many options, in smaller letters
        parts.append(text(x, 20, one.title, size, font_weight=700, text_anchor="middle"))
        for line, words in enumerate(one.facts):
            parts.append(text(x, 37 + 15 * line, words, 11.5, text_anchor="middle", opacity=0.75))
    y = TOP
    ends: dict[int, float] = {}
    for side in sides:
        count = max(len(one.bars.get(side, ())) for one in columns)
        height = count * (HIGH + GAP) + 8
        parts.append(rect(0, y - 5, width, height - 3, rx=8, fill=COLOURS.get(side, "#94a3b8"), fill_opacity=0.08))
        parts.append(text(8, y + 12, str(side), 13, font_weight=700))
        for index, one in enumerate(columns):
            bars = one.bars.get(side, [])
            parts.append(_stack(bars, FIRST + APART * index, y, (side, ends.get(index))))
            if bars:
                ends[index] = y + len(bars) * (HIGH + GAP) - GAP
        y += height
    curves = [_curves(one, FIRST + APART * index + BAR / 2, sides, columns) for index, one in enumerate(columns)]
    return drawing(width, y, *parts, *curves, role="img", aria_label=label, class_="figure3 sheet")


def _stack(bars: Sequence[Bar], x: float, y: float, place: tuple[int, float | None]) -> str:
    side, before = place
    colour = COLOURS.get(side, "#94a3b8")
    drawn = []
    for bar in bars:
        if before is not None:
            drawn.append(path("M", x, before, "V", y, stroke="currentColor", stroke_width=1.2, opacity=0.6))
        drawn.append(rect(x - BAR / 2, y, BAR, HIGH, rx=4, class_="paper"))
        drawn.append(
            rect(x - BAR / 2, y, BAR, HIGH, rx=4, fill=colour, fill_opacity=0.2, stroke=colour, stroke_width=1.2)
        )
        drawn.append(text(x, y + 12.5, bar.words, 11, text_anchor="middle"))
        before = y + HIGH
        y += HIGH + GAP
    return tag("g", *drawn) if drawn else ""


def _curves(one: Column, right: float, sides: Sequence[int], columns: Sequence[Column]) -> str:
    """The shortcuts beside a column, each from above the first bar of its block to below the last one."""
    tops = {}
    y = TOP
    for side in sides:
        tops[side] = y
        y += max(len(other.bars.get(side, ())) for other in columns) * (HIGH + GAP) + 8
    drawn, start = [], 0.0
    for side in sides:
        for index, bar in enumerate(one.bars.get(side, ())):
            at = tops[side] + index * (HIGH + GAP)
            start = at - GAP / 2 + 1.4 if bar.opens else start
            if bar.closes:
                drawn.append(_curve(right, start, at + HIGH + GAP / 2 - 1.4, bar.closes))
    return tag("g", *drawn) if drawn else ""


def _curve(x: float, start: float, end: float, kind: str) -> str:
    dashed = kind != "identity"
    colour = PROJECTION if dashed else IDENTITY
    return path(
        *("M", x - BAR / 2, start, "H", x, "C", x + 26, start, x + 26, end, x, end, "H", x - BAR / 2),
        **{"fill": "none", "stroke": colour, "stroke_width": 1.8, "stroke_dasharray": "4 3" if dashed else None},
    )
