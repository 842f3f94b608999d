"""Every verb of `python -m resnet_demo`: results, files, exit status and the words of errors."""

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from resnet_demo.__main__ import main
from resnet_demo.chapters.blocks.rows import blocks, totals
from resnet_demo.checkpoints import load as checkpoints
from resnet_demo.cli.arguments import parser
from resnet_demo.cli.options import hyphens
from resnet_demo.cli.output import emit
from resnet_demo.data.datasets import Pictures, read
from resnet_demo.data.sources import DATASETS
from resnet_demo.errors import CheckpointError
from resnet_demo.training import publish
from tests.helpers.commands import answer, interrupted, refusal
from tests.helpers.generated import image_folder, pictures
from tests.helpers.published import publish_untrained

VERBS = (
    "train", "degradation", "ablation", "early_exit", "landscape", "evaluate", "explain", "blocks", "count", "fetch",
    "convert", "verify",
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]


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


def run_python(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from resnet_demo.cli.arguments import parser; parser().format_help(); print(*sys.modules)"
    loaded = set(run_python("-c", code).stdout.split())
    assert "resnet_demo.cli.arguments" in loaded
    assert loaded & {"torch", "torchvision", "matplotlib", "numpy", "PIL", "gradio"} == set()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    words = capsys.readouterr().out
    assert f"python -m resnet_demo {verb}" in words
    assert "--json" in words


def test_interrupting_while_a_verb_is_loaded_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.import_module", interrupted)
    assert main(["verify"]) == 130
    assert capsys.readouterr().err == "resnet_demo verify: interrupted\n"


def test_a_pickle_is_not_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    assert "weights.pth is not opened: files of this kind can run code" in refusal(capsys, "fetch", "weights.pth")


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
    assert f"top-1 accuracy {found['accuracy']:.2%}, loss {found['loss']:.4f} nats, on 24 images" in lines[0]
    assert lines[1] == f"expected calibration error {found['calibration_error']:.4f}"
    assert [line.split()[0] for line in lines[2:5]] == ["cat", "dog", "ship"]
    assert json.loads((out / "evaluation.json").read_text("utf-8")) == found
    with Image.open(out / "evaluation.png") as image:
        assert image.format == "PNG"
    assert main([*words, "--out", str(out)]) == 0  # again
    publish_untrained(tmp_path / "own", "plain20")
    said = refusal(capsys, *[word.replace("resnet20", "plain20") for word in words], "--out", str(out))
    assert f"{out}/evaluation.json was measured with model = resnet20, not plain20." in said
    assert json.loads((out / "evaluation.json").read_text("utf-8")) == found


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
    assert "among the 2 classes of the dataset, out of the 3 of the network" in capsys.readouterr().out


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
    assert "was trained on different classes from those of cifar10: cat, dog, ship." in words


TWINS = {"n02102040": "English springer", "n03028079": "church", "n03888257": "parachute"}


def in_folders(data: Path, *folders: str) -> list[str]:
    """The words that evaluate resnet20 on test pictures in these folders: a red, a green and a blue class."""
    for index, folder in enumerate(folders):
        (data / "val" / folder).mkdir(parents=True)
        for shade in (80, 160, 240):
            colour = tuple(shade * (channel == index) for channel in range(3))
            Image.new("RGB", (32, 32), colour).save(data / "val" / folder / f"{shade}.png")
    return ["evaluate", "--model", "resnet20", "--data-dir", str(data)]


def test_evaluate_knows_classes_by_their_readable_names(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The names in another order than the ids; the training half is not asked for."""
    publish_untrained(weights, "resnet20", "imagenette", replace(pictures(24), classes=TWINS))
    by_id = answer(capsys, *in_folders(tmp_path / "ids", *TWINS))
    by_name = answer(capsys, *in_folders(tmp_path / "names", "english_springer", "Church", "n03888257-parachute"))
    assert by_name == by_id
    assert by_id["classes"] == list(TWINS.values())
    assert [sum(row) for row in by_id["confusion"]] == [3, 3, 3]


def test_evaluate_knows_the_classes_of_a_network_whose_ids_are_readable_names(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_untrained(weights, "resnet20", "imagenette", replace(pictures(24), classes=TWINS))
    expected = answer(capsys, *in_folders(tmp_path / "ids", *TWINS))
    readable = {name.replace(" ", "_"): name.replace(" ", "_") for name in TWINS.values()}
    publish_untrained(weights, "resnet20", "imagenette", replace(pictures(24), classes=readable))
    assert answer(capsys, *in_folders(tmp_path / "again", *TWINS)) == expected


def test_evaluate_does_not_guess_between_two_classes_of_one_name(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classes = {"imagenet-134": "church", "imagenet-517": "church", "imagenet-9": "ostrich"}
    publish_untrained(weights, "resnet20", "imagenette", replace(pictures(24), classes=classes))
    said = refusal(capsys, *in_folders(tmp_path / "data", "church", "parachute"))
    assert "imagenette was trained on different classes from those of imagenette: church, church, ostrich." in said


def test_evaluate_takes_class_names_as_data(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder's name from a GBK archive, and one that would colour the terminal."""
    monkeypatch.setitem(DATASETS, "imagenette", replace(DATASETS["imagenette"], classes={}))
    names = {"\\xc4\\xf1": "\\xc4\\xf1", "a\\x1b[31m": "a\\x1b[31m", "鸟": "鸟"}
    publish_untrained(weights, "resnet20", "imagenette", replace(pictures(24), classes=names))
    words = in_folders(tmp_path / "data", os.fsdecode("鸟".encode("gbk")), "a\x1b[31m", "鸟")
    assert answer(capsys, *words)["classes"] == ["\\xc4\\xf1", "a\\x1b[31m", "鸟"]
    out = tmp_path / "out"
    assert main([*words, "--out", str(out)]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert json.loads((out / "evaluation.json").read_text("utf-8"))["count"] == 9


def test_evaluate_names_weights_that_are_not_there(
    data: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = refusal(capsys, "evaluate", "--model", "resnet20", "--dataset", "stl10", "--data-dir", str(data))
    assert "There are no weights resnet20-stl10. Available: " in words


def test_blocks_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blocks", "resnet18", "--size", "224"]) == 0
    assert capsys.readouterr().out == (ROOT / "tests" / "golden" / "blocks" / "blocks-resnet18-224.txt").read_text(
        "utf-8"
    )


@pytest.mark.parametrize(("name", "size", "macs"), [("resnet18", 224, 1_814_073_344), ("resnet20", 32, 40_551_040)])
def test_blocks_takes_the_usual_size(name: str, size: int, macs: int, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "blocks", name)
    assert (found["size"], found["totals"]["macs"]) == (size, macs)


def test_blocks_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    for format_, ending in (("text", "txt"), ("csv", "csv"), ("markdown", "md"), ("json", "json")):
        assert main(["blocks", "resnet18", "--format", format_]) == 0
        golden = ROOT / "tests" / "golden" / "blocks" / f"blocks-resnet18-224.{ending}"
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
    assert "Unknown architecture resnet19." in refusal(capsys, "blocks", "resnet19")


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
    assert capsys.readouterr().out.endswith("  bottleneck: 94.03%\n  resnext,width:128,groups:32: 93.97%\n")
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
    assert "cnn is not a kind of block" in refusal(capsys, "count", "--kind", "cnn", "--channels", "8")


@pytest.mark.quick
def test_count_without_options_is_the_comparison_of_the_course(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "count")
    assert [(item["kind"], item["parameters"]) for item in found] == [("vgg", 1_180_160), ("bottleneck", 70_400)]
    assert main(["count"]) == 0
    text = capsys.readouterr().out
    assert "= 1,180,160\n" in text and "= 70,400\n" in text
    assert text.endswith("\nfewer parameters than vgg\n  vgg: 0.00%\n  bottleneck: 94.03%\n")
    assert [item["settings"]["channels_in"] for item in answer(capsys, "count", "--channels", "64")] == [64, 64]


@pytest.mark.quick
def test_options_may_have_underscores(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("--batch-size", "--batch_size"):
        for verb in ("train --data-dir d", "explain a.jpg"):
            assert parser().parse_args(hyphens([*verb.split(), name, "8"])).batch_size == 8
    assert hyphens(["a_b", "--data_dir=x_y", "--data_dir", "x_y", "-n_a", "--", "--c_d"]) == [
        *("a_b", "--data-dir=x_y", "--data-dir", "x_y", "-n_a", "--", "--c_d"),
    ]
    assert answer(capsys, "blocks", "resnet18", "--num_classes=10")["options"] == {"num_classes": 10}


@pytest.mark.quick
def test_a_tilde_is_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    words = ["train --data-dir=~/data --out=~", "evaluate --model resnet18 --data-dir ~/data --out ~/runs"]
    words += ["explain ~/a.jpg --out ~/maps", "lesions --data-dir ~/d --weights ~/runs --out ~/l.json", "verify"]
    words += ["degradation --data-dir ~/d --out ~/runs"]
    for line in words:
        given = [value for value in vars(parser().parse_args(line.split())).values() if isinstance(value, Path)]
        assert all(path == tmp_path or path.is_relative_to(tmp_path) for path in given) and len(given) == line.count(
            "~"
        )
    with pytest.raises(CheckpointError, match=f"There is no file {tmp_path}/resnet20.safetensors"):
        checkpoints.find("resnet20", "~/resnet20.safetensors")


def test_a_tilde_of_nobody_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["explain", "~no-such-user/a.jpg"])
    assert caught.value.code == 2
    assert "~no-such-user/a.jpg: there is no such user" in capsys.readouterr().err


@pytest.mark.quick
def test_a_console_that_lacks_a_character_gets_it_in_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for encoding, said in {"gbk": "k^2·C_in", "ascii": "k^2*C_in", "utf-8": "k²·C_in"}.items():
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))
        assert main(["count"]) == 0
        assert said in sys.stdout.buffer.getvalue().decode(encoding)
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))
        assert main(["count", "--json"]) == 0
        assert json.loads(sys.stdout.buffer.getvalue().decode(encoding))[0]["formula"].startswith("k²·C_in")


