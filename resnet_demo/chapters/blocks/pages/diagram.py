"""A network drawn from the rows of its table: stages as lanes, blocks in them, and above each block its shortcut.

An identity is a solid curve, a projection a dashed one with its 1x1, zero padding a dashed one with "+ 0"; a plain
block has none. The taller a box, the larger the map out of it. Two widths: `WIDE` for a screen, `NARROW` for a phone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log2

from resnet_demo.chapters.blocks.layers import Layer
from resnet_demo.chapters.blocks.pages.svg import IDENTITY, PROJECTION, STAGES, drawing, path, rect, tag, text
from resnet_demo.chapters.blocks.rows import Row

WIDE, NARROW = 940, 412
BOX, GAP, PLUS = 40, 11, 8  # width of a box, the line between two, radius of the addition
TITLE, LABEL = 64, 132  # height of the title, width of the lanes' names beside a wide drawing
BEND = 26  # how far a curve rises above the tallest box
SHORT = {"maxpool": "max", "avgpool": "GAP"}


@dataclass(frozen=True)
class Words:
    """What a drawing says: its title, a line below it, the kinds of curves, and a name for each row."""

    title: str
    facts: str
    legend: Mapping[str, str]
    describe: Callable[[Row], str]


@dataclass(frozen=True)
class Box:
    """One operation as a box: two lines in it, one below it, and the side of the map out of it."""

    first: str
    second: str
    note: str
    side: int

    @property
    def height(self) -> float:
        return 38 + 6 * min(max(log2(max(self.side, 1) / 7), 0), 5.5)


def svg(rows: Sequence[Row], words: Words, width: int = WIDE, selectable: bool = True) -> str:
    """The drawing as text. Where `selectable`, its rows are options of a list box, for a mouse and for keys."""
    if width == WIDE:
        width = _fitting(rows)
    y, parts = float(TITLE), [_title(words, width)]
    numbered = list(enumerate(rows))
    for paper, members in groupby(numbered, key=lambda pair: pair[1].paper):
        lane, height = _lane(paper, list(members), words, (width, y), selectable)
        parts.append(lane)
        y += height
    parts.append(_legend(words, rows, y + 20))
    role = {"role": "listbox", "aria_orientation": "horizontal"} if selectable else {"role": "img"}
    kinds = len({row.shortcut for row in rows if row.shortcut})
    return drawing(width, y + 18 + 20 * kinds, *parts, class_="net sheet", aria_label=words.title, **role)


def _fitting(rows: Sequence[Row]) -> int:
    """The longest stage on one line if that is no wider than `WIDE`: a shallow network is drawn larger."""
    lanes = [sum(map(_width, members)) for _, members in groupby(rows, key=lambda row: row.paper)]
    return int(min(max(LABEL + max(lanes) + 16, WIDE * 0.72), WIDE))


def _title(words: Words, width: int) -> str:
    """A long title in smaller letters, so that it stays on the sheet."""
    size = min(18, 1.6 * width / len(words.title))
    return text(4, 22, words.title, size, font_weight=700) + text(4, 44, words.facts, 13, opacity=0.75)


def _lane(
    paper: str, members: list[tuple[int, Row]], words: Words, place: tuple[float, float], selectable: bool
) -> tuple[str, float]:
    """One stage, and how much height it takes."""
    width, top = place
    wide = width > NARROW
    first = members[-1][1]
    shape = " × ".join(map(str, first.output))
    left, y = (LABEL, top + 6) if wide else (12, top + 30)
    drawn, lines = [], list(_broken([row for _, row in members], width - left - 10))
    tallest = max(box.height for _, row in members for box in _boxes(row))
    curved = any(row.shortcut is not None for _, row in members)  # a plain twin has room for curves: stages stay level
    step = tallest + (BEND + 26 if curved else 30)
    index = members[0][0]
    for count, line in enumerate(lines):
        x, middle = float(left), y + (BEND + 4 if curved else 6) + tallest / 2
        if count:
            drawn.append(_turn(left, width - 6, middle - step, middle, step))
        for row in line:
            drawn.append(_unit(index, row, words, (x, middle), selectable))
            x += _width(row)
            index += 1
        if count < len(lines) - 1:
            drawn.append(path("M", x, middle, "H", width - 6, **_line()))
        y += step
    height = y - top + 8
    colour = STAGES[paper]
    label_y = top + (BEND + 14 if curved and wide else 20)
    if wide:
        named = text(14, label_y, paper, 15, font_weight=700) + text(14, label_y + 19, shape, 12.5, opacity=0.75)
    else:
        named = text(14, label_y, paper, 14, font_weight=700) + text(96, label_y, shape, 12.5, opacity=0.75)
    band = rect(0, top, width, height - 6, rx=10, fill=colour, fill_opacity=0.07)
    edge = rect(0, top, 5, height - 6, rx=2.5, fill=colour)
    return tag("g", band, edge, named, *drawn), height


def _broken(rows: list[Row], room: float) -> Iterator[list[Row]]:
    """Rows in lines no longer than `room`."""
    line: list[Row] = []
    for row in rows:
        if line and sum(map(_width, line)) + _width(row) > room:
            yield line
            line = []
        line.append(row)
    yield line


def _turn(left: float, right: float, before: float, after: float, step: float) -> str:
    """The line from the end of one line of blocks to the start of the next."""
    between = before + step / 2 - 4
    return path(
        "M", right, before, "V", between, "H", left - 4, "V", after, "H", left, stroke_dasharray="1 4", **_line()
    )


def _line(colour: str = "currentColor", width: float = 1.4) -> dict[str, object]:
    return {"fill": "none", "stroke": colour, "stroke_width": width, "stroke_linecap": "round"}


def _boxes(row: Row) -> list[Box]:
    """The operations of the main path that Fig. 3 of the paper draws: convolutions, pooling and the linear layer."""
    if row.kind == "norm":
        return [Box("BN", "ReLU", "", row.output[1])]
    if row.kind == "linear":
        return [Box("fc", f"{row.output[0]}", "", 1)]
    return [_box(layer) for layer in row.layers if not layer.shortcut and layer.kernel]


def _box(layer: Layer) -> Box:
    notes = [
        f"/{layer.stride}" if layer.stride > 1 else "",
        f"g{layer.groups}" if layer.groups > 1 else "",
        f"d{layer.dilation}" if layer.dilation > 1 else "",
    ]
    kernel = f"{layer.kernel}×{layer.kernel}"
    lines = (kernel, str(layer.output[0])) if layer.kind == "conv" else (SHORT[layer.kind], kernel)
    return Box(*lines, " ".join(filter(None, notes)), layer.output[1])


def _width(row: Row) -> float:
    """A plain block leaves the room of the plus that it does not have: its lines break where its twin's do."""
    return GAP + len(_boxes(row)) * (BOX + GAP) + (2 * PLUS + GAP if row.shortcut is not None else GAP)


