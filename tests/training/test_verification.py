"""A card that does not tell the truth is found out, line by line."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from resnet_demo.checkpoints.card import one_run, over_seeds
from resnet_demo.models import build
from resnet_demo.training.findings import agree
from resnet_demo.training.history import Epoch
from resnet_demo.training.machine import made
from resnet_demo.training.publish import Training, publish
from resnet_demo.training.verification import nowhere, verify
from tests.helpers.generated import pictures
from tests.helpers.published import HISTORY, RECIPE, lines

TEST = pictures(24, first=900)


def test_a_true_card_verifies(card: Path) -> None:
    assert verify(card, nowhere) == []
    assert verify(card, lambda name: TEST) == []


def test_a_card_of_a_recipe_that_holds_nothing_out_keeps_the_last_epoch(tmp_path: Path) -> None:
    history = [HISTORY[0], replace(HISTORY[1], valid_accuracy=0.1)]
    recipe = replace(RECIPE, valid_ratio=0.0)
    training = Training("cifar10", recipe, history, made(torch.device("cpu")), "python -m resnet_demo degradation", "")
    torch.manual_seed(0)
    says = publish(build("resnet20", 3), training, TEST, tmp_path)
    assert says["best_epoch"] == 2
    assert verify(tmp_path / "resnet20-cifar10.json", nowhere) == []
    change(tmp_path / "resnet20-cifar10.json", "best_epoch", 1)
    assert [f.line for f in verify(tmp_path / "resnet20-cifar10.json", nowhere)] == ["best_epoch"]


def test_a_card_of_a_recipe_with_later_fields_verifies(tmp_path: Path) -> None:
    recipe = replace(RECIPE, mixing="cutmix", ema=0.999, last_size=48)
    history = [HISTORY[0], replace(HISTORY[1], size=48)]
    training = Training("cifar10", recipe, history, made(torch.device("cpu")), "python -m resnet_demo train", "")
    torch.manual_seed(0)
    says = publish(build("resnet20", 3), training, TEST, tmp_path)
    assert says["recipe"].items() >= {"mixing": "cutmix", "ema": 0.999, "last_size": 48, "watch": "test"}.items()
    assert verify(tmp_path / "resnet20-cifar10.json", nowhere) == []


@pytest.mark.quick
@pytest.mark.parametrize(
    ("said", "found", "expected"),
    [
        (11394.778127906999, 11394.778127906997, True),  # the same sum on Python 3.11 and on 3.12
        (11394.7781, 11394.778127906997, False),
        (0.1 + 0.2, 0.3, True),
        (1, 1.0, True),
        (True, 1.0, False),
        ("1.0", 1.0, False),
        (None, 1.0, False),
        (1, 2, False),
        ([0.1 + 0.2, 1], [0.3, 1], True),
        ([0.3, 1], [0.3], False),
        ([0.3, 1], [0.3, 2], False),
        ({"mean": 0.1 + 0.2, "runs": [{"seed": 0}]}, {"mean": 0.3, "runs": [{"seed": 0}]}, True),
        ({"mean": 0.3}, {"mean": 0.3, "std": 0.1}, False),
        ({"mean": 0.3001}, {"mean": 0.3}, False),
        ("test", "test", True),
        ([0.3], {"a": 0.3}, False),
    ],
)
def test_floats_agree_up_to_rounding_and_all_else_exactly(said: Any, found: Any, expected: bool) -> None:
    assert agree(said, found) == agree(found, said) == expected


def test_what_another_python_or_c_library_rounds_otherwise_is_no_lie(several: Path) -> None:
    says = json.loads(several.read_text("utf-8"))
    change(several, "seconds", math.nextafter(says["seconds"], math.inf))
    change(several, "seeds.mean", math.nextafter(says["seeds"]["mean"], 0))
    history = [row | {"learning_rate": row["learning_rate"] * (1 + 1e-15)} for row in says["history"]]
    change(several, "history", history)
    assert verify(several, nowhere) == []


def change(card: Path, line: str, lie: object) -> None:
    """Writes `lie` into a line of the card; "a.b" is line b within a."""
    says: dict[str, Any] = json.loads(card.read_text("utf-8"))
    *outer, last = line.split(".")
    inner = says
    for key in outer:
        inner = inner[key]
    inner[last] = lie
    card.write_text(json.dumps(says), "utf-8")


@pytest.mark.parametrize(
    ("line", "lie", "named"),
    [
        ("sha256", "0" * 64, "sha256"),
        ("model", "plain20", "model"),
        ("dataset", "imagenette", "dataset"),
        ("parameters", 269_268, "parameters"),
        ("accuracy.wrong", "ffffff", "accuracy.wrong"),
        ("accuracy.wrong", "ff", "accuracy.wrong"),
        ("accuracy.wrong", "no digit", "accuracy.wrong"),
        ("dtype", "float32", "dtype"),
        ("seed", 1, "seed"),
        ("seconds", 4.0, "seconds"),
        ("best_epoch", 1, "best_epoch"),
        ("recipe.learning_rate", 0.2, "history[].learning_rate"),
        ("recipe.first_size", 16, "history[].size"),
        ("recipe.epochs", 3, "history"),
        ("recipe.epochs", 1, "history"),
        ("recipe.momentum", 7, "history or recipe"),
        ("recipe.label_smoothing", "some", "history or recipe"),
        ("recipe.crop_scale", 0, "history or recipe"),
        ("recipe.augmentation", "blur", "recipe.augmentation"),
        ("recipe.schedule", "none", "recipe.schedule"),
        ("recipe.mixing", "cutout", "recipe.mixing"),
        ("recipe.watch", "validation", "recipe.watch"),
        ("recipe.last_size", 48, "history[].size"),
        ("recipe.ema", 1.0, "history or recipe"),
        ("history", [], "history"),
        ("source", "elsewhere", "source"),
        ("preprocessing.size", 24, "preprocessing.size"),
        ("golden.logits", [0.0, 0.0, 0.0], "golden.logits"),
        ("golden.logits", [], "golden.logits"),
        ("golden.logits", ["1", "2", "3"], "golden.logits"),
        ("history", [{"epoch": "1"}], "history"),
        ("history", [7, "8"], "history"),
        ("start", None, "start"),
        ("start", "imagenet", "start"),
        ("classes", [{"id": ["cat"], "name": "cat"}] * 3, "classes"),
        ("title", "resnet20, trained on ImageNet", "title"),
        ("terms", "none", "terms"),
        ("preprocessing.mean", [0.5, 0.5, 0.5], "preprocessing.mean"),
        ("preprocessing.resize", 36, "preprocessing.resize"),
        ("golden.tolerance", 10.0, "golden.tolerance"),
        ("golden.input", "zeros", "golden.input"),
        ("accuracy.top1", 0.99, "accuracy.top1"),
        ("accuracy.loss", 0.01, "accuracy.loss"),
        ("accuracy.count", 25, "accuracy.count"),
        ("accuracy.half", "train", "accuracy.half"),
        ("accuracy.data", "all of it", "accuracy.data"),
        ("options", {"shortcut": "C"}, "model, options, classes or preprocessing"),
        ("options", {"num_classes": 3}, "options.num_classes"),
        ("options", {"colour": "red"}, "options.colour"),
        ("classes", [], "model, options, classes or preprocessing"),
        ("preprocessing", {}, "preprocessing.mean"),
    ],
)
def test_a_lie_is_found_in_its_line(card: Path, line: str, lie: object, named: str) -> None:
    change(card, line, lie)
    assert named in [finding.line for finding in verify(card, lambda name: TEST)]


@pytest.fixture
def several(card: Path) -> Path:
    """The same card with a second and a third seed."""
    own = one_run(json.loads(card.read_text("utf-8")))
    others = [own | {"seed": 1, "top1": 0.25, "best_epoch": 1}, own | {"seed": 2, "top1": 0.75}]
    change(card, "seeds", over_seeds([own, *others]))
    return card


def test_the_mean_over_seeds_verifies(several: Path) -> None:
    says = json.loads(several.read_text("utf-8"))
    own, others = says["accuracy"]["top1"], [0.25, 0.75]
    assert says["seeds"]["mean"] == pytest.approx((own + sum(others)) / 3)
    assert says["seeds"]["std"] == pytest.approx(np.std([own, *others], ddof=1))
    assert verify(several, lambda name: TEST) == []


@pytest.mark.parametrize(
    ("line", "lie", "named"),
    [
        ("seeds.mean", 0.9, ["seeds.mean"]),
        ("seeds.std", 0.0, ["seeds.std"]),
        ("accuracy.top1", 0.75, ["accuracy.wrong", "seeds.mean", "seeds.runs", "seeds.std"]),
        (
            "seeds.runs",
            2 * [{"seed": 0, "top1": 1, "train_accuracy": 1, "best_epoch": 2, "seconds": 5}],
            [
                "seeds.mean",
                "seeds.runs",
                "seeds.runs",
                "seeds.std",
            ],
        ),
        (
            "seeds.runs",
            [
                {"seed": 0, "top1": 1 / 3, "train_accuracy": 0.4, "best_epoch": 2, "seconds": 5.0},
                {"seed": 1, "top1": 1 / 3, "train_accuracy": 1.5, "best_epoch": 2, "seconds": 5.0},
                {"seed": 2, "top1": 1 / 3, "train_accuracy": 0.5, "best_epoch": 3, "seconds": 5.0},
                {"seed": 3, "top1": 1 / 3, "train_accuracy": 0.5, "best_epoch": 1, "seconds": -5.0},
            ],
            ["seeds.mean", "seeds.runs[1]", "seeds.runs[2]", "seeds.runs[3]", "seeds.std"],
        ),
        ("seeds", None, ["seeds"]),
        ("seeds.runs", None, ["seeds.runs"]),
        ("seeds.runs", [], ["seeds.runs"]),
        ("seeds.runs", [{"seed": 0}, 7], ["seeds.runs"]),
        ("seeds.std", "0.1", ["seeds.std"]),
    ],
)
def test_a_lie_about_seeds_is_found(several: Path, line: str, lie: object, named: list[str]) -> None:
    change(several, line, lie)
    assert sorted(finding.line for finding in verify(several, nowhere)) == named


@pytest.mark.parametrize(
    ("line", "lies"), [("epoch", [1, 3]), ("epoch", [2, 1]), ("learning_rate", [0.1, 0.1]), ("size", [32, 48])], ids=str
)
def test_an_epoch_that_is_none_of_the_recipe_is_found(card: Path, line: str, lies: list[float]) -> None:
    rows = json.loads(card.read_text("utf-8"))["history"]
    true = [row[line] for row in rows]
    change(card, "history", [row | {line: lie} for row, lie in zip(rows, lies, strict=True)])
    assert (f"history[].{line}", lies, true) in [(f.line, f.says, f.found) for f in verify(card, nowhere)]


def test_an_epoch_that_cannot_be_is_found(card: Path) -> None:
    (first, second) = json.loads(card.read_text("utf-8"))["history"]
    for line, lie in (("train_accuracy", 1.5), ("valid_accuracy", -0.5), ("valid_loss", -1.0)):
        change(card, "history", [first, second | {line: lie}])
        assert "history[1]" in [finding.line for finding in verify(card, nowhere)]


def test_without_pictures_their_number_is_still_held_against_what_is_said_of_them(card: Path) -> None:
    change(card, "accuracy.data", "all of ImageNet")
    change(card, "accuracy.half", "training")
    assert [finding.line for finding in verify(card, nowhere)] == ["accuracy.half", "accuracy.data"]


@pytest.mark.parametrize("written", ["NaN", "-1e999", "7" * 400, "null", '"7"', "{}", "-1", "true"])
def test_whatever_stands_in_a_line_is_named_and_ends_nothing(several: Path, written: str) -> None:
    """Every number and text of the card in turn, the first ones of a list: a finding at most, never a crash."""
    true = json.loads(several.read_text("utf-8"))
    for path in list(leaves(true)):
        says = json.loads(json.dumps(true))
        inner = says
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = "HERE"
        several.write_text(json.dumps(says).replace('"HERE"', written), "utf-8")
        found = verify(several, nowhere)
        assert (
            found
            or json.loads(several.read_text("utf-8")) == true
            or path[0] in ("how", "machine", "versions", "note", "recipe", "history")
        ), (path, written)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to what is neither an object nor a list; of lists, to their first two entries."""
    inside = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))[:2]
        if isinstance(value, list)
        else []
    )
    for key, inner in inside:
        yield from leaves(inner, (*path, key))
    if not inside:
        yield path


