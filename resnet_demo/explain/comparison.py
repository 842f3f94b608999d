"""Measures how similar two heat maps are."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_demo.explain.common import Map
from resnet_demo.explain.explanation import resized


@dataclass(frozen=True)
class Peak:
    """The largest value of a map: its cell, and the cell's centre as fractions of the crop from the left and top."""

    row: int
    column: int
    across: float
    down: float
    value: float


@dataclass(frozen=True)
class Agreement:
    """The similarity of two heat maps; None if one of them is blank.

    Attributes:
        rank_correlation: Spearman's rho over the pixels, -1 to 1.
        overlap: intersection over union of the areas above half of each maximum, 0 to 1.
    """

    rank_correlation: float | None
    overlap: float | None


def peak(map: Map) -> Peak:
    """The cell where a map (h, w) is largest; of several equal cells, the first in row order."""
    row, column = (int(i) for i in np.unravel_index(int(map.argmax()), map.shape))
    height, width = map.shape
    return Peak(row, column, (column + 0.5) / width, (row + 0.5) / height, float(map[row, column]))


def above_half(values: Map, top: float) -> NDArray[np.bool_]:
    """The area where the map exceeds half of the peak `top`, counted from 0; empty if the map is blank."""
    area: NDArray[np.bool_] = values > top / 2
    return area


def share_above_half(map: Map, height: int, width: int) -> float:
    """The fraction of a crop (height, width) where the raw map (h, w) exceeds half of its peak."""
    large = resized(torch.from_numpy(map), height, width).numpy()
    return float(above_half(large, float(map.max())).mean())


def agreement(a: Map, b: Map) -> Agreement:
    """The similarity of two raw maps of the same shape."""
    if not (a.any() and b.any()):
        return Agreement(None, None)
    one, other = (above_half(values, float(values.max())) for values in (a, b))
    return Agreement(rank_correlation(a, b), float((one & other).sum() / (one | other).sum()))


def rank_correlation(a: Map, b: Map) -> float | None:
    """Spearman's rho: Pearson's correlation of the ranks, with mean ranks for ties. None if a map is flat."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def ranks(values: Map) -> NDArray[np.float64]:
    """The rank of each value, 0 for the smallest; equal values share their mean rank."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: NDArray[np.float64] = (last - (counts + 1) / 2)[which.ravel()]
    return found
