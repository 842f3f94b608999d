"""Train it yourself: a shallow and a deep network, plain and residual, and what the tricks of training change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from markupsafe import Markup
from plotly.graph_objects import Figure

from resnet_demo.chapters.degradation.live_runs import (
    DEPTHS,
    EPOCHS,
    FIRST,
    MOST_RUNS,
    WIDTHS,
    LiveRun,
    checked,
    data_choices,
    effect,
    follow,
    recorded,
)
from resnet_demo.chapters.degradation.live_training import HELD_OUT, PATIENCE, RATIO, Settings, train
from resnet_demo.chapters.degradation.pages.charts import live_curves
from resnet_demo.chapters.degradation.pages.findings import finding
from resnet_demo.chapters.degradation.study import Finding
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import margins, percent
from resnet_demo.kit.html import hint, measured, summary
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, Run, chart, checkbox, number, radio, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.text import t

RESOLUTION = 10_000
"""Steps of the progress bar."""


@dataclass(frozen=True)
class Shown:
    """A run as far as it has come, None where these settings have none, and those that the visitor has finished."""

    run: LiveRun | None
    finished: tuple[LiveRun, ...]


def compute(networks: Networks, finished: tuple[LiveRun, ...], **values: Any) -> Shown:
    """The latest run with these settings: the visitor's own, or a recorded one. Raises DemoError."""
    differs = LiveRun(_settings(networks, **values)).differs
    known = [run for run in (*recorded()[0], *finished) if run.differs == differs]
    return Shown(known[-1] if known else None, finished)


def work(networks: Networks, finished: tuple[LiveRun, ...], **values: Any) -> Iterator[Step | Shown]:
    """The run as far as it has come, again and again. Raises DemoError."""
    for run in follow(_settings(networks, **values)):
        yield Step(round(RESOLUTION * run.points[-1].progress), RESOLUTION)
        yield Shown(run, (*finished, run) if run.finished else finished)


def _settings(networks: Networks, augment: bool, schedule: str, held_out: str, **values: Any) -> Settings:
    switches = {"augment": augment, "schedule": schedule, "held_out": held_out}
    return checked(**values, switches=switches, device=networks.device)


def draw(shown: Shown, language: str) -> tuple[str, Figure | None, str, str, tuple[LiveRun, ...]]:
    """What the run shows, its curves, all runs in a table, how it was trained, and the visitor's runs."""
    runs, about = recorded()
    table, how = _table(language, runs, shown.finished), hint(_how(language, about))
    if shown.run is None:
        return summary(t(language, "degradation.live_training.waiting")), None, table, how, shown.finished
    answer = (
        _answer(language, shown, shown.run)
        if shown.run.finished
        else summary(t(language, "degradation.live_training.training"))
    )
    return answer, _chart(language, shown.run), table, how, shown.finished


def _how(language: str, about: Mapping[str, Any]) -> str:
    recipe = FIRST.recipe
    return t(
        language,
        "degradation.live_training.how",
        momentum=recipe.momentum,
        decay=recipe.weight_decay,
        batch=recipe.batch_size,
        ratio=percent(RATIO, 0),
        patience=PATIENCE,
        processor=about["machine"]["processor"],
        torch=about["versions"]["torch"],
        runs=MOST_RUNS,
    )


def _answer(language: str, shown: Shown, run: LiveRun) -> Markup:
    """What depth did in this run, and what its settings changed."""
    said = summary(" ".join(finding(language, one) for one in findings(run)))
    return said + summary(_effect(language, run, shown.finished)) if run.differs else said


def findings(run: LiveRun) -> tuple[Finding, Finding]:
    """Plain and residual: whether the deeper network has the higher training error."""
    shallow, deep = run.settings.depths
    plain, residual = (
        [100 * run.outcomes[f"{family}{depth}"].training for depth in (shallow, deep)] for family in ("plain", "resnet")
    )
    return (
        Finding("plain_training", plain[1], plain[0], deep, shallow),
        Finding("residual_training", residual[0], residual[1], deep, shallow),
    )


def _effect(language: str, run: LiveRun, finished: tuple[LiveRun, ...]) -> str:
    runs, _ = recorded()
    reseeded = [one for one in (*runs, *finished) if one.differs.keys() == {"seed"}]
    found = effect(run, runs[0], reseeded[0] if reseeded else None)
    values = {
        f"{half}_{when}": percent(error)
        for half in ("test", "training")
        for when, error in zip(("before", "after"), getattr(found, half), strict=True)
    }
    said = t(language, "degradation.live_training.effect", differs=_differs(language, run), **values)
    if "seed" in run.differs:
        return said
    return said + t(language, f"degradation.live_training.effect.{found.chance}", seed=f"{100 * (found.seed or 0):.1f}")


