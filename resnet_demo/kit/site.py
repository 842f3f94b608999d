"""The app in one language: what its chapters share while they are built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import getdoc
from typing import Any, TypeVar

import gradio as gr
from gradio.blocks import Block

from resnet_demo.kit.assets import asset
from resnet_demo.kit.image_input import PhotoInput
from resnet_demo.kit.listeners import AT_ONCE, NETWORK, bound
from resnet_demo.kit.offered_networks import Networks, Offer
from resnet_demo.kit.text import t

T = TypeVar("T")
Wording = str | Callable[[str], Any]


@dataclass
class Site:
    """The app in one language, while it is built. The other language is another site, at an address of its own.

    Attributes:
        networks: those that the app offers.
        initial: the language of every text on the site.
        language: the same as a hidden control, for listeners and endpoints.
        photo: the one photograph of the whole app.
        pair: the two networks that are compared: a residual one and its twin, as one value.
        ready: the event that a chapter, once opened, has to compute: see `kit/static/wake.js`.
        load, unload: the site's own events.
        chosen: the networks that are chosen at first, one or two by key.
        tabs: the chapters.
        has_endpoints: whether the endpoints are defined here: they are defined once, for both languages.
        keys: of all chapters: what `opens` can open.
        finishing: what is wired once all chapters are laid out, since it touches controls of them all.
        followers: controls that follow the pair in the header, each with its part, "both", "residual" or "plain", and
            its name in the address.
        offers: controls that offer networks, with their choices: these are asked for again after a download.
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
    tabs: gr.Tabs
    has_endpoints: bool
    keys: tuple[str, ...]
    ready: Any = None
    followers: list[tuple[Block, str, str]] = field(default_factory=list)
    offers: list[tuple[Block, Callable[[], Any]]] = field(default_factory=list)
    settings: list[tuple[list[Any], Block]] = field(default_factory=list)
    finishing: list[Callable[[], None]] = field(default_factory=list)
    worded: list[tuple[Block, dict[str, Wording]]] = field(default_factory=list)

    def word(self, component: T, **properties: Wording) -> T:
        """Gives `component` its texts: property name to catalogue key, or to a function of the language."""
        assert isinstance(component, Block)
        self.worded.append((component, properties))
        for name, wording in properties.items():
            if isinstance(wording, Offer):
                self.offers.append((component, partial(wording, self.initial)))
            setattr(component, name, wording(self.initial) if callable(wording) else t(self.initial, wording))
        return component

    def wake(self, place: str) -> Any:
        """Lays out what watches whether this place is seen; returns the event that it has something to compute."""
        script = f'const PLACE = "{place}";\n{asset("kit/static/wake.js")}'
        return gr.HTML(js_on_load=script, elem_id=f"{place}-wake", elem_classes="wake").submit

    def opens(self, button: gr.Button, key: str) -> None:
        """A click on `button` opens the chapter `key`."""
        button.click(partial(gr.Tabs, selected=key), None, self.tabs, **AT_ONCE)

    def draws(self, events: Sequence[Any], render: Callable[..., Any], inputs: Sequence[Any], *outputs: Block) -> Any:
        """`render(*inputs)` into `outputs` when one of `events` comes; returns that event.

        Of events that come while one is drawn, the last is not lost. A control's event must have one such listener
        only: Gradio's page repeats it for all of them, and two would repeat each other for ever.
        """
        return gr.on(events, render, list(inputs), list(outputs), trigger_mode="always_last", **AT_ONCE)

    def measures(
        self, events: Sequence[Any], measure: Callable[..., Any], inputs: Sequence[Any], result: gr.State, busy: Block
    ) -> Any:
        """`measure(*inputs)` into `result`, one at a time with all that runs a network; `busy` shows that it runs.

        Returns the event of its end, for `shows`.
        """
        return gr.on(
            events,
            measure,
            list(inputs),
            result,
            api_visibility="private",
            show_progress="minimal",
            show_progress_on=busy,
            trigger_mode="always_last",
            **NETWORK,
        )

    def shows(
        self, computed: Sequence[Any], state: gr.State, render: Callable[[Any, str], Any], *outputs: Block
    ) -> None:
        """What one of `computed` left in `state` is shown by `render(value, language)`."""
        show = bound(shown, render, len(outputs))
        for one in computed:
            one.then(show, [state, self.language], list(outputs), trigger_mode="always_last", **AT_ONCE)

    def endpoint(
        self, function: Callable[..., Any], inputs: Sequence[Block] | None, result: Block, name: str, **lane: Any
    ) -> None:
        """`function` for scripts, as `/name`, documented by its docstring."""
        if self.has_endpoints:
            gr.on([], function, inputs, result, api_name=name, api_description=getdoc(unbound(function)), **lane)


def unbound(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function that `bound` was given."""
    return function.func if isinstance(function, partial) else function


def shown(render: Callable[[Any, str], Any], count: int, value: Any, language: str) -> Any:
    """Nothing before the first result: it is on its way, and must not be overwritten."""
    if value is None:
        return gr.skip() if count == 1 else tuple(gr.skip() for _ in range(count))
    return render(value, language)
