"""A stack of n equal blocks: how the value changes on the way forward, and the gradient on the way back.

Each block's result is stored as float32, as in real networks, so a curve can leave the range of numbers: above 3.4e38
it is infinite, below 7e-46 it is zero, and 0·∞ or ∞ - ∞ gives NaN.
"""

import ctypes
import math
from dataclasses import dataclass
from typing import Literal

from resnet_demo.chapters.residual.one_block import Form, Weights, number, step
from resnet_demo.models.layer_costs import whole

LARGEST_STACK = 100
Kind = Literal["infinite", "nan", "underflow", "zero"]


@dataclass(frozen=True)
class Departure:
    """Where a curve first leaves the range of float32, or becomes exactly zero: `at` is the k of x_k."""

    kind: Kind
    at: int


@dataclass(frozen=True)
class Stack:
    """`values[k]` = x_k, `gradients[k]` = dL/dx_k with L = x_n (k = 0..n), `factors[k]` = dx_k+1/dx_k (k = 0..n-1)."""

    form: Form
    values: tuple[float, ...]
    gradients: tuple[float, ...]
    factors: tuple[float, ...]
    value_departures: tuple[Departure, ...]
    gradient_departures: tuple[Departure, ...]


def single(value: float) -> float:
    """The nearest float32; infinite above the largest one."""
    return ctypes.c_float(value).value


def stack(x: object, w: Weights, blocks: object, form: Form) -> Stack:
    """Applies the block with weights `w` `blocks` times to x_0 = `x`. Raises ResidualError or CountError."""
    n = whole("blocks", blocks, 1, LARGEST_STACK)
    values, exact = [single(number("x", x))], [0.0]
    factors = []
    for _ in range(n):
        block = step(values[-1], w, form)
        exact.append(block.out)
        values.append(single(block.out))
        factors.append(single(block.factor))
    gradients, products = [1.0], [1.0]
    for factor in reversed(factors):
        products.append(gradients[-1] * factor)
        gradients.append(single(products[-1]))
    downwards = [Departure(found.kind, n - found.at) for found in departures(gradients, products)]
    return Stack(
        form, tuple(values), tuple(reversed(gradients)), tuple(factors), departures(values, exact), tuple(downwards)
    )


def departures(kept: list[float], exact: list[float]) -> tuple[Departure, ...]:
    """The first position of each kind in a computed curve; `exact` is the value before rounding to float32."""
    found: dict[Kind, int] = {}
    for at, (value, whole_value) in enumerate(zip(kept, exact, strict=True)):
        kind = _kind(value, whole_value)
        if at and kind and kind != _kind(kept[at - 1], exact[at - 1]) and kind not in found:
            if kind == "zero" and "underflow" in found:
                continue  # everything after an underflow is its consequence
            found[kind] = at
    return tuple(Departure(kind, at) for kind, at in found.items())


def _kind(value: float, exact: float) -> Kind | None:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "infinite"
    if value == 0:
        return "underflow" if exact else "zero"
    return None
