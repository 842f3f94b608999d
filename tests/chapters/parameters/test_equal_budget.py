"""Equal budgets against literals, against a search of all numbers, and what is said where no number fits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_demo.chapters.parameters.block_kinds import KINDS, Block, block
from resnet_demo.chapters.parameters.counting import count_block
from resnet_demo.chapters.parameters.equal_budget import Fit, Solution, equal_budget, variables, with_number
from resnet_demo.errors import CountError

LARGEST = 40


def test_which_width_gives_a_basic_block_the_bottlenecks_budget() -> None:
    """18C² + 4C = 70,400 has no whole solution: 62 channels cost 960 fewer, 63 cost 1,294 more."""
    found = equal_budget(block("basic", 256), "channels", count_block(block("bottleneck", 256, 64)).parameters)
    assert found == Solution("channels", 70_400, (), Fit(62, 69_440, -960), Fit(63, 71_694, 1_294))
    assert found.nearest == Fit(62, 69_440, -960)
    assert 18 * 62**2 + 4 * 62 == 69_440 and 18 * 63**2 + 4 * 63 == 71_694


def test_a_budget_that_fits_exactly() -> None:
    found = equal_budget(block("bottleneck", 256, 999), "width", 70_400)
    assert found == Solution("width", 70_400, (Fit(64, 70_400, 0),), None, None)
    macs = count_block(block("bottleneck", 256, 64), 28).macs
    assert equal_budget(block("bottleneck", 256, 1), "width", macs, "macs", 28).exact == (Fit(64, macs, 0),)


def test_budgets_beyond_the_ends() -> None:
    low = equal_budget(block("vgg", 256), "channels", 5)
    assert (low.exact, low.below, low.above) == ((), None, Fit(1, 20, 15))
    high = equal_budget(block("vgg", 256), "channels", 10**30)
    assert high.above is None and high.below is not None and high.below.number == 10**6


def test_groups_leave_their_multiples_only() -> None:
    found = equal_budget(block("resnext", 256, 128, groups=32), "width", 100_000)
    assert found.below is not None and found.above is not None
    assert (found.below.number, found.above.number) == (160, 192)


def test_the_projection_that_falls_away_is_found() -> None:
    """Channels in = channels out costs less than its neighbours: option B needs no projection there."""
    b = block("basic", 32, channels_out=64)
    budget = count_block(block("basic", 64)).parameters
    assert 64 in [fit.number for fit in equal_budget(b, "channels_in", budget).exact]


def small_block(draw: st.DrawFn) -> Block:
    kind = draw(st.sampled_from(sorted(KINDS)))
    taken = {"kernel": draw(st.sampled_from([1, 3])), "bias": draw(st.booleans()), "norm": draw(st.booleans())}
    if "stride" in KINDS[kind].fields:
        taken |= {"stride": draw(st.integers(1, 2)), "shortcut": draw(st.sampled_from(["none", "A", "B", "C"]))}
    if kind in ("vgg", "dense"):
        taken["depth"] = draw(st.integers(1, 3))
    groups = draw(st.integers(1, 3)) if kind in ("vgg", "basic", "resnext", "wide") else 1
    if groups > 1:
        taken["groups"] = groups
    channels = groups * draw(st.integers(1, 5))
    if "width" in KINDS[kind].fields:
        taken["width"] = groups * draw(st.integers(1, 4))
    return block(kind, channels, **taken)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_number_is_nearer(data: st.DataObject) -> None:
    """Against every number up to forty, one after the other."""
    b = small_block(data.draw)
    variable = data.draw(st.sampled_from(variables(b.kind)))
    measure = data.draw(st.sampled_from(["parameters", "macs"]))
    costs = {}
    for number in range(1, LARGEST + 1):
        try:
            costs[number] = getattr(count_block(with_number(b, variable, number), 4), measure)
        except CountError:
            continue
    budget = data.draw(st.integers(1, max(costs.values())))
    if data.draw(st.booleans()):
        budget = data.draw(st.sampled_from(sorted(costs.values())))
    found = equal_budget(b, variable, budget, measure, 4)
    exact = [number for number, cost in costs.items() if cost == budget]
    assert [fit.number for fit in found.exact if fit.number <= LARGEST] == exact
    if not exact:
        below = max((cost for cost in costs.values() if cost < budget), default=None)
        above = min((cost for cost in costs.values() if cost > budget), default=None)
        assert (found.below.cost if found.below else None) == below
        assert found.above is not None and found.above.cost == above
        assert found.above.difference == found.above.cost - budget > 0


def test_what_cannot_be_solved_for() -> None:
    with pytest.raises(CountError) as caught:
        equal_budget(block("basic", 64), "width", 1)
    assert str(caught.value) == (
        "width cannot be solved for in basic. Choose one of: channels, channels_in, channels_out."
    )
    assert variables("dense") == ("channels_in", "width", "depth", "growth")
