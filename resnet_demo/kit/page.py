"""What a page declares: its question, its controls as data, what it computes and what it draws.

`layout.py` lays it out and wires it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isgeneratorfunction
from typing import Any

import gradio as gr
from gradio.components import Component

from resnet_demo.kit.controls import Choice, Choices, Number, Slider
from resnet_demo.kit.listeners import AT_ONCE
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import LANE as MEASUREMENT

Label = str | tuple[str, Mapping[str, Any]]
"""A key of the catalogue, with the values put in where there are any."""
Choosable = Callable[[Site], list[tuple[str, Any]]]


@dataclass(frozen=True)
class Control:
    """One control. Its `name` is the parameter of `compute` that it sets, and its setting in the address.

    Attributes:
        kind: of Gradio's component.
        value: at first; for a value that depends on the site, a function of it.
        label, info: keys of the catalogue; `label` is `<chapter>.<page>.<name>` unless given.
        choices: what can be chosen, in the language of a site; None for a control without choices.
        folded: whether it stands with the further controls, which a visitor unfolds.
        follows: "residual", "plain" or "both" for a control that follows the pair in the header.
        offers_networks: whether the choices are offered again after a network was fetched.
        options: what else the component takes.
    """

    name: str
    kind: type[Component]
    value: Any
    label: Label | None = None
    info: str = ""
    choices: Choosable | None = None
    folded: bool = False
    follows: str = ""
    offers_networks: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def slider(name: str, low: float, high: float, value: float, step: float = 1, **more: Any) -> Control:
    return Control(name, Slider, value, options={"minimum": low, "maximum": high, "step": step}, **more)


def number(name: str, value: float | None, **more: Any) -> Control:
    return Control(name, Number, value, **more)


def radio(name: str, choices: Choosable, value: Any, **more: Any) -> Control:
    return Control(name, gr.Radio, value, choices=choices, **more)


def dropdown(name: str, choices: Choosable, value: Any, varies: bool = False, **more: Any) -> Control:
    """`varies`: its choices change while the page is open; then `compute` checks the value."""
    kind = Choice if varies or more.get("offers_networks") else gr.Dropdown
    return Control(name, kind, value, choices=choices, **more)


def checkbox(name: str, value: bool = False, **more: Any) -> Control:
    return Control(name, gr.Checkbox, value, **more)


def checkboxes(name: str, choices: Choosable, value: Any, **more: Any) -> Control:
    """As `dropdown`, for any number of values."""
    kind = Choices if more.get("offers_networks") else gr.CheckboxGroup
    return Control(name, kind, value, choices=choices, **more)


@dataclass(frozen=True)
class Preset:
    """A button that sets controls by their names. Its `label` is a key of the catalogue, or a proper name as it is."""

    name: str
    label: Label
    values: Mapping[str, Any]
    is_proper_name: bool = False


@dataclass(frozen=True)
class Output:
    """A place that `draw` fills: HTML, or a Plotly chart, which then needs the key of its label.

    Of the kind `gr.State` it is not seen: it keeps what the visitor's results leave for the next, which `compute` and
    `work` take by its name.
    """

    name: str
    kind: type[Component] = gr.HTML
    label: Label = ""
    folded: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def chart(name: str, label: Label, **more: Any) -> Output:
    return Output(name, gr.Plot, label, **more)


@dataclass(frozen=True)
class Run:
    """Long work that a button starts: its progress is shown, and another button stops it.

    Attributes:
        work: `work(**values)`, as `compute`, but a generator: of each Step, how far it is, and of results for `draw`.
        label: key of the start button's text.
        lane: in which it waits for its turn.
    """

    work: Callable[..., Iterator[Any]]
    label: str
    lane: Mapping[str, Any] = field(default_factory=lambda: MEASUREMENT)


@dataclass(frozen=True)
class Page:
    """A page of a chapter. Its texts are `<chapter>.<name>.question`, `.look` and `.title` (of its tab).

    The only page of a chapter has no tab and no name: its texts and elem_ids are the chapter's own.

    Attributes:
        compute: `compute(**values)` with the value of each control by its name, and of each of `uses`: "photo" (a
            file's path), "pair" (the key of a residual network, whose twin is the other), "networks", the controls
            that the chapter's pages share, and each output of the kind gr.State. Raises DemoError. A long measurement
            is a generator, as `Run.work`: a button stops it, and so does a changed control.
        draw: `draw(result, language)`: a value for each output.
        controls, outputs, presets: as data; the first output is the answer, which also shows what went wrong.
        lane: how its listener runs; for one that runs a network see `listeners.MEASURED`.
        run: what a button starts beside.
        code: the functions that compute its numbers, to unfold below it.
        note: the key of what stands folded below the page: sources, how it was measured.
        for_experts: whether it is marked as such; these pages are a chapter's last.
        wire: what these lines cannot say.
    """

    name: str
    compute: Callable[..., Any]
    draw: Callable[[Any, str], Sequence[Any]]
    controls: tuple[Control, ...]
    outputs: tuple[Output, ...]
    presets: tuple[Preset, ...] = ()
    uses: tuple[str, ...] = ()
    lane: Mapping[str, Any] = field(default_factory=lambda: AT_ONCE)
    run: Run | None = None
    code: tuple[Callable[..., Any], ...] = ()
    note: str = ""
    for_experts: bool = False
    wire: "Callable[[Built], None] | None" = None

    @property
    def measures(self) -> bool:
        """Whether it computes step by step."""
        return isgeneratorfunction(self.compute)

    @property
    def names(self) -> list[str]:
        """The values that `compute` takes from components, in their order."""
        used = [name for name in self.uses if name != "networks"]
        states = [one.name for one in self.outputs if one.kind is gr.State]
        return [*used, *states, *(one.name for one in self.controls)]


@dataclass(frozen=True)
class Built:
    """A page as it stands on a site, for what its `wire` adds. `shared` are the controls of the whole chapter."""

    site: Site
    chapter: str
    page: Page
    shared: Mapping[str, Component]
    controls: Mapping[str, Component]
    outputs: Mapping[str, Component]
    opened: Any

    @property
    def inputs(self) -> list[Component]:
        """The values of `compute`, in the order of the page's `names`."""
        states = {name: one for name, one in self.outputs.items() if isinstance(one, gr.State)}
        given = {"photo": self.site.photo.photo, "pair": self.site.pair, **self.shared, **states, **self.controls}
        return [given[name] for name in self.page.names]


@dataclass(frozen=True)
class Endpoint:
    """What a chapter offers to scripts as `/name`: defined once for all languages, documented by its docstring.

    `inputs` makes or names a component for each parameter of `function`, but for `networks`, where it comes first.
    """

    name: str
    function: Callable[..., Any]
    inputs: Callable[[Site], list[Component]]
    takes_networks: bool = False
    lane: Mapping[str, Any] = field(default_factory=dict)
