"""Two networks side by side, row by row."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from resnet_demo.chapters.blocks.rows import Row

COMPARED = tuple(field for field in Row.__dataclass_fields__ if field not in ("name", "layers"))


@dataclass(frozen=True)
class Pair:
    """The rows of the same name in two networks, None if a network has none. `differs` names the differing fields."""

    name: str
    a: Row | None
    b: Row | None
    differs: tuple[str, ...]


def compare(rows_a: Sequence[Row], rows_b: Sequence[Row]) -> list[Pair]:
    """The rows of both in order, paired by name.

    If one of them has no row of that name, every field differs.
    """
    pairs, waiting = [], deque(rows_b)
    common = {row.name for row in rows_b}
    for row in rows_a:
        if row.name in common:
            while waiting[0].name != row.name:
                pairs.append(_pair(None, waiting.popleft()))
            pairs.append(_pair(row, waiting.popleft()))
        else:
            pairs.append(_pair(row, None))
    return pairs + [_pair(None, row) for row in waiting]


def _pair(a: Row | None, b: Row | None) -> Pair:
    row = a or b
    assert row is not None
    if a is None or b is None:
        return Pair(row.name, a, b, COMPARED)
    return Pair(row.name, a, b, tuple(field for field in COMPARED if getattr(a, field) != getattr(b, field)))
