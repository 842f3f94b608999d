"""One block by hand: every number of it forward and backward, and its plain twin beside it."""

from dataclasses import asdict

from markupsafe import Markup

from resnet_demo.chapters.residual.one_block import Step, Weights, step, twins, weights
from resnet_demo.chapters.residual.pages.controls import activation, weight
from resnet_demo.chapters.residual.pages.diagrams import NAMES, block
from resnet_demo.chapters.residual.pages.figures import figure
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.html import html, summary
from resnet_demo.kit.page import Output, Page
from resnet_demo.kit.text import t

DEFAULTS = {"x": 2.0, "w1": 0.5, "w2": -0.1, "b1": 0.0, "b2": 0.0}
Steps = list[tuple[str, str, float]]


def compute(x: float, w1: float, w2: float, b1: float, b2: float, activation: str) -> tuple[Step, Step, Weights]:
    """The block with its shortcut, and without. Raises CountError or ResidualError."""
    return *twins(x, w1, w2, b1, b2, activation), weights(w1, w2, b1, b2, activation)


def draw(result: tuple[Step, Step, Weights], language: str) -> tuple[str, str, str]:
    """What the shortcut changed, both blocks, and their numbers as files."""
    residual, plain, w = result
    cards = html(
        "chapters/residual/pages/one_block.html",
        language,
        cards=[(one.form, Markup(_diagram(language, one, w)), _lists(one, w)) for one in (residual, plain)],
    )
    rows = [asdict(one) for one in (residual, plain)]
    return summary(_verdict(language, residual, plain)), cards, downloads(language, "residual-step", rows)


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
    return t(language, f"residual.one_block.verdict.{case}", **values)


def _diagram(language: str, step: Step, w: Weights) -> str:
    form, out, gradient = t(language, f"residual.form.{step.form}"), figure(step.out), figure(step.gradient)
    alt = t(language, "residual.one_block.alt", form=form, out=out, gradient=gradient)
    return block(step, w, alt, t(language, "residual.one_block.gone"))


def _lists(step: Step, w: Weights) -> dict[str, list[tuple[str, str, str]]]:
    """Each step of either direction: in symbols, in numbers, and its value."""
    directions = {"forward": _forward(step, w), "backward": _backward(step, w)}
    return {
        name: [(symbols, numbers, figure(value)) for symbols, numbers, value in steps]
        for name, steps in directions.items()
    }


def _forward(made: Step, w: Weights) -> Steps:
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


def _backward(made: Step, w: Weights) -> Steps:
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


PAGE = Page(
    "one_block",
    compute,
    draw,
    controls=(
        *(weight(name, value, folded=name != "w2") for name, value in DEFAULTS.items()),
        activation("relu"),
    ),
    outputs=(Output("answer"), Output("cards"), Output("numbers", folded=True)),
    code=(step,),
)
