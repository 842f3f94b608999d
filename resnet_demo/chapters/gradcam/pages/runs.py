"""A long measurement on the page: a button that starts it, its progress, and a button that stops it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from time import perf_counter
from typing import Any

import gradio as gr

from resnet_demo.kit.listeners import QUIETLY, bound
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Result, Step
from resnet_demo.kit.text import LANGUAGES, t

# Nothing is running: no progress, and only the start button.
AT_REST = """() => ["", { __type__: "update", interactive: true }, { __type__: "update", visible: false }]"""
Measure = Callable[..., Iterator[Step | Result[Any]]]


@dataclass(frozen=True)
class Run:
    """The controls of a measurement."""

    start: gr.Button
    stop: gr.Button
    progress: gr.HTML


def build_run(page: Site, name: str, wording: str) -> Run:
    """Lays out the controls; `wording` is the key of the start button's text."""
    with gr.Row(elem_classes="cam-run"):
        start = gr.Button(variant="primary", size="sm", min_width=160, scale=0, elem_id=f"cam-{name}-start")
        stop = gr.Button(variant="stop", size="sm", min_width=100, scale=0, visible=False, elem_id=f"cam-{name}-stop")
        progress = gr.HTML(elem_id=f"cam-{name}-progress")
    return Run(page.word(start, value=wording), page.word(stop, value="gradcam.stop"), progress)


def wire_run(page: Site, run: Run, measure: Measure, inputs: list[Any], found: gr.State, changes: list[Any]) -> Any:
    """Runs `measure(networks, *inputs)` into `found`; the stop button and any of the events `changes` end it."""
    controls = [run.progress, run.start, run.stop]
    # In the browser, and first: the page takes the listeners in turn, and the server's first word comes only when it is
    # this run's turn.
    run.start.click(None, None, controls, js=waiting(), trigger_mode="multiple")
    started = run.start.click(
        bound(running, measure, page.networks),
        inputs,
        [found, *controls],
        concurrency_id="network_slow",  # a queue of its own: others' quick maps do not wait for it
        concurrency_limit=1,
        **QUIETLY,
    )
    ends = [run.stop.click, *changes]
    gr.on(ends, None, None, None, cancels=[started])
    # In the browser, so that it cannot come after the next start.
    gr.on(ends, None, None, controls, js=AT_REST)
    for ended in (started.then, started.failure):
        ended(None, None, controls, js=AT_REST)
    return started


def waiting() -> str:
    """A run that waits for its turn: the page says so at once, and the stop button calls it off."""
    words = {language: t(language, "gradcam.progress.waiting") for language in LANGUAGES}
    updates = '{ __type__: "update", interactive: false }, { __type__: "update", visible: true }'
    return f"() => [{json.dumps(_bar(0.0, words))}, {updates}]"


def running(measure: Measure, networks: Networks, *inputs: Any) -> Iterator[tuple[Any, ...]]:
    """(result, progress, start button, stop button), step by step."""
    began = perf_counter()
    yield gr.skip(), bar(Step(0, 1), 0.0), gr.Button(interactive=False), gr.Button(visible=True)
    for told in measure(networks, *inputs):
        if isinstance(told, Result):
            yield told.value, gr.skip(), gr.skip(), gr.skip()
        else:
            yield gr.skip(), bar(told, perf_counter() - began), gr.skip(), gr.skip()


def bar(step: Step, seconds: float) -> str:
    """How far a measurement is, and how long it will take at its pace so far.

    In every language: the stylesheet shows the page's own. A drawing of its own in another language would be an event
    beside the run's, and could come after its end.
    """
    words = {language: _words(language, step, seconds) for language in LANGUAGES}
    return _bar(step.done / step.total, words)


def _bar(share: float, words: dict[str, str]) -> str:
    """The words in each language are a progress bar of their own: of what the stylesheet hides nobody is told."""
    bars = "".join(
        f'<span lang="{language}" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{100 * share:.0f}" aria-label="{escape(t(language, "gradcam.progress.name"))}" '
        f'aria-valuetext="{escape(said)}">{escape(said)}</span>'
        for language, said in words.items()
    )
    return f'<div class="cam-progress"><i style="width: {100 * share:.1f}%"></i>{bars}</div>'


def _words(language: str, step: Step, seconds: float) -> str:
    if not step.done:
        return t(language, "gradcam.progress.begun")
    left = seconds * (step.total / step.done - 1)
    percent = f"{100 * step.done / step.total:.0f}%"
    return t(language, "gradcam.progress", percent=percent, seconds=f"{left:.0f}")
