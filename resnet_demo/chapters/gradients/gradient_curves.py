"""Records of gradients and signals, and their curves over depth and seeds. Does not import torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

QUANTITIES = ("weights", "inputs", "signal", "responses")
"""|dL/dW| of each convolution; |dL/dx| and deviation of x at each block's input; deviation after each convolution."""


@dataclass(frozen=True)
class Convolution:
    """One convolution.

    Attributes:
        position: 1, 2, ... along the main path; a projection has the position of the block's first convolution.
        gradient: L2 norm of dL/dW over all its weights.
        response: standard deviation of its output after BatchNorm, before activation and addition (in V2 of the
            convolution's own output): arXiv 1512.03385, Figure 7.
    """

    name: str
    position: int
    projection: bool
    gradient: float
    response: float


@dataclass(frozen=True)
class BlockInput:
    """The input of a block or ("head") the classifier: L2 norm of dL/dx over the batch, and standard deviation of x."""

    name: str
    position: int
    gradient: float
    deviation: float


@dataclass(frozen=True)
class Flow:
    """One network, one batch: the loss, every convolution, every block's input, every parameter's |gradient|."""

    network: str
    loss: float
    convolutions: tuple[Convolution, ...]
    inputs: tuple[BlockInput, ...]
    parameters: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Curve:
    """One quantity over depth: mean, minimum and maximum over the seeds at each place."""

    names: tuple[str, ...]
    positions: tuple[int, ...]
    means: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    @property
    def towards_input(self) -> float:
        """First value divided by last: how a gradient changes on the way back."""
        return ratio(self.means[0], self.means[-1])

    @property
    def towards_output(self) -> float:
        """Last value divided by first: how a signal changes on the way forward."""
        return ratio(self.means[-1], self.means[0])


def ratio(above: float, below: float) -> float:
    """`above` divided by `below`; NaN if `below` is zero."""
    return above / below if below else float("nan")


def curve(flows: Sequence[Flow], quantity: str, projections: bool = False) -> Curve:
    """A quantity of `QUANTITIES` over depth from one network's flows, one for each seed.

    With `projections`, the shortcuts' 1x1 convolutions instead of the main path's.
    """
    values = np.array([_values(flow, quantity, projections) for flow in flows])  # (seeds, places)
    places = _places(flows[0], quantity, projections)
    with np.errstate(invalid="ignore"):  # the mean of both infinities is NaN, and is shown as NaN
        statistics = [values.mean(0), values.min(0), values.max(0)]
    return Curve(
        tuple(place.name for place in places),
        tuple(place.position for place in places),
        *(tuple(row.tolist()) for row in statistics),
    )


def _places(flow: Flow, quantity: str, projections: bool) -> Sequence[Convolution | BlockInput]:
    if quantity in ("inputs", "signal"):
        return () if projections else flow.inputs
    return [place for place in flow.convolutions if place.projection == projections]


def _values(flow: Flow, quantity: str, projections: bool) -> list[float]:
    field = {"weights": "gradient", "inputs": "gradient", "signal": "deviation", "responses": "response"}[quantity]
    return [getattr(place, field) for place in _places(flow, quantity, projections)]
