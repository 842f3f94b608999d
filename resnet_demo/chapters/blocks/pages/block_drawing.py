"""One block from near: every operation of its row, top to bottom, the shortcut beside it, and what each one costs."""

from collections.abc import Callable, Sequence

from resnet_demo.chapters.blocks.layers import Layer, Shape
from resnet_demo.chapters.blocks.pages.svg import IDENTITY, PROJECTION, STAGES, drawing, path, rect, tag, text
from resnet_demo.chapters.blocks.rows import Row

WIDTH = 380
MAIN, SIDE = 112, 302  # the middles of the main path and of the shortcut
BOX, NARROW = 204, 138  # widths of their boxes
STEP = 17  # the line between two boxes
HEIGHT = {"conv": 44, "linear": 44}
OTHER = 26
Cost = Callable[[Layer], str]


def svg(row: Row, label: str, cost: Cost) -> str:
    """The drawing as text. `cost` says what a convolution or linear layer costs; `label` names the drawing."""
    main = [layer for layer in row.layers if not layer.shortcut]
    forked = row.shortcut not in (None, "none")
    # V2's projection takes the pre-activated x.
    entry = 2 if forked and row.shortcut == "projection" and main[0].kind == "norm" else 0
    y, parts, fork = 30.0, [text(MAIN, 18, _shape("x", row.input), 13, text_anchor="middle")], 0.0
    for index, layer in enumerate(main):
        if forked and index == entry:
            fork = y + STEP / 2
        parts.append(_down(MAIN, y, y + STEP))
        y += STEP
        if layer.kind == "add":
            parts.append(_shortcut(row, fork, y + 11))
            parts.append(_plus(MAIN, y + 11))
            y += 22
        else:
            parts.append(_operation(layer, MAIN, y, (BOX, row.paper), cost))
            y += HEIGHT.get(layer.kind, OTHER)
    parts.append(_down(MAIN, y, y + STEP))
    parts.append(text(MAIN, y + STEP + 14, _shape("", row.output), 13, text_anchor="middle"))
    return drawing(WIDTH, y + STEP + 24, *parts, role="img", aria_label=label, class_="closeup")


def _shape(name: str, shape: Shape) -> str:
    return f"{name}  {' × '.join(map(str, shape))}".strip()


def _down(x: float, start: float, end: float) -> str:
    head = path("M", x - 4, end - 6, "L", x + 4, end - 6, "L", x, end, "Z", fill="currentColor")
    return path("M", x, start, "V", end - 3, stroke="currentColor", stroke_width=1.4, fill="none") + head


def _operation(layer: Layer, x: float, y: float, place: tuple[float, str], cost: Cost) -> str:
    width, paper = place
    height = HEIGHT.get(layer.kind, OTHER)
    weighty = layer.kind in HEIGHT
    colour = STAGES[paper] if layer.kind not in ("norm", "relu") else "#94a3b8"
    box = {"rx": 7, "fill": colour, "fill_opacity": 0.2 if weighty else 0.12, "stroke": colour, "stroke_width": 1.5}
    words = [text(x, y + (18 if weighty else 17.5), _named(layer), 13, font_weight=650, text_anchor="middle")]
    if weighty:
        words.append(text(x, y + 35, cost(layer), 11, text_anchor="middle"))
    return (
        rect(x - width / 2, y, width, height, class_="paper", rx=7)
        + rect(x - width / 2, y, width, height, **box)
        + "".join(words)
    )


def _named(layer: Layer) -> str:
    if layer.kind == "conv":
        extras = [
            f"/{layer.stride}" if layer.stride > 1 else "",
            f"g{layer.groups}" if layer.groups > 1 else "",
            f"d{layer.dilation}" if layer.dilation > 1 else "",
        ]
        return f"{layer.kernel}×{layer.kernel}, {layer.input[0]} → {layer.output[0]} {' '.join(extras)}".strip()
    return {
        "norm": "BN",
        "relu": "ReLU",
        "pad": "+ 0",
        "maxpool": f"max {layer.kernel}×{layer.kernel} /{layer.stride}",
        "avgpool": f"GAP {layer.kernel}×{layer.kernel}",
        "linear": f"fc, {layer.input[0]} → {layer.output[0]}",
    }[layer.kind]


def _plus(x: float, y: float) -> str:
    ink = {"stroke": "currentColor", "stroke_width": 1.5}
    circle = tag("circle", cx=x, cy=f"{y:.1f}", r=11, class_="paper", **ink)
    return circle + path("M", x - 6, y, "H", x + 6, "M", x, y - 6, "V", y + 6, fill="none", **ink)


def _shortcut(row: Row, fork: float, add: float) -> str:
    """From the fork to the addition, with the boxes that are on it."""
    layers: Sequence[Layer] = [layer for layer in row.layers if layer.shortcut]
    dashed = row.shortcut != "identity"
    colour = PROJECTION if dashed else IDENTITY
    line = path(
        *("M", MAIN, fork, "H", SIDE - 16, "Q", SIDE, fork, SIDE, fork + 16),
        *("V", add - 16, "Q", SIDE, add, SIDE - 16, add, "H", MAIN + 18),
        **{"fill": "none", "stroke": colour, "stroke_width": 2.6, "stroke_dasharray": "6 4" if dashed else None},
    )
    head = path("M", MAIN + 20, add - 5, "V", add + 5, "L", MAIN + 11, add, "Z", fill=colour)
    dot = tag("circle", cx=MAIN, cy=f"{fork:.1f}", r=3.4, fill=colour)
    boxes, heights = [], [HEIGHT.get(layer.kind, OTHER) for layer in layers]
    y = (fork + add - sum(heights) - STEP * max(len(layers) - 1, 0)) / 2
    for layer, height in zip(layers, heights, strict=True):
        boxes.append(_operation(layer, SIDE, y, (NARROW, row.paper), lambda one: f"{one.parameters:,}"))
        y += height + STEP
    if not layers:
        boxes.append(rect(SIDE - 13, (fork + add) / 2 - 11, 26, 22, rx=8, class_="paper"))
        boxes.append(text(SIDE, (fork + add) / 2 + 5, "x", 14, font_style="italic", text_anchor="middle"))
    return line + head + dot + "".join(boxes)
