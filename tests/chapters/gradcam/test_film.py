"""The film of a training run: what is recorded, what is said of it, and what recording leaves alone."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from resnet_demo.__main__ import main
from resnet_demo.chapters.gradcam.film import FILM, Recorder, Reel, film, pictures
from resnet_demo.chapters.gradcam.pages.film import Frame, answer, compute, draw
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.data.examples import examples
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import DemoError
from resnet_demo.explain import classify, explain
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.text import LANGUAGES
from resnet_demo.models import build
from resnet_demo.models.resnet import ResNet
from resnet_demo.training.loop import Trainer
from resnet_demo.training.recipe import Recipe
from tests.helpers.generated import pictures as generated
from tests.helpers.refused import photograph

CHURCH, HORN = "n03028079", "n03394916"
CLASSES = tuple(IMAGENETTE)
CPU = torch.device("cpu")
DRAWN = [one.key for one in examples() if one.wnid]


def reel(named: str, corners: list[int | None], model: str = "resnet18", probability: float = 0.5) -> Reel:
    """A frame for each letter ("c" for church, "h" for horn), whose map is 1 in one corner of four, or blank."""
    maps = np.zeros((len(corners), 2, 2), np.float32)
    for frame, corner in enumerate(corners):
        if corner is not None:
            maps[frame].flat[corner] = 1
    ids = tuple({"c": CHURCH, "h": HORN}[letter] for letter in named)
    return Reel(model, "church_drawn", CHURCH, ids, (probability,) * len(ids), (probability,) * len(ids), maps)


@pytest.mark.parametrize(
    ("named", "learnt"), [("hhcc", 2), ("cccc", 0), ("chcc", 2), ("hhhc", 3), ("ccch", None), ("hhhh", None)]
)
def test_a_class_is_learnt_where_it_is_named_to_the_end(named: str, learnt: int | None) -> None:
    assert reel(named, [0, 0, 0, 0]).learnt == learnt


@pytest.mark.parametrize(
    ("corners", "placed"),
    [([1, 0, 3, 3], 2), ([3, 3, 3, 3], 0), ([3, None, 3, 3], 2), ([0, 1, 2, 3], 3), ([3, 3, 3, None], None)],
)
def test_a_map_is_placed_where_it_stays_to_the_end(corners: list[int | None], placed: int | None) -> None:
    assert reel("cccc", corners).placed == placed


def recorder(path: Path) -> Recorder:
    return Recorder(path, {"dataset": "imagenette"}, CLASSES, Preprocessing(64, 64), CPU)


def untrained(seed: int) -> ResNet:
    torch.manual_seed(seed)
    return build("resnet18", 10)


def test_a_frame_is_what_prediction_and_map_are(tmp_path: Path) -> None:
    """As `classify` and `explain` have them for the same network, which keeps its mode and its gradients."""
    record, networks = recorder(tmp_path / "film.json"), [untrained(0), untrained(1)]
    for epoch, network in enumerate(networks):
        record(network.train(), epoch)
        assert network.training and all(one.requires_grad for one in network.parameters())
    reels, about = film(tmp_path / "film.json")
    assert about["dataset"] == "imagenette" and about["versions"]["torch"] == torch.__version__
    assert list(reels) == ["resnet18"] and list(reels["resnet18"]) == DRAWN
    found = reels["resnet18"]["church_drawn"]
    assert found.epochs == 1
    for epoch, network in enumerate(networks):
        still = network.eval().requires_grad_(False)
        classifier = Classifier(still, CLASSES, CLASSES, {}, CPU, Preprocessing(64, 64))
        top = classify(classifier, opened("church_drawn")).top[0]
        seen = explain(classifier, opened("church_drawn"), target=CLASSES.index(CHURCH))
        assert found.named[epoch] == top.class_id
        assert found.confidence[epoch] == pytest.approx(top.probability, abs=6e-5)
        assert found.probability[epoch] == pytest.approx(seen.probability, abs=6e-5)
        np.testing.assert_allclose(found.maps[epoch], seen.map, rtol=1e-3, atol=1e-6)


def test_a_resumed_training_goes_on_with_its_film(tmp_path: Path) -> None:
    """The frame of an epoch that is repeated is recorded again; one that is missing is asked for."""
    path = tmp_path / "film.json"
    record = recorder(path)
    for epoch in range(3):
        record(untrained(epoch), epoch)
    whole = json.loads(path.read_text())
    record(untrained(2), 2)
    assert json.loads(path.read_text()) == whole
    with pytest.raises(DemoError, match="film_incomplete|lacks frames of resnet18 before epoch 4"):
        record(untrained(4), 4)
    assert json.loads(path.read_text()) == whole


def test_recording_does_not_change_what_is_trained(tmp_path: Path) -> None:
    """Random numbers, weights and order are as without; each epoch is told once, and the start."""
    told: list[int] = []
    record = recorder(tmp_path / "film.json")

    def both(network: ResNet, epoch: int) -> None:
        told.append(epoch)
        record(network, epoch)

    recipe = Recipe(2, 16, 0.05, 32, 32, 32, "pad-crop", patience=0)
    runs = []
    for name, after_epoch in (("with", both), ("without", None)):
        run = Trainer(untrained(0), recipe, CPU, tmp_path / name, classes=CLASSES, after_epoch=after_epoch)
        run.fit(generated(36), generated(12, first=500))
        runs.append(run.network.state_dict())
    assert told == [0, 1, 2]
    assert all(torch.equal(one, other) for one, other in zip(*(run.values() for run in runs), strict=True))


def test_only_classes_that_examples_show_can_be_filmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [one.key for one in pictures([HORN, "n01440764"])] == ["french_horn_drawn"]
    for half in ("train", "test"):
        for name in ("cat", "dog"):
            (tmp_path / "cifar10" / half / name).mkdir(parents=True)
            photograph().save(tmp_path / "cifar10" / half / name / "1.png")
    words = ["train", "--dataset", "cifar10", "--data-dir", str(tmp_path), "--model", "resnet20", "--film"]
    assert main([*words, "--out", str(tmp_path / "out"), "--device", "cpu"]) == 2
    assert "Train without --film" in capsys.readouterr().err


def test_the_films_networks_are_the_apps() -> None:
    """Both twins, every drawn picture, every epoch of a shorter run of the same recipe."""
    reels, about = film()
    assert {model: list(found) for model, found in reels.items()} == {"resnet18": DRAWN, "plain18": DRAWN}
    card = json.loads((FILM.parent / "resnet18-imagenette.json").read_text())
    assert about["recipe"] | {"epochs": 40} == card["recipe"]
    for pictures_ in reels.values():
        for one in pictures_.values():
            assert one.epochs == about["recipe"]["epochs"] and one.maps.shape == (one.epochs + 1, 5, 5)
            assert len(one.named) == len(one.confidence) == len(one.probability) == one.epochs + 1
            assert one.maps.min() >= 0
    # Before training a network hardly prefers a class.
    assert max(one.confidence[0] for pictures_ in reels.values() for one in pictures_.values()) < 0.25


def shown(*reels: Reel, epoch: int = 1) -> str:
    return str(answer("en", Frame(examples()[0], epoch, reels, own=False)))


def test_the_sentences_follow_the_numbers() -> None:
    early, late = reel("hccc", [0, 3, 3, 3]), reel("hhhc", [0, 1, 3, 3], "plain18")
    said = shown(early, late)
    assert "After epoch 1: ResNet-18 predicts “church” (50.0%); PlainNet-18 predicts “French horn” (50.0%)." in said
    assert "ResNet-18 settles on “church” in epoch 1, its map in epoch 1." in said
    assert "PlainNet-18 settles on “church” in epoch 3, its map in epoch 2." in said
    swapped = shown(replace(late, model="resnet18"), replace(early, model="plain18"), epoch=0)
    assert "Before training: ResNet-18 predicts “French horn” (50.0%)" in swapped
    assert "ResNet-18 settles on “church” in epoch 3, its map in epoch 2." in swapped
    assert "PlainNet-18 settles on “church” in epoch 1, its map in epoch 1." in swapped
    never = shown(reel("cccch", [None] * 5), late)
    assert "ResNet-18 does not end with “church”, and its last map is blank." in never


def test_the_page_follows_the_photo(tmp_path: Path) -> None:
    """An example has its own film; another photo is told which one it sees."""
    for index, key in enumerate(("golf_ball_drawn", "chain_saw_drawn")):
        opened(key).save(tmp_path / "photo.png")
        found = compute(str(tmp_path / "photo.png"), index)
        assert (found.picture.key, found.epoch, found.own) == (key, index, False)
        assert {one.picture for one in found.reels} == {key}
    photograph().save(tmp_path / "own.png")
    found = compute(str(tmp_path / "own.png"), 3)
    assert found.own and found.picture.key == "church_drawn"
    assert "In place of your photo you see this one: A drawn church." in str(answer("en", found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_maps_of_the_start_now_and_the_end(tmp_path: Path, language: str) -> None:
    opened("golf_ball_drawn").save(tmp_path / "photo.png")
    reels = film()[0]
    last = reels["resnet18"]["golf_ball_drawn"].epochs
    for epoch, frames in ((0, [0, last]), (3, [0, 3, last]), (last, [0, last])):
        _, maps, chart, recorded = draw(compute(str(tmp_path / "photo.png"), epoch), language)
        assert [section["family"] for section in maps["sections"]] == ["residual", "plain"]
        for section, model in zip(maps["sections"], ("resnet18", "plain18"), strict=True):
            own = reels[model]["golf_ball_drawn"]
            assert [item["says"] for item in section["items"]] == [f"{100 * own.probability[at]:.1f}%" for at in frames]
            assert [item["chosen"] for item in section["items"]] == [at == epoch for at in frames]
            shares = [100 * share for share in own.probability]
            assert [list(line.y) for line in chart.data if list(line.y) == shares]
        assert "--film" in recorded and str(last) in recorded


@pytest.mark.parametrize("epoch", [-1, 10_000, 2.5, None, "3"])
def test_an_epoch_that_was_not_recorded_is_refused(tmp_path: Path, epoch: object) -> None:
    opened("golf_ball_drawn").save(tmp_path / "photo.png")
    with pytest.raises(DemoError):
        compute(str(tmp_path / "photo.png"), epoch)  # type: ignore[arg-type]
