"""Long work on the page, which a button or the page itself starts: its progress, and a button that stops it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from time import perf_counter
from typing import Any

import gradio as gr

from resnet_demo.kit.listeners import AT_ONCE, QUIETLY, bound
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.text import t

# Nothing is running: no progress, and only the start button.
AT_REST = """() => ["", { __type__: "update", interactive: true }, { __type__: "update", visible: false }]"""
Work = Callable[..., Iterator[Step | tuple[Any, ...]]]
QUICK = 0.2
"""Seconds: results that follow one another faster were kept from before, and only the last of them is drawn."""


@dataclass(frozen=True)
class RunParts:
    """The controls of a run."""

    start: gr.Button
    stop: gr.Button
    progress: gr.HTML


@dataclass
class Turn:
    """How often a visitor has asked for something."""

    number: int = 0


def build_run(site: Site, place: str, label: str) -> RunParts:
    """Lays out the controls; `label` is the key of the start button's text, "" for a run that the page starts."""
    with gr.Row(elem_classes="page-run", elem_id=f"{place}-run"):
        words, stop = t(site.initial, label) if label else "", t(site.initial, "run.stop")
        more: dict[str, Any] = {"size": "sm", "scale": 0}
        return RunParts(
            gr.Button(words, variant="primary", min_width=160, visible=bool(label), elem_id=f"{place}-start", **more),
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


def wire_measurement(
    site: Site,
    run: RunParts,
    work: Work,
    inputs: list[Any],
    outputs: list[Any],
    events: list[Any],
    lane: Mapping[str, Any],
) -> None:
    """Runs `work(*inputs)` into `outputs` when one of `events` comes; all but the first, and the button, end it.

    The work itself looks, because cancelling would not do: a page that is told to cancel an event and to begin it again
    in one breath loses the beginning.
    """
    turn, controls = gr.State(Turn()), [run.progress, run.start, run.stop]
    gr.on([*events[1:], run.stop.click], want, turn, None, trigger_mode="multiple", **AT_ONCE)
    wanted = bound(while_wanted, work)
    measure = bound(stepping, wanted, site.initial, len(outputs))
    measured = gr.on(events, measure, [turn, *inputs], [*outputs, *controls], trigger_mode="always_last", **lane)
    for ended in (run.stop.click, measured.then, measured.failure):
        ended(None, None, controls, js=AT_REST)


def want(turn: Turn) -> None:
    """Tells the work on its way that something else is asked for."""
    turn.number += 1


def while_wanted(work: Work, turn: Turn, *inputs: Any) -> Iterator[Step | tuple[Any, ...]]:
    """What `work(*inputs)` yields, a Step before each result or none, until something else is asked for."""
    mine, last = turn.number, perf_counter()
    unseen: list[Step | tuple[Any, ...]] = []
    for made in work(*inputs):
        if turn.number != mine:
            return
        unseen = [*unseen[-1:], made]
        if not isinstance(made, Step) and perf_counter() - last > QUICK:
            yield from unseen
            last, unseen = perf_counter(), []
    yield from unseen[-1:]


def waiting(language: str) -> str:
    """A run that waits for its turn: the page says so at once, and the stop button calls it off."""
    updates = '{ __type__: "update", interactive: false }, { __type__: "update", visible: true }'
    return f"() => [{json.dumps(_bar(language, 0.0, t(language, 'run.waiting')))}, {updates}]"


def running(work: Work, language: str, count: int, *inputs: Any) -> Iterator[tuple[Any, ...]]:
    """The outputs, `count` of them, progress, start button and stop button, step by step."""
    yield *[gr.skip()] * count, bar(language, Step(0, 1), None), gr.Button(interactive=False), gr.Button(visible=True)
    yield from stepping(work, language, count, *inputs)


def stepping(work: Work, language: str, count: int, *inputs: Any) -> Iterator[tuple[Any, ...]]:
    """The same without a word before the first step."""
    same, first = [gr.skip()] * count, None
    for step in work(*inputs):
        if isinstance(step, Step):
            now = (perf_counter(), step.done / step.total)
            first = first or now
            yield *same, bar(language, step, seconds_left(first, now)), gr.skip(), gr.Button(visible=True)
        else:
            yield *step, gr.skip(), gr.skip(), gr.skip()


def seconds_left(first: tuple[float, float], now: tuple[float, float]) -> float | None:
    """From two moments (seconds, share that is done), or None while there is only one.

    Not from the press of the button: some work takes long to begin.
    """
    (began, done_then), (time_now, done) = first, now
    return (time_now - began) / (done - done_then) * (1 - done) if done > done_then else None


def bar(language: str, step: Step, left: float | None) -> str:
    """How far a run is, and how long it will take at its pace so far."""
    share = step.done / step.total
    if left is None:
        return _bar(language, share, t(language, "run.begun"))
    return _bar(language, share, t(language, "run.progress", percent=f"{100 * share:.0f}%", seconds=f"{left:.0f}"))


def _bar(language: str, share: float, words: str) -> str:
    return (
        f'<div class="run-progress"><i style="width: {100 * share:.1f}%"></i>'
        f'<span role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * share:.0f}" '
        f'aria-label="{escape(t(language, "run.name"))}" aria-valuetext="{escape(words)}">{escape(words)}</span></div>'
    )
