"""Real test photographs in the drawer: at random, of one class, disputed, and what is said where there is none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from resnet_demo.data.photographs import Photographs
from resnet_demo.kit.messages import Problem
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.real_photographs import build_picker, draw, found, show
from resnet_demo.kit.text import LANGUAGES
from tests.helpers.archives import imagenette

PAIR = "resnet18-imagenette"
TWINS = (PAIR, "plain18-imagenette")
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def photographs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Three of tench and two of churches, each of one grey."""
    folder = tmp_path / "imagenette2-160"
    imagenette(folder)
    monkeypatch.setenv("RESNET_DEMO_DATA", str(tmp_path))
    found.cache_clear()
    yield folder
    found.cache_clear()


@each_language
def test_a_photograph_with_its_place_and_its_class_to_unfold(photographs: Path, networks: Any, language: str) -> None:
    image, told = show(networks, False, "n03028079", PAIR, language)
    assert isinstance(image, Image.Image) and image.mode == "RGB"
    places = {
        "en": ("Test photo 4 of 5.", "Test photo 5 of 5."),
        "zh": ("第 4 张测试图片，共 5 张。", "第 5 张测试图片，共 5 张。"),
    }
    assert any(place in told for place in places[language])
    assert f"<p><b>{ {'en': 'church', 'zh': '教堂'}[language] }</b></p></details>" in told


@each_language
def test_a_class_that_the_catalogues_lack_keeps_the_name_of_its_folder(
    photographs: Path, networks: Networks, language: str
) -> None:
    (photographs / "val" / "n01440764").rename(photographs / "val" / "teapot")
    (photographs / "train" / "n01440764").rename(photographs / "train" / "teapot")
    with gr.Blocks():
        picker = build_picker(language)
    assert picker and ("teapot", "teapot") in picker.of_class.choices
    assert "<b>teapot</b>" in show(networks, False, "teapot", PAIR, language)[1]


def test_a_disputed_one_is_one_on_which_the_twins_differ(photographs: Path, networks: Networks) -> None:
    """The networks asked directly differ on the third photograph alone."""
    there = found()
    assert isinstance(there, Photographs)
    disputed = []
    for index in range(len(there)):
        with Image.open(there[index].path) as image:
            tops = [networks.get(key).network(networks.get(key).preprocess(image)).argmax(1).item() for key in TWINS]
        disputed += [index] if tops[0] != tops[1] else []
    assert disputed == [2]
    one = draw(networks, True, "any", PAIR)
    assert one is not None and one.index == 2


@each_language
def test_where_the_twins_agree_on_all_that_is_said_and_the_photograph_stays(
    photographs: Path, networks: Networks, language: str
) -> None:
    image, told = show(networks, True, "n03028079", PAIR, language)
    assert image == gr.skip()
    assert {"en": "The twins agree on each of the 200 photos", "zh": "试过的 200 张照片"}[language] in told


@pytest.mark.parametrize(
    ("class_id", "pair", "said"),
    [("n00000000", PAIR, "n00000000"), ("any", "nope-imagenette", "nope-imagenette")],
)
def test_what_is_not_there_is_named(photographs: Path, networks: Networks, class_id: str, pair: str, said: str) -> None:
    image, told = show(networks, True, class_id, pair, "en")
    assert image == gr.skip() and 'role="alert"' in told and said in told


def test_nothing_is_offered_without_the_data_and_a_damaged_folder_is_named(
    photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photographs / "val").rename(tmp_path / "elsewhere")
    with gr.Blocks() as demo:
        assert build_picker("en") is None
    assert isinstance(found(), Problem)
    assert any("notice" in str(block["props"].get("value")) for block in demo.config["components"])
    found.cache_clear()
    monkeypatch.setenv("RESNET_DEMO_DATA", str(tmp_path / "nowhere"))
    assert found() is None and build_picker("en") is None
