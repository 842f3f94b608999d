"""Lays out the pages that `page.py` declares, words them, and wires them."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from resnet_demo.kit.address import remember
from resnet_demo.kit.listeners import bound
from resnet_demo.kit.long_runs import build_run, wire_measurement, wire_run
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.page import Built, Control, Endpoint, Label, Output, Page, Preset
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.text import t


def build_page(site: Site, chapter: str, page: Page, shared: Mapping[str, Component]) -> None:
    """Lays out a page: question, answer, controls, pictures; below them, folded, what only some want to see."""
    place = joined("-", chapter, page.name)
    gr.HTML(opening(site.initial, chapter, page.name, page.for_experts), elem_id=f"{place}-opening")
    first, *others = page.outputs
    with gr.Column(elem_classes="page-answer"):
        outputs = {first.name: _output(site, place, first)}
    buttons = []
    if page.presets:
        with gr.Row(elem_classes="page-presets"):
            buttons = [_preset(site, place, one) for one in page.presets]
    controls = build_controls(site, chapter, page.name, [one for one in page.controls if not one.folded])
    run = build_run(site, place, page.run.label if page.run else "") if page.run or page.measures else None
    outputs |= {one.name: _output(site, place, one) for one in others if not one.folded}
    folded = [*(one.folded for one in page.controls), *(one.folded for one in page.outputs)]
    if page.note or any(folded):
        with gr.Accordion(t(site.initial, "page.more"), open=False, elem_id=f"{place}-more"):
            controls |= build_controls(site, chapter, page.name, [one for one in page.controls if one.folded])
            outputs |= {one.name: _output(site, place, one) for one in others if one.folded}
            if page.note:
                gr.HTML(f'<p class="hint">{escape(t(site.initial, page.note))}</p>')
    opened = site.wake(place)
    in_order = {one.name: controls[one.name] for one in page.controls}
    outputs = {one.name: outputs[one.name] for one in page.outputs}
    built = Built(site, chapter, page, shared, in_order, outputs, opened)
    for button, one in zip(buttons, page.presets, strict=True):
        set_controls = [controls[name] for name in one.values]
        button.click(None, None, set_controls, js=f"() => {json.dumps([*one.values.values()])}")
    # What follows the pair also changes on closed pages, which compute when they are opened.
    follow = [in_order[one.name].change for one in page.controls if one.follows]  # type: ignore[attr-defined]
    changes = [in_order[one.name].change for one in page.controls if not one.follows]  # type: ignore[attr-defined]
    if follow:
        gr.on(follow, None, None, None, js=f'() => window.resnet.changed("{place}")')
    if page.run and run:
        work = bound(steps, page.run.work, page, chapter, site)
        # Another photo, pair or shared control opens the page once more. One event: Gradio cannot cancel a run twice.
        wire_run(site, run, work, built.inputs, [*outputs.values()], [opened, *changes], page.run.lane)
    lane = {"api_visibility": "private", **page.lane}
    if lane.get("show_progress") == "minimal":
        lane["show_progress_on"] = next(iter(outputs.values()))
    if page.measures and run:
        measure = bound(steps, page.compute, page, chapter, site)
        wire_measurement(site, run, measure, built.inputs, [*outputs.values()], [opened, *changes], lane)
    else:
        show = bound(shown, page, chapter, site)
        gr.on([opened, *changes], show, built.inputs, [*outputs.values()], trigger_mode="always_last", **lane)
    remember(site, chapter, page.name or None, page.controls, in_order)
    if page.wire:
        page.wire(built)


def build_controls(site: Site, chapter: str, page: str, controls: Sequence[Control]) -> dict[str, Component]:
    """Lays out controls in a row. `page` is "" for those that the chapter's pages share."""
    if not controls:
        return {}
    with gr.Row(elem_classes="page-controls"):
        return {one.name: _control(site, chapter, page, one) for one in controls}


def build_shared(site: Site, chapter: str, controls: Sequence[Control]) -> dict[str, Component]:
    """The controls of a whole chapter: when one changes, each of its pages computes when it is seen."""
    with gr.Row(elem_classes="chapter-controls"):
        built = {one.name: _control(site, chapter, "", one) for one in controls if not one.folded}
        with gr.Accordion(t(site.initial, "page.further"), open=False, elem_id=f"{chapter}-shared-more"):
            built |= {one.name: _control(site, chapter, "", one) for one in controls if one.folded}
    built = {one.name: built[one.name] for one in controls}
    changes = [one.change for one in built.values()]  # type: ignore[attr-defined]
    gr.on(changes, None, None, None, js=f'() => window.resnet.changed("{chapter}")')
    remember(site, chapter, None, controls, built)
    return built


