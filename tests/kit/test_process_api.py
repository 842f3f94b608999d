"""Every listener run as Gradio runs it: the browser's values in, through the handler, the browser's values out."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio.events import EventData
from gradio.state_holder import SessionState

from resnet_demo import shell
from resnet_demo.kit.text import LANGUAGES
from tests.helpers.refused import REFUSED

EVENT = {"index": 8, "block": ""}  # the ninth example's thumbnail; a pixel of no block
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def demo() -> gr.Blocks:
    return shell.build("cpu")


class Visitor:
    """One browser's session: sends what the page holds, in one language."""

    def __init__(self, demo: gr.Blocks, language: str) -> None:
        self.demo, self.language = demo, language
        self.state = SessionState(demo)
        self.values = {c["id"]: c["props"].get("value") for c in demo.config["components"]}

    def value(self, block: Any) -> Any:
        """What the page sends for a component: nothing for a state, which the server keeps."""
        if isinstance(block, gr.State):
            return None
        return self.language if block.elem_id == "language" else self.values[block._id]

    def run(self, fn: Any) -> list[Any]:
        header = {"en": "en-US", "zh": "zh-CN"}[self.language]
        request = gr.Request(headers={"accept-language": header}, query_params={})
        result = asyncio.run(
            self.demo.process_api(
                fn,
                [self.value(block) for block in fn.inputs],
                state=self.state,
                request=request,
                event_data=EventData(None, EVENT),
                explicit_call=True,  # the example lies where Gradio put it, not among uploads
            )
        )
        data: list[Any] = result["data"]
        return data


def listeners(demo: gr.Blocks) -> list[Any]:
    return [demo.fns[d["id"]] for d in demo.config["dependencies"] if d["backend_fn"]]


def listener(demo: gr.Blocks, name: str) -> Any:
    """The first listener of that name."""
    return next(fn for fn in listeners(demo) if fn.name == name)


def shown_after(demo: gr.Blocks, update: Any) -> Any:
    """The listener that words what `update` left in its state."""
    return next(fn for fn in listeners(demo) if fn.name == "shown" and fn.inputs[0] in update.outputs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listener_answers_in_the_language(demo: gr.Blocks, language: str) -> None:
    visitor = Visitor(demo, language)
    for fn in listeners(demo):  # in the order of the page: a render after the update that fills its state
        data = visitor.run(fn)
        assert len(data) == len(fn.outputs), fn.name
        words = json.dumps(data, ensure_ascii=False, default=str)
        assert "notice" not in words, fn.name
        if fn.name in ("shown", "render", "in_language"):
            assert bool(HAN.search(words)) == (language == "zh"), fn.name


def test_every_listener_was_run(demo: gr.Blocks) -> None:
    assert len(listeners(demo)) == sum(fn.fn is not None for fn in demo.fns.values())
    assert {"update", "shown", "render", "endpoint", "in_language"} <= {fn.name for fn in listeners(demo)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_picture_every_tab_says_so(demo: gr.Blocks, language: str) -> None:
    visitor = Visitor(demo, language)
    visitor.values |= {c["id"]: None for c in demo.config["components"] if c["type"] == "image"}
    updates = [
        fn for fn in listeners(demo) if fn.name == "update" and any(b.elem_id.endswith("-photo") for b in fn.inputs)
    ]
    assert len(updates) >= 2
    sentence = {"en": "There is no picture yet.", "zh": "还没有照片。"}[language]
    for fn in updates:
        visitor.run(fn)
        words = json.dumps(visitor.run(shown_after(demo, fn)), ensure_ascii=False, default=str)
        assert "notice" in words and sentence in words


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_errors_survive_a_change_of_language(demo: gr.Blocks, language: str, kind: str, tmp_path: Path) -> None:
    """Gradio makes a session's controls anew when it updates them: their checks must stay ours."""
    visitor = Visitor(demo, language)
    visitor.run(listener(demo, "in_language"))
    file = {"path": str(REFUSED[kind].write(tmp_path)), "meta": {"_type": "gradio.FileData"}}
    visitor.values |= {c["id"]: file for c in demo.config["components"] if c["type"] == "image"}
    update = listener(demo, "update")
    visitor.run(update)
    assert REFUSED[kind].said[language] in visitor.run(shown_after(demo, update))[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_beyond_a_slider_survive_a_change_of_language(demo: gr.Blocks, language: str) -> None:
    visitor = Visitor(demo, language)
    visitor.run(listener(demo, "in_language"))
    visitor.values |= {c["id"]: 5000 for c in demo.config["components"] if c["props"].get("elem_id") == "blocks-size"}
    table = visitor.run(listener(demo, "render"))[0]
    assert {"en": "The nearest is 4,096.", "zh": "最接近的是 4,096。"}[language] in table


def test_sessions_keep_their_own_answers(demo: gr.Blocks) -> None:
    """A result is kept for the visitor who asked: a language change of another shows none of it."""
    asked, other = Visitor(demo, "en"), Visitor(demo, "en")
    update = listener(demo, "update")
    show = shown_after(demo, update)
    nothing = other.run(show)
    asked.run(update)
    assert "ResNet-18" in asked.run(show)[0]
    assert other.run(show) == nothing != asked.run(show)
