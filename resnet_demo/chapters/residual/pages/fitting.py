"""F to 0, or H to the identity: a live fit of both, with several seeds."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.chapters.residual.fitting import (
    BATCH,
    CHANNELS,
    HIGH_RATE,
    LOW_RATE,
    MOST_SEEDS,
    MOST_STEPS,
    NORMS,
    SIDE,
    TARGETS,
    Fit,
    fit,
    fit_settings,
)
from resnet_demo.chapters.residual.pages.charts import fits
from resnet_demo.chapters.residual.pages.figures import figure, opening, source
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import number
from resnet_demo.kit.listeners import AT_ONCE, QUIETLY, bound
from resnet_demo.kit.messages import Problem, attempt, notice, renamed
from resnet_demo.kit.site import Site, shown
from resnet_demo.kit.steps_in_thread import LANE
from resnet_demo.kit.text import t

LABELS = {name: f"residual.fit.{name}" for name in ("rate", "steps", "seeds")}
"""The labels of the controls that hold a number, by the names that messages call them."""


@dataclass(frozen=True)
class Parts:
    controls: list[Any]
    start: gr.Button
    stop: gr.Button
    found: gr.State
    words: gr.HTML
    chart: gr.Plot


def build(page: Site) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="fit"))
    with gr.Row():
        target = page.word(
            gr.Radio(targets(page.initial), value="identity", elem_id="residual-target", min_width=260),
            label="residual.fit.target",
            info="residual.fit.target_info",
            choices=targets,
        )
        norm = page.word(
            gr.Radio(norms(page.initial), value="batch", elem_id="residual-norm", min_width=180),
            label="residual.fit.norm",
            choices=norms,
        )
    with gr.Row():
        rate = page.word(
            Slider(LOW_RATE, HIGH_RATE, value=0.1, step=0.001, elem_id="residual-rate", min_width=180),
            label="residual.fit.rate",
        )
        steps = page.word(
            Slider(25, MOST_STEPS, value=300, step=25, elem_id="residual-steps", min_width=180),
            label="residual.fit.steps",
        )
        seeds = page.word(
            Slider(1, MOST_SEEDS, value=5, step=1, elem_id="residual-seeds", min_width=180), label="residual.fit.seeds"
        )
    with gr.Row():
        start = page.word(gr.Button(variant="primary", elem_id="residual-fit-start"), value="residual.fit.start")
        stop = page.word(
            gr.Button(elem_id="residual-fit-stop", scale=0, min_width=140, interactive=False), value="residual.stop"
        )
    words = page.word(gr.HTML(elem_id="residual-fit-words"), value=_waiting)
    chart = page.word(gr.Plot(elem_id="residual-fit-chart"), label="residual.fit.chart")
    return Parts([target, norm, rate, steps, seeds], start, stop, gr.State(), words, chart)


def _waiting(language: str) -> str:
    return source(language, "residual.fit.waiting")


def targets(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"residual.fit.target.{name}"), name) for name in TARGETS]


def norms(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"residual.fit.norm.{name}"), name) for name in NORMS]


def wire(page: Site, parts: Parts) -> None:
    buttons = [parts.start, parts.stop]
    parts.start.click(busy, None, buttons, **AT_ONCE)  # first: the page waits for one listener before the next
    running = parts.start.click(
        update,
        parts.controls,
        parts.found,
        trigger_mode="once",
        **QUIETLY,
        **LANE,
    )
    running.then(idle, None, buttons, **AT_ONCE)  # after a stop, too
    parts.stop.click(None, None, None, cancels=[running], **QUIETLY)
    show = bound(shown, render, 2)
    page.draws([parts.found.change], show, [parts.found, page.language], parts.words, parts.chart)


def busy() -> tuple[dict[str, Any], dict[str, Any]]:
    """While it runs it can be stopped, and not started again."""
    return gr.update(interactive=False), gr.update(interactive=True)


def idle() -> tuple[dict[str, Any], dict[str, Any]]:
    """It can be started."""
    return gr.update(interactive=True), gr.update(interactive=False)


def update(target: str, norm: str, rate: float, steps: int, seeds: int) -> Iterator[Fit | Problem]:
    """The fit as far as it has come, again and again."""
    settings = attempt(fit_settings, target, norm, rate, steps, seeds)
    if isinstance(settings, Problem):
        yield settings
    else:
        yield from fit(settings)


def render(found: Fit | Problem, language: str) -> tuple[str, Figure | None]:
    """How far it has come, what was measured, and the curves."""
    if isinstance(found, Problem):
        return notice(language, renamed(language, found, LABELS)), None
    s = found.settings
    residual, plain = found.last
    values = {
        "residual": figure(residual, 3),
        "plain": figure(plain, 3),
        "wins": found.wins,
        "defeats": found.defeats,
        "residual_diverged": found.diverged[0],
        "plain_diverged": found.diverged[1],
        "seeds": s.seeds,
        "step": found.done,
        "ratio": number(max(residual, plain) / min(residual, plain), 3) if min(residual, plain) > 0 else "∞",
    }
    verdict = t(language, f"residual.fit.verdict.{_case(found)}", **values)
    how = t(
        language,
        "residual.fit.how",
        target=t(language, f"residual.fit.target.{s.target}"),
        parameters=f"{found.parameters:,}",
        channels=CHANNELS,
        side=SIDE,
        batch=BATCH,
        rate=s.rate,
        norm=t(language, f"residual.fit.norm.{s.norm}"),
    )
    progress = t(language, "residual.fit.progress", step=found.done, steps=s.steps)
    bar = f'<progress max="{s.steps}" value="{found.done}" aria-label="{escape(progress, quote=True)}"></progress>'
    rows = [
        {"step": i} | {f"{kind}_seed{k}": curve[i] for kind, curves in _kinds(found) for k, curve in enumerate(curves)}
        for i in range(found.done + 1)
    ]
    words = (
        f'<div class="progress-line">{bar}<span>{escape(progress)}</span></div><p class="summary">{escape(verdict)}</p>'
        f'<p class="hint">{escape(how)}</p>{downloads(language, "residual-fit", rows)}'
    )
    named = [(t(language, f"residual.fit.curve.{s.target}.{kind}"), kind, curves) for kind, curves in _kinds(found)]
    return words, fits(named, t(language, "residual.fit.x"), s.steps)


def _kinds(found: Fit) -> list[tuple[str, tuple[tuple[float, ...], ...]]]:
    return [("residual", found.residual), ("plain", found.plain)]


def _case(found: Fit) -> str:
    """Which sentence the numbers ask for: some blocks have diverged, all seeds agree, or they do not."""
    target, seeds = found.settings.target, found.settings.seeds
    if any(found.diverged):
        return "diverged"
    if found.wins == found.defeats == 0:
        return "equal"
    if found.wins == seeds:
        return f"{target}_residual"
    return f"{target}_plain" if found.defeats == seeds else "mixed"
