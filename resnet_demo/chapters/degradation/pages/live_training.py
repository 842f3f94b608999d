"""Train it yourself: a shallow and a deep network, plain and residual, while one watches."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.chapters.degradation.live_training import train
from resnet_demo.chapters.degradation.pages.charts import live_curves
from resnet_demo.chapters.degradation.pages.live_processes import (
    LIMITS,
    MOST_RUNS,
    Progress,
    Runs,
    checked,
    data_choices,
    follow,
)
from resnet_demo.kit.address import register
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import percent
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import QUIETLY
from resnet_demo.kit.messages import Problem, attempt, notice, renamed
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

CODE_BEHIND = (train,)
DEPTHS = (8, 14, 20, 32, 44, 56)
Point = tuple[float, float]


@dataclass(frozen=True)
class Parts:
    opened: Any
    controls: list[Any]
    start: gr.Button
    stop: gr.Button
    status: gr.HTML
    chart: gr.Plot
    progress: gr.State


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    gr.HTML(opening(page.initial, "degradation", "live_training"))
    parts = lay_out(page)
    register(page, "degradation", parts.controls)
    wire(page, parts)


def lay_out(page: Site) -> Parts:
    opened = page.wake("degradation-live_training")
    with gr.Row():
        shallow = page.word(
            gr.Dropdown(list(DEPTHS), value=8, elem_id="live-shallow", min_width=120),
            label="degradation.live_training.shallow",
        )
        deep = page.word(
            gr.Dropdown(list(DEPTHS), value=44, elem_id="live-deep", min_width=120),
            label="degradation.live_training.deep",
        )
        width = _slider(page, "width", 8, 4)
        epochs = _slider(page, "epochs", 6, 1)
        rate = page.word(gr.Number(0.1, elem_id="live-rate", min_width=120), label="degradation.live_training.rate")
    data = page.word(
        gr.Radio(value="shapes", elem_id="live-data"), label="degradation.live_training.data", choices=_data_choices
    )
    with gr.Row():
        start = page.word(gr.Button(variant="primary", elem_id="live-start"), value="degradation.live_training.start")
        stop = page.word(gr.Button(variant="stop", elem_id="live-stop"), value="degradation.live_training.stop")
    status = gr.HTML(elem_id="live-status")
    chart = gr.Plot(show_label=False, elem_id="live-chart", visible=False)
    return Parts(opened, [shallow, deep, width, epochs, rate, data], start, stop, status, chart, gr.State())


def _slider(page: Site, name: str, value: int, step: int) -> Slider:
    low, high = LIMITS[name]
    slider = Slider(low, high, value=value, step=step, elem_id=f"live-{name}", min_width=160)
    return page.word(slider, label=f"degradation.live_training.{name}")


def _data_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"degradation.live_training.data.{name}"), name) for name in data_choices()]


def wire(page: Site, parts: Parts) -> None:
    visitors = Visitors(page.networks.device)
    training = parts.start.click(
        visitors.train,
        [*parts.controls, parts.progress],
        parts.progress,
        api_visibility="private",
        show_progress="minimal",
        show_progress_on=parts.status,
        trigger_mode="once",
        concurrency_id="training",
        concurrency_limit=MOST_RUNS,
    )
    parts.stop.click(visitors.stop, parts.progress, parts.progress, cancels=[training], **QUIETLY)
    events = [parts.opened, parts.progress.change]
    page.draws(events, render, [parts.progress, page.language], parts.status, parts.chart)
    page.unload(visitors.leave)


class Visitors:
    """The handlers that know who asks; methods, because Gradio hands a request over by its annotation."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.runs = Runs()

    def train(
        self,
        shallow: int,
        deep: int,
        width: float | None,
        epochs: float | None,
        rate: float | None,
        data: str,
        before: Progress | Problem | None,
        request: gr.Request,
    ) -> Iterator[Progress | Problem]:
        """The run's progress, about once a second; settings that are refused leave what was drawn `before`."""
        settings = attempt(checked, [shallow, deep], width, epochs, rate, data, self.device)
        if isinstance(settings, Problem):
            yield replace(before, problem=settings) if isinstance(before, Progress) else settings
        else:
            yield from follow(self.runs, str(request.session_hash), settings)

    def stop(self, progress: Progress | Problem | None, request: gr.Request) -> Progress | Problem | None:
        """Ends the visitor's run; what it has drawn stays."""
        self.runs.stop(str(request.session_hash))
        if isinstance(progress, Progress) and progress.stage in ("starting", "training"):
            return replace(progress, stage="stopped", left=None)
        return progress

    def leave(self, request: gr.Request) -> None:
        """A closed page ends its run."""
        self.runs.stop(str(request.session_hash))


def render(progress: Progress | Problem | None, language: str) -> tuple[str, Any]:
    """How far the run is, in words, and its curves."""
    if progress is None:
        return f'<p class="hint">{escape(t(language, "degradation.live_training.idle", runs=MOST_RUNS))}</p>', gr.Plot(
            visible=False
        )
    if isinstance(progress, Problem):
        return _notice(language, progress), gr.Plot(visible=False)
    if not progress.points:
        return _stage(language, progress, "hint"), gr.Plot(visible=False)
    return _status(language, progress), gr.Plot(_chart(language, progress), visible=True)


def _notice(language: str, problem: Problem) -> str:
    """The message, with the control's name as it stands on the page."""
    return notice(language, renamed(language, problem, {name: f"degradation.live_training.{name}" for name in LIMITS}))


def _stage(language: str, progress: Progress, kind: str) -> str:
    if progress.problem:
        return _notice(language, progress.problem)
    line = t(language, f"degradation.live_training.{progress.stage}")
    if progress.left is not None:
        line += t(language, "degradation.live_training.left", seconds=f"{progress.left:.0f}")
    kind, role = ("notice", "alert") if progress.stage == "failed" else (kind, "status")
    return f'<p class="{kind}" role="{role}">{escape(line)}</p>'


def _status(language: str, progress: Progress) -> str:
    share = progress.points[-1].progress
    last = _last_tests(progress)
    results = "".join(
        f"<li><b>{title(model)}</b> {percent(error)}</li>" for model, error in sorted(last.items(), key=lambda x: x[1])
    )
    heading = f"<p>{escape(t(language, 'degradation.live_training.results'))}</p><ul>{results}</ul>" if results else ""
    return (
        f'<div class="live">{_stage(language, progress, "summary")}'
        f'<progress max="1" value="{share:.3f}">{100 * share:.0f}%</progress>{heading}</div>'
    )


def _last_tests(progress: Progress) -> dict[str, float]:
    """Each network's latest test error."""
    return {point.model: point.test for point in progress.points if point.test is not None}


def _chart(language: str, progress: Progress) -> Figure:
    training: dict[str, list[Point]] = defaultdict(list)
    tests: dict[str, list[Point]] = defaultdict(list)
    for point in progress.points:
        training[point.model].append((point.epoch, point.training))
        if point.test is not None:
            tests[point.model].append((point.epoch, point.test))
    words = {key: t(language, f"degradation.{key}") for key in ("epoch", "error", "training", "test", "comma")}
    names = {name: title(name) for name in progress.settings.models}
    return live_curves(training, tests, names, words, progress.settings.epochs)
