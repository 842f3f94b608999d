"""The residual block with a single number for each feature map: forward and backward by hand, without torch.

    conv1 = w1·x + b1    act1 = φ(conv1)    F(x) = w2·act1 + b2    H(x) = F(x) + x    out = φ(H(x))

The plain twin leaves out "+ x" and nothing else. The slopes are φ', so with L = out and g = dL/dout

    dF/dx = w2·φ'(conv1)·w1     dL/dx = g·φ'(H)·(1 + dF/dx)     plain: dL/dx = g·φ'(F)·dF/dx

He et al. 2015, arXiv 1512.03385, equation 1; the gradient is that of arXiv 1603.05027, equation 5, for one block.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from resnet_demo import checks
from resnet_demo.errors import ResidualError

LIMIT = 10**6
Form = Literal["residual", "plain", "clean"]
FORMS: tuple[Form, ...] = ("residual", "plain", "clean")
"""With the shortcut; without it; with the shortcut but no activation after the addition, as in V2."""


def _sigmoid(z: float) -> float:
    small = math.exp(-abs(z))  # never overflows
    return 1 / (1 + small) if z >= 0 else small / (1 + small)


def _relu(z: float) -> float:
    return z if z > 0 or math.isnan(z) else 0.0


@dataclass(frozen=True)
class Activation:
    """φ, and its slope as a function of z and of φ(z). ReLU's slope at 0 is 0, as in torch."""

    value: Callable[[float], float]
    slope: Callable[[float, float], float]


ACTIVATIONS = {
    "relu": Activation(_relu, lambda z, _: z if math.isnan(z) else float(z > 0)),
    "sigmoid": Activation(_sigmoid, lambda _, a: a * (1 - a)),
    "tanh": Activation(math.tanh, lambda _, a: 1 - a * a),
}


@dataclass(frozen=True)
class Weights:
    """The weights of one block. `activation` is a name in `ACTIVATIONS`."""

    w1: float
    w2: float
    b1: float = 0.0
    b2: float = 0.0
    activation: str = "relu"


@dataclass(frozen=True)
class Step:
    """One block, forward and backward, with every number by name.

    `total` is the input of the last activation: H(x), or F(x) in the plain twin. `slope1` = φ'(conv1), `slope2` the
    slope after the addition (1 without an activation). `through_shortcut` + `through_branch` = `gradient` = dL/dx.
    """

    form: Form
    x: float
    conv1: float
    act1: float
    branch: float
    total: float
    out: float
    upstream: float
    slope2: float
    at_total: float
    slope1: float
    branch_gradient: float
    through_shortcut: float
    through_branch: float
    gradient: float
    w1_gradient: float
    w2_gradient: float
    b1_gradient: float
    b2_gradient: float

    @property
    def factor(self) -> float:
        """dout/dx: the factor by which the block multiplies a gradient. Without the shortcut there is no "1 +"."""
        carried = 0.0 if self.form == "plain" else 1.0
        return self.slope2 * (carried + self.branch_gradient) + 0.0


def number(name: str, value: object) -> float:
    """`value` as a float. Raises CountError unless it is a number within ±`LIMIT`."""
    return checks.number(name, value, -LIMIT, LIMIT)


def weights(w1: object, w2: object, b1: object = 0.0, b2: object = 0.0, activation: str = "relu") -> Weights:
    """Checked weights. Raises CountError or ResidualError."""
    if activation not in ACTIVATIONS:
        raise ResidualError("residual_activation", value=activation, names=", ".join(ACTIVATIONS))
    return Weights(number("w1", w1), number("w2", w2), number("b1", b1), number("b2", b2), activation)


def step(x: float, w: Weights, form: Form = "residual", upstream: float = 1.0) -> Step:
    """One block. `upstream` is dL/dout. "+ 0.0" turns a negative zero into zero."""
    phi = ACTIVATIONS[w.activation]
    conv1 = w.w1 * x + w.b1
    act1 = phi.value(conv1)
    branch = w.w2 * act1 + w.b2 + 0.0
    total = branch if form == "plain" else branch + x
    out = total if form == "clean" else phi.value(total)
    slope1 = phi.slope(conv1, act1)
    slope2 = 1.0 if form == "clean" else phi.slope(total, out)
    at_total = upstream * slope2 + 0.0
    branch_gradient = w.w2 * slope1 * w.w1 + 0.0
    shortcut = 0.0 if form == "plain" else at_total
    through_branch = at_total * branch_gradient + 0.0
    at_conv1 = at_total * w.w2 * slope1 + 0.0
    return Step(
        form=form,
        x=x,
        conv1=conv1,
        act1=act1,
        branch=branch,
        total=total,
        out=out,
        upstream=upstream,
        slope2=slope2,
        at_total=at_total,
        slope1=slope1,
        branch_gradient=branch_gradient,
        through_shortcut=shortcut,
        through_branch=through_branch,
        gradient=shortcut + through_branch,
        w1_gradient=at_conv1 * x + 0.0,
        w2_gradient=at_total * act1 + 0.0,
        b1_gradient=at_conv1,
        b2_gradient=at_total,
    )


def twins(x: object, w1: object, w2: object, b1: object, b2: object, activation: str) -> tuple[Step, Step]:
    """The block with its shortcut, and without. Raises CountError or ResidualError."""
    w, start = weights(w1, w2, b1, b2, activation), number("x", x)
    return step(start, w, "residual"), step(start, w, "plain")
