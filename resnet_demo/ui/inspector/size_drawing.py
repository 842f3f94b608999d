"""From the picture to the classifier at one size, drawn: global average pooling above, a flattening head below."""

from resnet_demo.anatomy import AtSize
from resnet_demo.ui.inspector.svg import IDENTITY, drawing, number, path, rect, tag, text

LARGEST = 512
SIDE = 170  # of the picture and of the map at the largest size
WIDTH, HEIGHT = 760, 262
MIDDLE, MAP = 158, 320  # height of the way, and where the map stands
POOLED, FLAT, SPLIT = 96, 206, 528  # heights of the two heads, and where the way splits
GREEN, RED = "#16a34a", "#dc2626"


def svg(at: AtSize, classes: int, words: dict[str, str]) -> str:
    """The drawing as text. `words` has "picture", "map", "gap", "flatten", "label"."""
    side = SIDE * min(at.size, LARGEST) / LARGEST  # picture and map shrink alike; a size can be typed that is larger
    top = MIDDLE - side / 2
    parts = [
        rect(10, top, side, side, rx=4, fill="#64748b", fill_opacity=0.25, stroke="#64748b"),
        _named(10, words["picture"], f"3×{at.size}×{at.size}"),
        _arrow(16 + side, MAP - 8, MIDDLE),
        _map(MAP, top, side, at.side),
        _named(MAP, words["map"], f"{at.channels}×{at.side}×{at.side}"),
        path("M", MAP + side + 16, MIDDLE, "H", SPLIT, **_line()),
        path("M", SPLIT, POOLED, "V", FLAT, **_line()),
        _arrow(SPLIT, 560, POOLED),
        _arrow(SPLIT, 560, FLAT),
        _way(POOLED, words["gap"], (at.pooled, at.pooled), classes),
        _way(FLAT, words["flatten"], (at.flattened, at.expected), classes),
    ]
    return drawing(WIDTH, HEIGHT, *parts, role="img", aria_label=words["label"], class_="any-size")


def _line() -> dict[str, object]:
    return {"fill": "none", "stroke": "currentColor", "stroke_width": 1.5, "opacity": 0.7}


def _arrow(start: float, end: float, y: float) -> str:
    head = path("M", end - 8, y - 5, "V", y + 5, "L", end, y, "Z", fill="currentColor", opacity=0.7)
    return path("M", start, y, "H", end - 8, **_line()) + head


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


def _way(y: float, name: str, counts: tuple[int, int], classes: int) -> str:
    """One head: how many numbers reach the classifier, and how many it was made for."""
    got, wanted = counts
    fits = got == wanted
    colour = GREEN if fits else RED
    sign = "✓" if fits else "✗"
    reads = f"fc {wanted:,} → {classes:,}"
    return (
        text(566, y - 26, name, 13, opacity=0.8)
        + rect(566, y - 16, 184, 32, rx=7, fill=colour, fill_opacity=0.14, stroke=colour, stroke_width=1.6)
        + text(658, y + 5.5, f"{got:,} {sign}", 16, font_weight=700, text_anchor="middle")
        + text(658, y + 38, reads, 14, text_anchor="middle")
    )
