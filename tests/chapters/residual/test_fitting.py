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
    Fit,
    FitSettings,
    draw_maps,
    fit,
    fit_settings,
    make_block,
)
from resnet_demo.errors import CountError, ResidualError

SHORT = FitSettings(rate=0.3, steps=60, seeds=2)


@pytest.mark.parametrize("norm", NORMS)
def test_both_start_from_the_same_weights(norm):
    with_, without = make_block(True, norm, 3), make_block(False, norm, 3)
    assert with_.downsample is not None and without.downsample is None
    pairs = list(zip(with_.state_dict().items(), without.state_dict().items(), strict=True))
    assert len(pairs) > 3
    assert all(a[0] == b[0] and torch.equal(a[1], b[1]) for a, b in pairs)
    assert not torch.equal(make_block(True, norm, 4).conv1.weight, with_.conv1.weight)


def test_both_can_reach_their_target():
    """F = 0 with the shortcut; F = identity without it, exactly where no BatchNorm's statistics fluctuate."""
    x = draw_maps(np.random.default_rng(0))
    assert (x >= 0).all() and (x > 0).any()
    losses = {}
    for norm in NORMS:
        residual, plain = make_block(True, norm, 0), make_block(False, norm, 0)
        with torch.no_grad():
            for module in residual.modules():
                if isinstance(module, nn.Conv2d):
                    module.weight.zero_()
            for module in plain.modules():
                if isinstance(module, nn.Conv2d):
                    module.weight.copy_(
                        torch.eye(CHANNELS)[:, :, None, None] * nn.functional.pad(torch.ones(1, 1), (1, 1, 1, 1))
                    )
                elif isinstance(module, nn.BatchNorm2d):  # mean and deviation of max(0, normal noise)
                    module.weight.fill_((0.5 - 0.5 / math.pi) ** 0.5)
                    module.bias.fill_((2 * math.pi) ** -0.5)
        losses[norm] = [(block(x) - x).square().mean().item() for block in (residual, plain)]
    assert losses["none"] == [0, 0]
    assert losses["batch"][0] == 0 and 0 < losses["batch"][1] < 0.003


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
        ({"rate": 2}, ResidualError, r"The learning rate 2 is out of range: give a number from 0.001 to 1.0."),
        ({"rate": None}, ResidualError, "The learning rate None is out of range"),
        ({"steps": 501}, CountError, "steps = 501: .* The nearest is 500."),
        ({"seeds": 0}, CountError, "seeds = 0: .* The nearest is 1."),
    ],
)
def test_settings_out_of_range_are_refused(wrong, error, words):
    with pytest.raises(error, match=words):
        fit_settings(**{"target": "identity", "norm": "batch", "rate": 0.1, "steps": 50, "seeds": 1, **wrong})
