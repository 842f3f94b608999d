"""The residual block as SVG: one with numbers on its edges, and the order of layers in V1 and V2."""

from collections.abc import Sequence
from html import escape

from resnet_demo.chapters.residual.one_block import Step, Weights
from resnet_demo.chapters.residual.pages.figures import figure

TRUNK, RIGHT = 128, 246  # x of the trunk, and of the shortcut beside it
BOX, TALL = 124, 36  # a box's width and height
NAMES = {"relu": "ReLU", "sigmoid": "σ", "tanh": "tanh"}
STOPS = {"x": 24, "conv1": 96, "act1": 172, "conv2": 248, "add": 320, "act2": 388, "out": 456}
V1 = ("conv", "bn", "relu", "conv", "bn", "+", "relu")
V2 = ("bn", "relu", "conv", "bn", "relu", "conv", "+")
WORDS = {"conv": "conv 3×3", "bn": "BN", "relu": "ReLU"}


def block(step: Step, w: Weights, alt: str, gone: str) -> str:
    """Values flow down, on the right of each edge, gradients up, on its left. `gone`: where the plain twin has no x."""
    phi = NAMES[w.activation]
    residual = step.form == "residual"
    at_act1 = step.at_total * w.w2 + 0.0
    edges = [
        ("x", "conv1", step.x, step.through_branch),
        ("conv1", "act1", step.conv1, step.b1_gradient),
        ("act1", "conv2", step.act1, at_act1),
        ("conv2", "add", step.branch, step.at_total),
        ("add", "act2", step.total, step.at_total),
        ("act2", "out", step.out, step.upstream),
    ]
    if not residual:  # one edge where the addition was
        edges[3:5] = [("conv2", "act2", step.branch, step.at_total)]
    parts = [_edge(_end(a, 1), _end(b, -1), value, gradient) for a, b, value, gradient in edges]
    parts.append(_shortcut(step) if residual else _no_shortcut(gone))
    parts += [
        _stop("x", "x", "given"),
        _box("conv1", "w₁·x + b₁", "conv"),
        _box("act1", phi, "relu"),
        _box("conv2", "w₂·a + b₂", "conv"),
        _box("act2", phi, "relu"),
        _stop("out", "y", "given"),
    ]
    if residual:
        parts.append(_plus(STOPS["add"]))
    return _svg(parts, 300, 482, alt, "flowing")


def _end(name: str, side: int) -> float:
    half = {"x": 17, "out": 17, "add": 13}.get(name, TALL / 2)
    return STOPS[name] + side * half


def _edge(top: float, bottom: float, value: float, gradient: float) -> str:
    y = (top + bottom) / 2 + 5
    line = f"M{TRUNK} {top:g}V{bottom - 5:g}"
    return (
        _line(line, value, gradient)
        + f'<path class="tip" d="M{TRUNK - 5} {bottom - 8:g}L{TRUNK} {bottom:g}L{TRUNK + 5} {bottom - 8:g}Z"/>'
        + _value(TRUNK + 13, y, value)
        + _gradient(TRUNK - 13, y, gradient)
    )


def _line(path: str, value: float, gradient: float) -> str:
    """A wire, with dashes that run down it for a value and up for a gradient. Zero carries nothing: no dashes."""
    down = f'<path class="down" d="{path}"/>' if value else ""
    up = f'<path class="up" d="{path}"/>' if gradient else ""
    dead = "" if value or gradient else " dead"
    return f'<path class="wire{dead}" d="{path}"/>{down}{up}'


def _value(x: float, y: float, value: float) -> str:
    return f'<text class="value" x="{x:g}" y="{y:g}">{figure(value)}</text>'


def _gradient(x: float, y: float, value: float) -> str:
    return f'<text class="gradient" x="{x:g}" y="{y:g}" text-anchor="end">{figure(value)}</text>'


