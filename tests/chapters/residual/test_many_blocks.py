"""Stacks of blocks: literal products, torch in float32 as the witness, and where numbers end."""

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from resnet_demo.chapters.residual.many_blocks import Departure, departures, single, stack
from resnet_demo.chapters.residual.one_block import FORMS, Weights
from resnet_demo.errors import CountError

pytestmark = pytest.mark.quick

LARGEST, SMALLEST = 3.4028234663852886e38, 1.401298464324817e-45  # of float32

HAND = Weights(0.5, -0.1)
PHI = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


def test_three_blocks_by_hand():
    residual = stack(2.0, HAND, 3, "residual")
    assert residual.values == pytest.approx((2.0, 1.9, 1.805, 1.71475))
    assert residual.gradients == pytest.approx((0.857375, 0.9025, 0.95, 1.0))
    assert residual.factors == pytest.approx((0.95, 0.95, 0.95))
    assert residual.value_departures == residual.gradient_departures == ()
    plain = stack(2.0, HAND, 3, "plain")
    assert plain.values == (2.0, 0.0, 0.0, 0.0)
    assert plain.gradients == (0.0, 0.0, 0.0, 1.0)
    assert (plain.value_departures, plain.gradient_departures) == ((Departure("zero", 1),), (Departure("zero", 2),))


def test_a_product_of_factors_vanishes_or_explodes():
    below, above = Weights(0.5, 0.2), Weights(1.5, 1.0)
    assert stack(1.0, below, 30, "plain").gradients[0] == pytest.approx(1e-30, rel=1e-4)
    assert (
        stack(1.0, below, 30, "residual").gradients[0]
        == pytest.approx(1.1**30, rel=1e-4)
        == pytest.approx(17.449, rel=1e-3)
    )
    assert stack(1.0, above, 100, "plain").gradients[0] == pytest.approx(1.5**100, rel=1e-4)
    exploded = stack(2.0, above, 100, "residual")
    assert exploded.values[-1] == exploded.gradients[0] == math.inf
    # 2 · 2.5^k first exceeds 3.4e38 at k = 97, and 2.5^m at m = 97 blocks from the top
    assert 2 * 2.5**96 < LARGEST < 2 * 2.5**97 and 2.5**96 < LARGEST < 2.5**97
    assert exploded.value_departures == (Departure("infinite", 97),)
    assert exploded.gradient_departures == (Departure("infinite", 3),)


def test_a_value_that_is_too_small_becomes_zero():
    plain = stack(1.0, Weights(0.5, 0.2), 100, "plain")  # 0.1^k
    assert 1e-45 > SMALLEST / 2 > 1e-46
    assert plain.value_departures == (Departure("underflow", 46),)
    assert plain.gradient_departures[0].kind == "zero"  # ReLU is off where the value is 0


def test_zero_times_infinity_is_not_a_number():
    """The first block's ReLU is off, and all others multiply by 3."""
    plain = stack(-1.0, Weights(3.0, 1.0, 0.0, 1.0), 100, "plain")
    assert plain.factors[0] == 0 and plain.factors[-1] == 3
    assert math.isnan(plain.gradients[0]) and plain.gradients[1] == math.inf
    assert 3.0**80 < LARGEST < 3.0**81
    assert plain.gradient_departures == (Departure("infinite", 100 - 81), Departure("nan", 0))


def test_sigmoid_vanishes_with_and_without_the_shortcut_but_not_with_a_clean_one():
    """The activation after the addition squeezes the shortcut's gradient, too."""
    w = Weights(1.0, 1.0, activation="sigmoid")
    residual, plain, clean = (stack(2.0, w, 100, form).gradients[0] for form in FORMS)
    assert residual == plain == 0 and clean > 1


@given(
    st.sampled_from(list(PHI)),
    st.sampled_from(FORMS),
    st.integers(1, 12),
    *[st.floats(-1.5, 1.5) for _ in range(5)],
)
def test_stacks_are_those_of_torch(activation, form, blocks, x, w1, w2, b1, b2):
    phi = PHI[activation]
    xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True)]
    for _ in range(blocks):
        total = w2 * phi(w1 * xs[-1] + b1) + b2 + (0 if form == "plain" else xs[-1])
        xs.append(total if form == "clean" else phi(total))
    if activation == "relu":  # on the kink float32 and float64 may fall on different sides
        assume(all(abs(value.item()) > 1e-4 for value in xs))
    gradients = torch.autograd.grad(xs[-1], xs, allow_unused=True)
    found = stack(x, Weights(w1, w2, b1, b2, activation), blocks, form)
    assert found.values == pytest.approx([v.item() for v in xs], rel=1e-3, abs=1e-5)
    if activation != "relu":
        assert found.gradients == pytest.approx([g.item() for g in gradients], rel=1e-3, abs=1e-5)


@given(st.floats(-2, 2), st.floats(-2, 2), st.integers(1, 100), st.sampled_from(FORMS))
def test_the_gradient_is_the_product_of_the_factors(w1, w2, blocks, form):
    found = stack(1.0, Weights(w1, w2, 0.1, -0.2, "tanh"), blocks, form)
    assert len(found.values) == len(found.gradients) == blocks + 1 and len(found.factors) == blocks
    product = math.prod(found.factors)
    if 1e-30 < abs(product) < 1e30:
        assert found.gradients[0] == pytest.approx(product, rel=1e-4)


def test_single_precision():
    assert single(0.1) == 0.10000000149011612
    assert (single(3.5e38), single(-3.5e38), single(1e-46)) == (math.inf, -math.inf, 0.0)
    assert (single(LARGEST), single(SMALLEST)) == (LARGEST, SMALLEST)


def test_only_the_first_of_each_kind_counts():
    curve = [1.0, math.inf, math.nan, math.nan, 0.0]
    assert departures(curve, curve) == (Departure("infinite", 1), Departure("nan", 2), Departure("zero", 4))


@pytest.mark.parametrize(("blocks", "nearest"), [(0, 1), (101, 100), (2.5, 2)])
def test_a_height_out_of_range_gets_the_nearest(blocks, nearest):
    with pytest.raises(CountError, match=rf"blocks = {blocks}: .* The nearest is {nearest}\."):
        stack(1.0, HAND, blocks, "plain")