def _unit(index: int, row: Row, words: Words, place: tuple[float, float], selectable: bool) -> str:
    """A row: its boxes on the line, its frame, and its curve."""
    x, y = place
    boxes, width = _boxes(row), _width(row)
    adds = row.shortcut not in (None, "none")
    tallest = max(box.height for box in boxes)
    top = y - tallest / 2 - (BEND if adds else 4)
    frame = rect(x + 1, top - 2, width - 2, y - top + tallest / 2 + 18, rx=9, class_="frame", fill="transparent")
    shapes = [frame, path("M", x, y, "H", x + width, **_line())]
    if adds:
        shapes.append(_curve(str(row.shortcut), x + GAP / 2, x + width - GAP - PLUS, (y, top)))
    at = x + GAP
    for box in boxes:
        shapes.append(_drawn(box, at, y, STAGES[row.paper]))
        at += BOX + GAP
    if adds:
        shapes.append(_plus(at + PLUS, y))
    spoken = words.describe(row)
    listed: dict[str, object] = {"class_": "unit"}
    if selectable:
        listed |= {"role": "option", "tabindex": -1, "aria_selected": "false", "aria_label": spoken}
        listed |= {"data_index": index, "data_name": row.name}
    return tag("g", tag("title", *[spoken.replace("&", "&amp;").replace("<", "&lt;")]), *shapes, **listed)


def _drawn(box: Box, x: float, y: float, colour: str) -> str:
    height = box.height
    centre = {"text_anchor": "middle"}
    return (
        rect(x, y - height / 2, BOX, height, rx=6, class_="paper")
        + rect(x, y - height / 2, BOX, height, rx=6, fill=colour, fill_opacity=0.2, stroke=colour, stroke_width=1.6)
        + text(x + BOX / 2, y - 3, box.first, 12, font_weight=650, **centre)
        + text(x + BOX / 2, y + 12, box.second, 12 if len(box.second) < 5 else 10.5, **centre)
        + (text(x + BOX / 2, y + height / 2 + 12, box.note, 10.5, font_weight=650, **centre) if box.note else "")
    )


def _plus(x: float, y: float) -> str:
    circle = tag(
        "circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=PLUS, class_="paper", stroke="currentColor", stroke_width=1.4
    )
    return circle + path("M", x - 4, y, "H", x + 4, "M", x, y - 4, "V", y + 4, **_line())


def _curve(kind: str, start: float, end: float, heights: tuple[float, float]) -> str:
    """From before the first box to the addition."""
    y, top = heights
    dashed = kind != "identity"
    colour = PROJECTION if dashed else IDENTITY
    bend = min(30.0, (end - start) / 3)
    curve = path(
        *("M", start, y, "C", start, top + 6, start + bend / 2, top + 6, start + bend, top + 6),
        *("H", end - bend, "C", end - bend / 2, top + 6, end, top + 6, end, y - PLUS),
        class_=kind.replace(" ", "-"),
        stroke_dasharray="5 4" if dashed else None,
        **_line(colour, 2.4),
    )
    head = path("M", end - 4, y - PLUS - 7, "L", end + 4, y - PLUS - 7, "L", end, y - PLUS, "Z", fill=colour)
    if not dashed:
        return curve + head
    x, words = (start + end) / 2, "1×1" if kind == "projection" else "+ 0"
    pill = rect(x - 16, top - 3, 32, 18, rx=9, class_="paper", stroke=PROJECTION, stroke_width=1.4)
    return curve + head + pill + text(x, top + 10, words, 11, font_weight=650, text_anchor="middle")


def _legend(words: Words, rows: Sequence[Row], y: float) -> str:
    """The kinds of curve that the drawing has, and what they mean."""
    kinds = dict.fromkeys(str(row.shortcut) for row in rows if row.shortcut is not None)
    drawn, x = [], 14.0
    for kind in kinds:
        said = words.legend[kind]
        if kind != "none":
            dashed = kind != "identity"
            line = _line(PROJECTION if dashed else IDENTITY, 2.4)
            drawn.append(path("M", x, y - 4, "H", x + 34, stroke_dasharray="5 4" if dashed else None, **line))
        drawn.append(text(x + (42 if kind != "none" else 0), y, said, 12.5, opacity=0.85))
        y += 20
    return tag("g", *drawn)