def _differs(language: str, run: LiveRun) -> str:
    """The settings of a run that are not those of the first."""
    said = []
    for name, value in run.differs.items():
        if name == "depths":
            value = t(language, "degradation.live_training.and", shallow=value[0], deep=value[1])
        key = f"degradation.live_training.differs.{name}"
        if name == "held_out":
            key = f"degradation.live_training.differs.held_out.{value}"
        said.append(t(language, key, value=value))
    return t(language, "degradation.comma").join(said) or t(language, "degradation.live_training.differs.nothing")


def _table(language: str, runs: tuple[LiveRun, ...], finished: tuple[LiveRun, ...]) -> Markup:
    """Test error of each network, its training error in brackets, and the epochs trained."""
    roles = ("plain_shallow", "residual_shallow", "plain_deep", "residual_deep", "epochs")
    heads = [
        t(language, "degradation.live_training.run"),
        *(t(language, f"degradation.live_training.column.{role}") for role in roles),
    ]
    own = [
        t(language, "degradation.live_training.own", number=i, differs=_differs(language, run))
        for i, run in enumerate(finished, 1)
    ]
    names = [*(_differs(language, run) for run in runs), *own]
    rows = [(name, *_cells(run)) for name, run in zip(names, (*runs, *finished), strict=True)]
    shares = [outcome.test for run in (*runs, *finished) for outcome in run.outcomes.values()]
    how_sure = f"{t(language, 'degradation.column.test_error')}: {margins(language, shares, FIRST.tested)}"
    heading = Markup("<h3>{}</h3>").format(t(language, "degradation.live_training.table"))
    return heading + measured(heads, rows) + hint(how_sure)


def _cells(run: LiveRun) -> list[str]:
    outcomes = run.outcomes
    errors = [f"{percent(outcomes[model].test)} ({percent(outcomes[model].training)})" for model in run.settings.models]
    most = run.settings.epochs * len(outcomes)
    return [*errors, f"{sum(one.epochs for one in outcomes.values())} / {most}"]


def _chart(language: str, run: LiveRun) -> Figure:
    points = {model: [point for point in run.points if point.model == model] for model in run.settings.models}
    training = {model: [(point.epoch, point.training) for point in found] for model, found in points.items() if found}
    watched = {
        model: [(point.epoch, point.watched) for point in found if point.watched is not None]
        for model, found in points.items()
    }
    half = "test" if run.settings.held_out == "none" else "validation"
    words = {key: t(language, f"degradation.{key}") for key in ("epoch", "error", "training", "comma")}
    words["test"] = t(language, f"degradation.{half}")
    return live_curves(training, watched, {model: title(model) for model in points}, words, run.settings.epochs)


def depth_choices(_: Site) -> list[tuple[str, int]]:
    return [(str(depth), depth) for depth in DEPTHS]


def choices(control: str, values: tuple[str, ...], site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"degradation.live_training.{control}.{value}"), value) for value in values]


def offered_data(site: Site) -> list[tuple[str, str]]:
    return choices("data", data_choices(), site)


PAGE = Page(
    "live_training",
    compute,
    draw,
    controls=(
        checkbox("augment", FIRST.augment, info="degradation.live_training.augment_info"),
        radio("schedule", partial(choices, "schedule", ("cosine", "step")), FIRST.schedule),
        radio("held_out", partial(choices, "held_out", HELD_OUT), FIRST.held_out, folded=True),
        number("seed", FIRST.seed, info="degradation.live_training.seed_info", folded=True),
        radio("shallow", depth_choices, FIRST.depths[0], folded=True),
        radio("deep", depth_choices, FIRST.depths[1], folded=True),
        slider("width", *WIDTHS, FIRST.width, 4, folded=True),
        slider("epochs", *EPOCHS, FIRST.epochs, folded=True),
        number("rate", FIRST.learning_rate, folded=True),
        radio("data", offered_data, "shapes", folded=True),
    ),
    outputs=(
        Output("answer"),
        chart("chart", "degradation.live_training.chart"),
        Output("runs"),
        Output("how", folded=True),
        Output("finished", gr.State, options={"value": ()}),
    ),
    uses=("networks",),
    run=Run(work, "degradation.live_training.start", {"concurrency_id": "training", "concurrency_limit": MOST_RUNS}),
    code=(train,),
)
