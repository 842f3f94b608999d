"""The verbs `early_exit` and `landscape`, on untrained networks and two dozen generated images."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_demo.__main__ import main
from resnet_demo.chapters.degradation.landscape import Plane
from resnet_demo.chapters.degradation.landscape_study import LINE
from resnet_demo.checkpoints import load as checkpoints
from resnet_demo.cli.landscape import table
from resnet_demo.data.datasets import read
from resnet_demo.models import load
from tests.helpers.generated import image_folder
from tests.helpers.published import publish_untrained

MODELS = ("plain20", "resnet20")


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for model in MODELS:
        publish_untrained(tmp_path / "weights", model)
    monkeypatch.setattr(checkpoints, "WEIGHTS", tmp_path / "weights")
    data = image_folder(tmp_path / "data")
    return ["--data-dir", str(data), "--model", *MODELS, "--device", "cpu", "--out", str(tmp_path / "found.json")]


def written(words: list[str]) -> dict[str, Any]:
    assert main(words) == 0
    found: dict[str, Any] = json.loads(Path(words[-1]).read_text("utf-8"))
    return found


def test_accuracy_after_each_block(words: list[str]) -> None:
    """The last accuracy is the network's own; what is there is not measured again."""
    found = written(["early_exit", *words])["networks"]
    assert list(found) == ["plain20-cifar10", "resnet20-cifar10"]
    for name in MODELS:
        classifier = load(name, "cifar10", "cpu")
        test = read("cifar10", words[1], "test")
        with torch.no_grad():
            top = classifier.network(classifier.preprocessing.batch(test.images)).argmax(1)
        entry = found[f"{name}-cifar10"]
        assert entry["sha256"] == classifier.card["sha256"] and entry["count"] == len(test) == 24
        assert len(entry["accuracy"]) == 3
        assert entry["accuracy"][-1] == pytest.approx(float((top == test.labels).double().mean()), abs=1e-6)
    path = Path(words[-1])
    marked = json.loads(path.read_text("utf-8"))
    marked["networks"]["plain20-cifar10"]["accuracy"] = [0.5]
    path.write_text(json.dumps(marked), "utf-8")
    assert written(["early_exit", *words])["networks"]["plain20-cifar10"]["accuracy"] == [0.5]


def test_a_landscape_continues_row_by_row(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after four rows of six, then called again: only the last two are measured."""
    command = ["landscape", "--points", "3", "--count", "12", *words]
    rows: list[float] = []
    row = Plane.row

    def counted(self: Plane, xs: Any, y: float) -> Any:
        if len(rows) == stop_after:
            raise KeyboardInterrupt
        rows.append(y)
        return row(self, xs, y)

    monkeypatch.setattr(Plane, "row", counted)
    stop_after = 4
    assert main(command) == 130
    before = json.loads(Path(words[-1]).read_text("utf-8"))
    assert [len(one["loss"]) for one in before["networks"].values()] == [3, 1]
    assert table(before).splitlines()[1] == "resnet20: 1 of 3 rows"
    rows, stop_after = [], 99
    found = written(command)
    assert rows == [0.0, 1.0]
    assert (found["points"], found["span"], found["count"], found["seed"]) == (3, 1.0, 12, 0)
    plain, residual = found["networks"].values()
    for one in (plain, residual):  # untrained: both ends are the weights that the seed draws
        assert one["line"]["loss"] == pytest.approx([one["line"]["loss"][0]] * len(LINE), rel=1e-2)
    assert plain == before["networks"]["plain20"] and residual["loss"][0] == before["networks"]["resnet20"]["loss"][0]
    assert all(0 <= one <= 1 for grid in (plain, residual) for line in grid["accuracy"] for one in line)
    rows, stop_after = [], 0
    assert written(command) == found


@pytest.mark.parametrize(("points", "status"), [("4", 2), ("1", 2)])
def test_a_grid_without_a_middle_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str], points: str, status: int
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["landscape", *words, "--points", points])
    assert caught.value.code == status
    assert f"argument --points: {points}: give an odd number, 3 or more" in capsys.readouterr().err
