"""Common misconceptions, each with the numbers of this app that decide it."""

from collections.abc import Mapping
from dataclasses import dataclass

from resnet_demo.chapters.degradation import imagenette_twins
from resnet_demo.chapters.degradation.study import study, table, twins
from resnet_demo.chapters.gradients.claims import FAR, strongest, weakest
from resnet_demo.chapters.gradients.gradient_curves import Flow
from resnet_demo.explain.faithfulness import Confidence
from resnet_demo.kit.format import number, percent
from resnet_demo.lesson.preprocessing_mistakes import measured

EQUAL = 1.0
"""Percentage points: errors that differ by less are called the same."""
NOTICEABLE = 0.05
"""A probability that falls by this share or more has fallen."""
EIGHTEEN = ("plain18", "resnet18")
VERY_DEEP = {"resnet110": 6.43, "resnet1202": 7.93}
"""Test error on CIFAR-10 in percent, He et al. 2015, Table 6."""


@dataclass(frozen=True)
class Misconception:
    """A claim with the numbers that decide it: `refuted` says whether they speak against it.

    Its texts are `lesson.misconceptions.<key>`, the claim, and `.measured`, which takes `values`.
    """

    key: str
    refuted: bool
    values: Mapping[str, str]


def vanishing(flow: Flow) -> Misconception:
    """Of a trained deep plain network with BatchNorm: the claim needs its gradients to vanish."""
    low, high = weakest(flow), strongest(flow)
    return Misconception("vanishing", low > 1 / FAR, {"low": number(low), "high": number(high), "far": f"{FAR:.0f}"})


def from_study() -> tuple[Misconception, Misconception]:
    """Degradation is overfitting; deeper is always better."""
    plain, _ = twins(table(study()))
    shallow, deep = plain[min(plain)], plain[max(plain)]
    depths = {"shallow": str(shallow.depth), "deep": str(deep.depth)}
    training = {"before": f"{shallow.training_error:.1f}%", "after": f"{deep.training_error:.1f}%"}
    test = {"before": f"{shallow.test_error:.1f}%", "after": f"{deep.test_error:.1f}%"}
    paper = {"paper_before": f"{VERY_DEEP['resnet110']:.2f}%", "paper_after": f"{VERY_DEEP['resnet1202']:.2f}%"}
    return (
        Misconception("overfitting", deep.training_error > shallow.training_error + EQUAL, depths | training),
        Misconception("deeper", deep.test_error > shallow.test_error, depths | test | paper),
    )


def at_eighteen_layers() -> Misconception:
    """A shortcut helps every task: at 18 layers the paper found twins alike."""
    plain, residual = (imagenette_twins.PAPER_ERROR[name] for name in EIGHTEEN)
    gap = imagenette_twins.gaps(imagenette_twins.pairs())[0]
    ours = {"residual": f"{gap.residual:.1f}%", "plain": f"{gap.plain:.1f}%", "count": f"{gap.count:,}"}
    paper = {"paper_residual": f"{residual:.2f}%", "paper_plain": f"{plain:.2f}%"}
    return Misconception("always_helps", abs(plain - residual) < EQUAL, ours | paper)


def heat_map(kept: Confidence) -> Misconception:
    """A heat map shows the cause: then its bright part alone would do."""
    values = {"before": percent(kept.before), "after": percent(kept.after)}
    return Misconception("cause", kept.drop > NOTICEABLE, values)


def preprocessing() -> Misconception:
    """Preprocessing may differ between training and use."""
    found = measured()
    shares: dict[str, float] = found["accuracy"]
    right = shares["none"]
    worst = min(shares.values())
    values = {"right": percent(right), "worst": percent(worst), "count": f"{found['count']:,}"}
    return Misconception("preprocessing", 100 * (right - worst) > EQUAL, values)
