"""F to 0, or H to the identity: a fit of both with several seeds, recorded once and repeated live."""

from collections.abc import Iterator

from markupsafe import Markup
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
    FitSettings,
    fit,
    fit_settings,
    recorded,
)
from resnet_demo.chapters.residual.pages.charts import fits
from resnet_demo.chapters.residual.pages.figures import figure
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import number
from resnet_demo.kit.html import hint, summary
from resnet_demo.kit.page import Output, Page, Run, chart, radio, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.text import t

FIRST = FitSettings()


def compute(target: str, norm: str, rate: float, steps: int, seeds: int) -> Fit | None:
    """The recorded fit; None for settings other than its own. Raises ResidualError or CountError."""
    return recorded() if fit_settings(target, norm, rate, steps, seeds) == FIRST else None


def work(target: str, norm: str, rate: float, steps: int, seeds: int) -> Iterator[Step | Fit]:
    """The fit as far as it has come, again and again. Raises ResidualError or CountError."""
    for run in fit(fit_settings(target, norm, rate, steps, seeds)):
        yield run
        yield Step(run.done, steps)


def draw(run: Fit | None, language: str) -> tuple[str, Figure | None, str]:
    """What was measured, the curves, and how and with which numbers."""
    if run is None:
        return summary(t(language, "residual.fitting.waiting")), None, ""
    named = [
        (t(language, f"residual.fitting.curve.{run.settings.target}.{kind}"), kind, curves)
        for kind, curves in _kinds(run)
    ]
    rows = [
        {"step": i} | {f"{kind}_seed{k}": curve[i] for kind, curves in _kinds(run) for k, curve in enumerate(curves)}
        for i in range(run.done + 1)
    ]
    chart = fits(named, t(language, "residual.fitting.x"), run.settings.steps)
    files = Markup(downloads(language, "residual-fit", rows))
    return summary(_verdict(language, run)), chart, hint(_how(language, run)) + files


def _verdict(language: str, run: Fit) -> str:
    residual, plain = run.last
    low, high = sorted((residual, plain))
    return t(
        language,
        f"residual.fitting.verdict.{_case(run)}",
        residual=figure(residual, 3),
        plain=figure(plain, 3),
        wins=run.wins,
        defeats=run.defeats,
        residual_diverged=run.diverged[0],
        plain_diverged=run.diverged[1],
        seeds=run.settings.seeds,
        step=run.done,
        ratio=number(high / low, 3) if low > 0 else "∞",
    )


def _how(language: str, run: Fit) -> str:
    settings = run.settings
    return t(
        language,
        "residual.fitting.how",
        target=t(language, f"residual.fitting.target.{settings.target}"),
        parameters=f"{run.parameters:,}",
        channels=CHANNELS,
        side=SIDE,
        batch=BATCH,
        rate=settings.rate,
        norm=t(language, f"residual.fitting.norm.{settings.norm}"),
    )


def _kinds(run: Fit) -> list[tuple[str, tuple[tuple[float, ...], ...]]]:
    return [("residual", run.residual), ("plain", run.plain)]


def _case(run: Fit) -> str:
    """Which sentence the numbers ask for: some blocks have diverged, all seeds agree, or they do not."""
    target, seeds = run.settings.target, run.settings.seeds
    if any(run.diverged):
        return "diverged"
    if run.wins == run.defeats == 0:
        return "equal"
    if run.wins == seeds:
        return f"{target}_residual"
    return f"{target}_plain" if run.defeats == seeds else "mixed"


def target_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"residual.fitting.target.{name}"), name) for name in TARGETS]


def norm_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"residual.fitting.norm.{name}"), name) for name in NORMS]


PAGE = Page(
    "fitting",
    compute,
    draw,
    controls=(
        radio("target", target_choices, FIRST.target, info="residual.fitting.target_info"),
        radio("norm", norm_choices, FIRST.norm, folded=True),
        slider("rate", LOW_RATE, HIGH_RATE, FIRST.rate, 0.001, folded=True),
        slider("steps", 25, MOST_STEPS, FIRST.steps, 25, folded=True),
        slider("seeds", 1, MOST_SEEDS, FIRST.seeds, folded=True),
    ),
    outputs=(Output("answer"), chart("chart", "residual.fitting.chart"), Output("numbers", folded=True)),
    run=Run(work, "residual.fitting.start"),
    code=(fit,),
)
