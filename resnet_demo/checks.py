"""Numbers that people and scripts give: accepted, or refused by name with what is accepted; no torch here.

A whole number may come as a float that equals it: JSON and Gradio know one kind of number.
"""

from numbers import Real
from typing import TypeGuard

from resnet_demo.errors import CountError

LIMIT = 10**6


def whole(name: str, value: object, low: int = 1, high: int = LIMIT) -> int:
    """`value` as an int. Raises CountError unless it is a whole number from `low` to `high`."""
    if value is None:
        raise CountError("count_empty", name=name, low=low, high=high)
    if not _finite(value):
        raise CountError("count_number", name=name, value=value, low=low, high=high)
    if not low <= value <= high or value != int(value):
        raise CountError(
            "count_whole", name=name, value=value, low=low, high=high, nearest=min(max(round(value), low), high)
        )
    return int(value)


def number(name: str, value: object, low: float, high: float) -> float:
    """`value` as a float. Raises CountError unless it is a number from `low` to `high`."""
    if value is None:
        raise CountError("number_empty", name=name, low=low, high=high)
    if not _finite(value):
        raise CountError("number_kind", name=name, value=value, low=low, high=high)
    if not low <= value <= high:
        raise CountError("number_range", name=name, value=value, low=low, high=high, nearest=min(max(value, low), high))
    return float(value)


def _finite(value: object) -> TypeGuard[float]:
    """A number that is not NaN, an infinity or a boolean; an int may be too large for a float."""
    return isinstance(value, Real) and not isinstance(value, bool) and value - value == 0