@pytest.mark.parametrize(
    ("valid_ratio", "patience", "found"),
    [
        (0.05, 2, []),
        (0.05, 1, ["history: the card says 4 epochs; found: a recipe that ends after 3"]),
        (0.05, 3, ["history: the card says 4 epochs; found: a recipe of 20 whose patience lasts"]),
        (0.05, 0, ["history: the card says 4 epochs; found: a recipe of 20 whose patience lasts"]),
        (0.0, 2, ["history: the card says 4 epochs; found: a recipe of 20 whose patience lasts"]),
    ],
)
def test_a_history_ends_with_the_patience_of_its_recipe(
    tmp_path: Path, valid_ratio: float, patience: int, found: list[str]
) -> None:
    """The second of four epochs is the best."""
    recipe = replace(RECIPE, epochs=20, patience=patience, valid_ratio=valid_ratio)
    history = [
        Epoch(i + 1, recipe.rate(i), 32, 1.0, 0.5, 1.0, right, 2.0) for i, right in enumerate((0.5, 0.7, 0.6, 0.6))
    ]
    training = Training("cifar10", recipe, history, made(torch.device("cpu")), "python -m resnet_demo train", "")
    publish(build("resnet20", 3), training, TEST, tmp_path)
    assert [str(finding) for finding in verify(tmp_path / "resnet20-cifar10.json", nowhere)] == found


