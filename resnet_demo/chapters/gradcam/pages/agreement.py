"""Whether two maps agree, where they can be compared at all."""

from collections.abc import Sequence

import torch

from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain import Explanation
from resnet_demo.explain.comparison import Agreement, agreement
from resnet_demo.explain.explanation import flat, resized

SAME, PARTLY = (0.6, 0.5), (0.2, 0.15)
"""At least this rank correlation and this overlap, to be called alike, and alike in part."""


def agreed(found: Sequence[Explanation], crops: Sequence[Preprocessing]) -> Agreement | None:
    """How alike two maps are; None for one map alone, and for crops that show different parts of the picture."""
    if len(found) < 2 or crops[0].size * crops[1].resize != crops[1].size * crops[0].resize:
        return None
    side = max(item.crop.width for item in found)
    if any(flat(item.map) for item in found):
        return Agreement(None, None)
    first, second = (resized(torch.from_numpy(item.map), side, side).numpy() for item in found)
    return agreement(first, second)


def reading(found: Agreement) -> str:
    """ "same", "partly", "apart" or "blank", by the rank correlation and the overlap."""
    if found.rank_correlation is None or found.overlap is None:
        return "blank"
    values = (found.rank_correlation, found.overlap)
    for name, least in (("same", SAME), ("partly", PARTLY)):
        if all(value >= limit for value, limit in zip(values, least, strict=True)):
            return name
    return "apart"
