"""Step 6: the gradient on its way back through deep untrained networks, with shortcuts and without."""

from dataclasses import dataclass
from math import log10

from resnet_demo.chapters.gradients.claims import FAR, Verdict, outcome, strongest, weakest
from resnet_demo.chapters.gradients.gradient_curves import Flow, ratio
from resnet_demo.chapters.gradients.pages.measurements import Setting, twins_of
from resnet_demo.kit.format import number
from resnet_demo.kit.html import html
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import radio
from resnet_demo.lesson.step import Answer, Step

DEPTHS = (20, 56)
SHRINKING, GROWING = 0.9, 1.1
SEED = 0


@dataclass(frozen=True)
class Gradients:
    """What one training step measured in an untrained pair of this depth, with BatchNorm."""

    depth: int
    residual: Flow
    plain: Flow

    @property
    def right(self) -> str:
        """What happened to the plain network's gradient."""
        return outcome(Verdict("", True, {"weakest": weakest(self.plain), "strongest": strongest(self.plain)}))


def compute(networks: Networks, depth: int) -> Gradients:
    """Raises ArchitectureError."""
    twins = twins_of(networks, Setting(f"cifar-{depth}"), SEED)
    return Gradients(depth, twins.residual, twins.plain)


def settle(found: Gradients, language: str) -> Answer:
    curves = {name: shares(flow) for name, flow in (("plain", found.plain), ("residual", found.residual))}
    every = [log10(value) for curve in curves.values() for value in curve]
    low, high = min(-2.0, *every), max(2.0, *every)
    values = {
        "depth": found.depth,
        "far": f"{FAR:.0f}",
        "plain": number(curves["plain"][0]),
        "residual": number(curves["residual"][0]),
        "shrinking": SHRINKING,
        "growing": GROWING,
        "small": number(SHRINKING**found.depth),
        "large": number(GROWING**found.depth),
    }
    lines = {name: points(curve, low, high) for name, curve in curves.items()}
    limits = [
        (label, height(log10(value), low, high))
        for label, value in ((f"× {FAR:.0f}", FAR), ("× 1", 1), (f"÷ {FAR:.0f}", 1 / FAR))
    ]
    return Answer(
        found.right,
        html("lesson/pages/gradients.html", language, lines=lines, limits=limits, values=values),
        values=values,
    )


def shares(flow: Flow) -> list[float]:
    """The gradient at each block's input, as a multiple of that at the head."""
    *blocks, head = (place.gradient for place in flow.inputs)
    return [ratio(gradient, head) for gradient in blocks]


def height(exponent: float, low: float, high: float) -> float:
    return 280 - 250 * (exponent - low) / (high - low)


def points(curve: list[float], low: float, high: float) -> list[tuple[float, float]]:
    """Where a curve runs in the drawing: the first block on the left."""
    across = 380 / (len(curve) - 1)
    return [(70 + across * i, height(log10(value), low, high)) for i, value in enumerate(curve)]


STEP = Step(
    "gradients",
    3,
    ("vanishes", "in_range", "explodes"),
    compute,
    settle,
    ("gradients", "claims"),
    controls=(radio("depth", lambda _: [(str(depth), depth) for depth in DEPTHS], DEPTHS[-1]),),
    uses=("networks",),
    lane=MEASURED,
)
PAGE = STEP.page
