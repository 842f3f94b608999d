"""The networks of photographs as numbers: cards by hand, verdicts by hand, and what is shipped."""

import json
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from resnet_demo.anatomy.degradation import over_depth
from resnet_demo.anatomy.photographs import Gap, curves, gaps, pairs, table

RECIPE = {"epochs": 2, "seed": 0, "valid_ratio": 0.05}
TOP1 = {"resnet18": 0.88, "plain18": 0.87, "resnet50": 0.9, "plain50": 0.6}


def put(folder: Path, model: str, **other: Any) -> None:
    """The card of a network whose training error falls from 50 to 10 % plus a tenth of its depth."""
    last = 0.9 - int(model[-2:]) / 1000
    card = {
        "model": model,
        "options": {},
        "dataset": "imagenette",
        "classes": [{"id": "n0", "name": "a"}],
        "preprocessing": {"resize": 160, "size": 160, "mean": [0.5], "std": [0.5]},
        "sha256": "",
        "recipe": RECIPE,
        "seed": 0,
        "how": f"python -m resnet_demo train --model {model}",
        "seconds": 7.5,
        "parameters": 11,
        "history": [
            {"train_accuracy": 0.5, "valid_accuracy": 0.4},
            {"train_accuracy": last, "valid_accuracy": 0.8},
        ],
        "accuracy": {"top1": TOP1[model], "count": 3530, "data": "3,530 photographs"},
    }
    (folder / f"{model}-imagenette.safetensors").touch()
    (folder / f"{model}-imagenette.json").write_text(json.dumps(card | other), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for model in TOP1:
        put(tmp_path, model)
    return tmp_path


def models(folder: Path) -> list[str]:
    return [card["model"] for card in pairs(folder)]


def test_shallow_networks_first_and_a_resnet_before_its_twin(folder: Path) -> None:
    assert models(folder) == ["resnet18", "plain18", "resnet50", "plain50"]


def test_a_network_without_its_twin_is_left_out(folder: Path) -> None:
    (folder / "plain50-imagenette.safetensors").unlink()
    assert models(folder) == ["resnet18", "plain18"]


@pytest.mark.parametrize(
    "other",
    [
        {"recipe": RECIPE | {"epochs": 3}},
        {"options": {"stem": "cifar"}},
        {"accuracy": {"top1": 0.9, "count": 3925, "data": "3,925 photographs"}},
        {"start": {"weights": "timm/resnet50.tv_in1k@0", "trunk": "trained"}},
    ],
    ids=["recipe", "options", "test photographs", "start"],
)
def test_twins_that_were_trained_differently_are_no_pair(folder: Path, other: dict[str, Any]) -> None:
    put(folder, "resnet50", **other)
    assert models(folder) == ["resnet18", "plain18"]


def test_all_pairs_are_of_one_recipe(folder: Path) -> None:
    """That of the shallowest pair: depths that were trained differently say nothing of depth."""
    for model in ("resnet50", "plain50"):
        put(folder, model, recipe=RECIPE | {"epochs": 3})
    assert models(folder) == ["resnet18", "plain18"]


def test_where_nothing_was_held_out_there_is_no_validation_to_show(folder: Path) -> None:
    for model in ("resnet18", "plain18"):
        put(folder, model, recipe=RECIPE | {"valid_ratio": 0})
    assert models(folder) == ["resnet50", "plain50"]


def test_weights_without_a_card_are_left_out(folder: Path) -> None:
    (folder / "plain50-imagenette.json").unlink()
    assert models(folder) == ["resnet18", "plain18"]


def test_a_card_that_tells_nothing_of_its_training_is_left_out(folder: Path) -> None:
    path = folder / "plain18-imagenette.json"
    card = json.loads(path.read_text("utf-8"))
    del card["history"]
    path.write_text(json.dumps(card), "utf-8")
    assert models(folder) == ["resnet50", "plain50"]


def test_an_empty_folder_has_no_pairs(tmp_path: Path) -> None:
    assert pairs(tmp_path) == gaps(pairs(tmp_path)) == ()


def test_curves_are_errors_in_percent(folder: Path) -> None:
    first = curves(pairs(folder))[:2]
    assert [(one.model, one.half) for one in first] == [("resnet18", "training"), ("resnet18", "validation")]
    assert first[0].mean == pytest.approx((50, 11.8)) and first[1].mean == pytest.approx((60, 20))


def test_the_table_holds_the_last_training_error_and_the_test_half(folder: Path) -> None:
    lines = {line.model: line for line in table(pairs(folder))}
    assert [line.training_error for line in lines.values()] == pytest.approx([11.8, 11.8, 15, 15])
    assert [line.test_error for line in lines.values()] == pytest.approx([12, 13, 10, 40])
    assert [line.paper for line in lines.values()] == [27.88, 27.94, 22.85, None]  # Tables 2 and 3
    assert {(line.seeds, line.spread, line.seconds, line.parameters) for line in lines.values()} == {(1, None, 7.5, 11)}


def test_depth_against_depth(folder: Path) -> None:
    found = {one.key: (one.worse, one.better, one.holds) for one in over_depth(table(pairs(folder)))}
    assert found == {
        "plain_training": (pytest.approx(15), pytest.approx(11.8), True),
        "plain_test": (pytest.approx(40), pytest.approx(13), True),
        "residual_training": (pytest.approx(11.8), pytest.approx(15), False),
    }


def test_one_depth_says_nothing_of_depth(folder: Path) -> None:
    assert over_depth(table(pairs(folder)[:2])) == ()


def test_the_margin_is_two_standard_errors() -> None:
    """The variance of a share p over n pictures is p (1 - p) / n; those of the two networks add up."""
    gap = Gap(18, 12, 13, 3530)
    assert gap.margin == pytest.approx(200 * sqrt((0.12 * 0.88 + 0.13 * 0.87) / 3530)) == pytest.approx(1.575, abs=1e-3)


@pytest.mark.parametrize(
    ("residual", "plain", "verdict"),
    [(12, 13, "unclear"), (13, 12, "unclear"), (12, 14, "residual"), (14, 12, "plain"), (12, 12, "unclear")],
)
def test_a_verdict_needs_more_than_the_margin(residual: float, plain: float, verdict: str) -> None:
    assert Gap(18, residual, plain, 3530).verdict == verdict
