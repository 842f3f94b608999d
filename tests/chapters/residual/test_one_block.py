"""One block by hand: literal numbers, and torch's autograd as the witness for every gradient."""

import math
import subprocess
import sys
from dataclasses import asdict

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resnet_demo.chapters.residual.one_block import ACTIVATIONS, FORMS, Weights, number, step, weights
from resnet_demo.errors import CountError, ResidualError

HAND = Weights(0.5, -0.1)
numbers = st.floats(-4, 4)
PHI = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}

# Worked out on paper. x, w1, w2, b1, b2 -> conv1, act1, F, H, out, and then dL/dx: through the shortcut, the branch.
WORKED = [
    ((2.0, 0.5, -0.1, 0.0, 0.0), (1.0, 1.0, -0.1, 1.9, 1.9), (1.0, -0.05)),
    ((2.0, 0.5, 0.0, 0.0, 0.0), (1.0, 1.0, 0.0, 2.0, 2.0), (1.0, 0.0)),  # F = 0: the block is ReLU(x)
    ((-2.0, 0.5, -0.1, 0.0, 0.0), (-1.0, 0.0, 0.0, -2.0, 0.0), (0.0, 0.0)),  # both ReLUs are off
    ((2.0, -1.0, 3.0, 1.0, 0.5), (-1.0, 0.0, 0.5, 2.5, 2.5), (1.0, 0.0)),  # the inner one is off
    ((1.0, 2.0, 3.0, -0.5, 0.25), (1.5, 1.5, 4.75, 5.75, 5.75), (1.0, 6.0)),
    ((1.0, 1.0, -2.0, 0.0, 0.0), (1.0, 1.0, -2.0, -1.0, 0.0), (0.0, 0.0)),  # the ReLU after the addition is off
]


@pytest.mark.parametrize(("given_numbers", "forward", "backward"), WORKED)
def test_the_residual_block_by_hand(given_numbers, forward, backward):
    x, *rest = given_numbers
    found = step(x, Weights(*rest))
    assert (found.conv1, found.act1, found.branch, found.total, found.out) == pytest.approx(forward)
    assert (found.through_shortcut, found.through_branch) == pytest.approx(backward)
    assert found.gradient == pytest.approx(sum(backward))


def test_the_example_of_the_lesson_to_the_last_bit():
    residual, plain = step(2.0, HAND), step(2.0, HAND, "plain")
    assert (residual.conv1, residual.act1, residual.branch, residual.total, residual.out) == (1.0, 1.0, -0.1, 1.9, 1.9)
    assert (plain.conv1, plain.act1, plain.branch, plain.total, plain.out) == (1.0, 1.0, -0.1, -0.1, 0.0)
    assert (residual.branch_gradient, residual.gradient) == (-0.05, 0.95)
    assert (plain.branch_gradient, plain.gradient, plain.through_shortcut) == (-0.05, 0.0, 0.0)
    assert not any(math.copysign(1, value) < 0 for value in (plain.out, plain.gradient))  # no "-0.0" on screen
    assert step(2.0, HAND, "clean").out == 1.9


def test_sigmoid_and_tanh_by_hand():
    """At 0 the sigmoid is 1/2 with slope 1/4, and tanh is 0 with slope 1."""
    sigmoid = step(0.0, Weights(1.0, 1.0, activation="sigmoid"))
    assert (sigmoid.conv1, sigmoid.act1, sigmoid.branch, sigmoid.slope1) == (0.0, 0.5, 0.5, 0.25)
    assert sigmoid.out == pytest.approx(1 / (1 + math.exp(-0.5)))
    tanh = step(0.0, Weights(3.0, 2.0, activation="tanh"))
    assert (tanh.out, tanh.branch_gradient, tanh.gradient) == (0.0, 6.0, 7.0)
    assert step(0.0, Weights(3.0, 2.0, activation="tanh"), "plain").gradient == 6.0


def test_activations_far_out_do_not_overflow():
    for z in (-1e300, -800.0, 800.0, 1e300):
        assert [phi.value(z) for phi in ACTIVATIONS.values()] == [max(z, 0.0), float(z > 0), math.copysign(1, z)]
    assert all(math.isnan(phi.value(math.nan)) for phi in ACTIVATIONS.values())


def by_autograd(x, w, form, upstream):
    """out and all gradients, from torch in double precision."""
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (x, w.w1, w.w2, w.b1, w.b2)]
    tx, w1, w2, b1, b2 = leaves
    phi = PHI[w.activation]
    total = w2 * phi(w1 * tx + b1) + b2 + (0 if form == "plain" else tx)
    out = total if form == "clean" else phi(total)
    (out * upstream).backward()
    return out.item(), [leaf.grad.item() for leaf in leaves]


@given(numbers, numbers, numbers, numbers, numbers, st.sampled_from(list(ACTIVATIONS)), st.sampled_from(FORMS), numbers)
def test_every_gradient_is_autograds(x, w1, w2, b1, b2, activation, form, upstream):
    w = Weights(w1, w2, b1, b2, activation)
    found = step(x, w, form, upstream)
    out, gradients = by_autograd(x, w, form, upstream)
    assert found.out == pytest.approx(out, rel=1e-9, abs=1e-12)
    ours = [found.gradient, found.w1_gradient, found.w2_gradient, found.b1_gradient, found.b2_gradient]
    assert ours == pytest.approx(gradients, rel=1e-9, abs=1e-12)


@given(numbers, numbers, numbers, numbers, numbers, st.sampled_from(list(ACTIVATIONS)))
def test_the_terms_add_up_and_the_twin_lacks_the_shortcut_alone(x, w1, w2, b1, b2, activation):
    w = Weights(w1, w2, b1, b2, activation)
    residual, plain = step(x, w), step(x, w, "plain")
    assert residual.gradient == residual.through_shortcut + residual.through_branch
    assert residual.factor == pytest.approx(residual.gradient, abs=1e-12)
    assert plain.factor == pytest.approx(plain.gradient, abs=1e-12)
    assert residual.total == residual.branch + x and plain.total == plain.branch
    for name in ("conv1", "act1", "branch", "slope1", "branch_gradient"):
        assert asdict(residual)[name] == asdict(plain)[name]


@pytest.mark.parametrize("value", ["2", True, math.nan, -math.inf])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(CountError, match=r"x = .* cannot be used: enter a number from -1,000,000 to 1,000,000"):
        number("x", value)


@pytest.mark.parametrize(("value", "nearest"), [(1e7, "1,000,000"), (-(10**400), "-1,000,000")])
def test_what_is_too_large_gets_the_nearest(value, nearest):
    with pytest.raises(CountError, match=rf"w1 = .*: it must be a number from .* The nearest is {nearest}\."):
        weights(value, 1.0)


def test_an_emptied_field_is_refused():
    with pytest.raises(CountError, match=r"^b2 is empty: enter a number from -1,000,000 to 1,000,000\.$"):
        weights(1.0, 1.0, b2=None)


def test_an_unknown_activation_is_refused():
    with pytest.raises(ResidualError, match="There is no activation gelu. Choose one of: relu, sigmoid, tanh."):
        weights(1.0, 1.0, activation="gelu")


def test_no_torch_is_loaded():
    chapter = "resnet_demo.chapters.residual"
    code = f"import sys, {chapter}.one_block, {chapter}.many_blocks; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
