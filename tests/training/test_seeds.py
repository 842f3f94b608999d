"""One recipe with several seeds, by the command: what is trained, where it lies, and what the first card says."""

import json
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest

from resnet_demo.__main__ import main
from resnet_demo.data.datasets import read
from resnet_demo.training import runs
from resnet_demo.training.verification import verify
from tests.helpers.generated import image_folder

MODELS = ("resnet20", "plain20")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "data")


def train(data: Path, out: Path, *more: str) -> int:
    words = ["train", "--dataset", "cifar10", "--data-dir", str(data), "--model", "resnet20", "--mode", "compare"]
    return main([*words, "--epochs", "2", "--batch_size", "32", "--valid-ratio", "0.1", "--out", str(out), *more])


def card(folder: Path, model: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{model}-cifar10.json").read_text("utf-8"))
    return found


def test_the_first_card_tells_of_every_seed(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert train(data, out, "--seeds", "4", "0", "9") == 0
    told = capsys.readouterr().out.splitlines()[-1].split()
    test = read("cifar10", data, "test")
    for column, model in enumerate(MODELS):
        cards = [card(folder, model) for folder in (out, out / "seed0", out / "seed9")]
        top1 = [one["accuracy"]["top1"] for one in cards]
        seeds = cards[0]["seeds"]
        assert [run["seed"] for run in seeds["runs"]] == [one["seed"] for one in cards] == [4, 0, 9]
        assert [run["top1"] for run in seeds["runs"]] == top1
        assert [run["train_accuracy"] for run in seeds["runs"]] == [
            one["history"][-1]["train_accuracy"] for one in cards
        ]
        assert (seeds["mean"], seeds["std"]) == pytest.approx((mean(top1), stdev(top1)))
        assert len({one["sha256"] for one in cards}) == 3
        assert ["seeds" in one for one in cards] == [True, False, False]
        assert all(one["how"].endswith("--epochs 2 --batch-size 32 --valid-ratio 0.1 --seeds 4 0 9") for one in cards)
        assert all(one["recipe"] | {"seed": 0} == cards[1]["recipe"] for one in cards)
        shown = [f"{100 * mean(top1):.2f}", "±", f"{100 * stdev(top1):.2f}%"]
        assert told[2 + 3 * column : 5 + 3 * column] == shown
        for folder in (out, out / "seed0", out / "seed9"):
            assert verify(folder / f"{model}-cifar10.json", lambda _: test) == []
    assert told[:2] == ["over", "seeds"]
    histories = [json.loads((folder / "history.json").read_text("utf-8")) for folder in (out, out / "seed9")]
    assert [one["networks"]["plain20"]["recipe"]["seed"] for one in histories] == [4, 9]


def test_seeds_are_added_to_a_network_that_is_trained(data: Path, tmp_path: Path) -> None:
    """Its weights stay, a seed that is there stays, and a second call changes nothing."""
    out, alone = tmp_path / "out", tmp_path / "alone"
    assert train(data, out) == 0
    before = (out / "plain20-cifar10.safetensors").read_bytes()
    assert train(data, alone, "--seed", "1") == 0
    assert train(data, out, "--seeds", "0", "1", "--resume") == 0
    assert (out / "plain20-cifar10.safetensors").read_bytes() == before
    for model in MODELS:
        by_itself = card(alone, model)
        assert card(out, model)["seeds"]["runs"][1]["top1"] == by_itself["accuracy"]["top1"]
        assert card(out / "seed1", model)["sha256"] == by_itself["sha256"]
    written = {path: path.read_bytes() for path in out.rglob("*-cifar10.*")}
    assert train(data, out, "--seeds", "0", "1", "--resume") == 0
    assert {path: path.read_bytes() for path in out.rglob("*-cifar10.*")} == written


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "1", "--seeds", "2"], "not allowed with argument"),
        (["--seeds"], "expected at least one argument"),
        (["--seeds", "0", "x"], "invalid int value: 'x'"),
    ],
)
def test_words_that_are_no_seeds(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with pytest.raises(SystemExit):
        train(data, tmp_path / "out", *words)
    assert said in capsys.readouterr().err


def test_a_seed_out_of_range_is_refused_before_anything_is_trained(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(data, tmp_path / "out", "--seeds", "0", "-1") == 2
    assert "seed = -1: give a number from 0 to 2147483647." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_one_seed_has_no_deviation(data: Path, tmp_path: Path) -> None:
    assert train(data, tmp_path / "out", "--seeds", "3") == 0
    found = card(tmp_path / "out", "plain20")
    assert (found["seed"], found["how"].split()[-2:]) == (3, ["--seed", "3"])
    assert "seeds" not in found


def test_an_unfinished_seed_is_refused_before_the_first_one_is_trained_again(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert train(data, out, "--seeds", "0", "1") == 0
    (out / "seed1" / "plain20-cifar10.state.safetensors").write_bytes(b"half of it")
    monkeypatch.delattr(runs, "_train")
    assert train(data, out, "--seeds", "0", "1") == 2
    assert "seed1/plain20-cifar10.state.safetensors contains an unfinished run. " in capsys.readouterr().err