@pytest.mark.parametrize("line", lines())
def test_a_line_of_the_wrong_type_is_found(card: Path, line: str) -> None:
    change(card, line, None)
    assert [(f.line, f.says) for f in verify(card, nowhere)] == [(line, None)]


def test_other_class_names_are_found(card: Path) -> None:
    change(card, "classes", [{"id": name, "name": name} for name in ("cat", "ship", "dog")])
    assert "classes" in [finding.line for finding in verify(card, lambda name: TEST)]


def test_class_names_under_other_ids_are_found(card: Path) -> None:
    names = [("cat", "dog"), ("dog", "cat"), ("ship", "ship")]
    change(card, "classes", [{"id": key, "name": name} for key, name in names])
    assert [finding.line for finding in verify(card, nowhere)] == ["classes"]


def rewrite(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda card: rewrite(card.with_suffix(".safetensors")), "sha256: the card says "),
        (lambda card: card.with_suffix(".safetensors").unlink(), "found: no file resnet20-cifar10.safetensors"),
        (lambda card: card.unlink(), "found: no file resnet20-cifar10.json"),
        (lambda card: card.write_text("{"), "(all): the card says valid JSON; found: "),
    ],
    ids=["altered weights", "no weights", "no card", "no JSON"],
)
def test_harmed_files_are_found(card: Path, harm: Callable[[Path], object], words: str) -> None:
    harm(card)
    (finding,) = verify(card, nowhere)
    assert words in str(finding)