def _shortcut(step: Step) -> str:
    top, bottom = STOPS["x"], STOPS["add"]
    path = _around(TRUNK + 17, top, bottom, TRUNK + 20)
    tip = f'<path class="tip" d="M{TRUNK + 21} {bottom - 5}L{TRUNK + 13} {bottom}L{TRUNK + 21} {bottom + 5}Z"/>'
    middle = (top + bottom) / 2
    return (
        f'<g class="shortcut-line">{_line(path, step.x, step.through_shortcut)}{tip}</g>'
        + _value(RIGHT + 11, middle - 4, step.x)
        + f'<text class="gradient" x="{RIGHT + 11}" y="{middle + 18:g}">{figure(step.through_shortcut)}</text>'
    )


def _around(start: float, top: float, bottom: float, end: float) -> str:
    """From the trunk to the right, down, and back."""
    down = f"Q{RIGHT} {top} {RIGHT} {top + 26}V{bottom - 26}Q{RIGHT} {bottom} {RIGHT - 26} {bottom}"
    return f"M{start} {top}H{RIGHT - 26}{down}H{end}"


def _no_shortcut(words: str) -> str:
    top, bottom = STOPS["x"], STOPS["add"]
    path = _around(TRUNK + 17, top, bottom, TRUNK + 62)  # short of the number beside the trunk
    middle = (top + bottom) / 2
    cross = f'<path class="cut" d="M{RIGHT - 7} {middle - 7:g}l14 14m0 -14l-14 14"/>'
    return (
        f'<path class="ghost" d="{path}"/>{cross}'
        f'<text class="small" x="{RIGHT}" y="{middle + 28:g}" text-anchor="middle">{escape(words)}</text>'
    )


def _stop(name: str, letter: str, kind: str) -> str:
    y = STOPS[name]
    words = f'<text class="node" x="{TRUNK}" y="{y + 5}">{letter}</text>'
    return f'<circle class="{kind}" cx="{TRUNK}" cy="{y}" r="17"/>{words}'


def _plus(y: float) -> str:
    return (
        f'<circle class="plus" cx="{TRUNK}" cy="{y:g}" r="13"/><path class="sign" d="M{TRUNK - 6} {y:g}h12m-6 -6v12"/>'
    )


def _box(name: str, words: str, kind: str) -> str:
    return _layer(STOPS[name], words, kind)


def _layer(y: float, words: str, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{TRUNK - BOX / 2:g}" y="{y - TALL / 2:g}" width="{BOX}" height="{TALL}" rx="9"/>'
        f'<text class="node" x="{TRUNK}" y="{y + 5:g}">{words}</text>'
    )


def order(layers: Sequence[str], alt: str) -> str:
    """A block's layers in their order, with the identity beside them: `V1` or `V2`."""
    gap, first = 56, 74
    parts: list[str] = []
    last = 22.0
    for index, layer in enumerate(layers):
        y = first + gap * index
        half = 13 if layer == "+" else TALL / 2
        parts.append(f'<path class="wire" d="M{TRUNK} {last:g}V{y - half:g}"/>')
        after = "+" in layers[:index]
        parts.append(_plus(y) if layer == "+" else _layer(y, WORDS[layer], f"{layer} after" if after else layer))
        last = y + half
    height = first + gap * len(layers)
    parts.append(f'<path class="wire" d="M{TRUNK} {last:g}V{height - 22:g}"/>')
    parts.append(
        f'<path class="tip" d="M{TRUNK - 5} {height - 23:g}L{TRUNK} {height - 14:g}L{TRUNK + 5} {height - 23:g}Z"/>'
    )
    top, plus = 34, first + gap * layers.index("+")
    path = _around(TRUNK, top, plus, TRUNK + 13)
    parts.insert(0, f'<g class="shortcut-line"><path class="wire" d="{path}"/><path class="down" d="{path}"/></g>')
    parts.append(f'<text class="node" x="{TRUNK}" y="16">x<tspan dy="4" font-size="11">l</tspan></text>')
    parts.append(f'<text class="node" x="{TRUNK}" y="{height:g}">x<tspan dy="4" font-size="11">l+1</tspan></text>')
    return _svg(parts, 252, height + 8, alt, "order")


def _svg(parts: Sequence[str], width: float, height: float, alt: str, kind: str) -> str:
    box, words = f"0 0 {width:g} {height:g}", escape(alt, quote=True)
    return f'<svg class="diagram {kind}" viewBox="{box}" role="img" aria-label="{words}">{"".join(parts)}</svg>'
