"""The live fit: a fair comparison, repeatable, and with the outcome that the page reports."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from resnet_demo.chapters.residual.fitting import (
    CHANNELS,
    NORMS,
    TARGETS,
    Fit,
    FitSettings,
    draw_maps,
    fit,
    fit_settings,
    make_block,
)
from resnet_demo.errors import CountError, ResidualError
from resnet_demo.models.resnet import BasicBlock

SHORT = FitSettings(rate=0.3, steps=60, seeds=2)


@pytest.mark.parametrize("norm", NORMS)
def test_both_start_from_the_same_weights(norm):
    with_, without = make_block(True, norm, 3), make_block(False, norm, 3)
    assert with_.downsample is not None and without.downsample is None
    pairs = list(zip(with_.state_dict().items(), without.state_dict().items(), strict=True))
    assert len(pairs) > 3
    assert all(a[0] == b[0] and torch.equal(a[1], b[1]) for a, b in pairs)
    assert not torch.equal(make_block(True, norm, 4).conv1.weight, with_.conv1.weight)


SAME = torch.eye(CHANNELS)[:, :, None, None] * nn.functional.pad(torch.ones(1, 1), (1, 1, 1, 1))
MEAN, DEVIATION = (2 * math.pi) ** -0.5, (0.5 - 0.5 / math.pi) ** 0.5
"""Of max(0, normal noise)."""


@torch.no_grad()
def solved(residual: bool, norm: str, target: str) -> BasicBlock:
    """A block whose weights are set to the solution: conv1 copies x, conv2 makes the target, less the shortcut."""
    block = make_block(residual, norm, 0)
    wanted = SAME if target == "identity" else SAME.roll(1, dims=0)
    block.conv1.weight.copy_(SAME)
    block.conv2.weight.copy_(wanted - SAME if residual else wanted)
    if norm == "batch":
        nothing = residual and target == "identity"
        for layer, gamma, beta in (
            (block.bn1, DEVIATION, MEAN),
            (block.bn2, 0 if nothing else DEVIATION * 2 ** (residual / 2), 0 if residual else MEAN),
        ):
            layer.weight.fill_(gamma)
            layer.bias.fill_(beta)
    return block


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("target", TARGETS)
@torch.no_grad()
def test_a_solution_exists_for_both_blocks(target, residual):
    """Exact without BatchNorm, and with it for F = 0 alone; elsewhere about 0.001 is left, over a hundred batches."""
    losses = {}
    for norm in NORMS:
        draw, block = np.random.default_rng(0), solved(residual, norm, target)
        maps = [draw_maps(draw) for _ in range(100)]
        assert all((x >= 0).all() and (x > 0).any() for x in maps)
        losses[norm] = np.mean([(block(x) - _wanted(x, target)).square().mean().item() for x in maps])
    assert losses["none"] == pytest.approx(0, abs=1e-12)
    if residual and target == "identity":
        assert losses["batch"] == 0
    else:
        assert 0.0005 < losses["batch"] < 0.0015


def _wanted(x, target):
    return x if target == "identity" else x.roll(1, dims=1)


@pytest.mark.parametrize("norm", NORMS)
def test_pushing_f_to_zero_is_easier(norm):
    *_, found = fit(replace(SHORT, norm=norm))
    assert found.finished and found.wins == 2
    assert found.last[0] < found.last[1] / 3
    assert all(curve[-1] < curve[0] for curve in (*found.residual, *found.plain))  # both do learn


def test_for_a_target_far_from_the_identity_the_shortcut_does_not_help():
    *_, found = fit(replace(SHORT, target="exchanged", norm="none"))
    assert found.wins == 0 and found.last[0] > found.last[1]


def test_it_comes_in_parts_and_repeats():
    runs = [list(fit(FitSettings(steps=30, seeds=1))) for _ in range(2)]
    assert [part.done for part in runs[0]] == [25, 30]
    assert [part.finished for part in runs[0]] == [False, True]
    assert runs[0] == runs[1]
    assert runs[0][0].residual[0] == runs[0][1].residual[0][:26]
    assert runs[0][0].parameters == 2 * 9 * 8 * 8 + 4 * 8  # two convolutions; gamma and beta of two BatchNorms


def test_a_loss_that_is_no_number_wins_nothing():
    def last(a: float, b: float) -> tuple[int, int]:
        found = Fit(SHORT, 0, ((a,),), ((b,),))
        return found.wins, found.defeats

    assert (last(1, 2), last(2, 1), last(2, 2)) == ((1, 0), (0, 1), (0, 0))
    assert (last(math.nan, 1), last(1, math.nan), last(math.nan, math.nan)) == ((0, 1), (1, 0), (0, 0))
    found = Fit(SHORT, 0, ((math.nan,), (1,), (2,)), ((3,), (math.inf,), (math.nan,)))
    assert found.diverged == (1, 2) and found.last == (2, math.inf)


def test_the_last_loss_is_the_one_after_the_last_step():
    """Two steps by hand: three losses, each on new maps."""
    (found,) = fit(FitSettings(norm="none", rate=0.1, steps=2, seeds=1))
    block, draw, losses = make_block(False, "none", 0), np.random.default_rng((1, 0)), []
    for _ in range(3):
        x = draw_maps(draw)
        loss = (block(x) - x).square().mean()
        losses.append(loss.item())
        slopes = torch.autograd.grad(loss, list(block.parameters()))
        with torch.no_grad():
            for parameter, slope in zip(block.parameters(), slopes, strict=True):
                parameter -= 0.1 * slope
    assert found.done == 2 and found.finished
    assert found.plain[0] == pytest.approx(losses, rel=1e-6) and losses[2] < losses[1] < losses[0]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"target": "zero"}, ResidualError, "target = zero: it must be one of identity, exchanged."),
        ({"norm": "layer"}, ResidualError, "norm = layer: it must be one of batch, none."),
        ({"rate": 2}, CountError, r"rate = 2: it must be a number from 0.001 to 1. The nearest is 1."),
        ({"rate": None}, CountError, "rate is empty: enter a number from 0.001 to 1."),
        ({"rate": "0.1"}, CountError, "rate = 0.1 cannot be used: enter a number from 0.001 to 1."),
        ({"steps": 501}, CountError, "steps = 501: .* The nearest is 500."),
        ({"seeds": 0}, CountError, "seeds = 0: .* The nearest is 1."),
    ],
)
def test_settings_out_of_range_are_refused(wrong, error, words):
    with pytest.raises(error, match=words):
        fit_settings(**{"target": "identity", "norm": "batch", "rate": 0.1, "steps": 50, "seeds": 1, **wrong})
