"""Test errors of trained networks with parts cut out, as numbers. No torch here.

Veit, Wilber, Belongie 2016 (arXiv 1605.06431), section 4; measured by `python -m resnet_demo lesions`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.models.architectures import depth_of

RESULTS = WEIGHTS / "lesions.json"


@dataclass(frozen=True)
class Cut:
    """Test errors of one network, in percent.

    Attributes:
        model: such as "resnet56".
        whole: with nothing cut out.
        single: without one part, by its name, from the input to the output.
        several: without so many parts at once, each draw of them.
    """

    model: str
    whole: float
    single: dict[str, float]
    several: dict[int, tuple[float, ...]]

    @property
    def residual(self) -> bool:
        return self.model.startswith("resnet")

    @property
    def depth(self) -> int:
        return depth_of(self.model)

    @property
    def median(self) -> float:
        """The error without one part: half of the cuts are worse."""
        return median(self.single.values())

    @property
    def worst(self) -> tuple[str, float]:
        """The part that is missed most, and the error without it."""
        return max(self.single.items(), key=lambda item: item[1])


@dataclass(frozen=True)
class Cuts:
    """All networks, with how the errors came about: pictures, draws, seed, machine, versions."""

    networks: tuple[Cut, ...]
    about: dict[str, Any]

    @property
    def deepest(self) -> tuple[Cut, Cut]:
        """The deepest pair: residual, plain. A network without its twin is passed over."""
        residual, plain = ({cut.depth: cut for cut in self.networks if cut.residual is kind} for kind in (True, False))
        depth = max(residual.keys() & plain.keys())
        return residual[depth], plain[depth]


@cache
def cuts(path: Path = RESULTS) -> Cuts:
    """What is shipped, or what `lesions` wrote to `path`."""
    content = json.loads(path.read_text("utf-8"))
    networks = tuple(
        Cut(
            model,
            100 * found["error"],
            {part: 100 * error for part, error in found["parts"].items()},
            {int(count): tuple(100 * error for error in errors) for count, errors in found["several"].items()},
        )
        for model, found in content.pop("networks").items()
    )
    return Cuts(networks, content)
