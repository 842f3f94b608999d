"""The weights that the project ships, held against their cards. No photograph is needed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from resnet_demo.checkpoints.load import GOLDEN_TOLERANCE, WEIGHTS, load
from resnet_demo.training.publish import golden_logits
from resnet_demo.training.verification import nowhere, verify
from tests.helpers.published import lines

SHIPPED = ("resnet18-imagenette", "plain18-imagenette", "resnet50-imagenette", "plain50-imagenette")
CARDS = sorted({*SHIPPED, *(path.stem for path in WEIGHTS.glob("*.safetensors"))})
"""Those that must be there, and whatever else is."""
RESULTS: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "degradation": (
        "history",
        lambda found: {run["model"]: run["history"] for run in found["runs"] if not run["seed"]},
    ),
    "lesions": ("sha256", lambda found: {model: one["sha256"] for model, one in found["networks"].items()}),
}
"""A line of the cards, and where a file of results says the same of each network. The shipped ones are of seed 0."""


def says(stem: str) -> dict[str, Any]:
    path = Path(WEIGHTS, f"{stem}.json")
    assert path.is_file(), f"{path.name} is not in weights/: train with --out weights"
    card: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return card


@pytest.mark.quick
@pytest.mark.parametrize("stem", CARDS)
def test_every_line_of_the_card_holds(stem: str) -> None:
    says(stem)
    assert [str(finding) for finding in verify(WEIGHTS / f"{stem}.json", nowhere)] == []


@pytest.mark.parametrize("stem", CARDS)
def test_the_card_is_complete(stem: str) -> None:
    card = says(stem)
    assert {line.split(".")[0] for line in lines()} - card.keys() == set()
    assert card["title"] and card["terms"] and card["how"].startswith("python -m resnet_demo ")
    assert len(card["history"]) >= card["best_epoch"] >= 1


@pytest.mark.parametrize("stem", CARDS)
def test_the_golden_logits_come_out_again(stem: str) -> None:
    card = says(stem)
    classifier = load(card["model"], str(WEIGHTS / f"{stem}.safetensors"), "cpu")
    assert golden_logits(classifier) == pytest.approx(card["golden"]["logits"], abs=GOLDEN_TOLERANCE)


@pytest.mark.parametrize("stem", SHIPPED)
def test_it_was_measured_on_every_test_photograph_of_the_archive(stem: str) -> None:
    accuracy = says(stem)["accuracy"]
    assert (accuracy["half"], accuracy["count"]) == ("test", 3530)
    assert "3,530 of the 3,925" in says(stem)["note"]


def test_resnet18_is_good_enough() -> None:
    assert says("resnet18-imagenette")["accuracy"]["top1"] >= 0.88


def test_all_were_trained_by_one_recipe_to_its_end_and_twins_by_one_command() -> None:
    cards = [says(stem) for stem in SHIPPED]
    assert all(card["recipe"] == cards[0]["recipe"] for card in cards)
    assert [len(card["history"]) for card in cards] == [40] * 4
    assert all(card["versions"] == cards[0]["versions"] for card in cards)
    assert [cards[index]["how"] for index in (0, 2)] == [cards[index]["how"] for index in (1, 3)]


@pytest.mark.parametrize("name", [name for name in RESULTS if (WEIGHTS / f"{name}.json").is_file()])
def test_results_are_those_of_the_networks_beside_them(name: str) -> None:
    line, told = RESULTS[name]
    found = told(json.loads((WEIGHTS / f"{name}.json").read_text("utf-8")))
    assert len(found) >= 4
    assert found == {model: says(f"{model}-cifar10")[line] for model in found}
