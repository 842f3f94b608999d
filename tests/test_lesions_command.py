"""The verb `lesions`, on two untrained networks and three dozen generated pictures."""

import json
from pathlib import Path
from typing import Any

import pytest

from resnet_demo.__main__ import main
from resnet_demo.commands import lesions
from resnet_demo.explain.lesions import without
from resnet_demo.models import checkpoints
from tests.helpers.generated import image_folder
from tests.helpers.published import publish_untrained

MODELS = ("plain20", "resnet20")


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for model in MODELS:
        publish_untrained(tmp_path / "weights", model)
    monkeypatch.setattr(checkpoints, "WEIGHTS", tmp_path / "weights")
    monkeypatch.setattr(lesions, "COUNTS", (1, 4, 10))
    data = image_folder(tmp_path / "data")
    found = ["lesions", "--data-dir", str(data), "--model", *MODELS]
    return [*found, "--draws", "2", "--device", "cpu", "--out", str(tmp_path / "lesions.json")]


def written(words: list[str]) -> dict[str, Any]:
    assert main(words) == 0
    found: dict[str, Any] = json.loads(Path(words[-1]).read_text("utf-8"))
    return found


def test_every_part_by_itself_and_several_at_random(words: list[str]) -> None:
    found = written(words)
    assert (found["draws"], found["seed"]) == (2, 0)
    assert list(found["networks"]) == list(MODELS)
    for name, parts, counts in (("plain20", 16, ["1", "4", "10"]), ("resnet20", 9, ["1", "4"])):
        network = found["networks"][name]
        assert (
            network["sha256"] == json.loads(checkpoints.WEIGHTS.joinpath(f"{name}-cifar10.json").read_text())["sha256"]
        )
        assert len(network["parts"]) == parts
        assert list(network["several"]) == counts
        for errors in ([network["error"]], network["parts"].values(), *network["several"].values()):
            wrong = [error * found["count"] for error in errors]
            assert wrong == pytest.approx([round(number) for number in wrong], abs=1e-3)
            assert 0 <= min(wrong) <= max(wrong) <= found["count"]


def test_what_was_measured_before_is_kept(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the second network and called again: the first is not measured anew. Other weights are."""
    evaluations = []

    def counted(network: Any, cut: list[str]) -> Any:
        evaluations.append(network.architecture.name)
        if stop and evaluations[-1] == "resnet20":
            raise KeyboardInterrupt
        return without(network, cut)

    monkeypatch.setattr(lesions, "without", counted)
    stop = True
    assert main(words) == 130
    assert list(json.loads(Path(words[-1]).read_text("utf-8"))["networks"]) == ["plain20"]
    stop = False
    evaluations.clear()
    first = written(words)
    assert set(evaluations) == {"resnet20"} and list(first["networks"]) == list(MODELS)
    evaluations.clear()
    assert written(words) == first and not evaluations
    assert set(written([*words[:-2], "--seed", "1", *words[-2:]])["networks"]) == set(MODELS)
    assert set(evaluations) == set(MODELS)
