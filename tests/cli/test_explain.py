"""`python -m resnet_demo explain`: what is written, what is said, and how thousands of pictures are got through."""

import json
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import constants
from PIL import Image

from resnet_demo.__main__ import main
from resnet_demo.checkpoints import load as checkpoints
from resnet_demo.checkpoints.load import fetch
from resnet_demo.cli import explain as command
from resnet_demo.data.locks import writing
from resnet_demo.data.pictures import read_picture
from resnet_demo.explain import explain
from resnet_demo.explain.overlay import overlay
from resnet_demo.models import load
from tests.helpers.commands import refusal
from tests.helpers.generated import COLOURS, square
from tests.helpers.published import publish_untrained
from tests.helpers.refused import REFUSED
from tests.helpers.standin import Repository

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for weights/: a small ResNet and its plain twin."""
    for model in ("resnet20", "plain20"):
        publish_untrained(tmp_path / "weights", model, "imagenette")
    monkeypatch.setattr(checkpoints, "WEIGHTS", tmp_path / "weights")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Five pictures of 64 x 64, and two files that are none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index in range(5):
        colour = list(COLOURS.values())[index % 3]
        Image.fromarray(square(colour, 64, index)).save(folder / f"{index}.png")
    REFUSED["text"].write(folder)
    (folder / "broken.png").write_bytes((folder / "0.png").read_bytes()[:300])
    (folder / ".hidden").write_bytes(b"")
    return folder


def words(folder: Path, out: Path, *more: str, models: tuple[str, ...] = ("resnet20", "plain20")) -> list[str]:
    chosen = [word for model in models for word in ("--model", model)]
    return ["explain", str(folder), *chosen, "--out", str(out), *more]


def manifest(out: Path) -> Any:
    return json.loads((out / "explanations.json").read_text("utf-8"))


def test_a_map_for_each_picture_and_network(
    weights: None, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "maps"
    assert main([*words(pictures, out), "--batch-size", "2", "--json"]) == 0
    text, said = capsys.readouterr()
    found = json.loads(text)
    assert found == manifest(out)
    order = [(entry["picture"]["file"], entry["network"]["model"]) for entry in found["explanations"]]
    assert order == [(f"{i}.png", model) for i in range(5) for model in ("resnet20", "plain20")]
    assert [entry["picture"]["file"] for entry in found["skipped"]] == ["broken.png", "notes.jpg"]
    assert "skipped notes.jpg: notes.jpg could not be read as an image." in said
    assert said.splitlines()[-1] == "5 of 7 images explained"
    for entry in found["explanations"]:
        expected = explain(
            load(entry["network"]["model"]), read_picture(pictures / entry["picture"]["file"]), layer="layer3"
        )
        raw = np.load(out / entry["files"]["map"])
        np.testing.assert_allclose(raw, expected.map, atol=1e-4 * max(1e-3, expected.map.max()))
        assert (raw.dtype, list(raw.shape), float(raw.max())) == ("float32", [8, 8], entry["map"]["maximum"])
        assert entry["target"]["index"] == entry["prediction"][0]["index"] == expected.target
        assert (
            json.loads(
                (out / f"{entry['picture']['file']}-{entry['network']['model']}-imagenette.json").read_text("utf-8")
            )
            == entry
        )
        with Image.open(out / entry["files"]["overlay"]) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "RGB", (32, 32))
            seen = np.asarray(image, dtype=int)
        assert np.abs(seen - np.asarray(overlay(expected), dtype=int)).max() <= 2
    assert not list(out.glob("*.partial"))
    assert len(list(out.iterdir())) == 1 + 3 * 10


def test_without_a_model_the_default_pair_explains(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "maps"
    assert main(["explain", str(pictures / "0.png"), "--out", str(out)]) == 0
    found = [(entry["network"]["model"], entry["network"]["weights"]) for entry in manifest(out)["explanations"]]
    assert found == [("resnet18", "imagenette"), ("plain18", "imagenette")]


def test_a_record_says_all_that_is_needed_to_repeat_it(weights: None, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "maps"
    more = ["--method", "layercam", "--layer", "layer2.1", "--layer", "layer3", "--target", "dog", "--against", "cat"]
    assert main(words(pictures, out, *more, "--counterfactual", models=("plain20",))) == 0
    for record in manifest(out)["explanations"]:
        classifier = load(record["network"]["model"])
        assert record["network"]["sha256"] == classifier.card["sha256"]
        assert record["preprocessing"] == json.loads(json.dumps(classifier.preprocessing.as_dict()))
        question = dict(record["question"])
        again = explain(
            classifier, read_picture(pictures / record["picture"]["file"]), layer=question.pop("layers"), **question
        )
        raw = np.load(out / record["files"]["map"])
        np.testing.assert_allclose(raw, again.map, atol=1e-3)
        assert record["score"] == pytest.approx(again.score, abs=1e-4)
        names = (record["target"]["name"], record["against"]["name"], record["layers"])
        assert names == ("dog", "cat", ["layer2.1", "layer3"])


def test_a_resumed_run_does_only_what_is_left(
    weights: None, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, asked = tmp_path / "maps", []
    explain_all = command.explain_all

    def counting(classifier: Any, images: Any, **question: Any) -> Any:
        asked.append((classifier.name, len(images)))
        if len(asked) == limit:
            raise KeyboardInterrupt
        return explain_all(classifier, images, **question)

    monkeypatch.setattr(command, "explain_all", counting)
    limit = 4
    assert main(words(pictures, out, "--batch-size", "2")) == 130  # killed in the second network of the second batch
    assert asked == [("resnet20", 2), ("plain20", 2)] * 2
    assert not (out / "explanations.json").exists()
    (out / "0.png-plain20-imagenette.npy").unlink()  # taken away by somebody
    asked.clear()
    limit = 0
    assert main(words(pictures, out, "--batch-size", "2", "--resume")) == 0
    assert asked == [("plain20", 1), ("plain20", 2), ("resnet20", 1), ("plain20", 1)]
    resumed = manifest(out)
    asked.clear()
    assert main(words(pictures, out, "--resume")) == 0
    assert asked == []
    assert manifest(out) == resumed
    assert main(words(pictures, tmp_path / "whole")) == 0
    assert [entry["picture"]["file"] for entry in manifest(tmp_path / "whole")["explanations"]] == [
        entry["picture"]["file"] for entry in resumed["explanations"]
    ]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) * 2 // 3],
    "another's": lambda content: b"null",
    "in no encoding": lambda content: b"\xff\xfe\xfa",
}


@pytest.mark.parametrize("harm", DAMAGE)
@pytest.mark.parametrize("ending", ["json", "npy", "png"])
def test_a_damaged_file_of_an_earlier_run_is_written_again(
    weights: None, pictures: Path, tmp_path: Path, ending: str, harm: str
) -> None:
    words_of_run = words(pictures, tmp_path / "maps", models=("plain20",))
    assert main(words_of_run) == 0
    whole = manifest(tmp_path / "maps")
    damaged, left = (tmp_path / "maps" / f"{i}.png-plain20-imagenette.{ending}" for i in (1, 2))
    before, content = left.stat().st_mtime_ns, damaged.read_bytes()
    damaged.write_bytes(DAMAGE[harm](content))
    assert main([*words_of_run, "--resume"]) == 0
    assert left.stat().st_mtime_ns == before
    if ending == "npy":
        np.testing.assert_allclose(np.load(damaged), np.load(left.with_name(damaged.name)), atol=1e-6)
    assert len(damaged.read_bytes()) == pytest.approx(len(content), rel=0.1)
    resumed = manifest(tmp_path / "maps")
    assert resumed["skipped"] == whole["skipped"]
    assert [record["files"] for record in resumed["explanations"]] == [
        record["files"] for record in whole["explanations"]
    ]


def test_names_of_any_system_are_data(
    weights: None, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names from a GBK archive, of two lines, of 255 bytes; leftovers of systems; a link that leads nowhere."""
    folder = tmp_path / "odd"
    folder.mkdir()
    long = "长" * 83 + "-1.jpg"
    names = ["{x} 50%.jpg", "two\nlines.jpg", "\U0001f600.jpg", long, os.fsdecode("照片.jpg".encode("gbk"))]
    for name in names:
        (folder / name).write_bytes((pictures / "0.png").read_bytes())
    for name in ("Thumbs.db", "desktop.ini", "._a.jpg", "a.jpg~"):
        (folder / name).write_bytes(b"\x00\x05\x16\x07" + bytes(200))
    (folder / "zzz.jpg").symlink_to(tmp_path / "nowhere.jpg")
    out = tmp_path / "maps"
    assert main(words(folder, out, models=("plain20",))) == 0
    text, said = capsys.readouterr()
    found = manifest(out)
    shown = ["two\\x0alines.jpg", "{x} 50%.jpg", long, "\\xd5\\xd5\u01ac.jpg", "\U0001f600.jpg"]
    assert [record["picture"]["file"] for record in found["explanations"]] == shown
    assert [line.partition("  plain20")[0] for line in text.splitlines()] == shown
    assert said.splitlines()[-2:] == [
        "skipped zzz.jpg: There is no readable file zzz.jpg. Check its path.",
        "5 of 6 images explained",
    ]
    for record in found["explanations"]:
        assert np.load(out / record["files"]["map"]).shape == (8, 8)
        assert read_picture(out / record["files"]["overlay"]).size == (32, 32)
    assert main(words(folder, out, "--resume", models=("plain20",))) == 0
    assert manifest(out) == found


