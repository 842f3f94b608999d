"""The three claims, decided by networks that are measured here; each verdict can also be no."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from resnet_demo.chapters.gradients.claims import (
    CLAIMS,
    TRAINED,
    cases,
    outcome,
    strongest,
    trained_verdict,
    verdict,
    weakest,
)
from resnet_demo.chapters.gradients.flow import measure
from resnet_demo.chapters.gradients.gradient_curves import BlockInput, Flow
from resnet_demo.models.initialisation import random_network
from resnet_demo.models.twins import pair


@cache
def measured(depth: int, seed: int) -> dict[str, Flow]:
    """Every case of every claim at one depth, on a batch of noise."""
    draw = np.random.default_rng(seed)
    pictures = torch.from_numpy(draw.standard_normal((16, 3, 32, 32), np.float32))
    labels = torch.from_numpy(draw.integers(0, 10, 16))
    return {
        case.key: measure(
            random_network(
                pair(f"cifar-{depth}", case.norm)[0 if case.residual else 1], case.initialisation, seed=seed
            ),
            pictures,
            labels,
        )
        for _, case in cases()
    }


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("claim", CLAIMS)
def test_the_verdicts_at_56_layers_have_a_wide_margin(claim, seed):
    """Before training the second claim fails: with BatchNorm the plain gradient explodes (arXiv 1902.08129)."""
    found = verdict(claim, measured(56, seed))
    assert found is not None and found.holds == (claim != "plain_with_norm")
    numbers = found.numbers
    if claim == "plain_without_norm":
        assert numbers["shrinks"] < 1e-6 and numbers["grows"] > 1e6
        assert 1e-3 < numbers["keeps"] < 1e2
    elif claim == "plain_with_norm":
        assert outcome(found) == "explodes"
        assert numbers["weakest"] > 0.5 and numbers["strongest"] > 1000
    else:
        assert (
            numbers["strongest"] < 100
            and numbers["weakest"] > 0.3
            and 0.5 < numbers["quietest"] <= 1 < numbers["loudest"] < 20
        )
        assert numbers["alone"] > 100 and numbers["alone_signal"] > 100  # without BatchNorm shortcuts do not keep it


def test_with_batchnorm_the_plain_gradient_explodes_with_depth_and_never_vanishes():
    """A factor for each block, so that depth alone decides: 20 layers are in range, 32 and more are not."""
    found = {depth: verdict("plain_with_norm", measured(depth, 0)) for depth in (20, 32, 56)}
    assert [outcome(one) for one in found.values()] == ["in_range", "explodes", "explodes"]
    largest = [one.numbers["strongest"] for one in found.values()]
    assert 10 < largest[0] < 100 < largest[1] < largest[2]


def test_the_difference_grows_with_depth():
    """Not a matter of one depth: each plain effect at 56 layers is the square, or more, of that at 20."""
    shallow, deep = (verdict("plain_without_norm", measured(depth, 0)) for depth in (20, 56))
    assert shallow is not None and deep is not None
    assert deep.numbers["shrinks"] < shallow.numbers["shrinks"] ** 2
    assert deep.numbers["grows"] > shallow.numbers["grows"] ** 2


def test_at_8_layers_the_first_claim_does_not_show():
    found = verdict("plain_without_norm", measured(8, 0))
    assert found is not None and not found.holds


def test_there_is_no_verdict_before_every_network_is_measured():
    flows = dict(measured(8, 0))
    del flows["plain_large"]
    assert verdict("plain_without_norm", flows) is None
    assert verdict("plain_with_norm", flows) is not None


def flow(*gradients: float, deviations: tuple[float, ...] = (1.0, 1.0, 1.0)) -> Flow:
    """A flow of two blocks and the head."""
    places = zip(("layer1.0", "layer1.1", "head"), (2, 4, 6), gradients, deviations, strict=True)
    return Flow("plain8", 2.3, (), tuple(BlockInput(*place) for place in places), ())


def test_shares_are_multiples_of_what_the_head_receives():
    assert (weakest(flow(6.0, 1.0, 2.0)), strongest(flow(6.0, 1.0, 2.0))) == (0.5, 3.0)


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        (flow(0.2, 0.2, 1.0), "in_range"),
        (flow(99.0, 0.011, 1.0), "in_range"),
        (flow(5.0, 0.009, 1.0), "vanishes"),  # a block in the middle
        (flow(101.0, 5.0, 1.0), "explodes"),
        (flow(1.0, 101.0, 1.0), "explodes"),
        (flow(101.0, 0.009, 1.0), "both"),
        (flow(0.0, 1.0, 1.0), "vanishes"),
        (flow(float("inf"), 1.0, 1.0), "explodes"),
        (flow(float("nan"), 1.0, 1.0), "both"),
        (flow(1.0, float("nan"), 1.0), "both"),
        (flow(1.0, 1.0, 0.0), "both"),  # nothing to compare with
    ],
)
def test_the_second_claim_is_judged_in_both_directions_before_and_after_training(plain, kind):
    before = verdict("plain_with_norm", {"plain_norm": plain})
    after = trained_verdict({TRAINED: plain})
    assert before is not None and after is not None
    assert outcome(before) == outcome(after) == kind
    assert before.holds == after.holds == (kind == "in_range")


@pytest.mark.parametrize(
    ("normal", "holds"),
    [
        (flow(30.0, 5.0, 1.0), True),
        (flow(99.0, 0.011, 1.0), True),
        (flow(101.0, 5.0, 1.0), False),  # the first claim's yardstick: as much would be blown up there
        (flow(0.009, 5.0, 1.0), False),
        (flow(30.0, 5.0, 1.0, deviations=(1.0, 2.0, 101.0)), False),
        (flow(float("inf"), 5.0, 1.0), False),
        (flow(1.0, float("nan"), 1.0), False),
        (flow(1.0, 1.0, 1.0, deviations=(1.0, float("nan"), 1.0)), False),
    ],
)
def test_the_third_claim_fails_where_gradient_or_signal_leaves_its_range(normal, holds):
    found = verdict("residual", {"residual_norm": normal, "residual_alone": flow(1.0, 1.0, 1.0)})
    assert found is not None and found.holds == holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [({}, True), ({"plain_xavier": flow(0.5, 1.0, 1.0)}, False), ({"plain_large": flow(9.0, 1.0, 1.0)}, False)],
)
def test_the_first_claim_needs_both_directions(change, holds):
    flows = {
        "plain_xavier": flow(1e-5, 1.0, 1.0),
        "plain_kaiming": flow(1.0, 1.0, 1.0),
        "plain_large": flow(1e5, 1.0, 1.0),
    }
    found = verdict("plain_without_norm", flows | change)
    assert found is not None and found.holds == holds


def test_one_threshold_judges_all_claims():
    """The same change of the gradient is in range, or out of it, in each of them."""
    for change, fine in ((99.0, True), (101.0, False)):
        plain = verdict("plain_with_norm", {"plain_norm": flow(change, 1.0, 1.0)})
        residual = verdict("residual", {"residual_norm": flow(change, 1.0, 1.0), "residual_alone": flow(1.0, 1.0, 1.0)})
        without = verdict(
            "plain_without_norm",
            {
                "plain_xavier": flow(1e-5, 1.0, 1.0),
                "plain_kaiming": flow(1.0, 1.0, 1.0),
                "plain_large": flow(change, 1.0, 1.0),
            },
        )
        assert plain and residual and without
        assert (plain.holds, residual.holds, without.holds) == (fine, fine, not fine)


def test_before_and_after_training_are_told_apart():
    """The trained flow changes nothing of the untrained network's verdict, nor the other way round."""
    flows = {"plain_norm": flow(1000.0, 1.0, 1.0), TRAINED: replace(flow(1.2, 0.8, 1.0), network="plain18")}
    before, after = verdict("plain_with_norm", flows), trained_verdict(flows)
    assert before is not None and after is not None
    assert (before.holds, before.numbers) == (False, {"weakest": 1.0, "strongest": 1000.0})
    assert (after.holds, after.numbers) == (True, {"weakest": 0.8, "strongest": 1.2})
    assert trained_verdict({"plain_norm": flow(1.0, 1.0, 1.0)}) is None


def test_shortcuts_alone_are_measured_forward_and_backward():
    alone = flow(30.0, 5.0, 1.0, deviations=(2.0, 4.0, 10.0))
    found = verdict("residual", {"residual_norm": flow(1.0, 1.0, 1.0), "residual_alone": alone})
    assert found is not None and (found.numbers["alone"], found.numbers["alone_signal"]) == (30.0, 5.0)
