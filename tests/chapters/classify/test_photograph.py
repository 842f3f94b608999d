"""Classify, called directly: a photograph in, classes and sentences out."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from resnet_demo.chapters.classify.endpoint import endpoint
from resnet_demo.chapters.classify.pages.photograph import PAGE, compute
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import CheckpointError, PictureError
from resnet_demo.explain import Prediction, classify
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.helpers.pages import draw, show
from tests.helpers.refused import photograph

PAIR = ["resnet18-imagenette", "plain18-imagenette"]
each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
def test_both_networks_are_shown(networks: Networks, picture: str, language: str) -> None:
    answers = compute(picture, networks, PAIR)
    html = draw("classify", PAGE, answers, language)["results"]
    assert [one.name for one in answers] == ["resnet18", "plain18"]
    assert [one.parameters for one in answers] == [11_181_642, 11_007_818]
    names = ("<h3>ResNet-18 · Imagenette</h3>", "<h3>PlainNet-18 · Imagenette</h3>", "11,181,642", "11,007,818")
    assert all(name in html for name in names)
    assert html.count("<li>") == 10
    told = re.sub(r'src="data:[^"]*"', "", html)
    assert not re.search(r"\d\s?(ms|毫秒)", told), "a single pass does not measure speed"
    for one in answers:
        assert one.prediction.crop.size == (160, 160)
        for guess in one.prediction.top:
            assert f">{catalogue(language)[f'class.{guess.class_id}']}<" in html


@pytest.mark.parametrize(
    ("residual", "offered"), [("resnet18-imagenette", "resnet50-imagenette"), ("resnet50-imagenette", None)]
)
def test_twins_that_a_test_set_cannot_separate_lead_to_some_that_it_can(
    networks: Networks, picture: str, residual: str, offered: str | None
) -> None:
    """88.05% and 86.91% of 3,530 photographs may be one accuracy; 87.34% and 68.13% are not."""
    html = draw("classify", PAGE, compute(picture, networks, [residual, twin(residual)]), "en")["results"]
    if offered:
        assert f'<a href="?pair={offered}" data-pair="{offered}">' in html
        assert "With 50 layers it does: 87.3% with shortcuts, 68.1% without." in html
    else:
        assert "data-pair" not in html


def test_the_photo_that_everybody_begins_with_is_asked_once(
    networks: Networks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its content, wherever it lies; another photo or network is asked, and an error is not kept."""
    asked: list[str] = []

    def counted(classifier: Classifier, image: Image.Image) -> Prediction:
        asked.append(classifier.name)
        return classify(classifier, image)

    monkeypatch.setattr("resnet_demo.chapters.classify.predictions.classify", counted)
    for name in ("one.png", "other.png"):
        photograph(90, 70, 12345).save(tmp_path / name)
        first = compute(str(tmp_path / name), networks, PAIR)
        assert first is compute(str(tmp_path / name), networks, PAIR)
    assert asked == ["resnet18", "plain18"]
    compute(str(tmp_path / "one.png"), networks, PAIR[:1])
    photograph(90, 70, 54321).save(tmp_path / "one.png")
    compute(str(tmp_path / "one.png"), networks, PAIR)
    assert asked == ["resnet18", "plain18", "resnet18", "resnet18", "plain18"]
    (tmp_path / "one.png").write_bytes(b"no picture")
    for _ in range(2):
        with pytest.raises(PictureError):
            compute(str(tmp_path / "one.png"), networks, PAIR)


@each_language
def test_without_a_network_it_is_said(networks: Networks, picture: str, language: str) -> None:
    shown = show("classify", PAGE, language, networks, photo=picture, chosen=[])
    assert catalogue(language)["classify.none"] in shown["results"]


@each_language
def test_for_scripts(networks: Networks, picture: str, language: str) -> None:
    answers = endpoint(networks, picture, PAIR, language)
    assert json.loads(json.dumps(answers)) == answers
    assert [one["network"] for one in answers] == ["resnet18", "plain18"]
    assert [one["weights"] for one in answers] == 2 * ["imagenette"]
    for one in answers:
        assert one["milliseconds"] > 0
        shares = [entry["probability"] for entry in one["classes"]]
        assert len(shares) == 5 and shares == sorted(shares, reverse=True) and 0 < sum(shares) <= 1.0001
        assert all(entry["name"] == catalogue(language)[f"class.{entry['id']}"] for entry in one["classes"])


def test_networks_that_are_not_there(networks: Networks, picture: str) -> None:
    with pytest.raises(CheckpointError, match="There is no network resnet34-imagenette here. Choose one of: "):
        compute(picture, networks, ["resnet34-imagenette"])
