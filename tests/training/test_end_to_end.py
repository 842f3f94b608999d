"""STL-10 and CIFAR-10 in their official formats, from the files to a verified checkpoint and its evaluation."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resnet_demo.__main__ import main
from resnet_demo.data.datasets import read
from resnet_demo.data.sources import DATASETS
from resnet_demo.training.recipe import RECIPES
from resnet_demo.training.verification import verify
from tests.helpers.generated import square
from tests.helpers.official import Pictures, write_cifar10, write_stl10

COLOURS = [(200, 60, 40), (40, 180, 60), (50, 70, 200), (210, 200, 50), (200, 60, 200)] * 2


def squares(side: int, each: int, first: int) -> tuple[Pictures, list[int]]:
    """`each` pictures of every class."""
    labels = [k % 10 for k in range(10 * each)]
    return np.stack([square(COLOURS[label], side, first + i) for i, label in enumerate(labels)]), labels


@pytest.fixture
def stl10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    halves = {"train": squares(96, 4, 0), "test": squares(96, 2, 900)}
    return write_stl10(tmp_path / "data", monkeypatch, halves)


@pytest.fixture
def cifar10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return write_cifar10(tmp_path / "data", monkeypatch, [squares(32, 2, 100 * i) for i in range(6)])


@pytest.mark.parametrize(("dataset", "model", "count"), [("stl10", "resnet18", 20), ("cifar10", "resnet20", 20)])
def test_from_the_official_files_to_an_evaluation(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    dataset: str,
    model: str,
    count: int,
) -> None:
    data: Path = request.getfixturevalue(dataset)
    shared = ["--dataset", dataset, "--data-dir", str(data), "--model", model]
    step = ["--valid-ratio", "0.25", "--schedule", "step", "--patience", "3"]
    out = tmp_path / "out"
    assert main(["train", *shared, *step, "--epochs", "2", "--batch_size", "10", "--out", str(out)]) == 0
    card: dict[str, Any] = json.loads((out / f"{model}-{dataset}.json").read_text("utf-8"))
    assert [entry["id"] for entry in card["classes"]] == list(DATASETS[dataset].classes)
    assert card["preprocessing"]["size"] == RECIPES[dataset].test_size
    assert (card["recipe"]["schedule"], card["recipe"]["patience"], card["recipe"]["valid_ratio"]) == ("step", 3, 0.25)
    test = read(dataset, data, "test")
    assert verify(out / f"{model}-{dataset}.json", lambda name: test) == []
    capsys.readouterr()
    assert main(["evaluate", *shared, "--weights", str(out / f"{model}-{dataset}.safetensors"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["count"], found["accuracy"]) == (count, card["accuracy"]["top1"])
    assert [sum(row) for row in found["confusion"]] == [2] * 10
