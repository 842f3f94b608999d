"""A walk through a block as HTML: each step with its numbers, and the network's own beside them."""

from html import escape

import numpy as np

from resnet_demo.chapters.blocks.pages.svg import drawing, rect
from resnet_demo.chapters.blocks.pixel_steps import (
    TOLERANCE,
    AddStep,
    Array,
    ConvStep,
    CopyStep,
    NormStep,
    ReluStep,
    Step,
    Walk,
)
from resnet_demo.kit.format import power
from resnet_demo.kit.messages import Problem, notice
from resnet_demo.kit.text import t

PATHS = ("main", "shortcut", "sum")
BARS, HIGH = 520, 56


def render(found: Walk | Problem, language: str) -> str:
    """The walk, path by path, with the verdict above; or what went wrong."""
    if isinstance(found, Problem):
        return notice(language, found)
    paths = "".join(_path(language, path, found) for path in PATHS)
    return f'<div class="walk">{_verdict(language, found)}{paths}</div>'


def number(value: float, digits: int = 6) -> str:
    """Six digits unless told, with a true minus."""
    return power(f"{value + 0:.{digits}g}")  # no minus before zero


def small(value: float) -> str:
    """One digit and a power of ten: 2.7 × 10⁻⁷; 0 as it is."""
    return power(f"{value:.1e}") if value else "0"


def _verdict(language: str, walk: Walk) -> str:
    said = t(
        language,
        "blocks.walk.verdict" if walk.holds else "blocks.walk.fails",
        value=number(walk.value),
        network=number(walk.network),
        difference=small(abs(walk.value - walk.network)),
        error=small(walk.error),
        tolerance=small(TOLERANCE).removeprefix("1.0 × "),
    )
    where = t(language, "blocks.walk.where", block=walk.block, channel=walk.channel, row=walk.row, column=walk.column)
    mark = "yes" if walk.holds else "no"
    return (
        f'<p class="summary">{escape(where)}</p>'
        f'<p class="check {mark}"><span class="mark {mark}" aria-hidden="true"></span> {escape(said)}</p>'
    )


def _path(language: str, path: str, walk: Walk) -> str:
    steps = [step for step in walk.steps if step.path == path]
    if not steps:
        return ""
    title = escape(t(language, f"blocks.walk.path.{path}"))
    order = f'<p class="hint">{escape(t(language, "blocks.walk.order"))}</p>' if path == "main" else ""
    cards = "".join(_step(language, step) for step in steps)
    return f'<section class="path path-{path}"><h3>{title}</h3>{order}<ol>{cards}</ol></section>'


def _step(language: str, step: Step) -> str:
    """A step: what it does, its arithmetic, its value, and the network's own."""
    name = t(language, f"blocks.walk.step.{step.kind.replace(' ', '_')}")
    place = t(language, "blocks.walk.place", channel=step.channel, row=step.row, column=step.column)
    own = t(language, "blocks.walk.network", value=number(step.network))
    mark = "yes" if step.error <= TOLERANCE else "no"
    kind = step.kind.replace(" ", "-")
    return (
        f'<li class="step {kind}"><header><code>{escape(step.label)}</code> <b>{escape(name)}</b> '
        f"<small>{escape(place)}</small></header>{_arithmetic(language, step)}"
        f'<p class="result">= <b>{number(step.value)}</b> <small>{escape(own)}</small> '
        f'<span class="mark {mark}" aria-hidden="true"></span></p></li>'
    )


def _arithmetic(language: str, step: Step) -> str:
    if isinstance(step, ConvStep):
        return _convolution(language, step)
    if isinstance(step, NormStep):
        return _norm(step)
    if isinstance(step, ReluStep):
        return _line(f"max(0, {number(step.before)})")
    if isinstance(step, AddStep):
        return _line(f"F(x) + shortcut = {number(step.residual)} + {_signed(step.shortcut)}")
    if isinstance(step, CopyStep) and step.source is not None:
        return _line("x[{}, {}, {}]".format(*step.source))
    return _line("0")


def _line(words: str) -> str:
    return f'<p class="formula">{escape(words)}</p>'


def _signed(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _norm(step: NormStep) -> str:
    scale, shift, eps = number(step.scale), number(step.shift), small(step.eps).removeprefix("1.0 × ")
    lines = (
        f"scale = γ / √(σ² + ε) = {number(step.gamma)} / √({number(step.var)} + {eps}) = {scale}",
        f"shift = β − μ · scale = {number(step.beta)} − {_signed(step.mean)} · {scale} = {shift}",
        f"scale · z + shift = {scale} · {_signed(step.before)} + {_signed(step.shift)}",
    )
    return "".join(map(_line, lines))


def _convolution(language: str, step: ConvStep) -> str:
    """The window, the weights and the products of the channel that contributes most, then every channel's share."""
    grids = (("window", step.window), ("weights", step.weights), ("products", step.products))
    drawn = "".join(
        f"<figure><figcaption>{escape(t(language, f'blocks.walk.{key}'))}</figcaption>{_grid(values)}</figure>"
        for key, values in grids
    )
    here = float(step.products.sum())
    count = len(step.by_channel)
    shown = t(language, "blocks.walk.shown", channel=step.shown, count=count)
    bias = f" + {_signed(step.bias)}" if step.bias else ""
    rest = t(language, "blocks.walk.others", count=count - 1)
    return (
        f'<p class="hint">{escape(shown)}</p><div class="grids">{drawn}</div>'
        f"{_line(f'Σ = {number(here)}')}{_bars(language, step)}"
        f'{_line(f"{number(here)} + {_signed(step.others)}{bias}")}<p class="hint">{escape(rest)}</p>'
    )


def _grid(values: Array) -> str:
    """A small table, each cell tinted by its sign and size."""
    largest = float(np.abs(values).max()) or 1.0
    rows = "".join(
        "<tr>" + "".join(f'<td style="background:{_tint(v / largest)}">{number(v, 4)}</td>' for v in row) + "</tr>"
        for row in values.tolist()
    )
    return f'<table class="grid"><tbody>{rows}</tbody></table>'


def _tint(part: float) -> str:
    colour = "220, 38, 38" if part > 0 else "37, 99, 235"
    return f"rgba({colour}, {0.45 * abs(part):.3f})"


def _bars(language: str, step: ConvStep) -> str:
    """What each input channel adds, as bars up and down; the shown one in full colour."""
    largest = float(np.abs(step.by_channel).max()) or 1.0
    wide = BARS / len(step.by_channel)
    bars = []
    for index, value in enumerate(step.by_channel.tolist()):
        tall = max(abs(value) / largest * HIGH / 2, 0.4)
        top = HIGH / 2 - tall if value > 0 else HIGH / 2
        shown = index + step.first == step.shown
        colour = "#dc2626" if value > 0 else "#2563eb"
        bars.append(
            rect(index * wide, top, max(wide * 0.86, 0.4), tall, fill=colour, fill_opacity=1 if shown else 0.45)
        )
    label = t(language, "blocks.walk.bars", count=len(step.by_channel))
    return drawing(
        BARS, HIGH, *bars, role="img", aria_label=label, class_="bars-by-channel", preserveAspectRatio="none"
    ) + (f'<p class="hint">{escape(label)}</p>')
