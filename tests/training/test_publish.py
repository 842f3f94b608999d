"""What is published: two files, and a card that tells the truth."""

import json
import platform
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from resnet_demo.checkpoints.card import mistakes
from resnet_demo.checkpoints.load import load
from resnet_demo.errors import DemoError
from resnet_demo.models import build
from resnet_demo.training import publish as publishing
from resnet_demo.training.evaluation import answers, evaluate
from resnet_demo.training.machine import made
from resnet_demo.training.publish import Training, publish
from resnet_demo.training.verification import verify
from tests.helpers.generated import pictures
from tests.helpers.published import HISTORY, RECIPE, lines, publish_untrained
from tests.helpers.running import ROOT

TEST = pictures(24, first=900)


def test_two_files_and_nothing_else(card: Path) -> None:
    assert sorted(path.name for path in card.parent.iterdir()) == [
        "resnet20-cifar10.json",
        "resnet20-cifar10.safetensors",
    ]


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / ".resnet20-cifar10.partial"
    left.mkdir()
    (left / "resnet20-cifar10.safetensors.partial").write_bytes(b"half of it")
    seen: list[list[str]] = []

    def interrupted(*_: object) -> None:
        seen.append(sorted(path.name for path in tmp_path.rglob("*")))
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish_untrained(tmp_path)
    # Under a name that git ignores, even while it is measured.
    assert seen == [[left.name, "resnet20-cifar10.json", "resnet20-cifar10.safetensors"]]
    assert "*.partial" in Path(ROOT, ".gitignore").read_text("utf-8").split()
    assert [*tmp_path.iterdir()] == []


def test_numbers_that_float16_does_not_hold_are_not_published(tmp_path: Path) -> None:
    """A training that went astray can end with a finite loss, and running statistics beyond all measure."""
    network = build("resnet20", 3)
    assert isinstance(network.bn1.running_var, torch.Tensor)
    network.bn1.running_var[3] = 65_600
    training = Training("cifar10", RECIPE, HISTORY, made(torch.device("cpu")), "python -m resnet_demo train", "")
    with pytest.raises(DemoError, match=r"bn1\.running_var of resnet20 .* lower learning rate \(now 0\.1\)\."):
        publish(network, training, TEST, tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_the_weights_are_half_precision_without_batch_counters(card: Path) -> None:
    tensors = load_file(card.with_suffix(".safetensors"))
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert [key for key in tensors if "num_batches_tracked" in key] == []
    assert len(tensors) == 19 * 5 + 2  # 19 convolutions with four BatchNorm tensors each, weight and bias of fc


def test_the_card_is_complete_and_says_what_was_given(card: Path) -> None:
    says = json.loads(card.read_text("utf-8"))
    assert {line.split(".")[0] for line in lines()} | {"note"} == says.keys()
    assert (says["model"], says["dataset"], says["options"]) == ("resnet20", "cifar10", {})
    assert says["classes"] == [{"id": name, "name": name} for name in ("cat", "dog", "ship")]
    assert (says["parameters"], says["dtype"], says["best_epoch"], says["seconds"]) == (269_267, "float16", 2, 5.0)
    assert (says["recipe"]["epochs"], says["seed"]) == (RECIPE.epochs, 0)
    assert [row["epoch"] for row in says["history"]] == [row.epoch for row in HISTORY]
    assert says["accuracy"]["data"] == "CIFAR-10 32 px, 24 test photographs"
    assert says["golden"]["input"] == "2 sin(0.37 i), where i counts the values of (1, 3, 32, 32) from 0"
    assert says["machine"].keys() == {"processor", "threads", "precision"}
    assert says["versions"].keys() == {"python", "torch", "torchvision", "resnet_demo"}
    assert says["note"] == "a remark"


def test_the_card_names_no_machine_and_no_path(card: Path) -> None:
    text = card.read_text("utf-8")
    assert platform.node() not in text
    assert str(card.parent) not in text


def test_the_accuracy_is_that_of_the_file_as_written(card: Path) -> None:
    says = json.loads(card.read_text("utf-8"))["accuracy"]
    classifier = load("resnet20", str(card.with_suffix(".safetensors")), "cpu")
    found = evaluate(classifier.network, TEST, classifier.preprocessing, classifier.device)
    assert (says["top1"], says["count"], says["half"]) == (found.accuracy, found.count, "test")
    assert says["loss"] == pytest.approx(found.loss, abs=1e-6)
    guesses = answers(classifier.network, TEST, classifier.preprocessing, classifier.device).argmax(1)
    assert mistakes(says).tolist() == [bool(one) for one in guesses != TEST.labels]


def test_options_other_than_the_stock_ones_are_on_the_card(tmp_path: Path) -> None:
    says = publish_untrained(tmp_path, preactivation=True, shortcut="B")
    assert says["options"] == {"shortcut": "B", "preactivation": True}
    assert verify(tmp_path / "resnet20-cifar10.json", lambda name: TEST) == []
