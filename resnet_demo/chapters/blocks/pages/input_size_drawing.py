"""From the picture to the classifier at one size, drawn: global average pooling above, a flattening head below.

Two layouts: on a screen (`WIDE`) the heads stand behind the map, on a phone (`NARROW`) below it.
"""

from dataclasses import dataclass

from resnet_demo.chapters.blocks.input_size import AtSize
from resnet_demo.chapters.blocks.pages.svg import IDENTITY, drawing, number, path, rect, tag, text

LARGEST = 512
BOX = 184  # width of a head
GREEN, RED = "#16a34a", "#dc2626"


@dataclass(frozen=True)
class Layout:
    """Where everything stands; `side` is that of the picture and of the map at the largest size."""

    width: int
    height: int
    side: int
    middle: int  # height of the way
    map: int
    split: int  # where the way splits
    pooled: int  # heights of the two heads, and where they stand
    flat: int
    head: int


WIDE = Layout(width=760, height=262, side=170, middle=158, map=320, split=528, pooled=96, flat=206, head=566)
NARROW = Layout(width=340, height=384, side=130, middle=125, map=172, split=330, pooled=236, flat=340, head=4)


def svg(at: AtSize, classes: int, words: dict[str, str], layout: Layout) -> str:
    """The drawing as text. `words` has "picture", "map", "gap", "flatten", "label"."""
    middle, split = layout.middle, layout.split
    side = (
        layout.side * min(at.size, LARGEST) / LARGEST
    )  # picture and map shrink alike; a size can be typed that is larger
    top = middle - side / 2
    entry = layout.head - 6 if layout.head > split else layout.head + BOX + 6
    parts = [
        rect(4, top, side, side, rx=4, fill="#64748b", fill_opacity=0.25, stroke="#64748b"),
        _named(4, words["picture"], f"3×{at.size}×{at.size}"),
        _arrow(10 + side, layout.map - 8, middle),
        _map(layout.map, top, side, at.side),
        _named(layout.map, words["map"], f"{at.channels}×{at.side}×{at.side}"),
        path("M", layout.map + side + 16, middle, "H", split, **_line()),
        path("M", split, min(middle, layout.pooled), "V", layout.flat, **_line()),
        _arrow(split, entry, layout.pooled),
        _arrow(split, entry, layout.flat),
        _way(layout.head, layout.pooled, words["gap"], (at.pooled, at.pooled), classes),
        _way(layout.head, layout.flat, words["flatten"], (at.flattened, at.expected), classes),
    ]
    return drawing(layout.width, layout.height, *parts, role="img", aria_label=words["label"], class_="any-size")


def _line() -> dict[str, object]:
    return {"fill": "none", "stroke": "currentColor", "stroke_width": 1.5, "opacity": 0.7}


def _arrow(start: float, end: float, y: float) -> str:
    neck = end - 8 if end > start else end + 8
    head = path("M", neck, y - 5, "V", y + 5, "L", end, y, "Z", fill="currentColor", opacity=0.7)
    return path("M", start, y, "H", neck, **_line()) + head


def _named(x: float, name: str, shape: str) -> str:
    return text(x, 22, name, 13, opacity=0.8) + text(x, 42, shape, 15, font_weight=700)


def _map(x: float, y: float, side: float, cells: int) -> str:
    """The last map as a grid, three of its channels behind each other."""
    step = side / cells
    lines = "".join(
        f"M{number(x + i * step)} {number(y)}v{number(side)}M{number(x)} {number(y + i * step)}h{number(side)}"
        for i in range(cells + 1)
    )
    behind = [
        rect(x + shift, y - shift, side, side, fill=IDENTITY, fill_opacity=0.12, stroke=IDENTITY, stroke_width=0.8)
        for shift in (10, 5)
    ]
    front = rect(x, y, side, side, class_="paper") + rect(x, y, side, side, fill=IDENTITY, fill_opacity=0.2)
    return "".join(behind) + front + tag("path", d=lines, stroke=IDENTITY, stroke_width=min(1, step / 3), fill="none")


def _way(x: float, y: float, name: str, counts: tuple[int, int], classes: int) -> str:
    """One head: how many numbers reach the classifier, and how many it was made for."""
    got, wanted = counts
    fits = got == wanted
    colour = GREEN if fits else RED
    sign = "✓" if fits else "✗"
    reads = f"fc {wanted:,} → {classes:,}"
    return (
        text(x, y - 26, name, 13, opacity=0.8)
        + rect(x, y - 16, BOX, 32, rx=7, fill=colour, fill_opacity=0.14, stroke=colour, stroke_width=1.6)
        + text(x + BOX / 2, y + 5.5, f"{got:,} {sign}", 16, font_weight=700, text_anchor="middle")
        + text(x + BOX / 2, y + 38, reads, 14, text_anchor="middle")
    )