def test_of_each_picture_only_the_crop_is_kept(
    weights: None, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[weakref.ref[Image.Image]] = []
    sizes: list[tuple[int, int]] = []
    decode, explain_all = command.decode, command.explain_all

    def decoding(*given: Any) -> Image.Image:
        image = decode(*given)
        decoded.append(weakref.ref(image))
        return image

    def explaining(classifier: Any, images: Any, **question: Any) -> Any:
        assert [image() for image in decoded] == 5 * [None]
        sizes.extend(image.size for image in images)
        return explain_all(classifier, images, **question)

    monkeypatch.setattr(command, "decode", decoding)
    monkeypatch.setattr(command, "explain_all", explaining)
    assert main(words(pictures, tmp_path / "maps")) == 0
    assert sizes == 10 * [(32, 32)]


@pytest.mark.parametrize("left", [{"WORLD_SIZE": "2"}, {"WORLD_SIZE": "2", "RANK": "1", "LOCAL_RANK": "1"}])
def test_an_environment_left_over_from_another_program_is_not_torchrun(
    weights: None, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: dict[str, str]
) -> None:
    for name, value in left.items():
        monkeypatch.setenv(name, value)
    assert main(words(pictures, tmp_path / "maps", models=("plain20",))) == 0
    assert len(manifest(tmp_path / "maps")["explanations"]) == 5


def test_two_runs_into_one_folder_at_once_are_refused(
    weights: None, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "maps"
    out.mkdir()
    with writing(out / "explanations.json"):
        said = refusal(capsys, *words(pictures, out))
    assert said.endswith(
        f"{out / 'explanations.json'} is being written by another process. "
        "Wait until it has ended, or choose another --out.\n"
    )
    assert list(out.iterdir()) == []


def test_what_answers_another_question_is_done_again(
    weights: None, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "maps"
    assert main(words(pictures, out, models=("plain20",))) == 0
    before = {
        entry["picture"]["file"]: (out / entry["files"]["map"]).stat().st_mtime_ns
        for entry in manifest(out)["explanations"]
    }
    Image.fromarray(square((9, 9, 9), 64, 3)).save(pictures / "1.png")
    assert main(words(pictures, out, "--resume", models=("plain20",))) == 0
    after = {
        entry["picture"]["file"]: (out / entry["files"]["map"]).stat().st_mtime_ns
        for entry in manifest(out)["explanations"]
    }
    assert [name for name in after if after[name] != before[name]] == ["1.png"]
    assert main(words(pictures, out, "--resume", "--method", "hirescam", models=("plain20",))) == 0
    assert {entry["question"]["method"] for entry in manifest(out)["explanations"]} == {"hirescam"}


def test_any_weights_that_can_be_loaded_each_under_its_name(
    weights: None,
    imagenet: Any,
    standin: Any,
    pictures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ImageNet's weights from the cache, a file, a Hub id and the shipped ones, of one architecture or of several."""
    fetch("resnet18")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert main(words(pictures / "3.png", tmp_path, "--weights", "imagenet", models=("resnet18",))) == 0
    assert manifest(tmp_path)["explanations"][0]["files"]["overlay"] == "3.png-resnet18-imagenet.png"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)

    file = tmp_path / "runs" / "resnet20-cifar10.safetensors"
    publish_untrained(file.parent)
    own = standin.repositories["class/resnet20"] = Repository()
    commit = own.add({"model.safetensors": file.read_bytes(), "card.json": file.with_suffix(".json").read_bytes()})
    several = ["imagenette", str(file), f"class/resnet20@{commit}", "imagenette"]
    more = [word for one in several for word in ("--weights", one)]
    out = tmp_path / "maps"
    asked = words(pictures / "3.png", out, *more, models=("resnet20", "resnet20", "resnet20", "plain20"))
    assert main(asked) == 0
    found = manifest(out)["explanations"]
    assert [entry["network"]["weights"] for entry in found] == several
    sha256 = load("resnet20", str(file)).card["sha256"]
    keys = ["resnet20-imagenette", *2 * [f"resnet20-{sha256[:8]}"], "plain20-imagenette"]
    assert [entry["files"]["overlay"] for entry in found] == [f"3.png-{key}.png" for key in keys]
    assert [entry["network"]["sha256"] for entry in found[1:3]] == 2 * [sha256]
    for entry in found:
        expected = explain(
            load(entry["network"]["model"], entry["network"]["weights"]),
            read_picture(pictures / "3.png"),
            layer="layer3",
        ).map
        np.testing.assert_allclose(
            np.load(out / entry["files"]["map"]), expected, atol=1e-4 * max(1e-3, expected.max())
        )
    monkeypatch.setattr(command, "explain_all", None)
    assert main([*asked, "--resume"]) == 0
    capsys.readouterr()
    assert main([*asked, "--model", "plain20"]) == 2
    assert "There are 4 weights for 5 networks. Give --weights once for all of them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--method", "cam"], "There is no method cam. Choose one of: gradcam, "),
        (["--layer", "layer4"], "resnet20 has no layer layer4. Choose one of: layer1, layer2, layer3, "),
        (["--target", "n02102040"], "resnet20 does not know the class n02102040: it was trained on 3 other classes."),
    ],
)
def test_what_cannot_be_asked(
    more: list[str], said: str, weights: None, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(pictures, tmp_path / "maps", *more)) == 2
    assert said in capsys.readouterr().err


