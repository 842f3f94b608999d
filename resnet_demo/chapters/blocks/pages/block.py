"""Inside a block: its maps for the visitor's photograph, and one pixel of them followed by hand."""

from typing import Any

import gradio as gr

from resnet_demo.chapters.blocks.activations import open_block
from resnet_demo.chapters.blocks.follow_pixel import follow
from resnet_demo.chapters.blocks.pages import inside_maps, inside_steps
from resnet_demo.chapters.blocks.pages.inside_measured import Opened, block_names, channels_of, follow_for, open_for
from resnet_demo.checks import whole
from resnet_demo.kit.assets import asset
from resnet_demo.kit.display_names import title
from resnet_demo.kit.html import summary
from resnet_demo.kit.listeners import NETWORK, QUIETLY, bound
from resnet_demo.kit.messages import attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Built, Output, Page, dropdown, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

FIRST_BLOCK = "layer2.0"
MOST = 8


def compute(photo: str | None, networks: Networks, network: str, block: str, channels: list[int]) -> Opened:
    """Raises PictureError, CheckpointError, and ArchitectureError for an unknown block."""
    return open_for(networks, photo, network, block, channels)


def draw(opened: Opened, language: str) -> tuple[str, dict[str, Any], Any]:
    """Which path contributes more, and the maps; these then ask for the walk to the pixel that they mark."""
    return summary(_answer(language, opened)), inside_maps.render(opened, language), gr.skip()


def _answer(language: str, opened: Opened) -> str:
    residual, shortcut = opened.strengths
    key = "plain" if shortcut is None else "residual" if residual > shortcut else "shortcut"
    return t(
        language,
        f"blocks.block.answer.{key}",
        network=title(opened.network),
        block=opened.block,
        residual=f"{residual:.3g}",
        shortcut=f"{shortcut or 0:.3g}",
    )


def wire(built: Built) -> None:
    """Blocks and channels are those of the network; a pixel of the maps is followed by hand."""
    networks, language = built.site.networks, built.site.initial
    network, block, channels = built.controls.values()
    every: dict[str, Any] = {"trigger_mode": "multiple", **QUIETLY}
    built.opened(bound(adopt, networks), [network, block, channels], [block, channels], **every)
    block.change(bound(numbers, networks), [network, block, channels], channels, **every)  # type: ignore[attr-defined]

    # A function, since Gradio does not hand an event to a partial.
    def pointed(photo: str | None, key: str, name: str, event: gr.EventData) -> Any:
        return followed(networks, language, photo, key, name, event)

    inputs = [built.site.photo.photo, network, block]
    built.outputs["maps"].select(pointed, inputs, built.outputs["walk"], **every, **NETWORK)  # type: ignore[attr-defined]


def adopt(networks: Networks, key: str, block: str, chosen: list[int]) -> tuple[Any, Any]:
    """The blocks of another network, and the channels of the one that is open there."""
    there = block_names(networks, key)
    if block in there:
        return gr.update(choices=there), numbers(networks, key, block, chosen)
    return gr.update(choices=there, value=there[0]), numbers(networks, key, there[0], chosen)


def numbers(networks: Networks, key: str, block: str, chosen: list[int]) -> Any:
    """The channels of a block to choose from; those that it does not have are no longer chosen."""
    if block not in block_names(networks, key):  # it is about to be replaced
        return gr.skip()
    there = range(channels_of(networks, key, block))
    choices = [(str(number), number) for number in there]
    if all(channel in there for channel in chosen):
        return gr.update(choices=choices)
    return gr.update(choices=choices, value=[channel for channel in chosen if channel in there])


def followed(
    networks: Networks, language: str, photo: str | None, key: str, block: str, event: gr.EventData
) -> str | dict[str, Any]:
    """The walk to the pixel that the maps mark, unless they are about to be replaced by another block's."""
    if getattr(event, "block", None) != f"{key} {block}":
        return gr.skip()
    index = whole("index", getattr(event, "index", None), 0, 10**9)
    return inside_steps.render(attempt(follow_for, networks, photo, key, block, index), language)


def block_choices(site: Site) -> list[tuple[str, str]]:
    return [(name, name) for name in block_names(site.networks, site.networks.keys[0])]


def channel_choices(site: Site) -> list[tuple[str, int]]:
    return [(str(number), number) for number in range(channels_of(site.networks, site.networks.keys[0], FIRST_BLOCK))]


PAGE = Page(
    "block",
    compute,
    draw,
    controls=(
        dropdown(
            "network",
            lambda site: site.networks.choices,
            lambda site: site.networks.keys[0],
            label="blocks.trained",
            follows="residual",
            offers_networks=True,
        ),
        radio(
            "block",
            block_choices,
            FIRST_BLOCK,
            label="blocks.open",
        ),
        dropdown(
            "channels",
            channel_choices,
            [],
            varies=True,
            label="blocks.channels",
            info="blocks.channels_info",
            folded=True,
            options={"multiselect": True, "max_choices": MOST},
        ),
    ),
    outputs=(
        Output("answer"),
        Output(
            "maps",
            options={
                "html_template": '<div class="maps"></div>',
                "js_on_load": asset("chapters/blocks/pages/inside_maps.js"),
            },
        ),
        Output("walk"),
    ),
    uses=("photo", "networks"),
    lane={**QUIETLY, **NETWORK},
    code=(open_block, follow),
    wire=wire,
)
