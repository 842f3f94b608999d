"""Twins on an image folder of one's own: the card names the data set and its classes, and no other."""

import json
import shutil
from pathlib import Path

import pytest

from resnet_demo.__main__ import main
from resnet_demo.checkpoints import load as checkpoints
from resnet_demo.data.datasets import read
from resnet_demo.errors import DatasetError
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.training.class_names import read_names
from resnet_demo.training.recipe import RECIPES, recipe_for
from resnet_demo.training.verification import nowhere, verify
from tests.helpers.commands import answer, refusal
from tests.helpers.generated import image_folder

WORDS = ["--model", "resnet20", "--epochs", "1", "--batch_size", "16", "--valid-ratio", "0.1"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Classes by the names of their folders: "cat" is a word, "n02 dog" has a space, "\u8239" is Chinese."""
    root = image_folder(tmp_path / "data", side=32, train=8, test=2, halves="train val")
    for half in ("train", "val"):
        (root / half / "dog").rename(root / half / "n02 dog")
        (root / half / "ship").rename(root / half / "\u8239")
    return root


def test_twins_on_a_folder_of_ones_own_carry_its_name_and_its_classes(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, out = tmp_path / "names.txt", tmp_path / "out"
    names.write_text("n02 dog\tdachshund\ncat\tmy cat\n", "utf-8")
    words = ["train", "--dataset", "Our pets", "--data-dir", str(data), "--mode", "compare", "--names", str(names)]
    found = answer(capsys, *words, *WORDS, "--out", str(out))
    assert [*found] == ["resnet20", "plain20"]
    for model in found:
        card = out / f"{model}-Our_pets.json"
        says = json.loads(card.read_text("utf-8"))
        assert says["title"] == f"{model}, trained on Our pets from random weights"
        assert says["dataset"] == "Our_pets"
        assert says["classes"] == [
            {"id": "cat", "name": "my cat"},
            {"id": "n02 dog", "name": "dachshund"},
            {"id": "\u8239", "name": "\u8239"},
        ]
        assert says["accuracy"]["data"] == "Our pets 160 px, 6 test photographs"
        assert says["how"] == (
            "python -m resnet_demo train --dataset Our_pets --data-dir <folder> --model resnet20 --mode compare "
            "--names names.txt --epochs 1 --batch-size 16 --valid-ratio 0.1"
        )
        assert verify(card, nowhere) == []
        assert verify(card, lambda name: read(name, data, "test")) == []
    assert Networks.label("resnet20-Our_pets") == "ResNet-20 · Our pets"
    resumed = answer(capsys, *words, *WORDS, "--out", str(out), "--resume")
    assert resumed == found


def test_a_known_dataset_s_name_is_not_given_to_other_classes(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Imagenette is the default: another set in the same layout would be trained under its name."""
    told = refusal(capsys, "train", "--data-dir", str(data), *WORDS, "--out", str(tmp_path / "out"))
    assert told == (
        f"resnet_demo train: {data} is not Imagenette: 3 of its classes are unknown there (cat, n02 dog, \u8239). Give "
        "your data set a name of its own with --dataset, for example --dataset garden_birds.\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_folder_of_ones_own_is_evaluated_by_its_name(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["--dataset", "Our pets", "--data-dir", str(data)]
    assert main(["train", *words, *WORDS, "--out", str(out)]) == 0
    weights = str(out / "resnet20-Our_pets.safetensors")
    found = answer(capsys, "evaluate", "--model", "resnet20", "--weights", weights, *words)
    assert (found["dataset"], found["count"], found["classes"]) == ("Our_pets", 6, ["cat", "n02 dog", "\u8239"])


def test_verify_says_which_accuracy_it_could_not_measure(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert main(["train", "--dataset", "pets", "--data-dir", str(data), *WORDS, "--out", str(out)]) == 0
    monkeypatch.setattr(checkpoints, "WEIGHTS", out)
    shutil.rmtree(data)
    told = refusal(capsys, "verify", "--data-dir", str(data))
    assert f"No images of pets in {data}: looked for pets/val, val." in told


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "n01440764 tench, Tinca tinca\nn02102040   English springer\n",
            {"n01440764": "tench, Tinca tinca", "n02102040": "English springer"},
        ),
        ("my cat\ttabby\r\n\r\nmy dog\tpug", {"my cat": "tabby", "my dog": "pug"}),
        ('\ufeff{"my cat": "tabby"}', {"my cat": "tabby"}),
    ],
)
def test_names_are_read_from_lines_and_from_json(tmp_path: Path, text: str, names: dict[str, str]) -> None:
    (tmp_path / "names").write_bytes(text.encode())
    assert read_names(tmp_path / "names") == names


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"cat\ndog", b'{"cat": 1}', b'{"cat": ""}', b"\xff\xfe", b"7"])
def test_what_does_not_name_classes_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "names").write_bytes(content)
    with pytest.raises(
        DatasetError, match=r"names does not name classes\. Write a folder and its name on each line, or"
    ):
        read_names(tmp_path / "names")


def test_names_of_folders_that_are_not_there_are_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "names").write_text('{"cat": "tabby", "cow": "Friesian"}', "utf-8")
    words = ["train", "--dataset", "pets", "--data-dir", str(data), "--names", str(tmp_path / "names")]
    assert refusal(capsys, *words, *WORDS, "--out", str(tmp_path / "out")) == (
        f"resnet_demo train: 1 of the names are for folders that pets in {data} does not have: cow. Correct the names "
        "file, or leave these out.\n"
    )


def test_a_known_dataset_takes_no_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "names").write_text('{"cat": "tabby"}', "utf-8")
    data = image_folder(tmp_path / "data", train=8, test=2)
    words = ["train", "--dataset", "cifar10", "--data-dir", str(data), "--names", str(tmp_path / "names")]
    assert "The classes of CIFAR-10 have names. Leave out --names" in refusal(capsys, *words, *WORDS)


def test_a_folder_of_ones_own_has_imagenette_s_recipe() -> None:
    assert recipe_for("garden_birds") == RECIPES["imagenette"]
    assert recipe_for("cifar10") == RECIPES["cifar10"]
