"""One block by hand: every number of it forward and backward, and its plain twin beside it."""

from dataclasses import asdict, dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.residual.one_block import ACTIVATIONS, Step, Weights, number, step, weights
from resnet_demo.chapters.residual.pages.diagrams import NAMES, block
from resnet_demo.chapters.residual.pages.figures import figure, opening
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.downloads import downloads, finite
from resnet_demo.kit.messages import Problem, answer, attempt, notice
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

DEFAULTS = {"x": 2.0, "w1": 0.5, "w2": -0.1, "b1": 0.0, "b2": 0.0}


@dataclass(frozen=True)
class Parts:
    controls: list[Any]
    cards: gr.HTML
    numbers: gr.JSON


def activations() -> list[tuple[str, str]]:
    return [(NAMES[name], name) for name in ACTIVATIONS]


def build(page: Site) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="hand"))
    with gr.Row():
        controls: list[Any] = [_slider(page, name, value) for name, value in DEFAULTS.items()]
    radio = gr.Radio(activations(), value="relu", elem_id="residual-activation")
    controls.append(page.word(radio, label="residual.activation"))
    cards = gr.HTML(elem_id="residual-cards")
    return Parts(controls, cards, gr.JSON(visible=False))


def _slider(page: Site, name: str, value: float) -> Slider:
    reach = 5 if name == "x" else 3
    slider = Slider(-reach, reach, value=value, step=0.05, elem_id=f"residual-{name}", min_width=160)
    return page.word(slider, label=f"residual.{name}")


def wire(page: Site, parts: Parts) -> None:
    inputs = [*parts.controls, page.language]
    page.draws([page.ready, *(control.change for control in parts.controls)], render, inputs, parts.cards)
    page.endpoint(endpoint, inputs, parts.numbers, "residual_step")


def endpoint(
    x: float, w1: float, w2: float, b1: float, b2: float, activation: str, language: str
) -> dict[str, dict[str, Any]]:
    """One residual block of single numbers and its plain twin, forward and backward, every step by name.

    x: the block's input. w1, b1: weight and bias of the first convolution. w2, b2: of the second. activation: "relu",
    "sigmoid" or "tanh". language: "en" or "zh", for error messages. With L the block's output, "gradient" is dL/dx:
    "through_shortcut" (the "1 +", absent in the plain twin) plus "through_branch". Numbers that JSON lacks are the
    strings "inf", "-inf" and "nan".
    """
    pair = answer(language, attempt(both, x, w1, w2, b1, b2, activation))
    return {made.form: finite(asdict(made)) for made in pair[:2]}


def both(x: float, w1: float, w2: float, b1: float, b2: float, activation: str) -> tuple[Step, Step, Weights]:
    """The block with its shortcut, and without. Raises ResidualError."""
    w = weights(w1, w2, b1, b2, activation)
    start = number("x", x)
    return step(start, w, "residual"), step(start, w, "plain"), w


def render(x: float, w1: float, w2: float, b1: float, b2: float, activation: str, language: str) -> str:
    """Both blocks as cards, or what went wrong."""
    pair = attempt(both, x, w1, w2, b1, b2, activation)
    if isinstance(pair, Problem):
        return notice(language, pair)
    residual, plain, w = pair
    cards = "".join(_card(language, made, w) for made in (residual, plain))
    rows = [asdict(made) for made in (residual, plain)]
    legend = (
        f'<p class="hint flow-legend"><b class="value">{escape(t(language, "residual.hand.values"))}</b>'
        f'<b class="gradient">{escape(t(language, "residual.hand.gradients"))}</b></p>'
    )
    return (
        f'<p class="summary">{escape(_verdict(language, residual, plain))}</p>{legend}'
        f'<div class="cards twins">{cards}</div>{downloads(language, "residual-step", rows)}'
    )


def _verdict(language: str, residual: Step, plain: Step) -> str:
    """What the shortcut changed, in the numbers at hand."""
    values = {
        "out": figure(residual.out),
        "plain_out": figure(plain.out),
        "gradient": figure(residual.gradient),
        "plain_gradient": figure(plain.gradient),
    }
    if plain.gradient == 0 != residual.gradient:
        case = "blocked"
    elif residual.gradient == 0:
        case = "off" if plain.gradient == 0 else "turned"
    else:
        case = "stronger" if abs(residual.gradient) >= abs(plain.gradient) else "weaker"
    return t(language, f"residual.hand.verdict.{case}", **values)


def _card(language: str, made: Step, w: Weights) -> str:
    title = t(language, f"residual.form.{made.form}")
    alt = t(language, "residual.hand.alt", form=title, out=figure(made.out), gradient=figure(made.gradient))
    lists = _list(language, "forward", _forward(made, w)) + _list(language, "backward", _backward(made, w))
    return (
        f'<section class="card {made.form}"><h3>{escape(title)}</h3><div class="worked">'
        f"{block(made, w, alt, t(language, 'residual.hand.gone'))}<div>{lists}</div></div></section>"
    )


def _list(language: str, direction: str, steps: list[tuple[str, str, float]]) -> str:
    items = "".join(
        f'<li><span>{escape(symbols)}<i>= {escape(numbers)}</i></span><b class="{direction}">{figure(value)}</b></li>'
        for symbols, numbers, value in steps
    )
    return f'<h4>{escape(t(language, f"residual.hand.{direction}"))}</h4><ol class="steps">{items}</ol>'


def _forward(made: Step, w: Weights) -> list[tuple[str, str, float]]:
    phi = NAMES[w.activation]
    conv1, branch = figure(made.conv1), figure(made.branch)
    steps = [
        ("z = w₁·x + b₁", f"{figure(w.w1)} · {_operand(made.x)} + {_operand(w.b1)}", made.conv1),
        (f"a = {phi}(z)", f"{phi}({conv1})", made.act1),
        ("F(x) = w₂·a + b₂", f"{figure(w.w2)} · {_operand(made.act1)} + {_operand(w.b2)}", made.branch),
    ]
    if made.form == "plain":
        return [*steps, (f"y = {phi}(F(x))", f"{phi}({branch})", made.out)]
    return [
        *steps,
        ("H(x) = F(x) + x", f"{branch} + {_operand(made.x)}", made.total),
        (f"y = {phi}(H(x))", f"{phi}({figure(made.total)})", made.out),
    ]


def _backward(made: Step, w: Weights) -> list[tuple[str, str, float]]:
    phi = NAMES[w.activation]
    total = "F" if made.form == "plain" else "H"
    inner = f"{figure(w.w2)} · {_operand(made.slope1)} · {_operand(w.w1)}"
    slope, branch = figure(made.at_total), _operand(made.branch_gradient)
    steps = [
        (f"dL/d{total} = {phi}′({total})", f"{phi}′({figure(made.total)})", made.at_total),
        (f"dF/dx = w₂ · {phi}′(z) · w₁", inner, made.branch_gradient),
    ]
    if made.form == "plain":
        return [*steps, ("dL/dx = dL/dF · dF/dx", f"{slope} · {branch}", made.gradient)]
    return [
        *steps,
        ("dL/dx = dL/dH · (1 + dF/dx)", f"{slope} · (1 + {branch})", made.gradient),
        ("↳ dL/dH · 1", f"{slope} · 1", made.through_shortcut),
        ("↳ dL/dH · dF/dx", f"{slope} · {branch}", made.through_branch),
    ]


def _operand(value: float) -> str:
    """A number after a sign of arithmetic: a negative one in brackets."""
    written = figure(value)
    return f"({written})" if written.startswith("−") else written
