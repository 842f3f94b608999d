"""The app in one language: what its chapters share while they are built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import getdoc
from typing import Any

import gradio as gr
from gradio.blocks import Block

from resnet_demo.kit.assets import asset
from resnet_demo.kit.image_input import PhotoInput
from resnet_demo.kit.offered_networks import Networks


@dataclass
class Site:
    """The app in one language, while it is built. The other language is another site, at an address of its own.

    Attributes:
        networks: those that the app offers.
        initial: the language of every text on the site.
        language: the same as a hidden control, for listeners and endpoints.
        photo: the one photograph of the whole app.
        pair: the two networks that are compared: a residual one and its twin, as one value.
        load, unload: the site's own events.
        chosen: the networks that are chosen at first, one or two by key.
        has_endpoints: whether the endpoints are defined here: they are defined once, for both languages.
        finishing: what is wired once all chapters are laid out, since it touches controls of them all.
        followers: controls that follow the pair in the header, each with its part, "both", "residual" or "plain", and
            its name in the address.
        offers: controls that offer networks, with their choices: these are asked for again when a network has come.
        settings: every control that the address can set, with what it takes: see `read` in `kit/static/shell.js`.
    """

    networks: Networks
    initial: str
    language: gr.Radio
    photo: PhotoInput
    pair: gr.Dropdown
    chosen: tuple[str, ...]
    load: Any
    unload: Callable[[Callable[..., object]], None]
    has_endpoints: bool
    followers: list[tuple[Block, str, str]] = field(default_factory=list)
    offers: list[tuple[Block, Callable[["Site"], Any]]] = field(default_factory=list)
    settings: list[tuple[list[Any], Block]] = field(default_factory=list)
    finishing: list[Callable[[], None]] = field(default_factory=list)

    def wake(self, place: str) -> Any:
        """Lays out what watches whether this place is seen; returns the event that it has something to compute.

        See `kit/static/wake.js`.
        """
        script = f'const PLACE = "{place}";\n{asset("kit/static/wake.js")}'
        return gr.HTML(js_on_load=script, elem_id=f"{place}-wake", elem_classes="wake").submit

    def endpoint(
        self, function: Callable[..., Any], inputs: Sequence[Block] | None, result: Block, name: str, **lane: Any
    ) -> None:
        """`function` for scripts, as `/name`, documented by its docstring."""
        if self.has_endpoints:
            gr.on([], function, inputs, result, api_name=name, api_description=getdoc(unbound(function)), **lane)


def unbound(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function that `bound` was given."""
    return function.func if isinstance(function, partial) else function
