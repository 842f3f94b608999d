"""What is written down of a training, and how."""

import os
from pathlib import Path

import pytest
from PIL import Image

from resnet_demo.training.history import Epoch, best, plot, write_atomically, write_json
from tests.helpers.saved import keep_saved


def epochs(*accuracies: float) -> list[Epoch]:
    return [Epoch(i + 1, 0.1, 32, 1.0, 0.5, 1.0, accuracy, 2.0) for i, accuracy in enumerate(accuracies)]


def test_the_best_epoch_is_the_latest_of_equals() -> None:
    assert best(epochs(0.5, 0.7, 0.6, 0.7, 0.6)).epoch == 4


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "state"
    write_atomically(path, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_write_leaves_nothing_else_behind(tmp_path: Path) -> None:
    write_json(tmp_path / "card.json", {"name": "树"})
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]
    assert (tmp_path / "card.json").read_text("utf-8") == '{\n "name": "树"\n}\n'


def test_the_plot_is_a_png_of_both_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors are what is missing to a whole: in training, and on what was watched."""
    saved = keep_saved(monkeypatch)
    plot({"resnet20": epochs(0.5, 0.75), "plain20": epochs(0.25, 0.625)}, "test", tmp_path / "history.png")
    (axes,) = saved[0].axes
    assert {line.get_label(): line.get_xydata().tolist() for line in axes.lines} == {
        "resnet20, training": [[1, 50], [2, 50]],
        "resnet20, test": [[1, 50], [2, 25]],
        "plain20, training": [[1, 50], [2, 50]],
        "plain20, test": [[1, 75], [2, 37.5]],
    }
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "error, %")
    with Image.open(tmp_path / "history.png") as image:
        assert (image.format, image.size) == ("PNG", (1200, 675))
