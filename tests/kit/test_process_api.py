"""Every listener run as Gradio runs it: the browser's values in, through the handler, the browser's values out."""

import json
import re
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from resnet_demo import shell
from resnet_demo.kit.text import LANGUAGES
from tests.helpers.refused import REFUSED
from tests.helpers.visitor import Visitor

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def demo() -> gr.Blocks:
    return shell.build("cpu")


def classifying(visitor: Visitor) -> Any:
    """The listener that asks the networks of the first chapter."""
    return visitor.listener("shown", "classify-results")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listener_answers_in_the_language(demo: gr.Blocks, language: str) -> None:
    visitor = Visitor(demo, language)
    for fn in visitor.listeners:  # in the order of the page: a render after the update that fills its state
        data = visitor.run(fn)
        assert len(data) == len(fn.outputs), fn.name
        words = json.dumps(data, ensure_ascii=False, default=str)
        assert "notice" not in words, fn.name
        both = any(block.elem_id == "lesson-glossary-terms" for block in fn.outputs)
        if fn.name == "shown" and not both:
            assert bool(HAN.search(words)) == (language == "zh"), fn.name


def test_every_listener_was_run(demo: gr.Blocks) -> None:
    run = [fn for language in LANGUAGES for fn in Visitor(demo, language).listeners]
    assert len(run) == sum(fn.fn is not None for fn in demo.fns.values())
    assert {"options", "shown", "endpoint"} <= {fn.name for fn in run}


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_picture_every_tab_says_so(demo: gr.Blocks, language: str) -> None:
    visitor = Visitor(demo, language)
    visitor.values |= {c["id"]: None for c in demo.config["components"] if c["type"] == "image"}
    asking = [fn for fn in visitor.listeners if fn.name == "shown" and any(b.elem_id == "photo" for b in fn.inputs)]
    assert len(asking) >= 2
    sentence = {"en": "No photo yet.", "zh": "还没有照片。"}[language]
    for fn in asking:
        words = json.dumps(visitor.run(fn), ensure_ascii=False, default=str)
        assert "notice" in words and sentence in words, [block.elem_id for block in fn.outputs]


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_picture_is_answered_in_the_language(
    demo: gr.Blocks, language: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(demo, language)
    file = {"path": str(REFUSED[kind].write(tmp_path)), "meta": {"_type": "gradio.FileData"}}
    for image in [block for block in demo.blocks.values() if isinstance(block, gr.Image)]:
        monkeypatch.setattr(image, "GRADIO_CACHE", str(tmp_path))  # the folder of the uploads
        visitor.values[image._id] = file
    assert REFUSED[kind].said[language] in visitor.run(classifying(visitor))[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_beyond_a_slider_is_answered_in_the_language(demo: gr.Blocks, language: str) -> None:
    visitor = Visitor(demo, language)
    visitor.values |= {
        c["id"]: 5000 for c in demo.config["components"] if c["props"].get("elem_id") == "blocks-network-size"
    }
    table = visitor.run(visitor.listener("shown", "blocks-network-table"))
    assert any({"en": "The nearest is 4,096.", "zh": "最接近的是 4,096。"}[language] in str(part) for part in table)


def test_visitors_get_their_own_answers(demo: gr.Blocks) -> None:
    """What is kept for one visitor is not shown to another, who has no photo."""
    asked, other = Visitor(demo, "en"), Visitor(demo, "en")
    other.values |= {c["id"]: None for c in demo.config["components"] if c["type"] == "image"}
    show = asked.listener("shown", "gradcam-maps-pair")
    mine = json.dumps(asked.run(show))
    assert "ResNet-18" in mine
    theirs = json.dumps(other.run(show))
    assert "No photo yet." in theirs and "ResNet-18" not in theirs
    assert json.dumps(asked.run(show)) == mine
