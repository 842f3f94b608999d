"""The ablation study as numbers: test errors of trained networks with parts removed. Does not import torch.

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
        whole: of the intact network.
        single: without one part, by the part's name, from input to output.
        several: by the number of parts removed together, one error per draw.
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
        """The median error with one part removed."""
        return median(self.single.values())

    @property
    def worst(self) -> tuple[str, float]:
        """The part whose removal raises the error most, and the error without it."""
        return max(self.single.items(), key=lambda item: item[1])


@dataclass(frozen=True)
class Cuts:
    """All networks, with the conditions of the measurement: images, draws, seed, machine, versions."""

    networks: tuple[Cut, ...]
    about: dict[str, Any]

    @property
    def deepest(self) -> tuple[Cut, Cut]:
        """The deepest pair: residual, plain. A network without its twin is skipped."""
        residual, plain = ({cut.depth: cut for cut in self.networks if cut.residual is kind} for kind in (True, False))
        depth = max(residual.keys() & plain.keys())
        return residual[depth], plain[depth]


@cache
def cuts(path: Path = RESULTS) -> Cuts:
    """The shipped results, or those that `lesions` wrote to `path`."""
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
