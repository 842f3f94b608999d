"""Two maps in numbers: against scipy, by hand, and what holds for any maps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from resnet_demo.explain.common import Map
from resnet_demo.explain.comparison import Agreement, Peak, agreement, peak, share_above_half

coarse = arrays(np.float32, (6, 7), elements=st.integers(0, 9).map(np.float32))
"""Maps with many equal values, as ReLU makes them."""


@given(coarse, coarse)
def test_rank_correlation_is_spearman_s(a: Map, b: Map) -> None:
    found = agreement(a, b).rank_correlation
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        assert found is None
    else:
        assert found == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic, abs=1e-9)


@given(coarse, coarse, st.floats(0.01, 100))
def test_what_holds_for_any_two_maps(a: Map, b: Map, scale: float) -> None:
    one, other = agreement(a, b), agreement(b, a)
    assert (one.rank_correlation, one.overlap) == pytest.approx((other.rank_correlation, other.overlap))
    if one.overlap is not None:
        assert 0 <= one.overlap <= 1
        assert agreement(a, a).overlap == 1
        scaled = agreement((a * np.float32(scale)), b)
        assert scaled.rank_correlation == pytest.approx(one.rank_correlation)
    else:
        assert not a.any() or not b.any()


def test_by_hand() -> None:
    a = np.array([[4, 3, 0], [2, 1, 0]], np.float32)
    b = np.array([[0, 3, 0], [4, 1, 0]], np.float32)
    assert share_above_half(a, 2, 3) == pytest.approx(2 / 6)  # 4 and 3; 2 is half, and not above it
    assert share_above_half(b, 2, 3) == pytest.approx(2 / 6)
    assert agreement(a, b).overlap == pytest.approx(1 / 3)  # 3 in both; 4 in a alone, 4 in b alone
    assert agreement(a, a) == Agreement(pytest.approx(1), 1)
    assert peak(a) == Peak(0, 0, pytest.approx(1 / 6), 0.25, 4)
    assert peak(b) == Peak(1, 0, pytest.approx(1 / 6), 0.75, 4)


def test_half_is_counted_from_zero() -> None:
    """All of a map from 0.6 to 1 lies above half; so do two maps of opposite orders."""
    assert share_above_half(np.array([[0.6, 0.7], [0.8, 1]], np.float32), 32, 32) == 1
    assert share_above_half(np.array([[0, 1], [0, 1]], np.float32), 32, 32) == 0.5
    high, higher = np.array([[3, 4, 5]], np.float32), np.array([[5, 4, 3]], np.float32)
    assert agreement(high, higher) == Agreement(pytest.approx(-1), 1)


def test_opposite_orders_correlate_by_minus_one() -> None:
    a = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert agreement(a, a.max() - a).rank_correlation == pytest.approx(-1)


def test_a_blank_map_agrees_with_nothing() -> None:
    blank, full = np.zeros((3, 3), np.float32), np.eye(3, dtype=np.float32)
    assert agreement(blank, full) == agreement(full, blank) == agreement(blank, blank) == Agreement(None, None)
    assert share_above_half(blank, 3, 3) == 0


def test_a_flat_map_has_an_area_but_no_order() -> None:
    flat, full = np.ones((2, 2), np.float32), np.eye(2, dtype=np.float32)
    assert agreement(flat, full) == Agreement(None, 0.5)


def test_of_equal_peaks_the_first_by_rows() -> None:
    assert peak(np.array([[0, 5, 5]], np.float32)) == Peak(0, 1, 0.5, 0.5, 5)