@pytest.mark.quick
def test_names_reach_a_terminal_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    steering = "\x1b[31m\x9b\r\u202egpj.a"
    emit(False, None, f"{steering}\n\tline")
    assert capsys.readouterr().out == "\\u001b[31m\\u009b\\u000d\\u202egpj.a\n\tline\n"
    emit(True, {"file": f"{steering}\n猫\udcd5"}, "")
    text = capsys.readouterr().out
    assert "猫" not in text or "\x9b" not in text
    assert json.loads(text) == {"file": f"{steering}\n猫\udcd5"}
    assert "Unknown architecture \\x1b[1mnet\\nx." in refusal(capsys, "blocks", "\x1b[1mnet\nx")


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        (">&-", 0, ""),
        (">&- 2>&-", 0, ""),
        ("> /dev/full", 2, "No space left on device"),
        ("| true", 0, ""),
    ],
)
def test_an_output_that_takes_nothing_ends_without_a_trace(redirection: str, status: int, said: str) -> None:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m resnet_demo count {redirection}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status
    assert said in done.stderr and "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


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
    assert lines[-1].startswith(f"Accuracy on stl10 was not measured: STL-10 is not in {folder}: looked for stl10")
    for model in ("plain20", "resnet20"):
        (weights / f"{model}-imagenette.safetensors").unlink()
    assert main(["verify", "--data-dir", str(folder)]) == 1
    assert (
        "plain20-imagenette.json: (all): the card says both files are there; found: no file" in capsys.readouterr().out
    )
    for model in ("plain20", "resnet20"):
        (weights / f"{model}-imagenette.json").unlink()
    assert f"STL-10 is not in {folder}" in refusal(capsys, "verify", "--data-dir", str(folder))


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
