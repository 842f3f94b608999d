"""Training from given weights: a new head on a trained trunk, which may be frozen."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from resnet_demo.__main__ import main
from resnet_demo.checkpoints import hub
from resnet_demo.data.datasets import read
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.models import build, load
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.training import runs
from resnet_demo.training.loop import Trainer
from resnet_demo.training.recipe import Recipe
from resnet_demo.training.start import Start, begin, training_mode
from resnet_demo.training.verification import nowhere, verify
from tests.helpers.generated import image_folder, pictures
from tests.helpers.published import publish_untrained
from tests.helpers.standin import IMAGENET


@pytest.fixture
def start(tmp_path: Path) -> Path:
    publish_untrained(tmp_path / "start", preactivation=True)
    return tmp_path / "start" / "resnet20-cifar10.safetensors"


def train(data: Path, out: Path, *more: str) -> int:
    words = ["train", "--dataset", "cifar10", "--data-dir", str(data), "--out", str(out), "--epochs", "1", *more]
    return main([*words, "--batch_size", "16", "--valid-ratio", "0.1", "--device", "cpu"])


@pytest.mark.parametrize("frozen", [False, True])
def test_the_trunk_is_the_files_and_the_head_is_new(start: Path, frozen: bool) -> None:
    source = load("resnet20", str(start), "cpu").network
    network = begin("resnet20", 5, Start(str(start), frozen), seed=0)
    assert network.architecture.preactivation  # the options are those of the card
    assert network.fc.weight.shape == (5, 64)
    trunk = [key for key in network.state_dict() if not key.startswith("fc.")]
    assert all(torch.equal(network.state_dict()[key], source.state_dict()[key]) for key in trunk)
    trained = {name for name, p in network.named_parameters() if p.requires_grad}
    assert trained == ({"fc.weight", "fc.bias"} if frozen else {name for name, _ in network.named_parameters()})
    again, other = (begin("resnet20", 5, Start(str(start), frozen), seed) for seed in (0, 1))
    assert torch.equal(network.fc.weight, again.fc.weight)
    assert not torch.equal(network.fc.weight, other.fc.weight)


@pytest.mark.parametrize("path", ["runs/resnet20-cifar10.safetensors", "/runs/resnet20-cifar10.safetensors"])
def test_a_card_names_the_file_and_not_its_folder(path: str) -> None:
    assert Start(path).lines("resnet20") == {"weights": "resnet20-cifar10.safetensors", "trunk": "trained"}
    assert Start("class/net").lines("resnet20")["weights"] == "class/net"


def test_random_weights_are_those_of_the_seed() -> None:
    torch.manual_seed(3)
    assert torch.equal(build("resnet20", 3).conv1.weight, begin("resnet20", 3, Start(), 3).conv1.weight)


def test_a_frozen_trunk_keeps_its_statistics(start: Path) -> None:
    network = begin("resnet20", 3, Start(str(start), frozen=True), 0)
    training_mode(network)
    assert [name for name, child in network.named_children() if child.training] == ["fc"]
    whole = begin("resnet20", 3, Start(str(start)), 0)
    whole.eval()
    training_mode(whole)
    assert all(module.training for module in whole.modules() if isinstance(module, torch.nn.BatchNorm2d))


def test_fine_tuning_with_a_frozen_trunk_changes_the_head_alone(start: Path, tmp_path: Path) -> None:
    data, out = image_folder(tmp_path / "data"), tmp_path / "out"
    assert train(data, out, "--model", "resnet20", "--init", str(start), "--freeze-trunk") == 0
    before, after = load_file(start), load_file(out / "resnet20-cifar10.safetensors")
    assert {key for key in before if not torch.equal(before[key], after[key])} == {"fc.weight", "fc.bias"}
    card = json.loads((out / "resnet20-cifar10.json").read_text("utf-8"))
    sha256 = hashlib.sha256(start.read_bytes()).hexdigest()
    assert card["start"] == {"weights": "resnet20-cifar10.safetensors", "trunk": "frozen", "sha256": sha256}
    assert card["title"] == "resnet20, trained on CIFAR-10 from resnet20-cifar10.safetensors"
    assert card["options"] == {"preactivation": True}
    assert "--init resnet20-cifar10.safetensors --freeze-trunk --epochs 1 --batch-size 16" in card["how"]
    assert card["recipe"]["learning_rate"] == 0.01
    assert str(tmp_path) not in (out / "resnet20-cifar10.json").read_text("utf-8")
    assert verify(out / "resnet20-cifar10.json", nowhere) == []


def test_a_run_from_other_weights_is_not_taken_up(
    start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = image_folder(tmp_path / "data"), tmp_path / "out"
    assert train(data, out, "--model", "resnet20", "--init", str(start)) == 0
    assert train(data, out, "--model", "resnet20", "--init", str(start), "--resume") == 0
    capsys.readouterr()
    assert train(data, out, "--model", "resnet20", "--init", str(start), "--resume", "--freeze-trunk") == 2
    assert "was written with a different network, recipe or dataset." in capsys.readouterr().err


def test_weights_of_the_same_name_are_not_the_same_weights(
    start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, other = image_folder(tmp_path / "data"), shutil.copytree(start.parent, tmp_path / "other") / start.name
    tensors = load_file(start)
    save_file(tensors | {"conv1.weight": -tensors["conv1.weight"]}, other)
    card = json.loads(start.with_suffix(".json").read_text("utf-8"))
    card["sha256"] = hashlib.sha256(other.read_bytes()).hexdigest()
    other.with_suffix(".json").write_text(json.dumps(card), "utf-8")
    words = [data, tmp_path / "out", "--model", "resnet20", "--resume", "--init"]
    with monkeypatch.context() as patch:
        patch.setattr(runs, "publish", interrupted)
        assert train(*words, str(start)) == 130
    refused = "was written with a different network, recipe or dataset."
    assert train(*words, str(other)) == 2
    assert refused in capsys.readouterr().err
    assert train(*words, str(start)) == 0
    assert train(*words, str(other)) == 2
    assert refused in capsys.readouterr().err
    monkeypatch.delattr(runs, "_train")
    copy = shutil.copytree(start.parent, tmp_path / "copy") / start.name
    assert train(*words, str(copy)) == 0  # the same weights elsewhere are the same weights


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_what_training_starts_from_is_not_overwritten(
    start: Path, tmp_path: Path, resume: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in start.parent.iterdir()}
    data = image_folder(tmp_path / "data")
    assert train(data, start.parent, "--model", "resnet20", "--init", str(start), *resume) == 2
    said = f"Training would overwrite {start}, the file it starts from. Choose another --out."
    assert said in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in start.parent.iterdir()} == before


def test_fine_tuning_from_imagenet(imagenet: hub.Release, tmp_path: Path) -> None:
    data, out = image_folder(tmp_path / "data"), tmp_path / "out"
    assert train(data, out, "--model", "resnet18", "--init", "imagenet", "--freeze-trunk") == 0
    card = json.loads((out / "resnet18-cifar10.json").read_text("utf-8"))
    told = {"weights": f"{IMAGENET}@{imagenet.revision}", "trunk": "frozen", "sha256": imagenet.sha256}
    assert card["start"] == told
    assert [entry["id"] for entry in card["classes"]] == ["cat", "dog", "ship"]
    trunk = load("resnet18", "imagenet", "cpu").network.state_dict()["layer4.1.conv2.weight"]
    assert torch.equal(load_file(out / "resnet18-cifar10.safetensors")["layer4.1.conv2.weight"], trunk.half())


def test_fine_tuning_from_imagenet_offline_says_what_to_run(
    imagenet: hub.Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    data, out = image_folder(tmp_path / "data"), tmp_path / "out"
    assert train(data, out, "--model", "resnet18", "--init", "imagenet") == 2
    assert "With internet access, unset it and run python -m resnet_demo fetch resnet18." in capsys.readouterr().err


def test_there_is_no_plain_network_to_start_from(
    imagenet: hub.Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = image_folder(tmp_path / "data")
    assert train(data, tmp_path / "out", "--model", "plain18", "--init", "imagenet") == 2
    assert "There are no ImageNet weights for plain18. Choose one of: resnet18," in capsys.readouterr().err


def test_another_stem_from_training_to_verification(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An 18-layer network for pictures of 32 px; narrow here, to be quick."""
    monkeypatch.setitem(ARCHITECTURES, "resnet18", replace(ARCHITECTURES["resnet18"], widths=(8, 8, 16, 16)))
    data, out = image_folder(tmp_path / "data"), tmp_path / "out"
    words = ["--model", "resnet18", "--schedule", "step", "--patience", "10"]
    assert train(data, out, *words, "--stem", "cifar") == 0
    card = json.loads((out / "resnet18-cifar10.json").read_text("utf-8"))
    assert card["options"] == {"stem": "cifar"}
    assert "--model resnet18 --mode single --stem cifar --epochs 1" in card["how"]
    test = read("cifar10", data, "test")
    assert verify(out / "resnet18-cifar10.json", lambda name: test) == []
    network = load("resnet18", str(out / "resnet18-cifar10.safetensors"), "cpu").network
    assert network.conv1.weight.shape == (8, 3, 3, 3)
    assert network.layer1(network.stem(torch.zeros(1, 3, 32, 32))).shape == (1, 8, 32, 32)
    assert train(data, out, *words, "--stem", "cifar", "--resume") == 0
    capsys.readouterr()
    assert train(data, out, *words, "--resume") == 2
    assert "was written with a different network, recipe or dataset." in capsys.readouterr().err


def test_an_unfinished_run_with_another_stem_is_not_taken_up(tmp_path: Path) -> None:
    recipe, device = Recipe(1, 16, 0.1, 32, 32, 32, "pad-crop"), torch.device("cpu")
    state = tmp_path / "a.state.safetensors"
    origins = [Start(stem=stem) for stem in ("imagenet", "cifar", "")]
    other, *same = (Trainer(begin("resnet20", 3, origin, 0), recipe, device, state, origin) for origin in origins)
    same[0].fit(pictures(16), pictures(4))
    same[1].resume()  # the network's own stem, named or not
    with pytest.raises(CheckpointError, match="a different network, recipe or dataset"):
        other.resume()


def test_the_stem_of_given_weights_stays(start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--model", "resnet20", "--init", str(start), "--stem", "imagenet"]
    assert train(image_folder(tmp_path / "data"), tmp_path / "out", *words) == 2
    assert f"one that starts from {start} keeps its own stem. Leave out --stem or --init." in capsys.readouterr().err


def test_a_frozen_trunk_has_to_be_trained() -> None:
    with pytest.raises(DemoError) as caught:
        Start(frozen=True)
    assert str(caught.value) == "--freeze-trunk needs a trained trunk. Add --init imagenet."
