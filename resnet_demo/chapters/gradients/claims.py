"""Three claims about gradients and depth, each decided by numbers that were measured a moment ago.

He et al. 2015, arXiv 1512.03385, section 4.1: that deep plain networks train worse is "unlikely to be caused by
vanishing gradients". So three things are kept apart, and one quantity is read for all: |dL/dx| at every block's input.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from resnet_demo.chapters.gradients.gradient_curves import Flow, curve, ratio

FAR = 100.0
"""A gradient has vanished or blown up when it has changed by more than this on its way back (claim 1).

By the same yardstick gradient and signal are fine when neither changes by more in any block (claim 3).
"""
STARVED = 0.1
"""No block starves when each receives at least this share of what the head receives (claim 2)."""


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
"""Key of a trained plain network's flow, which claim 2 shows beside the untrained one's where there is one."""


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
    """The same plain stack loses its gradient with one initialisation, and with another is flooded by it."""
    shrinks, keeps, grows = (
        curve([flows[key]], "inputs").towards_input for key in ("plain_xavier", "plain_kaiming", "plain_large")
    )
    return shrinks < 1 / FAR and grows > FAR, {"shrinks": shrinks, "keeps": keeps, "grows": grows}


def _with_norm(flows: Mapping[str, Flow]) -> tuple[bool, dict[str, float]]:
    """No block of a plain network with BatchNorm starves, before training or after it."""
    numbers = {"weakest": weakest(flows["plain_norm"]), "first": _first(flows["plain_norm"])}
    shares = [numbers["weakest"]]
    if TRAINED in flows:
        numbers |= {"trained": weakest(flows[TRAINED]), "trained_first": _first(flows[TRAINED])}
        shares.append(numbers["trained"])
    return all(share >= STARVED for share in shares), numbers


def _residual(flows: Mapping[str, Flow]) -> tuple[bool, dict[str, float]]:
    """With shortcuts and BatchNorm neither gradient nor signal leaves its order of magnitude far behind."""
    flow = flows["residual_norm"]
    forward = [place.deviation / flow.inputs[0].deviation for place in flow.inputs]
    numbers = {
        "gradient": strongest(flow),
        "weakest": weakest(flow),
        "quietest": min(forward),
        "loudest": max(forward),
        "alone": _first(flows["residual_alone"]),
    }
    shares = (numbers["gradient"], numbers["weakest"], *forward)
    return not any(map(far, shares)), numbers


def far(change: float) -> bool:
    """Whether a gradient or signal that is `change` times what it was is no longer fine."""
    return not 1 / FAR < change < FAR


def weakest(flow: Flow) -> float:
    """The smallest gradient at a block's input, as a multiple of that at the head."""
    return min(_shares(flow))


def strongest(flow: Flow) -> float:
    """The largest gradient at a block's input, as a multiple of that at the head."""
    return max(_shares(flow))


def _first(flow: Flow) -> float:
    return _shares(flow)[0]


def _shares(flow: Flow) -> list[float]:
    *blocks, head = (place.gradient for place in flow.inputs)
    return [ratio(gradient, head) for gradient in blocks]
