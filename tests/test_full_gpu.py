"""When a GPU's memory is full: smaller batches, and then a sentence that says what to do."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from resnet_demo.cli import evaluate
from resnet_demo.models.device import in_parts
from tests.helpers.commands import answer, refusal, train_words
from tests.helpers.generated import image_folder
from tests.helpers.published import publish_untrained
from tests.helpers.refused import photograph
from tests.helpers.standin_gpu import standing_in


def doubled(fits: int) -> Any:
    """Doubles at most so many numbers at a time."""

    def run(some: range) -> list[int]:
        if len(some) > fits:
            raise torch.OutOfMemoryError("full")
        return [2 * number for number in some]

    return run


@pytest.mark.parametrize(
    ("fits", "parts"),
    [(8, [[0, 2, 4, 6, 8, 10, 12, 14], [16, 18]]), (3, [[0, 2], [4, 6], [8, 10], [12, 14], [16, 18]])],
)
def test_batches_are_halved_until_they_fit(fits: int, parts: list[list[int]]) -> None:
    assert list(in_parts(doubled(fits), range(10), 8)) == parts


def test_one_that_does_not_fit_ends_it() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        list(in_parts(doubled(0), range(10), 8))
    assert list(in_parts(doubled(0), range(0), 8)) == []


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "data")


def evaluation(data: Path, folder: Path) -> list[str]:
    publish_untrained(folder)
    weights = str(folder / "resnet20-cifar10.safetensors")
    return ["evaluate", "--model", "resnet20", "--weights", weights, "--dataset", "cifar10", "--data-dir", str(data)]


def test_evaluation_takes_smaller_batches(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """24 pictures at once need 1.6 MB for a map; 6 fit."""
    words = evaluation(data, tmp_path / "weights")
    expected = answer(capsys, *words, "--device", "cpu")
    with standing_in(largest=500_000):
        found = answer(capsys, *words, "--device", "cuda")
    assert math.isclose(found.pop("loss"), expected.pop("loss"), rel_tol=1e-4)
    assert found["accuracy"] == expected["accuracy"] and found["confusion"] == expected["confusion"]


FULL = (
    "The memory of cuda is full, even for one image. Close what else uses it, or hide it with "
    "CUDA_VISIBLE_DEVICES=-1 and use the CPU.\n"
)


def test_evaluation_says_when_not_even_one_picture_fits(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = evaluation(data, tmp_path / "weights")
    with standing_in() as gpu:
        whole = evaluate.load

        def then_full(*args: Any) -> Any:
            classifier = whole(*args)
            gpu.largest = 1_000
            return classifier

        monkeypatch.setattr(evaluate, "load", then_full)
        assert refusal(capsys, *words, "--device", "cuda") == f"resnet_demo evaluate: {FULL}"


def test_explaining_a_folder_takes_smaller_batches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(4):
        photograph(seed=seed).save(folder / f"{seed}.png")
    words = ["explain", str(folder), "--model", "resnet18", "--out"]
    expected = answer(capsys, *words, str(tmp_path / "cpu"))
    with standing_in(largest=10_000_000):  # one picture's first map has 1.6 MB, and the largest weight 9.4
        found = answer(capsys, *words, str(tmp_path / "gpu"))
    assert len(found["explanations"]) == 4
    for one, other in zip(found["explanations"], expected["explanations"], strict=True):
        np.testing.assert_allclose(one["map"]["maximum"], other["map"]["maximum"], rtol=2e-3)


def test_training_names_its_batch_size(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*train_words(data, tmp_path / "out"), "--epochs", "1", "--device", "cuda"]
    with standing_in(largest=500_000):
        said = refusal(capsys, *words)
    assert said.endswith(
        "resnet_demo train: The memory of cuda is full with batch_size = 16. Give a smaller one, or train on the CPU "
        "with --device cpu.\n"
    )
