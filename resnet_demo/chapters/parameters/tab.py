"""How much does a bottleneck save? Any numbers that a class calls out, in four sub-pages."""

from dataclasses import dataclass
from inspect import getdoc
from typing import Any

import gradio as gr

from resnet_demo.chapters.parameters.counting import BlockCount, count_block
from resnet_demo.chapters.parameters.exports import plain
from resnet_demo.chapters.parameters.notation import read
from resnet_demo.chapters.parameters.pages import blocks as parameters_blocks
from resnet_demo.chapters.parameters.pages import blocks_answers, link
from resnet_demo.chapters.parameters.pages import depth as parameters_depth
from resnet_demo.chapters.parameters.pages import heads as parameters_heads
from resnet_demo.chapters.parameters.pages import timeline as parameters_networks
from resnet_demo.kit.page import QUIETLY, Page, Problem, answer, attempt

KEY = "parameters"
PAGES = {
    "heads": parameters_heads,
    "networks": parameters_networks,
    "depth": parameters_depth,
}
EXAMPLE = ["vgg", "basic", "bottleneck"]
SAFE = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly (RFC 8259, section 6)."""


@dataclass(frozen=True)
class Parts:
    tabs: gr.Tabs
    blocks: parameters_blocks.Parts
    pages: dict[str, tuple[gr.Tab, Any]]
    scripted: list[Any]
    numbers: gr.JSON


def build(page: Page) -> Parts:
    with gr.Tabs(elem_id="parameters-pages") as tabs:
        with _page(page, "blocks"):
            blocks = parameters_blocks.build(page)
        pages = {}
        for name, module in PAGES.items():
            with _page(page, name) as opened:
                pages[name] = (opened, module.build(page))
    scripted = [
        gr.Number(256, visible=False, label="channels"),
        gr.Number(64, visible=False, label="width"),
        gr.Number(3, visible=False, label="kernel"),
        gr.Number(56, visible=False, label="size"),
        gr.JSON(EXAMPLE, visible=False, label="kinds"),
        page.language,
    ]
    return Parts(tabs, blocks, pages, scripted, gr.JSON(visible=False, label="counts"))


def _page(page: Page, name: str) -> gr.Tab:
    return page.word(gr.Tab(id=name, elem_id=f"parameters-page-{name}"), label=f"parameters.page.{name}")


def wire(page: Page, parts: Parts) -> None:
    parameters_blocks.wire(page, parts.blocks)
    for name, (opened, laid_out) in parts.pages.items():
        PAGES[name].wire(page, laid_out, opened.select)
    further = [part for _, laid_out in parts.pages.values() for part in (laid_out.link.trouble, *laid_out.controls)]
    page.load(linked, None, [parts.tabs, *parts.blocks.linked, *further], **QUIETLY)
    gr.on(
        [],
        endpoint,
        parts.scripted,
        parts.numbers,
        api_name="count_parameters",
        api_description=getdoc(endpoint),
    )


def linked(request: gr.Request) -> list[Any]:
    """The page that the address asks for, and the numbers of each one."""
    query = request.query_params
    asked = attempt(link.choice, query, "show", ("blocks", *PAGES), "blocks")
    if isinstance(asked, Problem):  # said on the first page
        return [gr.skip(), asked, *blocks_answers.opened({})[1:], *_further({})]
    selected = gr.Tabs(selected=asked) if "show" in query else gr.skip()
    return [selected, *blocks_answers.opened(query), *_further(query)]


def _further(query: link.Query) -> list[Any]:
    return [value for name, module in PAGES.items() for value in link.opened(module.read, name, query)]


def endpoint(
    channels: int, width: int | None, kernel: int, size: int, kinds: list[str], language: str
) -> list[dict[str, Any]]:
    """Parameters, multiply-adds (MACs), activations and receptive field of kinds of block, term by term.

    channels, width, kernel: for every kind that has them and says nothing else; width: null for each kind's own.
    size: side of the map in pixels. kinds: of "vgg", "basic", "bottleneck", "resnext", "wide", "depthwise" and "dense",
    each alone or with settings of its own: "resnext,width:128,groups:32,stride:2,bias:no,norm:yes,shortcut:B". The
    others are channels_in, channels_out, depth, growth, widen. language: "en" or "zh", for error messages.
    saved_percent holds each against the first. Counts beyond 2^53 - 1 come as strings of all their digits.
    """
    counts = answer(language, attempt(counted, channels, width, kernel, size, kinds))
    return [exact(plain(c, counts[0])) for c in counts]


def counted(channels: int, width: int | None, kernel: int, size: int, kinds: list[str]) -> list[BlockCount]:
    """The kinds in their order. Raises CountError."""
    return [count_block(read(kind, channels_in=channels, width=width, kernel=kernel), size) for kind in kinds]


def exact(found: Any) -> Any:
    """The same values, each whole number that a reader of JSON might round as its digits."""
    if isinstance(found, dict):
        return {name: exact(value) for name, value in found.items()}
    if isinstance(found, list):
        return [exact(value) for value in found]
    return str(found) if isinstance(found, int) and found > SAFE else found
