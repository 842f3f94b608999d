"""Inside a block: its maps for the visitor's photograph, and one pixel of them followed by hand."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.chapters.blocks.pages import inside_maps, inside_steps
from resnet_demo.chapters.blocks.pages.inside_measured import Opened, block_names, channels_of, follow_for, open_for
from resnet_demo.chapters.blocks.pixel_steps import Walk
from resnet_demo.checks import whole
from resnet_demo.kit.address import register
from resnet_demo.kit.assets import asset
from resnet_demo.kit.controls import Choice
from resnet_demo.kit.image_input import PhotoInput
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import NETWORK, QUIETLY, bound
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.offered_networks import Networks, Offer, trained_choices
from resnet_demo.kit.site import Site

FIRST_BLOCK = "layer2.0"
MOST = 8
Pixel = tuple[str, int]
"""The place of the opened block, and the pixel of its output that was pointed at."""


@dataclass(frozen=True)
class Parts:
    photo: PhotoInput
    network: gr.Dropdown
    block: gr.Radio
    channels: gr.Dropdown
    maps: gr.HTML
    walk: gr.HTML
    settled: gr.State
    opened: gr.State
    pixel: gr.State
    walked: gr.State


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    gr.HTML(opening(page.initial, "blocks", "block"))
    opened = page.wake("blocks-inside")
    parts = lay_out(page)
    register(page, "blocks", [parts.network, parts.block, parts.channels])
    wire(page, parts, opened)


def lay_out(page: Site) -> Parts:
    key = page.networks.keys[0]
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            photo = page.photo
        with gr.Column(scale=3, min_width=320):
            network = page.word(
                Choice(page.networks.choices, value=key, elem_id="blocks-trained"),
                label="blocks.trained",
                choices=Offer(page.networks, trained_choices),
            )
            block = page.word(
                gr.Radio(block_names(page.networks, key), value=FIRST_BLOCK, elem_id="blocks-block"),
                label="blocks.open",
                info="blocks.open_info",
            )
            channels = page.word(
                gr.Dropdown(
                    _numbers(page.networks, key, FIRST_BLOCK),
                    value=[],
                    multiselect=True,
                    max_choices=MOST,
                    elem_id="blocks-channels",
                ),
                label="blocks.channels",
                info="blocks.channels_info",
            )
            maps = gr.HTML(
                html_template='<div class="maps"></div>',
                js_on_load=asset("chapters/blocks/pages/inside_maps.js"),
                elem_id="blocks-maps",
            )
    walk = gr.HTML(elem_id="blocks-walk")
    return Parts(photo, network, block, channels, maps, walk, gr.State(0), gr.State(), gr.State(), gr.State())


def wire(page: Site, parts: Parts, shown: Any) -> None:
    """Another network or block is opened once its blocks and channels have settled."""
    chosen, settled = [parts.network, parts.block, parts.settled], [parts.channels, parts.settled]
    parts.network.select(
        bound(adopt, page.networks), chosen, [parts.block, *settled], trigger_mode="multiple", **QUIETLY
    )
    parts.block.select(bound(settle, page.networks), chosen, settled, trigger_mode="multiple", **QUIETLY)
    photo = parts.photo.photo
    # A click on the cross that clears the channels is no `input` to Gradio's page: they are heard of by `change`.
    opened = gr.on(
        [shown, parts.settled.change, parts.channels.change],
        bound(update, page.networks),
        [photo, parts.network, parts.block, parts.channels],
        parts.opened,
        trigger_mode="always_last",
        **QUIETLY,
        **NETWORK,
    )
    # Every pixel that is pointed at is taken in turn: the maps have already marked it.
    picked = parts.maps.select(point, None, parts.pixel, trigger_mode="multiple", **QUIETLY)
    walk, inputs = bound(follow, page.networks), [parts.pixel, parts.opened]
    walked = [
        one.then(walk, inputs, parts.walked, trigger_mode="always_last", **QUIETLY, **NETWORK)
        for one in (opened, picked)
    ]
    page.shows([opened], parts.opened, inside_maps.render, parts.maps)
    page.shows(walked, parts.walked, inside_steps.render, parts.walk)


def _numbers(networks: Networks, key: str, block: str) -> list[tuple[str, int]]:
    return [(str(number), number) for number in range(channels_of(networks, key, block))]


def numbers(networks: Networks, key: str, block: str) -> Any:
    """The channels of another block to choose from: none is chosen."""
    return gr.update(choices=_numbers(networks, key, block), value=[])


def settle(networks: Networks, key: str, block: str, settled: int) -> tuple[Any, int]:
    """The channels of another block; `settled` counts, so that it is opened with them."""
    return numbers(networks, key, block), settled + 1


def adopt(networks: Networks, key: str, block: str, settled: int) -> tuple[Any, Any, int]:
    """The blocks of another network, and its channels; `settled` counts, so that it is opened with them."""
    there = block_names(networks, key)
    chosen = block if block in there else there[0]
    return gr.update(choices=there, value=chosen), numbers(networks, key, chosen), settled + 1


def update(networks: Networks, path: str | None, key: str, block: str, channels: list[int]) -> Opened | Problem:
    """The maps of the block, in no language yet."""
    return attempt(open_for, networks, path, key, block, channels)


def point(event: gr.EventData) -> Pixel:
    """The pixel that was pointed at, and in which block: the maps may be older than the controls."""
    return str(getattr(event, "block", ""))[:100], whole("index", getattr(event, "index", None), 0, 10**9)


def follow(networks: Networks, pixel: Pixel | None, opened: Opened | Problem | None) -> Walk | Problem | None:
    """The walk to the pixel that is marked in the maps."""
    if opened is None or isinstance(opened, Problem):
        return opened
    return attempt(follow_for, networks, opened, followed(pixel, opened))


def followed(pixel: Pixel | None, opened: Opened) -> int:
    """The pixel that was pointed at in this block while its channel is drawn, else the brightest of the first channel.

    `show` in inside_maps.js marks by the same rule.
    """
    _, height, width = opened.shape
    if pixel and pixel[0] == opened.place and pixel[1] // (height * width) in opened.channels:
        return pixel[1]
    return opened.first
