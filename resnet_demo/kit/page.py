"""What a page is: its question, its controls as data, what it computes and what it draws. The rest is done here."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from resnet_demo.kit.controls import Choice, Choices, Number, Slider
from resnet_demo.kit.listeners import AT_ONCE, bound
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

SETTABLE = (gr.Radio, gr.Dropdown, gr.CheckboxGroup, gr.Checkbox, gr.Slider, gr.Number)
Label = str | tuple[str, Mapping[str, Any]]
"""A key of the catalogue, with the values put in where there are any."""
Choosable = Callable[[Site], list[tuple[str, Any]]]


@dataclass(frozen=True)
class Control:
    """One control. Its `name` is the parameter of `compute` that it sets, and its setting in the address.

    Attributes:
        kind: of Gradio's component.
        value: at first.
        label, info: keys of the catalogue; `label` is `<chapter>.<page>.<name>` unless given.
        choices: what can be chosen, in the language of a site; None for a control without choices.
        folded: whether it stands with the further controls, which a visitor unfolds.
        options: what else the component takes.
    """

    name: str
    kind: type[Component]
    value: Any
    label: Label | None = None
    info: str = ""
    choices: Choosable | None = None
    folded: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def slider(name: str, low: float, high: float, value: float, step: float = 1, **more: Any) -> Control:
    return Control(name, Slider, value, options={"minimum": low, "maximum": high, "step": step}, **more)


def number(name: str, value: float | None, **more: Any) -> Control:
    return Control(name, Number, value, **more)


def radio(name: str, choices: Choosable, value: Any, **more: Any) -> Control:
    return Control(name, gr.Radio, value, choices=choices, **more)


def dropdown(name: str, choices: Choosable, value: Any, **more: Any) -> Control:
    return Control(name, Choice, value, choices=choices, **more)


def checkbox(name: str, value: bool = False, **more: Any) -> Control:
    return Control(name, gr.Checkbox, value, **more)


def checkboxes(name: str, choices: Choosable, value: Sequence[Any], **more: Any) -> Control:
    return Control(name, Choices, [*value], choices=choices, **more)


@dataclass(frozen=True)
class Preset:
    """A button that sets controls by their names. Its `label` is a key of the catalogue, or a proper name as it is."""

    name: str
    label: Label
    values: Mapping[str, Any]
    is_proper_name: bool = False


@dataclass(frozen=True)
class Output:
    """A place that `draw` fills: HTML, or a Plotly chart, which then needs the key of its label."""

    name: str
    kind: type[Component] = gr.HTML
    label: Label = ""
    folded: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def chart(name: str, label: Label, **more: Any) -> Output:
    return Output(name, gr.Plot, label, **more)


@dataclass(frozen=True)
class Page:
    """A page of a chapter. Its texts are `<chapter>.<name>.question`, `.look` and `.title` (of its tab).

    Attributes:
        compute: `compute(**values)` with the value of each control by its name, and of each of `uses`: "photo" (a
            file's path), "pair" (the key of a residual network, whose twin is the other), "networks". Raises DemoError.
        draw: `draw(result, language)`: a value for each output.
        controls, outputs, presets: as data; the first output also shows what went wrong.
        lane: how its listener runs; for one that runs a network see `listeners.NETWORK`.
        note: the key of what stands folded below the page: sources, how it was measured.
        wire: what these lines cannot say: presets, downloads, runs with progress.
    """

    name: str
    compute: Callable[..., Any]
    draw: Callable[[Any, str], Sequence[Any]]
    controls: tuple[Control, ...]
    outputs: tuple[Output, ...]
    presets: tuple[Preset, ...] = ()
    uses: tuple[str, ...] = ()
    lane: Mapping[str, Any] = field(default_factory=lambda: AT_ONCE)
    note: str = ""
    wire: "Callable[[Built], None] | None" = None


@dataclass(frozen=True)
class Built:
    """A page as it stands on a site, for what its `wire` adds."""

    site: Site
    chapter: str
    page: Page
    controls: dict[str, Component]
    outputs: dict[str, Component]
    opened: Any
    inputs: list[Component]


def build_page(site: Site, chapter: str, page: Page) -> Built:
    """Lays out a page: question, answer, controls, pictures; below them, folded, what only some want to see."""
    place = f"{chapter}-{page.name}"
    opened = site.wake(place)
    gr.HTML(opening(site.initial, chapter, page.name), elem_id=f"{place}-opening")
    first, *others = page.outputs
    outputs = {first.name: _output(site, place, first)}
    controls: dict[str, Component] = {}
    buttons = []
    if page.presets:
        with gr.Row(elem_classes="page-presets"):
            buttons = [_preset(site, place, one) for one in page.presets]
    with gr.Row(elem_classes="page-controls"):
        controls |= {one.name: _control(site, chapter, page, one) for one in page.controls if not one.folded}
    outputs |= {one.name: _output(site, place, one) for one in others if not one.folded}
    folded = [one.folded for one in page.controls] + [one.folded for one in page.outputs]
    if page.note or any(folded):
        with gr.Accordion(t(site.initial, "page.more"), open=False, elem_id=f"{place}-more"):
            with gr.Row(elem_classes="page-controls"):
                controls |= {one.name: _control(site, chapter, page, one) for one in page.controls if one.folded}
            outputs |= {one.name: _output(site, place, one) for one in others if one.folded}
            if page.note:
                gr.HTML(f'<p class="hint">{escape(t(site.initial, page.note))}</p>')
    copy = gr.Button(t(site.initial, "page.copy_link"), size="sm", elem_id=f"{place}-link", elem_classes="copy-link")
    copy.click(None, None, None, js=f'() => window.resnet.copy("#{place}-link")')
    built = Built(site, chapter, page, _in_order(controls, page.controls), outputs, opened, [])
    for button, one in zip(buttons, page.presets, strict=True):
        set_controls = [built.controls[name] for name in one.values]
        button.click(None, None, set_controls, js=f"() => {json.dumps([*one.values.values()])}")
    return wire_page(built)


def wire_page(built: Built) -> Built:
    """Computes when the page is first opened, when a control changes, and when the photo or the pair did."""
    site, page = built.site, built.page
    shared: dict[str, Component] = {"photo": site.photo.photo, "pair": site.pair}
    components = [*(shared[name] for name in page.uses if name in shared), *built.controls.values()]
    built.inputs.extend(components)
    listens = [built.opened, *(control.change for control in built.controls.values())]  # type: ignore[attr-defined]
    show = bound(shown, page, built.chapter, site)
    gr.on(listens, show, components, [*built.outputs.values()], trigger_mode="always_last", **page.lane)
    names, values = [one.name for one in page.controls], [one.value for one in page.controls]
    if names:
        words = f'"{built.chapter}", "{page.name}", {json.dumps(names)}, {json.dumps(values)}'
        changes = [control.change for control in built.controls.values()]  # type: ignore[attr-defined]
        write = f"(...values) => {{ window.resnet.settings({words}, values); }}"
        gr.on(changes, None, [*built.controls.values()], None, js=write)
    site.settings.extend(
        (setting(site, built.chapter, page.name, one), built.controls[one.name]) for one in page.controls
    )
    if page.wire:
        page.wire(built)
    return built


def setting(site: Site, chapter: str, name: str, control: Control) -> list[Any]:
    """What the address may say of a control: chapter, page and name, its kind of value, and the values it takes."""
    if control.choices is not None:
        kind = "several" if isinstance(control.value, list) else "one"
        return [chapter, name, control.name, kind, [value for _, value in control.choices(site)]]
    if isinstance(control.value, bool):
        return [chapter, name, control.name, "flag", None]
    return [chapter, name, control.name, "number" if isinstance(control.value, int | float) else "text", None]


def register(site: Site, chapter: str, components: Sequence[Block]) -> None:
    """Puts the controls of a chapter that lays itself out into the address, each under its elem_id."""
    controls = [one for one in components if isinstance(one, SETTABLE) and one.elem_id and one.visible is True]
    names, values = [one.elem_id for one in controls], [one.value for one in controls]
    for one in controls:
        choices = getattr(one, "choices", None)
        if choices is not None:
            kind = "several" if isinstance(one.value, list) else "one"
            known = [chapter, None, one.elem_id, kind, [value for _, value in choices]]
        else:
            known = [chapter, None, one.elem_id, "flag" if isinstance(one, gr.Checkbox) else "number", None]
        site.settings.append((known, one))
    words = f'"{chapter}", null, {json.dumps(names)}, {json.dumps(values)}'
    write = f"(...values) => {{ window.resnet.settings({words}, values); }}"
    gr.on([one.change for one in controls], None, controls, None, js=write)


def wire_address(site: Site) -> None:
    """Sets the controls of the page that the address names, when a visitor comes by a link."""
    known, controls = [one for one, _ in site.settings], [control for _, control in site.settings]
    note = json.dumps(t(site.initial, "page.address_ignored"), ensure_ascii=False)
    read = f"() => window.resnet.read({json.dumps(known)}, {note})"
    site.load(None, None, controls, js=read)


def shown(page: Page, chapter: str, site: Site, *values: Any) -> Any:
    """The outputs for these values, or what went wrong in the first of them."""
    given = [name for name in page.uses if name in ("photo", "pair")]
    named = dict(zip([*given, *(one.name for one in page.controls)], values, strict=True))
    if "networks" in page.uses:
        named["networks"] = site.networks
    result, others = attempt(page.compute, **named), len(page.outputs) - 1
    if isinstance(result, Problem):
        drawn: Sequence[Any] = [notice(site.initial, _labelled(site, chapter, page, result)), *[None] * others]
    else:
        drawn = page.draw(result, site.initial)
    return drawn[0] if len(page.outputs) == 1 else tuple(drawn)


def _labelled(site: Site, chapter: str, page: Page, problem: Problem) -> Problem:
    """The problem with a control's own label in place of its name."""
    for control in page.controls:
        if control.name == problem.values.get("name"):
            return Problem(problem.key, {**problem.values, "name": _text(site, _label(chapter, page, control))})
    return problem


def _label(chapter: str, page: Page, control: Control) -> Label:
    return control.label or f"{chapter}.{page.name}.{control.name}"


def opening(language: str, chapter: str, name: str) -> str:
    """How a page opens: its question, and one line of what to do."""
    question, look = (escape(t(language, f"{chapter}.{name}.{part}")) for part in ("question", "look"))
    return f'<div class="intro"><h2>{question}</h2><p>{look}</p></div>'


def _control(site: Site, chapter: str, page: Page, control: Control) -> Component:
    label = _label(chapter, page, control)
    more: dict[str, Any] = {"elem_id": f"{chapter}-{page.name}-{control.name}", "min_width": 160, **control.options}
    if control.choices is not None:
        more["choices"] = control.choices(site)
    if control.info:
        more["info"] = t(site.initial, control.info)
    return control.kind(value=control.value, label=_text(site, label), **more)


def _preset(site: Site, place: str, preset: Preset) -> gr.Button:
    label = str(preset.label) if preset.is_proper_name else _text(site, preset.label)
    return gr.Button(label, size="sm", min_width=0, elem_id=f"{place}-preset-{preset.name}")


def _text(site: Site, label: Label) -> str:
    key, values = label if isinstance(label, tuple) else (label, {})
    return t(site.initial, key, **values)


def _output(site: Site, place: str, output: Output) -> Component:
    more: dict[str, Any] = {"elem_id": f"{place}-{output.name}", **output.options}
    if output.label:
        more["label"] = _text(site, output.label)
    return output.kind(**more)


def _in_order(controls: dict[str, Component], declared: Sequence[Control]) -> dict[str, Component]:
    return {one.name: controls[one.name] for one in declared}


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


def build_endpoint(site: Site, endpoint: Endpoint) -> None:
    """Defines the endpoint, on the site that has them."""
    if site.has_endpoints:
        function = bound(endpoint.function, site.networks) if endpoint.takes_networks else endpoint.function
        site.endpoint(function, endpoint.inputs(site), gr.JSON(visible=False), endpoint.name, **endpoint.lane)
