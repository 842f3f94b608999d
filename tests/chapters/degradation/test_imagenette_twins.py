"""The networks of photographs as numbers: cards by hand, verdicts by hand, and what is shipped."""

import json
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resnet_demo.chapters.degradation.imagenette_twins import Gap, curves, gaps, over_seeds, pairs, table
from resnet_demo.chapters.degradation.study import over_depth
from resnet_demo.checkpoints.card import mask
from resnet_demo.checkpoints.card import over_seeds as over_runs

pytestmark = pytest.mark.quick

RECIPE = {"epochs": 2, "seed": 0, "valid_ratio": 0.05}
TOP1 = {"resnet18": 0.88, "plain18": 0.87, "resnet50": 0.9, "plain50": 0.6}


def wrong(model: str) -> str:
    """Errors on the first photographs, and of the plain networks on the last ones."""
    places = np.arange(3530) if model.startswith("resnet") else np.arange(3530)[::-1]
    return mask(places < round(3530 * (1 - TOP1[model])))


def put(folder: Path, model: str, **other: Any) -> None:
    """The card of a network whose training error falls from 50 to 10 % plus a tenth of its depth."""
    last = 0.9 - int(model[-2:]) / 1000
    card = {
        "model": model,
        "options": {},
        "dataset": "imagenette",
        "classes": [{"id": "n0", "name": "a"}],
        "preprocessing": {"resize": 160, "size": 160, "mean": [0.5] * 3, "std": [0.5] * 3},
        "sha256": "",
        "recipe": RECIPE,
        "seed": 0,
        "best_epoch": 2,
        "how": f"python -m resnet_demo train --model {model}",
        "seconds": 7.5,
        "parameters": 11,
        "history": [
            {"train_accuracy": 0.5, "valid_accuracy": 0.4},
            {"train_accuracy": last, "valid_accuracy": 0.8},
        ],
        "accuracy": {
            "top1": TOP1[model],
            "count": 3530,
            "half": "test",
            "data": "3,530 photographs",
            "wrong": wrong(model),
        },
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
        {"accuracy": {"top1": 0.9, "count": 3925, "half": "test", "data": "3,925 photographs", "wrong": ""}},
        {"accuracy": {"top1": 0.9, "count": 3530, "half": "test", "data": "3,530 photographs"}},
        {"start": {"weights": "timm/resnet50.tv_in1k@0", "trunk": "trained"}},
    ],
    ids=["recipe", "options", "test photographs", "mistakes", "start"],
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


def several(*top1: float) -> dict[str, Any]:
    """Runs of the seeds 0, 1, ...: each takes 3 s longer, and its training accuracy is as good as the test's."""
    runs = [
        {"seed": seed, "top1": one, "train_accuracy": one, "best_epoch": 2, "seconds": 3 * seed}
        for seed, one in enumerate(top1)
    ]
    return {"seeds": over_runs(runs)}


def test_the_table_holds_the_mean_over_seeds(folder: Path) -> None:
    put(folder, "resnet18", **several(0.88, 0.9, 0.92))
    first, second = table(pairs(folder))[:2]
    assert (first.seeds, first.seconds) == (3, 3)
    assert (first.training_error, first.test_error, first.spread) == pytest.approx((10, 10, 2))
    assert (second.seeds, second.spread) == (1, None)


def test_twins_over_seeds(folder: Path) -> None:
    """By hand: errors of 12, 10, 8 % against 13, 8, 9: better with seeds 0 and 2."""
    put(folder, "resnet18", **several(0.88, 0.9, 0.92))
    put(folder, "plain18", **several(0.87, 0.92, 0.91))
    (found,) = over_seeds(pairs(folder))
    assert (found.depth, found.count, found.residual_better) == (18, 3, 2)
    assert (found.residual, found.residual_spread, found.plain) == pytest.approx((10, 2, 10))
    assert found.plain_spread == pytest.approx(sqrt((3**2 + 2**2 + 1**2) / 2))
    assert gaps(pairs(folder))[0].residual == pytest.approx(12, abs=0.02)  # answers are compared for the first seed


@pytest.mark.parametrize("other", [{}, several(0.87, 0.9), several(0.87, 0.9, 0.9, 0.9)], ids=["one", "two", "four"])
def test_other_seeds_than_the_twin_s_are_not_compared(folder: Path, other: dict[str, Any]) -> None:
    put(folder, "resnet18", **several(0.88, 0.9, 0.92))
    put(folder, "plain18", **other)
    assert over_seeds(pairs(folder)) == ()


def test_depth_against_depth(folder: Path) -> None:
    found = {one.key: (one.worse, one.better, one.holds) for one in over_depth(table(pairs(folder)))}
    assert found == {
        "plain_training": (pytest.approx(15), pytest.approx(11.8), True),
        "plain_test": (pytest.approx(40), pytest.approx(13), True),
        "residual_training": (pytest.approx(11.8), pytest.approx(15), False),
    }


def test_one_depth_says_nothing_of_depth(folder: Path) -> None:
    assert over_depth(table(pairs(folder)[:2])) == ()


def test_both_answer_the_same_photographs(folder: Path) -> None:
    """Of 3,530, ResNet-50 errs on the first 353, PlainNet-50 on the last 1,412; no other photograph counts."""
    _, found = gaps(pairs(folder))
    assert (found.count, found.residual_alone, found.plain_alone, found.verdict) == (3530, 353, 1412, "residual")


def test_the_margin_is_two_standard_errors() -> None:
    """For each photograph the difference of the errors is 1, -1 or 0; the margin is twice the mean's deviation."""
    each = np.repeat([1.0, -1.0, 0.0], [149, 109, 3530 - 258])
    margin = Gap(18, 12, 13, 3530, residual_alone=109, plain_alone=149).margin
    assert margin == pytest.approx(200 * each.std() / sqrt(3530)) == pytest.approx(0.909, abs=1e-3)


@pytest.mark.parametrize(
    ("residual_alone", "plain_alone", "verdict"),
    [(120, 150, "unclear"), (150, 120, "unclear"), (110, 150, "residual"), (150, 110, "plain"), (0, 0, "unclear")],
)
def test_a_verdict_needs_more_than_the_margin(residual_alone: int, plain_alone: int, verdict: str) -> None:
    residual, plain = (100 * (300 + alone) / 3530 for alone in (residual_alone, plain_alone))
    assert Gap(18, residual, plain, 3530, residual_alone, plain_alone).verdict == verdict
