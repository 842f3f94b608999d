"""BatchNorm by hand: one channel's numbers in training and in evaluation."""

from dataclasses import dataclass

from plotly import graph_objects as go

from resnet_demo.chapters.gradients.batch_norm import START, Normalised, Statistics, follow, normalise, undone
from resnet_demo.checks import whole
from resnet_demo.kit.charts import framed
from resnet_demo.kit.format import number as written
from resnet_demo.kit.html import hint, measured, summary
from resnet_demo.kit.page import Output, Page, chart, number, slider
from resnet_demo.kit.text import t

MOST_BATCHES = 50
SAME = 0.005
"""Outputs that differ by less are written alike."""


@dataclass(frozen=True)
class Modes:
    """The same batch in either mode; `running` are the running statistics after 0, 1, ... batches."""

    training: Normalised
    evaluation: Normalised
    running: tuple[Statistics, ...]
    seen: int


def compute(x1: float, x2: float, x3: float, x4: float, gamma: float, beta: float, seen: int) -> Modes:
    """Raises CountError."""
    seen = whole("seen", seen, 0, MOST_BATCHES)
    xs = (x1, x2, x3, x4)
    running = (START, *(one.running for one in follow([xs] * MOST_BATCHES, gamma, beta)))
    training, evaluation = (normalise(xs, gamma, beta, running[seen], mode) for mode in (True, False))
    return Modes(training, evaluation, running, seen)


def draw(modes: Modes, language: str) -> tuple[str, str, str, go.Figure, str]:
    """The first value in both modes, every value, the statistics, and how the running ones approach the batch's."""
    training, evaluation = modes.training, modes.evaluation
    heads = ["x", *(t(language, f"gradients.batch_norm.column.{name}") for name in ("training", "evaluation"))]
    rows = [[written(x, 3), _step(training, i), _step(evaluation, i)] for i, x in enumerate(training.values)]
    statistics = [
        [t(language, f"gradients.batch_norm.row.{name}"), written(one.mean, 3), written(one.variance, 3)]
        for name, one in (("batch", training.batch), ("before", evaluation.used), ("after", training.running))
    ]
    columns = [t(language, f"gradients.batch_norm.column.{name}") for name in ("statistics", "mean", "variance")]
    gamma, beta = undone(training.used)
    identity = t(language, "gradients.batch_norm.identity", gamma=written(gamma, 3), beta=written(beta, 3))
    return (
        summary(_answer(language, modes)),
        measured(heads, rows),
        measured(columns, statistics),
        _approach(language, modes),
        hint(identity),
    )


def _answer(language: str, modes: Modes) -> str:
    pairs = list(zip(modes.training.out, modes.evaluation.out, strict=True))
    gap = max(abs(a - b) for a, b in pairs)
    return t(
        language,
        f"gradients.batch_norm.answer.{'same' if gap < SAME else 'apart'}",
        training=written(pairs[0][0], 3),
        evaluation=written(pairs[0][1], 3),
        gap=written(gap, 2),
        count=modes.seen,
    )


def _step(found: Normalised, i: int) -> str:
    return f"{written(found.scaled[i], 3)} → {written(found.out[i], 3)}"


def _approach(language: str, modes: Modes) -> go.Figure:
    """Running mean and variance over the batches seen, the batch's own dashed."""
    figure = go.Figure()
    for name, colour in (("mean", "#0891b2"), ("variance", "#7c3aed")):
        label = t(language, f"gradients.batch_norm.column.{name}")
        values = [getattr(one, name) for one in modes.running]
        figure.add_scatter(y=values, name=label, mode="lines", line={"color": colour, "width": 3})
        own = getattr(modes.training.batch, name)
        figure.add_hline(own, line={"color": colour, "width": 2, "dash": "dash"})
        here = {"color": colour, "size": 12}
        figure.add_scatter(x=[modes.seen], y=[values[modes.seen]], mode="markers", marker=here, showlegend=False)
    figure.update_layout(xaxis_title=t(language, "gradients.batch_norm.seen"))
    return framed(figure, 320)


PAGE = Page(
    "batch_norm",
    compute,
    draw,
    controls=(
        *(number(f"x{i}", value) for i, value in enumerate((1, 2, 3, 6), 1)),
        slider("seen", 0, MOST_BATCHES, 0),
        slider("gamma", -3, 3, 1, 0.1, folded=True),
        slider("beta", -3, 3, 0, 0.1, folded=True),
    ),
    outputs=(
        Output("answer"),
        Output("values"),
        Output("statistics"),
        chart("approach", "gradients.batch_norm.chart"),
        Output("identity", folded=True),
    ),
    code=(normalise,),
    note="gradients.batch_norm.note",
)
