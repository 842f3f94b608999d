"""Every verb of `python -m resnet_demo`: results, files, exit status and the words of errors."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors import safe_open

from resnet_demo.__main__ import main
from resnet_demo.anatomy import blocks, totals
from resnet_demo.data.datasets import Pictures, read
from resnet_demo.models import checkpoints
from resnet_demo.training import loop, publish, runs
from resnet_demo.training.loop import Trainer
from resnet_demo.training.verification import verify
from tests.helpers.generated import image_folder
from tests.helpers.published import publish_untrained

VERBS = ("train", "degradation", "lesions", "evaluate", "explain", "blocks", "count", "fetch", "verify")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "data")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for weights/: a small ResNet and its plain twin."""
    for model in ("resnet20", "plain20"):
        publish_untrained(tmp_path / "weights", model, "imagenette")
    monkeypatch.setattr(checkpoints, "WEIGHTS", tmp_path / "weights")
    return tmp_path / "weights"


def train_words(data: Path, out: Path, *more: str) -> list[str]:
    words = ["train", "--dataset", "cifar10", "--data-dir", str(data), "--model", "resnet20", "--out", str(out)]
    return [*words, "--batch_size", "16", "--valid-ratio", "0.1", *more]


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    """What the verb prints with --json."""
    capsys.readouterr()
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What the verb says to standard error, and nothing to standard output, with exit status 2."""
    capsys.readouterr()
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def run_python(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from resnet_demo.commands.arguments import parser; parser().format_help(); print(*sys.modules)"
    loaded = set(run_python("-c", code).stdout.split())
    assert "resnet_demo.commands.arguments" in loaded
    assert loaded & {"torch", "torchvision", "matplotlib", "numpy", "PIL", "gradio"} == set()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    words = capsys.readouterr().out
    assert f"python -m resnet_demo {verb}" in words
    assert "--json" in words


def test_train_help_names_the_defaults_of_each_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert "passes over the training pictures (default: 40 for imagenette, 60 for stl10, 30 for cifar10)" in words
    assert "if several are equal); 0 never stops (default: 15)" in words


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
        "--epochs 1 --batch_size 64"
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
        f"resnet_demo train: {state} holds an unfinished run. "
        "Continue it with --resume, or delete it, or choose another --out.\n"
    )
    assert "another network, recipe or dataset" in refusal(
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
    assert "another network, recipe or dataset" in refusal(capsys, *train_words(data, out, "--epochs", "2", "--resume"))
    for half in ("train", "test"):
        (data / half / "cat").rename(data / half / "apple")
    assert "another network, recipe or dataset" in refusal(capsys, *train_words(data, out, "--epochs", "1", "--resume"))


def test_another_dataset_does_not_take_up_a_run(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = train_words(data, tmp_path / "out", "--epochs", "1")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "publish", interrupted)
        assert main(words) == 130
    for half in ("train", "test"):
        (data / half / "cat").rename(data / half / "apple")
    assert "state.safetensors was written by another network, recipe or dataset." in refusal(capsys, *words, "--resume")


def test_the_history_has_every_network_of_a_recipe(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    for model, epochs in (("resnet20", "1"), ("plain20", "1"), ("resnet32", "2")):
        answer(capsys, *train_words(data, out, "--model", model, "--epochs", epochs))
        told = list(json.loads((out / "history.json").read_text("utf-8"))["networks"])
        assert told == {"resnet20": ["resnet20"], "plain20": ["plain20", "resnet20"], "resnet32": ["resnet32"]}[model]


def test_one_class_is_nothing_to_tell_apart(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in [*data.glob("*/dog"), *data.glob("*/ship")]:
        shutil.rmtree(folder)
    said = refusal(capsys, *train_words(data, tmp_path / "out"))
    assert f"CIFAR-10 in {data} has one class, cat: there is nothing to tell apart." in said


def test_interrupting_while_a_verb_is_loaded_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.import_module", interrupted)
    assert main(["verify"]) == 130
    assert capsys.readouterr().err == "resnet_demo verify: interrupted\n"


def test_a_pickle_is_not_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    assert "weights.pth is not opened: files of this kind can run code" in refusal(capsys, "fetch", "weights.pth")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--epochs", "0"], "epochs = 0: give a number from 1 to 10000."),
        (["--batch_size", "88"], "batch_size = 88: there are 87 pictures to train on. Give 87 or less."),
        (["--model", "resnet19"], "There is no architecture named resnet19."),
        (
            ["--model", "resnet101", "--mode", "compare"],
            "resnet101 has no plain twin. Train it alone with --mode single",
        ),
        (["--model", "wide_resnet50_2", "--mode", "compare"], "wide_resnet50_2 has no plain twin."),
        (["--device", "tpu"], "There is no device tpu here."),
        (["--data-dir", "/nowhere"], "No CIFAR-10 in /nowhere: looked for cifar-10-batches-py"),
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


def test_evaluate_repeats_the_accuracy_of_the_card(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = publish_untrained(tmp_path / "own")
    path = str(tmp_path / "own" / "resnet20-cifar10.safetensors")
    words = ["evaluate", "--model", "resnet20", "--weights", path, "--dataset", "cifar10", "--data-dir", str(data)]
    found = answer(capsys, *words)
    assert (found["count"], found["half"], found["classes"]) == (24, "test", ["cat", "dog", "ship"])
    assert [sum(row) for row in found["confusion"]] == [8, 8, 8]
    assert found["accuracy"] == pytest.approx(sum(found["per_class"]) / 3)
    assert 0 <= found["calibration_error"] <= 1
    assert card["accuracy"]["count"] == 24
    out = tmp_path / "evaluation"
    assert main([*words, "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"top-1 accuracy {found['accuracy']:.2%}, loss {found['loss']:.4f} nats, on 24 pictures" in lines[0]
    assert lines[1] == f"expected calibration error {found['calibration_error']:.4f}"
    assert [line.split()[0] for line in lines[2:5]] == ["cat", "dog", "ship"]
    assert json.loads((out / "evaluation.json").read_text("utf-8")) == found
    with Image.open(out / "evaluation.png") as image:
        assert image.format == "PNG"


def test_evaluate_runs_on_the_device_that_is_asked_for(
    data: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_untrained(weights, "resnet20", "cifar10")
    words = ["evaluate", "--model", "resnet20", "--dataset", "cifar10", "--data-dir", str(data), "--device"]
    assert answer(capsys, *words, "cpu")["count"] == 24
    assert "There is no device tpu here. Choose auto or one of: cpu" in refusal(capsys, *words, "tpu")


def test_evaluate_asks_a_network_that_knows_more_classes_for_those_of_the_dataset(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_untrained(tmp_path / "own")
    for half in ("train", "test"):
        shutil.rmtree(data / half / "dog")
    path = str(tmp_path / "own" / "resnet20-cifar10.safetensors")
    words = ["evaluate", "--model", "resnet20", "--weights", path, "--dataset", "cifar10", "--data-dir", str(data)]
    found = answer(capsys, *words)
    assert (found["classes"], found["known_classes"], len(found["confusion"])) == (["cat", "ship"], 3, 2)
    assert main(words) == 0
    assert "among the 2 classes of the dataset, of 3 that it knows" in capsys.readouterr().out


def test_evaluate_refuses_a_dataset_of_other_classes(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_untrained(tmp_path / "own")
    for half in ("train", "test"):
        (data / half / "ship").rename(data / half / "truck")
    path = str(tmp_path / "own" / "resnet20-cifar10.safetensors")
    words = refusal(
        capsys, "evaluate", "--model", "resnet20", "--weights", path, "--dataset", "cifar10", "--data-dir", str(data)
    )
    assert "was trained for other classes than those of cifar10: cat, dog, ship." in words


def test_evaluate_names_weights_that_are_not_there(
    data: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = refusal(capsys, "evaluate", "--model", "resnet20", "--dataset", "stl10", "--data-dir", str(data))
    assert "There are no weights resnet20-stl10. There are: " in words


def test_blocks_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blocks", "resnet18", "--size", "224"]) == 0
    assert capsys.readouterr().out == (ROOT / "tests" / "golden" / "blocks-resnet18-224.txt").read_text("utf-8")


@pytest.mark.parametrize(("name", "size", "macs"), [("resnet18", 224, 1_814_073_344), ("resnet20", 32, 40_551_040)])
def test_blocks_takes_the_usual_size(name: str, size: int, macs: int, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "blocks", name)
    assert (found["size"], found["totals"]["macs"]) == (size, macs)


def test_blocks_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    for format_, ending in (("text", "txt"), ("csv", "csv"), ("markdown", "md"), ("json", "json")):
        assert main(["blocks", "resnet18", "--format", format_]) == 0
        golden = ROOT / "tests" / "golden" / f"blocks-resnet18-224.{ending}"
        assert capsys.readouterr().out == golden.read_text("utf-8")


def test_blocks_takes_the_options_of_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "blocks", "resnet50", "--stride-in-1x1")
    assert (found["options"], found["totals"]["macs"]) == ({"stride_in_1x1": True}, 3_857_973_248)
    words = "--no-residual --preactivation --norm none --num-classes 10 --replace-stride-with-dilation 0 1 1"
    options: dict[str, Any] = {"residual": False, "preactivation": True, "norm": "none", "num_classes": 10}
    options["replace_stride_with_dilation"] = (False, True, True)
    found = answer(capsys, "blocks", "resnet18", *words.split())
    assert found["options"] == {**options, "replace_stride_with_dilation": [False, True, True]}
    assert found["totals"] == asdict(totals(blocks("resnet18", 224, **options)))
    found = answer(capsys, "blocks", "resnet50", *["--groups", "32", "--width-per-group", "4", "--shortcut", "A"])
    assert found["totals"]["parameters"] == totals(blocks("resnext50_32x4d", shortcut="A")).parameters
    assert "groups = 0" in refusal(capsys, "blocks", "resnet50", "--groups", "0")


def test_blocks_names_a_size_out_of_range(capsys: pytest.CaptureFixture[str]) -> None:
    assert "size = 0" in refusal(capsys, "blocks", "resnet18", "--size", "0")
    assert "There is no architecture named resnet19." in refusal(capsys, "blocks", "resnet19")


def test_blocks_answers_for_vgg19(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "blocks", "vgg19")
    assert (found["size"], found["totals"]["parameters"], len(found["rows"])) == (224, 143_667_240, 24)
    words = refusal(capsys, "blocks", "vgg19", "--size", "16")
    assert "vgg19 cannot take 16 x 16 pixels: stage 5 would be 0 x 0. The nearest size is 224." in words
    assert "vgg19 has no options. Leave out: shortcut." in refusal(capsys, "blocks", "vgg19", "--shortcut", "C")


def test_count_of_the_bottleneck(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["count", "--kind", "bottleneck", "--channels", "256", "--width", "64", "--kernel", "3"]
    assert answer(capsys, *words)["parameters"] == 70_400
    assert main([*words, "--size", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[2:4] == [
        "          = 70,400",
        "MACs on a map of 1 x 1 pixels: 69,632 (1 MAC = 2 FLOPs)",
    ]


def test_count_of_several_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["count", "--kind", "vgg", "--kind", "bottleneck", "--kind", "resnext,width:128,groups:32"]
    found = answer(capsys, *words, "--channels", "256", "--width", "64")
    assert [item["parameters"] for item in found] == [1_180_160, 70_400, 71_168]
    assert [round(item["saved_percent"], 2) for item in found] == [0, 94.03, 93.97]
    assert main([*words, "--channels", "256"]) == 0
    assert capsys.readouterr().out.endswith("  bottleneck: 94.03 %\n  resnext,width:128,groups:32: 93.97 %\n")
    for form, said in {
        "markdown": "| vgg | 1,180,160 |",
        "latex": "\\begin{tabular}",
        "csv": 'vgg,"vgg,channels_in',
    }.items():
        assert main([*words, "--channels", "256", "--format", form]) == 0
        assert said in capsys.readouterr().out


def test_count_with_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["count", "--kind", "basic", "--channels", "64", "--channels-out", "128", "--stride", "2", "--groups", "2"]
    found = answer(capsys, *words, "--bias", "--no-norm", "--shortcut", "C")
    assert found["settings"] | {"width": 1, "depth": 1, "widen": 1, "growth": 1} == found["settings"]
    assert found["parameters"] == 9 * 32 * 128 + 9 * 64 * 128 + (64 * 128 + 128) + 2 * 128
    assert answer(capsys, "count", "--kind", "dense", "--channels", "64", "--depth", "6")["output"] == [256, 56, 56]


def test_count_names_what_it_cannot_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert "kernel = 4" in refusal(capsys, "count", "--kind", "vgg", "--channels", "8", "--kernel", "4")
    assert "channels is empty" in refusal(capsys, "count", "--kind", "vgg")
    assert "no kind of block named cnn" in refusal(capsys, "count", "--kind", "cnn", "--channels", "8")


def test_verify_holds_every_card(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "verify")
    assert found == {
        "true": True,
        "findings": {"plain20-imagenette": [], "resnet20-imagenette": []},
        "not_measured": [],
    }


def test_verify_names_the_line_and_the_card_that_lies(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = weights / "plain20-imagenette.json"
    card = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(card | {"parameters": 1}), "utf-8")
    (weights / "resnet20-imagenette.state.safetensors").write_bytes(b"an unfinished run is no checkpoint")
    assert main(["verify"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "plain20-imagenette.json: parameters: the card says 1; found: 269267",
        "resnet20-imagenette.json: every line holds",
        "Accuracy was not measured: that takes --data-dir.",
    ]


def test_verify_measures_the_accuracy_where_the_pictures_are(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image_folder(tmp_path / "imagenette", side=160, train=0, test=1, halves="train val")
    assert main(["verify", "--data-dir", str(tmp_path / "imagenette")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "plain20-imagenette.json: accuracy.count: the card says 24; found: 3" in lines


def test_verify_measures_an_accuracy_that_is_true_and_finds_one_that_is_not(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, test = tmp_path / "own", read("cifar10", data, "test")
    card = publish_untrained(weights, test=test)
    monkeypatch.setattr(checkpoints, "WEIGHTS", weights)
    measured: list[int] = []

    def answering(network: torch.nn.Module, pictures: Pictures, *more: Any) -> Any:
        measured.append(len(pictures))
        return answers(network, pictures, *more)

    answers = publish.answers
    monkeypatch.setattr(publish, "answers", answering)
    found = answer(capsys, "verify", "--data-dir", str(data))
    assert found == {"true": True, "findings": {"resnet20-cifar10": []}, "not_measured": []}
    assert measured == [24]
    top1 = card["accuracy"]["top1"]
    lie = card | {"accuracy": card["accuracy"] | {"top1": top1 + 1 / 24}}
    (weights / "resnet20-cifar10.json").write_text(json.dumps(lie), "utf-8")
    assert main(["verify", "--data-dir", str(data)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"resnet20-cifar10.json: accuracy.top1: the card says {top1 + 1 / 24}; found: {top1}"
    ]


def test_verify_measures_the_datasets_that_are_there_and_says_which_are_not(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "imagenette"
    image_folder(folder, side=160, train=0, test=1, halves="train val")
    publish_untrained(weights, "resnet20", "stl10")
    capsys.readouterr()
    assert main(["verify", "--data-dir", str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "resnet20-stl10.json: every line holds" in lines
    assert lines[-1].startswith(f"Accuracy on stl10 was not measured: No STL-10 in {folder}: looked for stl10_binary,")
    for model in ("plain20", "resnet20"):
        (weights / f"{model}-imagenette.safetensors").unlink()
    assert main(["verify", "--data-dir", str(folder)]) == 1
    assert "plain20-imagenette.json: (all): the card says what is beside it; found: no file" in capsys.readouterr().out
    for model in ("plain20", "resnet20"):
        (weights / f"{model}-imagenette.json").unlink()
    assert f"No STL-10 in {folder}" in refusal(capsys, "verify", "--data-dir", str(folder))


def test_verify_does_not_pass_over_damaged_pictures(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = image_folder(tmp_path / "imagenette", side=160, train=0, test=1, halves="train val")
    (folder / "val" / "cat" / "000.png").write_bytes(b"")
    assert "cannot be used" in refusal(capsys, "verify", "--data-dir", str(folder))


def test_verify_without_any_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "WEIGHTS", tmp_path)
    assert f"There is no checkpoint in {tmp_path}." in refusal(capsys, "verify")


def test_it_runs_as_a_module_and_says_nothing_more_to_a_closed_pipe() -> None:
    piped = subprocess.run(
        f"{sys.executable} -m resnet_demo blocks resnet152 | head -n 1",
        cwd=ROOT,
        shell=True,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (piped.stdout[:4], piped.stderr) == ("name", "")
