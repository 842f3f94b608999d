"""The bounds of the caches, in bytes."""

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_demo.errors import DemoError
from resnet_demo.kit import memory as bounds
from resnet_demo.kit.memory import CACHES, DEFAULT, LEAST, PROGRAM, SHARES, Cache, Memory, kept, weight
from resnet_demo.kit.offered_networks import Networks, trained

MB = 10**6


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A cache of 100 kB."""
    monkeypatch.setattr(bounds.memory, "share", lambda _: 100_000)
    return Cache("measurements")


def test_the_shares_are_all_that_is_left_beside_the_program() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)
    for megabytes in (LEAST, DEFAULT, 8000):
        memory = Memory(megabytes)
        assert sum(map(memory.share, SHARES)) == pytest.approx(megabytes * MB - PROGRAM, abs=len(SHARES))


def test_the_number_of_sessions_follows_the_memory() -> None:
    assert [Memory(megabytes).sessions for megabytes in (1200, 2000, 3000, 16_000)] == [133, 666, 1333, 10_000]


def test_less_than_the_program_takes_is_refused() -> None:
    with pytest.raises(DemoError, match="^--max-memory 500: the app needs at least 1,200 megabytes.$"):
        Memory(500)


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (np.zeros((100, 100), np.float32), 40_000, 40_000),
        (torch.zeros(100, 100), 40_000, 40_000),
        (torch.zeros(100, 100)[:1], 40_000, 40_000),  # a view keeps all of it
        (Image.new("RGB", (100, 200)), 60_000, 60_000),
        ((1.0,) * 1000, 8_000, 33_000),
        ({"a": [np.zeros(1000)], "b": "x" * 500}, 8_500, 10_000),
        (torch.nn.Linear(1000, 1000), 0, 0),
    ],
    ids=["array", "tensor", "view", "picture", "numbers", "nested", "module"],
)
def test_what_a_value_weighs(value: object, least: int, most: int) -> None:
    assert least <= weight(value) <= most


def test_what_is_held_twice_weighs_once() -> None:
    array = np.zeros(10_000)
    assert weight([array, array]) < 81_000


def test_the_oldest_make_room(small: Cache) -> None:
    for key in range(5):
        small.get(key, lambda: np.zeros(5_000))  # 40 kB each
    made: list[int] = []
    for key in (4, 3, 2):
        small.get(key, lambda key=key: made.append(key) or np.zeros(5_000))
    assert made == [2]
    assert small.bytes == 80_000


def test_asking_keeps_a_value(small: Cache) -> None:
    first = small.get("a", lambda: np.zeros(5_000))
    small.get("b", lambda: np.zeros(5_000))
    assert small.get("a", lambda: np.ones(1)) is first
    small.get("c", lambda: np.zeros(5_000))
    assert small.get("a", lambda: np.ones(1)) is first


def test_a_value_larger_than_the_bound_is_returned_and_not_kept(small: Cache) -> None:
    assert small.get("large", lambda: np.zeros(50_000)).shape == (50_000,)
    assert small.bytes == 0
    assert small.get("large", lambda: "anew") == "anew"


def test_a_value_that_could_not_be_made_is_tried_again(small: Cache) -> None:
    with pytest.raises(ZeroDivisionError):
        small.get("a", lambda: 1 // 0)
    assert small.get("a", lambda: "made") == "made"


def test_none_is_kept_like_any_value(small: Cache) -> None:
    assert small.get("a", lambda: None) is None
    assert small.get("a", lambda: "anew") is None


def test_functions_of_one_share_are_kept_apart_and_forgotten_apart() -> None:
    calls: list[str] = []

    @kept("measurements")
    def one(value: int) -> int:
        calls.append("one")
        return value

    @kept("measurements")
    def two(value: int) -> int:
        calls.append("two")
        return -value

    assert [one(3), two(3), one(3), two(3)] == [3, -3, 3, -3]
    assert calls == ["one", "two"]
    one.cache_clear()  # type: ignore[attr-defined]
    assert [one(3), two(3)] == [3, -3]
    assert calls == ["one", "two", "one"]
    one.cache_clear()  # type: ignore[attr-defined]
    two.cache_clear()  # type: ignore[attr-defined]


def test_a_network_counts_with_the_weights_that_are_laid_out_for_the_processor() -> None:
    trained.cache_clear()  # type: ignore[attr-defined]
    before = CACHES["networks"].bytes
    Networks("cpu").get("resnet20-cifar10")
    assert CACHES["networks"].bytes - before == pytest.approx(3 * 4 * 272_474, rel=0.02)
