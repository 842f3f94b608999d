"""The handlers called directly: plain values in, numbers and sentences out."""

import json
from html import unescape
from pathlib import Path
from time import time
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from resnet_demo.chapters.classify.endpoint import endpoint as classify
from resnet_demo.chapters.classify.pages.photograph import PAGE as CLASSIFY
from resnet_demo.chapters.gradcam.endpoint import endpoint as compare_cam
from resnet_demo.chapters.gradcam.pages.maps import PAGE as MAPS
from resnet_demo.data.examples import examples
from resnet_demo.errors import CheckpointError, DemoError, PictureError
from resnet_demo.kit import image_input
from resnet_demo.kit.listeners import bound
from resnet_demo.kit.messages import Problem, answer, attempt, message, notice
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.text import LANGUAGES
from tests.helpers.pages import show
from tests.helpers.refused import REFUSED, photograph

PAIR = ["resnet18-imagenette", "plain18-imagenette"]
NO_PICTURE = {
    "en": "No photo yet. Upload one, or choose an example.",
    "zh": "还没有照片。请上传一张，或选择一个示例。",
}
each_language = pytest.mark.parametrize("language", LANGUAGES)


def ask_classify(networks: Networks, path: str | None, language: str) -> str:
    return str(show("classify", CLASSIFY, language, networks, photo=path, chosen=PAIR)["results"])


def ask_compare(networks: Networks, path: str | None, language: str) -> str:
    asked = {"target": "own", "layer": ["layer4"], "method": "gradcam", "against": "none", "counterfactual": False}
    shown = show("gradcam", MAPS, language, networks, photo=path, left=PAIR[0], right=PAIR[1], **asked)
    return json.dumps(shown["pair"]) if shown["pair"] else str(shown["answer"])


both_tabs = pytest.mark.parametrize("ask", [ask_classify, ask_compare])


def said(html: str) -> str:
    """The sentence of a notice; fails for anything else."""
    head, tail = '<div class="notice" role="alert">', "</div>"
    assert html.startswith(head) and html.endswith(tail)
    return unescape(html.removeprefix(head).removesuffix(tail))


# ------------------------------------------------------------------------------------------------ refused pictures


@each_language
@both_tabs
def test_no_picture(ask: Any, networks: Networks, language: str) -> None:
    assert said(ask(networks, None, language)) == NO_PICTURE[language]


@each_language
@both_tabs
@pytest.mark.parametrize("kind", REFUSED)
def test_refused_pictures_and_the_next_one_works(
    ask: Any, networks: Networks, language: str, kind: str, tmp_path: Path, picture: str
) -> None:
    refused = REFUSED[kind]
    assert said(ask(networks, str(refused.write(tmp_path)), language)) == refused.said[language]
    assert "notice" not in ask(networks, picture, language)


@each_language
def test_scripts_get_the_same_sentences(networks: Networks, language: str, tmp_path: Path) -> None:
    path = str(REFUSED["text"].write(tmp_path))
    calls = [
        lambda: classify(networks, path, PAIR, language),
        lambda: compare_cam(networks, path, *PAIR, "own", "layer4", "gradcam", language),
    ]
    for call in calls:
        with pytest.raises(gr.Error) as caught:
            call()
        assert caught.value.message == REFUSED["text"].said[language]
        assert not caught.value.print_exception  # expected: no traceback in the server's log


@both_tabs
def test_the_name_of_a_file_is_no_html(ask: Any, networks: Networks, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>.jpg"
    path.write_bytes(b"no picture")
    html = ask(networks, str(path), "en")
    assert "<img" not in html
    assert said(html).startswith("<img src=x onerror=alert(1)>.jpg could not be read as an image")


# ------------------------------------------------------------------------------------------------ pictures of all kinds


def turned(image: Image.Image, path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(path, exif=exif)


KINDS = {
    "transparent.png": lambda image, path: image.convert("RGBA").save(path),
    "grey-alpha.png": lambda image, path: image.convert("LA").save(path),
    "palette.gif": lambda image, path: image.convert("P").save(path, transparency=0),
    "print.jpg": lambda image, path: image.convert("CMYK").save(path),
    "deep.png": lambda image, path: Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257).save(path),
    "two-tone.png": lambda image, path: image.convert("1").save(path),
    "web.webp": lambda image, path: image.save(path),
    "turned.jpg": turned,
    "wide.png": lambda image, path: image.resize((400, 20)).save(path),
}


@pytest.mark.parametrize("name", KINDS)
def test_pictures_of_every_kind_reach_the_networks(name: str, networks: Networks, tmp_path: Path) -> None:
    path = tmp_path / name
    KINDS[name](photograph(), path)
    html = ask_classify(networks, str(path), "en")
    assert html.count('<section class="card') == 2
    assert "notice" not in html
    assert json.loads(ask_compare(networks, str(path), "en"))["networks"]


# ------------------------------------------------------------------------------------------------ results


def test_networks_are_loaded_once(networks: Networks) -> None:
    assert networks.get(PAIR[0]) is networks.get(PAIR[0])
    assert ("ResNet-18 · Imagenette", PAIR[0]) in networks.choices


# ------------------------------------------------------------------------------------------------ photographs


def test_an_example_by_its_thumbnail() -> None:
    for index, example in enumerate(examples()):
        before = time()
        image, at = image_input.chosen(gr.EventData(None, {"index": index}))
        assert image is image_input.opened(example.key)
        assert before <= at <= time()


def test_reading_photographs(picture: str) -> None:
    assert image_input.read(picture).mode == "RGB" and image_input.read(picture).size == (240, 200)
    with pytest.raises(PictureError, match="No photo yet"):
        image_input.read(None)


@each_language
def test_captions_are_worded(language: str) -> None:
    assert image_input.caption(language, examples()[0]) == {"en": "A drawn church", "zh": "绘制的教堂"}[language]


# ------------------------------------------------------------------------------------------------ contract


def failing() -> None:
    raise PictureError("picture_empty", name="<b>&.png")


def test_attempt_keeps_expected_errors_and_no_others() -> None:
    assert attempt(lambda value: value + 1, 1) == 2
    assert attempt(failing) == Problem("picture_empty", {"name": "<b>&.png"})
    with pytest.raises(ZeroDivisionError):
        attempt(lambda: 1 / 0)


@each_language
def test_a_problem_in_words(language: str) -> None:
    problem = attempt(failing)
    assert isinstance(problem, Problem)
    expected = {
        "en": "<b>&.png is empty (0 bytes). Choose another file.",
        "zh": "<b>&.png 是空文件（0 字节）。请换一个文件。",
    }
    assert message(language, problem) == expected[language]
    assert said(notice(language, problem)) == expected[language]
    assert "<b>" not in notice(language, problem)


def test_answer_passes_results_on() -> None:
    result = [1, 2]
    assert answer("en", result) is result
    with pytest.raises(gr.Error, match="0 字节"):
        answer("zh", attempt(failing))


def test_bound_keeps_the_name() -> None:
    given = bound(failing, "networks")
    assert given.__name__ == "failing"


def test_expected_errors_are_demo_errors() -> None:
    assert issubclass(PictureError, DemoError) and issubclass(CheckpointError, DemoError)
