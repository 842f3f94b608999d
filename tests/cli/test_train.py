"""`train` by the command line: what is written, what is resumed, what is refused before anything is trained."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors import safe_open

from resnet_demo.__main__ import main
from resnet_demo.data.datasets import Pictures, read
from resnet_demo.training import loop, runs
from resnet_demo.training.loop import Trainer
from resnet_demo.training.verification import verify
from tests.helpers.commands import answer, interrupted, refusal, train_words
from tests.helpers.generated import image_folder
from tests.helpers.running import ROOT


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "data")


def test_train_help_names_the_defaults_of_each_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert "passes over the training images (default: 40 for imagenette, 60 for stl10, 30 for cifar10)" in words
    assert "the latest of ties); 0 never stops early (default: 15)" in words


def test_compare_trains_both_and_prints_them_side_by_side(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["train", "--dataset", "cifar10", "--data-dir", str(data), "--model", "plain20", "--mode", "compare"]
    assert main([*words, "--epochs", "1", "--batch_size", "64", "--out", str(out), "--note", "a remark"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["resnet20", "plain20"]
    assert [line[:13].strip() for line in lines[1:]] == [
        "test accuracy",
        "test loss",
        "parameters",
        "seconds",
        "best epoch",
    ]
    assert lines[3].split()[1:] == ["269,267", "269,267"]
    assert sorted(path.name for path in out.iterdir()) == [
        "history.json",
        "history.png",
        "plain20-cifar10.json",
        "plain20-cifar10.safetensors",
        "resnet20-cifar10.json",
        "resnet20-cifar10.safetensors",
    ]
    history = json.loads((out / "history.json").read_text("utf-8"))
    assert list(history["networks"]) == ["resnet20", "plain20"]
    cards = [json.loads((out / f"{model}-cifar10.json").read_text("utf-8")) for model in history["networks"]]
    assert cards[0]["recipe"] == cards[1]["recipe"]
    assert {card["how"] for card in cards} == {
        "python -m resnet_demo train --dataset cifar10 --data-dir <folder> --model resnet20 --mode compare "
        "--epochs 1 --batch-size 64"
    }
    assert cards[0]["note"] == "a remark"
    test = read("cifar10", data, "test")
    assert [verify(out / f"{model}-cifar10.json", lambda name: test) for model in history["networks"]] == [[], []]


def test_the_test_half_is_read_once_after_training(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    def reading(name: str, data_dir: Path, half: Any) -> Pictures:
        happened.append(half)
        return read(name, data_dir, half)

    def fitting(self: Trainer, train: Pictures, valid: Pictures) -> Any:
        happened.append(f"fit {self.network.architecture.name}")
        assert (len(train), len(valid)) == (87, 9)  # together the 96 pictures of the training half
        return fit(self, train, valid)

    fit = Trainer.fit
    monkeypatch.setattr(runs, "read", reading)
    monkeypatch.setattr(Trainer, "fit", fitting)
    found = answer(capsys, *train_words(data, tmp_path / "out", "--mode", "compare", "--epochs", "1"))
    assert happened == ["train", "fit resnet20", "fit plain20", "test"]
    assert found["plain20"].keys() == {"top1", "loss", "count", "parameters", "seconds", "best_epoch", "epochs"}
    assert found["plain20"]["count"] == 24


def test_a_recipe_that_watches_training_pictures_reads_the_test_half_only_after_training(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All the options of the longer recipe at once; the card repeats them in `how`, and verifies."""
    happened: list[str] = []

    def reading(name: str, data_dir: Path, half: Any) -> Pictures:
        happened.append(half)
        return read(name, data_dir, half)

    def fitting(self: Trainer, train: Pictures, valid: Pictures) -> Any:
        happened.append("fit")
        assert (len(train), len(valid)) == (96, 32)
        assert all((train.images == image).flatten(1).all(1).any() for image in valid.images)
        return fit(self, train, valid)

    fit = Trainer.fit
    monkeypatch.setattr(runs, "SAMPLE", 32)
    monkeypatch.setattr(runs, "read", reading)
    monkeypatch.setattr(Trainer, "fit", fitting)
    longer = ["--valid-ratio", "0", "--watch", "training", "--mixing", "cutmix", "--ema", "0.9", "--last-size", "40"]
    answer(capsys, *train_words(data, tmp_path / "out", "--epochs", "2"), *longer)
    assert happened == ["train", "fit", "test"]
    card = tmp_path / "out" / "resnet20-cifar10.json"
    says = json.loads(card.read_text("utf-8"))
    assert [row["size"] for row in says["history"]] == [32, 40]
    assert says["how"].endswith(
        "--epochs 2 --batch-size 16 --valid-ratio 0.0 --ema 0.9 --last-size 40 --mixing cutmix --watch training"
    )
    assert verify(card, lambda name: read(name, data, "test")) == []


