"""Up to a hundred equal blocks: value and gradient as curves, and where they leave the range of numbers."""

from plotly.graph_objects import Figure

from resnet_demo.chapters.residual.many_blocks import LARGEST_STACK, Departure, Stack, stack
from resnet_demo.chapters.residual.one_block import FORMS, number, weights
from resnet_demo.chapters.residual.pages.charts import Curve, Mark, over_blocks
from resnet_demo.chapters.residual.pages.controls import activation, weight
from resnet_demo.chapters.residual.pages.figures import figure, subscript
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.html import html, summary
from resnet_demo.kit.page import Output, Page, Preset, chart, radio, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

NUMBERS = ("x", "w1", "w2", "b1", "b2", "activation", "blocks")
FIRST = (1.0, 0.5, 0.2, 0.0, 0.0)
PRESETS = {
    "hand": (2.0, 0.5, -0.1, 0.0, 0.0, "relu", 30),
    "below": (*FIRST, "relu", 30),
    "above": (2.0, 1.5, 1.0, 0.0, 0.0, "relu", 30),
    "sigmoid": (2.0, 1.0, 1.0, 0.0, 0.0, "sigmoid", 30),
    "tanh": (0.5, 0.9, 0.9, 0.0, 0.0, "tanh", 30),
    "nan": (-1.0, 3.0, 1.0, 0.0, 1.0, "relu", 100),  # the plain gradient becomes NaN from 65 blocks on
}
AXES = ("log", "linear")
FADED, LARGE = 1e-3, 1e3


def compute(
    x: float, w1: float, w2: float, b1: float, b2: float, activation: str, blocks: int, axis: str
) -> tuple[list[Stack], str]:
    """All three kinds, and their chart's axis. Raises ResidualError or CountError."""
    w, first = weights(w1, w2, b1, b2, activation), number("x", x)
    return [stack(first, w, blocks, form) for form in FORMS], axis


def draw(result: tuple[list[Stack], str], language: str) -> tuple[str, Figure, Figure, str, str]:
    """What is left of the gradient, both charts, each kind in words, and the numbers as a file."""
    stacks, axis = result
    left = {one.form: figure(one.gradients[0]) for one in stacks}
    answer = t(language, "residual.many_blocks.answer", count=len(stacks[0].factors), **left)
    gradients, values = (_chart(language, stacks, which, axis == "log") for which in ("gradients", "values"))
    cards = html(
        "chapters/residual/pages/many_blocks.html",
        language,
        cards=[(one.form, fate(one.gradients[0]), _facts(language, one)) for one in stacks],
    )
    rows = [
        {"k": k} | {f"{name}_{one.form}": series[k] for one in stacks for name, series in _series(one).items()}
        for k in range(len(stacks[0].values))
    ]
    return summary(answer), gradients, values, cards, downloads(language, "residual-stack", rows)


def _series(stack: Stack) -> dict[str, tuple[float, ...]]:
    return {"value": stack.values, "gradient": stack.gradients}


def _chart(language: str, stacks: list[Stack], which: str, logarithmic: bool) -> Figure:
    curves = []
    for one in stacks:
        departures = one.value_departures if which == "values" else one.gradient_departures
        marks = [Mark(d.kind, d.at, t(language, f"residual.leaves.{d.kind}", at=subscript(d.at))) for d in departures]
        series = one.values if which == "values" else one.gradients
        curves.append(Curve(t(language, f"residual.form.{one.form}"), one.form, series, marks))
    return over_blocks(curves, t(language, "residual.many_blocks.x"), logarithmic)


def _facts(language: str, stack: Stack) -> list[str]:
    """The product of the factors, and where value and gradient leave the range of numbers."""
    low, high = figure(min(stack.factors)), figure(max(stack.factors))
    values = {"low": low, "high": high, "count": len(stack.factors), "product": figure(stack.gradients[0])}
    return [
        t(language, f"residual.factors.{'same' if low == high else 'range'}", **values),
        *(_leaves(language, "value", departure) for departure in stack.value_departures),
        *(_leaves(language, "gradient", departure) for departure in stack.gradient_departures),
    ]


def _leaves(language: str, which: str, departure: Departure) -> str:
    return t(language, f"residual.{which}.{departure.kind}", at=subscript(departure.at))


def fate(product: float) -> str:
    """What has become of the gradient: "nan", "exploded", "zero", "vanished" or "alive"."""
    size = abs(product)
    if size != size:
        return "nan"
    if size > LARGE:
        return "exploded"
    if size == 0:
        return "zero"
    return "vanished" if size < FADED else "alive"


def axis_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"residual.axis.{name}"), name) for name in AXES]


def preset(name: str) -> Preset:
    return Preset(name, f"residual.start.{name}", dict(zip(NUMBERS, PRESETS[name], strict=True)))


PAGE = Page(
    "many_blocks",
    compute,
    draw,
    controls=(
        *(weight(name, value, folded=True) for name, value in zip(NUMBERS, FIRST, strict=False)),
        activation("relu"),
        slider("blocks", 1, LARGEST_STACK, 30, label="residual.blocks"),
        radio("axis", axis_choices, AXES[0], label="residual.axis", folded=True),
    ),
    outputs=(
        Output("answer"),
        chart("gradients", "residual.many_blocks.title.gradients"),
        chart("values", "residual.many_blocks.title.values"),
        Output("cards"),
        Output("numbers", folded=True),
    ),
    presets=tuple(map(preset, PRESETS)),
    code=(stack,),
    note="residual.many_blocks.range",
)
