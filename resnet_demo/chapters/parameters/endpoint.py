"""Counts for scripts: `/count_parameters`."""

from typing import Any

import gradio as gr
from gradio.components import Component

from resnet_demo.chapters.parameters.counting import BlockCount, count_block
from resnet_demo.chapters.parameters.exports import plain
from resnet_demo.chapters.parameters.notation import read
from resnet_demo.kit.controls import Names
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.page import Endpoint
from resnet_demo.kit.site import Site

EXAMPLE = ["vgg", "basic", "bottleneck"]
SAFE = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly (RFC 8259, section 6)."""


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


def inputs(site: Site) -> list[Component]:
    return [
        gr.Number(256, visible=False, label="channels"),
        gr.Number(64, visible=False, label="width"),
        gr.Number(3, visible=False, label="kernel"),
        gr.Number(56, visible=False, label="size"),
        Names(EXAMPLE, visible=False, label="kinds"),
        site.language,
    ]


ENDPOINT = Endpoint("count_parameters", endpoint, inputs)
