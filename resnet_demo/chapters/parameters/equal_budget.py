"""Equal budget: finds the whole number that gives a block as many parameters or MACs as another, exactly."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from resnet_demo.chapters.parameters.block_kinds import KINDS, Block, checked, group_step
from resnet_demo.chapters.parameters.counting import count_block
from resnet_demo.errors import CountError
from resnet_demo.models.layer_costs import LIMIT

Measure = Literal["parameters", "macs"]


@dataclass(frozen=True)
class Fit:
    """A whole number, the block's cost with it, and the difference from the budget."""

    number: int
    cost: int
    difference: int


@dataclass(frozen=True)
class Solution:
    """Every number that meets the budget exactly; if there are none, the nearest that cost less and more.

    `below` and `above` are None if there is no such allowed number, or if `exact` is not empty.
    """

    variable: str
    budget: int
    exact: tuple[Fit, ...]
    below: Fit | None
    above: Fit | None

    @property
    def nearest(self) -> Fit:
        found = [*self.exact, *(fit for fit in (self.below, self.above) if fit is not None)]
        return min(found, key=lambda fit: abs(fit.difference))


def variables(kind: str) -> tuple[str, ...]:
    """What can be solved for; "channels" means equal input and output channels."""
    free = ("channels_in", "channels_out") if "channels_out" in KINDS[kind].fields else ()
    return (
        "channels" if free else "channels_in",
        *free,
        *(field for field in KINDS[kind].fields if field in ("width", "growth", "depth")),
    )


def equal_budget(b: Block, variable: str, budget: int, measure: Measure = "parameters", size: int = 56) -> Solution:
    """The numbers from 1 to 1,000,000 for `variable` with which `b` costs `budget`, everything else unchanged.

    The cost grows with the number, except at one point: where input and output channels become equal, option B's
    projection disappears. So the numbers below it, the point itself and the numbers above it are each searched by
    bisection. Raises CountError.
    """
    if variable not in variables(b.kind):
        raise CountError("count_variable", value=variable, kind=b.kind, names=", ".join(variables(b.kind)))

    def cost(number: int) -> int:
        found = count_block(with_number(b, variable, number), size)
        return found.parameters if measure == "parameters" else found.macs

    fits: list[Fit] = []
    for numbers in _segments(b, variable):
        at = bisect_left(numbers, budget, key=cost)
        costs = {number: cost(number) for number in numbers[max(at - 1, 0) : at + 1]}
        fits.extend(Fit(number, spent, spent - budget) for number, spent in costs.items())
    exact = tuple(fit for fit in fits if fit.difference == 0)
    if exact:
        return Solution(variable, budget, exact, None, None)
    below = max((fit for fit in fits if fit.difference < 0), key=lambda fit: fit.cost, default=None)
    above = min((fit for fit in fits if fit.difference > 0), key=lambda fit: fit.cost, default=None)
    return Solution(variable, budget, (), below, above)


def with_number(b: Block, variable: str, number: int) -> Block:
    """`b` with `number` for `variable`. Raises CountError if they do not fit together."""
    numbers: dict[str, Any] = dict.fromkeys(settings_of(variable), number)
    return checked(replace(b, **numbers))


def settings_of(variable: str) -> tuple[str, ...]:
    """The settings behind a variable."""
    return ("channels_in", "channels_out") if variable == "channels" else (variable,)


def _segments(b: Block, variable: str) -> Iterator[range]:
    """The numbers that fit the groups and the shortcut, in ranges within which the cost grows."""
    step = group_step(b, *settings_of(variable))
    low, high = step, LIMIT
    if b.shortcut == "A" and variable == "channels_in":
        high = b.channels_out
    if b.shortcut == "A" and variable == "channels_out":
        low = b.channels_in
    alike = {"channels_in": b.channels_out, "channels_out": b.channels_in}.get(variable, 0)
    low, high = -(-low // step) * step, high - high % step
    if low <= alike <= high and alike % step == 0:
        yield range(low, alike, step)
        yield range(alike, alike + 1)
        yield range(alike + step, high + 1, step)
    else:
        yield range(low, high + 1, step)
