"""The page "Paths": its sentence follows the shares, and the shipped network's gradient comes through short paths."""

from math import comb
from pathlib import Path

import pytest

from resnet_demo.chapters.gradients.pages import paths as page
from resnet_demo.chapters.gradients.paths import Paths
from resnet_demo.data.examples import examples
from resnet_demo.kit.offered_networks import Networks

COUNTS = tuple(comb(4, k) / 16 for k in range(5))


@pytest.mark.parametrize(
    ("shares", "carrying", "verdict", "said"),
    [
        ((0.5, 0.5, 0, 0, 0), (0, 1), "short", {"en": "Short paths: 90% of", "zh": "短路径"}),
        ((0, 0.2, 0.6, 0.2, 0), (1, 3), "middle", {"en": "which includes half", "zh": "正好一半"}),
        ((0, 0, 0.01, 0.2, 0.79), (3, 4), "long", {"en": "Long paths: 90% of", "zh": "长路径"}),
    ],
)
def test_the_sentence_follows_the_shares(
    shares: tuple[float, ...], carrying: tuple[int, int], verdict: str, said: dict[str, str]
) -> None:
    found = Paths(4, COUNTS, (1.0,) * 5, shares)
    assert (found.carrying, found.verdict) == (carrying, verdict)
    for language, words in said.items():
        answer = page.answer(language, page.Measured("resnet56", found))
        assert words in answer and "16" in answer
    low, high = carrying
    assert f"{100 * sum(COUNTS[low : high + 1]):.0f}" in answer


def test_the_shipped_network_of_56_layers(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    examples()[0].open().save(path)
    found = page.compute(str(path), Networks("cpu"), "resnet56-cifar10")
    assert found.paths.blocks == 27 and sum(found.paths.shares) == pytest.approx(1)
    assert found.paths.verdict == "short"
    answer, shares, single = page.draw(found, "en")
    assert "134,217,728 paths" in answer
    assert [len(trace.y) for trace in (*shares.data, *single.data)] == [28] * 4
