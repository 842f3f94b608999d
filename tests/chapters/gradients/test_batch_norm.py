"""BatchNorm by hand: literal numbers, and torch as the witness."""

import math
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from resnet_demo.chapters.gradients.batch_norm import (
    EPSILON,
    MOMENTUM,
    Statistics,
    follow,
    normalise,
    statistics,
    undone,
)
from resnet_demo.errors import CountError

reals = st.floats(-1000, 1000)


def test_a_batch_of_four_by_hand():
    """Mean 5, variance 5 (over 4) and 20/3 (over 3); γ = 2, β = 1."""
    found = normalise([2, 4, 6, 8], gamma=2, beta=1)
    assert found.batch == found.used == Statistics(5.0, 5.0)
    assert found.scaled == pytest.approx([-3 / 5**0.5, -1 / 5**0.5, 1 / 5**0.5, 3 / 5**0.5], abs=1e-5)
    assert found.out == pytest.approx([1 - 6 / 5**0.5, 1 - 2 / 5**0.5, 1 + 2 / 5**0.5, 1 + 6 / 5**0.5], abs=1e-5)
    assert found.running == Statistics(pytest.approx(0.5), pytest.approx(0.9 + 0.1 * 20 / 3))


def test_in_evaluation_the_running_statistics_are_used_and_stay():
    running = Statistics(4.0, 4.0 - EPSILON)
    found = normalise([2, 4, 6, 8], running=running, training=False)
    assert found.scaled == found.out == pytest.approx([-1.0, 0.0, 1.0, 2.0])
    assert found.used == found.running == running and found.batch == Statistics(5.0, 5.0)


def test_in_training_a_number_depends_on_its_batch_and_in_evaluation_it_does_not():
    for training in (True, False):
        alone, beside = (normalise([1, *others], training=training).out[0] for others in ([3, 5], [30, 50]))
        assert (alone == beside) == (not training)
    assert normalise([1], training=False).out == pytest.approx([1.0], abs=1e-5)


@pytest.mark.parametrize("training", [True, False])
@given(
    values=st.lists(reals, min_size=2, max_size=6),
    gamma=reals,
    beta=reals,
    mean=reals,
    variance=st.floats(0, 1000),
)
def test_every_number_is_torchs(training, values, gamma, beta, mean, variance):
    layer = nn.BatchNorm1d(1, dtype=torch.float64).train(training)
    assert (layer.eps, layer.momentum) == (EPSILON, MOMENTUM)
    with torch.no_grad():
        layer.weight.fill_(gamma)
        layer.bias.fill_(beta)
        layer.running_mean.fill_(mean)
        layer.running_var.fill_(variance)
        out = layer(torch.tensor(values, dtype=torch.float64)[:, None])[:, 0]
    found = normalise(values, gamma, beta, Statistics(mean, variance), training)
    assert found.out == pytest.approx(out.tolist(), rel=1e-6, abs=1e-6)
    assert found.running.mean == pytest.approx(layer.running_mean.item(), rel=1e-9, abs=1e-9)
    assert found.running.variance == pytest.approx(layer.running_var.item(), rel=1e-9, abs=1e-9)


def test_the_running_statistics_come_to_those_of_the_batches():
    """A tenth of the way each time: what is left of the start is 0.9 to the power of the batches."""
    steps = follow([[2, 4, 6, 8]] * 40)
    for number, found in enumerate(steps, 1):
        assert found.running.mean == pytest.approx(5 * (1 - 0.9**number))
        assert found.running.variance == pytest.approx(20 / 3 + (1 - 20 / 3) * 0.9**number)
    early, late = (
        abs(normalise([2, 4, 6, 8], running=one.running, training=False).out[0] - one.out[0])
        for one in (steps[0], steps[-1])
    )
    assert early > 1 and late < 0.25  # eval differs from train after one batch, and hardly after forty
    assert len(follow([])) == 0


@given(values=st.lists(reals, min_size=2, max_size=6))
def test_gamma_and_beta_can_give_back_the_input(values):
    assert normalise(values, *undone(statistics(values))).out == pytest.approx(values, rel=1e-6, abs=1e-6)


def test_equal_numbers_become_beta():
    assert normalise([3, 3, 3], gamma=7, beta=0.5).out == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("values", "training", "least"), [([3], True, 2), ([], True, 2), ([], False, 1)])
def test_a_batch_without_a_variance_is_refused(values, training, least):
    with pytest.raises(CountError, match=f"A batch of {len(values)} is too small: BatchNorm needs {least}"):
        normalise(values, training=training)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, "1", True])
def test_what_is_not_a_number_is_refused(wrong):
    with pytest.raises(CountError):
        normalise([1, wrong])
    with pytest.raises(CountError):
        normalise([1, 2], gamma=wrong)


def test_no_torch_is_loaded():
    code = "import sys, resnet_demo.chapters.gradients.batch_norm; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
