"""Cut networks as numbers: percent, median and worst by hand."""

import json
from pathlib import Path

import pytest

from resnet_demo.chapters.degradation.ablation_study import Cuts, cuts

pytestmark = pytest.mark.quick

NETWORKS = {
    "plain20": {"error": 0.12, "parts": {"layer1.0.conv1": 0.9, "layer1.0.conv2": 0.6}, "several": {"1": [0.9, 0.7]}},
    "resnet20": {"error": 0.1, "parts": {"layer1.0": 0.3, "layer1.1": 0.12, "layer1.2": 0.14}, "several": {}},
    "plain56": {"error": 0.2, "parts": {"layer1.0.conv1": 0.9, "layer1.0.conv2": 0.85}, "several": {}},
    "resnet56": {"error": 0.08, "parts": {"layer1.0": 0.1, "layer1.1": 0.09}, "several": {"1": [0.1], "2": [0.3]}},
}


@pytest.fixture
def found(tmp_path: Path) -> Cuts:
    path = tmp_path / "lesions.json"
    path.write_text(json.dumps({"count": 10_000, "draws": 2, "seed": 0, "networks": NETWORKS}), "utf-8")
    return cuts(path)


def test_errors_are_percent_and_the_rest_is_about_them(found: Cuts) -> None:
    assert found.about == {"count": 10_000, "draws": 2, "seed": 0}
    assert [cut.model for cut in found.networks] == ["plain20", "resnet20", "plain56", "resnet56"]
    plain = found.networks[0]
    assert (plain.depth, plain.residual, plain.whole) == (20, False, pytest.approx(12))
    assert plain.several == {1: pytest.approx((90, 70))}


def test_the_median_and_the_worst_cut(found: Cuts) -> None:
    residual = found.networks[1]
    assert residual.median == pytest.approx(14)
    assert residual.worst == ("layer1.0", pytest.approx(30))
    assert found.networks[0].median == pytest.approx(75)


def test_the_deepest_pair(found: Cuts) -> None:
    assert [cut.model for cut in found.deepest] == ["resnet56", "plain56"]


def test_the_deepest_network_may_be_without_its_twin(found: Cuts) -> None:
    alone = Cuts(tuple(cut for cut in found.networks if cut.model != "plain56"), {})
    assert [cut.model for cut in alone.deepest] == ["resnet20", "plain20"]