def shown(page: Page, chapter: str, site: Site, *values: Any) -> Any:
    """The outputs for these values, or what went wrong in the first of them."""
    return drawn(page, chapter, site, attempt(page.compute, **named(page, site, values)))


def steps(work: Any, page: Page, chapter: str, site: Site, *values: Any) -> Any:
    """The steps of a long run, and in place of its results the outputs."""
    results, others = work(**named(page, site, values)), None if work is page.compute else gr.skip()
    while (result := attempt(next, results, None)) is not None:
        yield result if isinstance(result, Step) else _as_tuple(drawn(page, chapter, site, result, others))


def named(page: Page, site: Site, values: Sequence[Any]) -> dict[str, Any]:
    """The values by name, as `compute` takes them."""
    networks = {"networks": site.networks} if "networks" in page.uses else {}
    return {**networks, **dict(zip(page.names, values, strict=True))}


def drawn(page: Page, chapter: str, site: Site, result: Any, others: Any = None) -> Any:
    """The outputs for a result; for a problem the first says what went wrong, the `others` become that value."""
    if isinstance(result, Problem):
        said = notice(site.initial, _labelled(site, chapter, page, result))
        made: Sequence[Any] = [said, *(gr.skip() if one.kind is gr.State else others for one in page.outputs[1:])]
    else:
        made = page.draw(result, site.initial)
    return made[0] if len(page.outputs) == 1 else tuple(made)


def _as_tuple(made: Any) -> tuple[Any, ...]:
    return made if isinstance(made, tuple) else (made,)


def _labelled(site: Site, chapter: str, page: Page, problem: Problem) -> Problem:
    """The problem with a control's own label in place of its name."""
    for control in page.controls:
        if control.name == problem.values.get("name"):
            label = _text(site, _label(chapter, page.name, control))
            return Problem(problem.key, {**problem.values, "name": label})
    return problem


def opening(language: str, chapter: str, name: str, for_experts: bool = False) -> str:
    """How a page opens: its question, and one line of what to do."""
    keys = (f"{chapter}.{name}.{part}".replace("..", ".") for part in ("question", "look"))
    question, look = (escape(t(language, key)) for key in keys)
    mark = f'<p class="for-experts">{escape(t(language, "page.for_experts"))}</p>' if for_experts else ""
    return f'<div class="intro">{mark}<h2>{question}</h2><p>{look}</p></div>'


def title(language: str, chapter: str, page: Page) -> str:
    """What a page's tab says."""
    name = t(language, f"{chapter}.{page.name}.title")
    return f"{name} ◆" if page.for_experts else name


def _label(chapter: str, page: str, control: Control) -> Label:
    return control.label or joined(".", chapter, page, control.name)


def joined(mark: str, *names: str) -> str:
    """Names, of which the page's may be empty, as an elem_id or a key of the catalogue."""
    return mark.join(filter(None, names))


def _control(site: Site, chapter: str, page: str, control: Control) -> Component:
    name = joined("-", chapter, page, control.name)
    more: dict[str, Any] = {"elem_id": name, "min_width": 160, **control.options}
    if control.choices is not None:
        more["choices"] = control.choices(site)
    if control.info:
        more["info"] = t(site.initial, control.info)
    value = control.value(site) if callable(control.value) else control.value
    made = control.kind(value=value, label=_text(site, _label(chapter, page, control)), **more)
    if control.follows:
        site.followers.append((made, control.follows, control.name))
    if control.offers_networks and control.choices:
        site.offers.append((made, control.choices))
    return made


def _preset(site: Site, place: str, preset: Preset) -> gr.Button:
    label = str(preset.label) if preset.is_proper_name else _text(site, preset.label)
    return gr.Button(label, size="sm", min_width=0, elem_id=f"{place}-preset-{preset.name}")


def _text(site: Site, label: Label) -> str:
    key, values = label if isinstance(label, tuple) else (label, {})
    return t(site.initial, key, **values)


def _output(site: Site, place: str, output: Output) -> Component:
    if output.kind is gr.State:
        return gr.State(**output.options)
    more: dict[str, Any] = {"elem_id": f"{place}-{output.name}", **output.options}
    if output.label:
        more["label"] = _text(site, output.label)
    return output.kind(**more)


def build_endpoint(site: Site, endpoint: Endpoint) -> None:
    """Defines the endpoint, on the site that has them."""
    if site.has_endpoints:
        function = bound(endpoint.function, site.networks) if endpoint.takes_networks else endpoint.function
        site.endpoint(function, endpoint.inputs(site), gr.JSON(visible=False), endpoint.name, **endpoint.lane)