def test_one_picture_is_enough_and_none_is_an_error(
    weights: None, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "maps"
    assert main(words(pictures / "3.png", out)) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["3.png", "resnet20"],
        ["3.png", "plain20"],
    ]
    assert main(words(pictures / "none.png", out)) == 2
    assert "0 of 1 images explained" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(words(tmp_path / "empty", out)) == 2
    assert f"There is no file in {tmp_path / 'empty'}." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(words(pictures, out, "--batch-size", "0"))


def test_two_processes_under_torchrun_write_one_manifest(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "maps"
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m", "resnet_demo"]
    done = subprocess.run(
        [sys.executable, *torchrun, *words(pictures, out, "--json", models=("resnet18",))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)  # the first process alone prints
    assert found == manifest(out)
    assert [entry["picture"]["file"] for entry in found["explanations"]] == [f"{i}.png" for i in range(5)]
    assert [entry["picture"]["file"] for entry in found["skipped"]] == ["broken.png", "notes.jpg"]
    assert "5 of 7 images explained" in done.stderr
    for entry in found["explanations"]:
        expected = explain(load("resnet18"), read_picture(pictures / entry["picture"]["file"])).map
        np.testing.assert_allclose(
            np.load(out / entry["files"]["map"]), expected, atol=1e-4 * max(1e-3, expected.max())
        )


def test_an_overlay_goes_from_zero_to_the_maximum(weights: None, pictures: Path) -> None:
    """As the app draws it: inferno's last colour at the peak, its first where the map is zero, over the crop."""
    found = explain(load("resnet20"), read_picture(pictures / "3.png"), layer="layer3")
    cells = np.zeros((4, 4), np.float32)
    cells[0, 0], cells[:, 2:] = 2, 0.5
    drawn = np.asarray(overlay(replace(found, map=cells)), dtype=float)
    crop = np.asarray(found.crop, dtype=float)
    colours = {(0, 0): (252, 255, 164), (31, 0): (0, 0, 4), (31, 31): (87, 16, 110)}  # at 1, 0 and a quarter
    for (row, column), colour in colours.items():
        expected = 0.55 * np.array(colour) + 0.45 * crop[row, column]
        np.testing.assert_allclose(drawn[row, column], expected, atol=1.5)
    nothing = overlay(replace(found, map=np.zeros((4, 4), np.float32)))
    assert np.array_equal(np.asarray(nothing), np.asarray(found.crop))


def test_a_slow_method_is_written_picture_by_picture(
    weights: None, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    explain_all = command.explain_all

    def counting(classifier: Any, images: Any, **question: Any) -> Any:
        written.append(len(list((tmp_path / "maps").glob("*.json"))))
        return explain_all(classifier, images, **(question | {"method": "gradcam"}))

    monkeypatch.setattr(command, "explain_all", counting)
    assert main(words(pictures, tmp_path / "maps", "--method", "scorecam", models=("plain20",))) == 0
    assert written == [0, 1, 2, 3, 4]


def test_what_cannot_be_asked_is_refused(
    weights: None, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(pictures.iterdir())
    assert main(words(pictures, pictures)) == 2
    assert "cannot be written into the same folder" in capsys.readouterr().err
    assert sorted(pictures.iterdir()) == before
    assert main(words(pictures, tmp_path / "maps", "--target", "", models=("plain20",))) == 2
    assert "plain20 does not know the class : " in capsys.readouterr().err