def contents(out: Path) -> dict[str, Any]:
    """Weights and what the card says, without what the clock told."""
    card = json.loads((out / "resnet20-cifar10.json").read_text("utf-8"))
    history = [row | {"seconds": 0} for row in card["history"]]
    weights = (out / "resnet20-cifar10.safetensors").read_bytes()
    return card | {"seconds": 0, "history": history, "weights": weights}


def kill_after_an_epoch(words: list[str], state: Path) -> None:
    """Starts training in a process of its own, and kills it when the first epoch is saved."""
    environment = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    process = subprocess.Popen([sys.executable, "-m", "resnet_demo", *words], cwd=ROOT, env=environment)
    deadline = time.monotonic() + 120
    while not state.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_a_killed_run_resumed_equals_one_that_was_not_killed(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    state = killed / "resnet20-cifar10.state.safetensors"
    kill_after_an_epoch(train_words(data, killed, "--epochs", "8"), state)
    with safe_open(state, "pt") as file:
        saved = len(json.loads(file.metadata()["history"]))
    assert 1 <= saved < 8
    words = refusal(capsys, *train_words(data, killed, "--epochs", "8"))
    assert words == (
        f"resnet_demo train: {state} contains an unfinished run. "
        "Continue it with --resume, delete it, or choose another --out.\n"
    )
    assert "a different network, recipe or dataset" in refusal(
        capsys, *train_words(data, killed, "--epochs", "9", "--resume")
    )
    assert main(train_words(data, killed, "--epochs", "8", "--resume")) == 0
    repeated = [line for line in capsys.readouterr().err.splitlines() if "epoch" in line]
    assert len(repeated) == 8 - saved
    assert not state.exists()
    assert main(train_words(data, whole, "--epochs", "8")) == 0
    assert contents(killed) == contents(whole)


def test_a_card_tells_the_machine_that_trained_and_not_the_one_that_published(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, first = (
        train_words(data, tmp_path, "--epochs", "1"),
        {"machine": {"threads": 99}, "versions": {"torch": "0"}},
    )
    with monkeypatch.context() as patch:
        patch.setattr(loop, "made", lambda device: first)
        patch.setattr(runs, "publish", interrupted)
        assert main(words) == 130
    assert main([*words, "--resume"]) == 0
    card = json.loads((tmp_path / "resnet20-cifar10.json").read_text("utf-8"))
    assert {line: card[line] for line in first} == first


def test_a_finished_network_is_reported_and_not_trained_again(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = answer(capsys, *train_words(data, out, "--epochs", "1"))
    before = (out / "resnet20-cifar10.json").stat().st_mtime_ns
    both = answer(capsys, *train_words(data, out, "--epochs", "1", "--mode", "compare", "--resume"))
    assert both["resnet20"] == first["resnet20"]
    assert (out / "resnet20-cifar10.json").stat().st_mtime_ns == before
    monkeypatch.delattr(runs, "_train")  # now there is nothing left to do
    assert main(train_words(data, out, "--epochs", "1", "--mode", "compare", "--resume")) == 0
    assert f"plain20: finished before, see {out / 'plain20-cifar10.safetensors'}" in capsys.readouterr().err
    assert "a different network, recipe or dataset" in refusal(
        capsys, *train_words(data, out, "--epochs", "2", "--resume")
    )
    for half in ("train", "test"):
        (data / half / "cat").rename(data / half / "airplane")
    assert "a different network, recipe or dataset" in refusal(
        capsys, *train_words(data, out, "--epochs", "1", "--resume")
    )


@pytest.mark.parametrize("second", [[], ["--mode", "compare"], ["--seeds", "4", "0"], ["--resume"]], ids=" ".join)
def test_two_trainings_of_one_network_into_one_folder_are_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, second: list[str]
) -> None:
    """While the first one trains: whichever networks and seeds of the second come first, it trains none of them."""
    out, said = tmp_path / "out", []
    fit = Trainer.fit

    def fitting(self: Trainer, train: Pictures, valid: Pictures) -> Any:
        monkeypatch.setattr(Trainer, "fit", fit)
        said.append(refusal(capsys, *train_words(data, out, "--epochs", "1", *second)))
        return self.fit(train, valid)

    monkeypatch.setattr(Trainer, "fit", fitting)
    assert main(train_words(data, out, "--epochs", "1")) == 0
    assert [words.splitlines()[-1] for words in said] == [
        f"resnet_demo train: {out / 'resnet20-cifar10.safetensors'} is being written by another process. "
        "Wait until it has ended, or choose another --out."
    ]
    assert main(train_words(data, out, "--epochs", "1")) == 0


def test_another_network_may_be_trained_into_the_same_folder_at_the_same_time(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, fit = tmp_path / "out", Trainer.fit

    def fitting(self: Trainer, train: Pictures, valid: Pictures) -> Any:
        monkeypatch.setattr(Trainer, "fit", fit)
        assert main(train_words(data, out, "--epochs", "1", "--model", "plain20")) == 0
        return self.fit(train, valid)

    monkeypatch.setattr(Trainer, "fit", fitting)
    assert main(train_words(data, out, "--epochs", "1")) == 0
    networks = json.loads((out / "history.json").read_text("utf-8"))["networks"]
    assert list(networks) == ["resnet20", "plain20"]
    assert not list(out.glob(".*"))


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("json", b"", "its card cannot be read"),
        ("json", b'{"model": "resnet20", "opt', "its card cannot be read"),
        ("json", b"{}", "its card cannot be read"),
        ("safetensors", b"", "its checksum is not the one on its card"),
        ("safetensors", b"half of it", "its checksum is not the one on its card"),
    ],
)
def test_a_damaged_result_is_not_taken_for_a_finished_one(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, content: bytes, reason: str
) -> None:
    words = train_words(data, tmp_path, "--epochs", "1", "--resume")
    assert main(words) == 0
    weights = tmp_path / "resnet20-cifar10.safetensors"
    weights.with_suffix(f".{file}").write_bytes(content)
    assert refusal(capsys, *words) == (
        f"resnet_demo train: {weights} is damaged ({reason}). Delete it, then train again.\n"
    )
    weights.unlink()
    assert main(words) == 0
    assert verify(weights.with_suffix(".json"), lambda name: read(name, data, "test")) == []


@pytest.mark.parametrize("content", [b"", b"\x10\x00\x00\x00\x00\x00\x00\x00{"], ids=["empty", "cut"])
def test_a_damaged_state_is_named(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    state = tmp_path / "resnet20-cifar10.state.safetensors"
    state.write_bytes(content)
    said = refusal(capsys, *train_words(data, tmp_path, "--resume"))
    assert said.startswith(f"resnet_demo train: {state} is damaged (")
    assert said.endswith("Delete it, then train again.\n")


def test_another_dataset_does_not_take_up_a_run(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = train_words(data, tmp_path / "out", "--epochs", "1")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "publish", interrupted)
        assert main(words) == 130
    for half in ("train", "test"):
        (data / half / "cat").rename(data / half / "airplane")
    assert "state.safetensors was written with a different network, recipe or dataset." in refusal(
        capsys, *words, "--resume"
    )


def test_the_history_has_every_network_of_a_recipe(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    for model, epochs in (("resnet20", "1"), ("plain20", "1"), ("resnet32", "2")):
        answer(capsys, *train_words(data, out, "--model", model, "--epochs", epochs))
        told = list(json.loads((out / "history.json").read_text("utf-8"))["networks"])
        assert told == {"resnet20": ["resnet20"], "plain20": ["plain20", "resnet20"], "resnet32": ["resnet32"]}[model]


def test_another_dataset_of_the_same_layout_does_not_get_a_known_one_s_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Imagewoof lies on disk as Imagenette does."""
    for half in ("train", "val"):
        for wnid in ("n02086240", "n02087394", "n02088364"):
            (tmp_path / "imagewoof" / half / wnid).mkdir(parents=True)
            Image.new("RGB", (160, 160)).save(tmp_path / "imagewoof" / half / wnid / "a.JPEG")
    out = tmp_path / "out"
    said = refusal(capsys, "train", "--data-dir", str(tmp_path / "imagewoof"), "--out", str(out))
    assert said == (
        f"resnet_demo train: {tmp_path / 'imagewoof'} is not Imagenette: 3 of its classes are unknown there "
        "(n02086240, n02087394, n02088364). Give your data set a name of its own with --dataset, for example --dataset "
        "garden_birds.\n"
    )
    assert not out.exists()


def test_one_class_is_nothing_to_tell_apart(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in [*data.glob("*/dog"), *data.glob("*/ship")]:
        shutil.rmtree(folder)
    said = refusal(capsys, *train_words(data, tmp_path / "out"))
    assert f"CIFAR-10 in {data} has only one class, cat, so there is nothing to classify." in said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--epochs", "0"], "epochs = 0: give a number from 1 to 10000."),
        (["--batch_size", "88"], "batch_size = 88: there are only 87 training images. Give 87 or fewer."),
        (["--model", "resnet19"], "Unknown architecture resnet19."),
        (
            ["--model", "resnet101", "--mode", "compare"],
            "resnet101 has no plain counterpart. Train it alone with --mode single",
        ),
        (["--model", "wide_resnet50_2", "--mode", "compare"], "wide_resnet50_2 has no plain counterpart."),
        (["--device", "tpu"], "There is no device tpu here."),
        (["--data-dir", "/nowhere"], "CIFAR-10 is not in /nowhere: looked for cifar-10-batches-py"),
        (["--out", "/dev/null/out"], "Not a directory"),
    ],
)
def test_train_names_the_value_and_the_remedy(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], words: str
) -> None:
    assert words in refusal(capsys, *train_words(data, tmp_path / "out", *more))


def test_interrupting_leaves_no_trace(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "fit", interrupted)
    assert main(train_words(data, tmp_path / "out")) == 130
    assert capsys.readouterr().err == "resnet_demo train: interrupted\n"
