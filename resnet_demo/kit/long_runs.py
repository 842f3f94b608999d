"""Long work on the page: a button that starts it, its progress, and a button that stops it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from time import perf_counter
from typing import Any

import gradio as gr

from resnet_demo.kit.listeners import QUIETLY, bound
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.text import t

# Nothing is running: no progress, and only the start button.
AT_REST = """() => ["", { __type__: "update", interactive: true }, { __type__: "update", visible: false }]"""
Work = Callable[..., Iterator[Step | tuple[Any, ...]]]


@dataclass(frozen=True)
class RunParts:
    """The controls of a run."""

    start: gr.Button
    stop: gr.Button
    progress: gr.HTML


def build_run(site: Site, place: str, label: str) -> RunParts:
    """Lays out the controls; `label` is the key of the start button's text."""
    with gr.Row(elem_classes="page-run", elem_id=f"{place}-run"):
        words, stop = t(site.initial, label), t(site.initial, "run.stop")
        more: dict[str, Any] = {"size": "sm", "scale": 0}
        return RunParts(
            gr.Button(words, variant="primary", min_width=160, elem_id=f"{place}-start", **more),
            gr.Button(stop, variant="stop", min_width=100, visible=False, elem_id=f"{place}-stop", **more),
            gr.HTML(elem_id=f"{place}-progress"),
        )


def wire_run(
    site: Site,
    run: RunParts,
    work: Work,
    inputs: list[Any],
    outputs: list[Any],
    changes: list[Any],
    lane: Mapping[str, Any],
) -> None:
    """Runs `work(*inputs)` into `outputs`; the stop button and any of the events `changes` end it."""
    controls = [run.progress, run.start, run.stop]
    # In the browser, and first: the page takes the listeners in turn, and the server's first word comes only when it is
    # this run's turn.
    run.start.click(None, None, controls, js=waiting(site.initial), trigger_mode="multiple")
    started = run.start.click(
        bound(running, work, site.initial, len(outputs)), inputs, [*outputs, *controls], **lane, **QUIETLY
    )
    ends = [run.stop.click, *changes]
    gr.on(ends, None, None, None, cancels=[started])
    # In the browser, so that it cannot come after the next start.
    gr.on(ends, None, None, controls, js=AT_REST)
    for ended in (started.then, started.failure):
        ended(None, None, controls, js=AT_REST)


def waiting(language: str) -> str:
    """A run that waits for its turn: the page says so at once, and the stop button calls it off."""
    updates = '{ __type__: "update", interactive: false }, { __type__: "update", visible: true }'
    return f"() => [{json.dumps(_bar(language, 0.0, t(language, 'run.waiting')))}, {updates}]"


def running(work: Work, language: str, count: int, *inputs: Any) -> Iterator[tuple[Any, ...]]:
    """The outputs, `count` of them, progress, start button and stop button, step by step."""
    began, same = perf_counter(), [gr.skip()] * count
    yield *same, bar(language, Step(0, 1), 0.0), gr.Button(interactive=False), gr.Button(visible=True)
    for step in work(*inputs):
        if isinstance(step, Step):
            yield *same, bar(language, step, perf_counter() - began), gr.skip(), gr.skip()
        else:
            yield *step, gr.skip(), gr.skip(), gr.skip()


def bar(language: str, step: Step, seconds: float) -> str:
    """How far a run is, and how long it will take at its pace so far."""
    share = step.done / step.total
    if not step.done:
        return _bar(language, share, t(language, "run.begun"))
    left = seconds * (1 / share - 1)
    return _bar(language, share, t(language, "run.progress", percent=f"{100 * share:.0f}%", seconds=f"{left:.0f}"))


def _bar(language: str, share: float, words: str) -> str:
    return (
        f'<div class="run-progress"><i style="width: {100 * share:.1f}%"></i>'
        f'<span role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * share:.0f}" '
        f'aria-label="{escape(t(language, "run.name"))}" aria-valuetext="{escape(words)}">{escape(words)}</span></div>'
    )
