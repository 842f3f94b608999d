"""What is a ResNet made of, block by block, and what are the real values in it?"""

from dataclasses import dataclass
from functools import partial
from html import escape
from types import ModuleType
from typing import Any

import gradio as gr

from resnet_demo.chapters.blocks.formats import as_dict
from resnet_demo.chapters.blocks.pages import input_size, inside, responses, shortcut_decision
from resnet_demo.chapters.blocks.pages import network as network_page
from resnet_demo.chapters.blocks.rows import Row
from resnet_demo.chapters.blocks.vgg import VGG, network_rows
from resnet_demo.kit.controls import Choice, Options
from resnet_demo.kit.format import intro
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.options import checked

KEY = "blocks"
PAGES: dict[str, ModuleType] = {
    "network": network_page,
    "block": inside,
    "decision": shortcut_decision,
    "anysize": input_size,
    "response": responses,
}


@dataclass(frozen=True)
class Parts:
    tabs: dict[str, gr.Tab]
    pages: dict[str, Any]
    name: Choice  # for scripts: the page's own control offers no VGG-19
    options: gr.JSON
    numbers: gr.JSON


def build(page: Site) -> Parts:
    page.word(gr.HTML(), value=partial(intro, tab=KEY))
    tabs, built = {}, {}
    with gr.Tabs(elem_id="blocks-pages", overflow_behavior="wrap"):
        for key, module in PAGES.items():
            label = f"blocks.page.{key}"
            with page.word(gr.Tab(id=key, elem_id=f"blocks-page-{key}"), label=label) as tabs[key]:
                page.word(gr.HTML(), value=partial(lead, key=key))
                built[key] = module.build(page)
    name = Choice([*ARCHITECTURES, VGG], value="resnet18", visible=False, label="name")
    options = Options(visible=False, label="options")
    return Parts(tabs, built, name, options, gr.JSON(visible=False))


def lead(language: str, key: str) -> str:
    """How a page of this tab opens: one question, and what to look for."""
    question, look = (escape(t(language, f"blocks.{key}.{part}")) for part in ("question", "look"))
    return f'<div class="lead"><h3>{question}</h3><p>{look}</p></div>'


def wire(page: Site, parts: Parts) -> None:
    for key, module in PAGES.items():
        module.wire(page, parts.pages[key], parts.tabs[key].select)
    network = parts.pages["network"]
    inputs = [parts.name, network.size, page.language, parts.options]
    page.endpoint(endpoint, inputs, parts.numbers, "blocks")


def endpoint(name: str, size: int, language: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every layer and block of a network, counted in closed form.

    name: for example "resnet18", or "vgg19", which has no options. size: side of the input picture in pixels.
    language: "en" or "zh", for error messages.
    options: those of the network that are not its own, for example {"shortcut": "C"}; null for none.
    Returns the rows with shapes, stride, shortcut, parameters, multiply-adds (MACs), receptive field and memory, the
    sums of the stages, and the totals.
    """
    return as_dict(answer(language, attempt(_counted, name, size, options)))


def _counted(name: str, size: int, options: object) -> list[Row]:
    """The rows, whatever a script sent as options. Raises ArchitectureError and CountError."""
    return network_rows(name, size, **checked(options))
