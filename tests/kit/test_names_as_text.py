"""Names of classes and files are data: whatever they contain reaches every page as text."""

import json
import re
from html import escape
from typing import Any

import gradio as gr
import pytest

from resnet_demo import shell
from resnet_demo.kit.assets import PACKAGE
from resnet_demo.kit.own_networks import find_own
from tests.helpers.published import publish_untrained
from tests.helpers.refused import photograph
from tests.helpers.visitor import Visitor

HOSTILE = ["<img src=x onerror=alert(1)>", '"><b>{x}', "$x_1$ & 猫"]
RAW = re.compile(r"<img src=x|<b>\{x\}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> gr.Blocks:
    """The app, opened at a pair whose classes have such names."""
    folder = tmp_path_factory.mktemp("weights")
    for model in ("resnet20", "plain20"):
        publish_untrained(folder, model, "Garden_birds")
        path = folder / f"{model}-Garden_birds.json"
        card: dict[str, Any] = json.loads(path.read_text("utf-8"))
        card["classes"] = [{"id": f"c{index}", "name": name} for index, name in enumerate(HOSTILE)]
        path.write_text(json.dumps(card), "utf-8")
    own = find_own([str(folder)], ())
    pair = sorted((one.key for one in own), reverse=True)
    return shell.build("cpu", photograph(), pair, own)


def html(value: Any) -> str:
    """What a component of HTML shows; "" where scripts draw from an object, as nodes of text."""
    shown = value.get("value") if isinstance(value, dict) else value
    return shown if isinstance(shown, str) else ""


def test_every_page_about_a_photo_shows_them_escaped(demo: gr.Blocks) -> None:
    """The lesson's pages aside, which ask the shipped networks."""
    visitor = Visitor(demo, "en")
    asked = [fn for fn in visitor.listeners if any(block.elem_id == "photo" for block in fn.inputs)]
    asked = [fn for fn in asked if not any((block.elem_id or "").startswith("lesson-") for block in fn.outputs)]
    answers = {block for fn in asked for block in fn.outputs}
    shown: dict[str, str] = {}
    for fn in visitor.listeners:
        if fn in asked or answers & set(fn.inputs):
            for block, value in zip(fn.outputs, visitor.run(fn), strict=True):
                if isinstance(block, gr.HTML | gr.Markdown):
                    shown[block.elem_id or str(block._id)] = html(value)
    assert len(shown) > 10 and [name for name, text in shown.items() if RAW.search(text)] == []
    assert escape(HOSTILE[0]) in shown["classify-results"] and "$x_1$ &amp; 猫" in shown["classify-results"]


@pytest.mark.quick
def test_scripts_take_nothing_for_html() -> None:
    scripts = [path.read_text("utf-8") for path in PACKAGE.rglob("*.js")]
    assert len(scripts) > 10
    taken = r"innerHTML|outerHTML =|insertAdjacentHTML|document\.write|srcdoc = (?!`<!doctype html>)"
    assert re.findall(taken, "".join(scripts)) == []
