"""Three claims about gradients and depth, each decided by numbers that were measured a moment ago.

He et al. 2015, arXiv 1512.03385, section 4.1: that deep plain networks train worse is "unlikely to be caused by
vanishing gradients". So three things are kept apart, and one quantity is read for all: |dL/dx| at every block's input.
One threshold, `FAR`, judges all of them in both directions. BatchNorm itself makes the gradient of a deep plain network
explode before training, and training brings it back into range (G. Yang et al. 2019, arXiv 1902.08129): so the second
claim is judged before and after training, each by itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from resnet_demo.chapters.gradients.gradient_curves import Flow, curve, ratio

FAR = 100.0
"""A gradient or signal is in range while it stays within this factor of where it started, up or down.

Beyond it a gradient has vanished or exploded.
"""


@dataclass(frozen=True)
class Case:
    """One curve of a claim's panel: a network of the pair, its norm, its initialisation."""

    key: str
    residual: bool
    norm: str
    initialisation: str


CLAIMS: dict[str, tuple[Case, ...]] = {
    "plain_without_norm": (
        Case("plain_xavier", False, "none", "xavier"),
        Case("plain_kaiming", False, "none", "kaiming"),
        Case("plain_large", False, "none", "large"),
    ),
    "plain_with_norm": (Case("plain_norm", False, "batch", "kaiming"),),
    "residual": (
        Case("residual_norm", True, "batch", "kaiming"),
        Case("residual_alone", True, "none", "kaiming"),
    ),
}
TRAINED = "plain_trained"
"""Key of a trained plain network's flow, on which claim 2 is judged a second time where there is one."""


@dataclass(frozen=True)
class Verdict:
    """Whether a claim holds on what was measured, and the numbers that decide it, by name."""

    claim: str
    holds: bool
    numbers: Mapping[str, float]


def cases() -> Iterator[tuple[str, Case]]:
    """Every claim with each of its cases, in the order of the page."""
    for claim, members in CLAIMS.items():
        for case in members:
            yield claim, case


def verdict(claim: str, flows: Mapping[str, Flow]) -> Verdict | None:
    """The verdict on a claim from its flows by the case's key; None until all of them are there."""
    if not all(case.key in flows for case in CLAIMS[claim]):
        return None
    judge = {"plain_without_norm": _without_norm, "plain_with_norm": _with_norm, "residual": _residual}[claim]
    holds, numbers = judge(flows)
    return Verdict(claim, holds, numbers)


def _without_norm(flows: Mapping[str, Flow]) -> tuple[bool, dict[str, float]]:
    """The gradient of the same plain stack vanishes with one initialisation and explodes with another."""
    shrinks, keeps, grows = (
        curve([flows[key]], "inputs").towards_input for key in ("plain_xavier", "plain_kaiming", "plain_large")
    )
    return shrinks < 1 / FAR and grows > FAR, {"shrinks": shrinks, "keeps": keeps, "grows": grows}


def trained_verdict(flows: Mapping[str, Flow]) -> Verdict | None:
    """The verdict on claim 2 after training; None where no trained plain network was measured."""
    if TRAINED not in flows:
        return None
    holds, numbers = _in_range(flows[TRAINED])
    return Verdict("plain_with_norm", holds, numbers)


def _with_norm(flows: Mapping[str, Flow]) -> tuple[bool, dict[str, float]]:
    """The gradient of an untrained plain network with BatchNorm stays in range at every block."""
    return _in_range(flows["plain_norm"])


def _in_range(flow: Flow) -> tuple[bool, dict[str, float]]:
    numbers = {"weakest": weakest(flow), "strongest": strongest(flow)}
    return not any(map(far, numbers.values())), numbers


def _residual(flows: Mapping[str, Flow]) -> tuple[bool, dict[str, float]]:
    """With shortcuts and BatchNorm both gradient and signal stay in range; "alone" is the ResNet without BatchNorm."""
    holds, gradient = _in_range(flows["residual_norm"])
    forward, alone = _signals(flows["residual_norm"]), flows["residual_alone"]
    numbers = gradient | {
        "quietest": float(np.min(forward)),
        "loudest": float(np.max(forward)),
        "alone": _shares(alone)[0],
        "alone_signal": _signals(alone)[-1],
    }
    return holds and not any(map(far, forward)), numbers


def far(change: float) -> bool:
    """Whether a gradient or signal that is `change` times what it was is out of range."""
    return not 1 / FAR < change < FAR


def outcome(found: Verdict) -> str:
    """ "in_range", "vanishes", "explodes" or "both", by the weakest and the strongest block; NaN is no size at all."""
    low, high = not found.numbers["weakest"] > 1 / FAR, not found.numbers["strongest"] < FAR
    return {(False, False): "in_range", (True, False): "vanishes", (False, True): "explodes"}.get((low, high), "both")


def weakest(flow: Flow) -> float:
    """The smallest gradient at a block's input, as a multiple of that at the head; NaN if any of them is."""
    return float(np.min(_shares(flow)))


def strongest(flow: Flow) -> float:
    """The largest gradient at a block's input, as a multiple of that at the head; NaN if any of them is."""
    return float(np.max(_shares(flow)))


def _signals(flow: Flow) -> list[float]:
    """The deviation at every block's input and at the head, as a multiple of the first one."""
    return [ratio(place.deviation, flow.inputs[0].deviation) for place in flow.inputs]


def _shares(flow: Flow) -> list[float]:
    *blocks, head = (place.gradient for place in flow.inputs)
    return [ratio(gradient, head) for gradient in blocks]
