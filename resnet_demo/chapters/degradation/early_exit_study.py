"""Accuracy after each block of the last stage, on whole test sets, as numbers. Does not import torch.

Measured by `python -m resnet_demo early_exit`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.models.architectures import depth_of

RESULTS = WEIGHTS / "early_exit.json"
CHANCE = 10.0
"""The accuracy in percent of who guesses among ten classes."""
NEAR = 2.0
"""Up to this factor of chance, a network has no answer yet."""


@dataclass(frozen=True)
class EarlyExits:
    """Top-1 accuracy of one network in percent, after each block of its last stage, over `count` test images."""

    model: str
    dataset: str
    count: int
    accuracy: tuple[float, ...]

    @property
    def key(self) -> str:
        return f"{self.model}-{self.dataset}"

    @property
    def residual(self) -> bool:
        return self.model.startswith("resnet")

    @property
    def depth(self) -> int:
        return depth_of(self.model)

    @property
    def before_last(self) -> tuple[float, ...]:
        """The accuracies where the network has not finished."""
        return self.accuracy[:-1]

    @property
    def answers_early(self) -> bool:
        """Whether the network is clearly better than chance before its last block."""
        return max(self.before_last) > NEAR * CHANCE

    @property
    def refines(self) -> bool:
        """Whether the accuracy rises with every block."""
        return all(a < b for a, b in zip(self.accuracy, self.accuracy[1:], strict=False))


@cache
def early_exits(path: Path = RESULTS) -> tuple[tuple[EarlyExits, ...], dict[str, Any]]:
    """All networks and the conditions of the measurement, shipped or from what `early_exit` wrote to `path`."""
    content = json.loads(path.read_text("utf-8"))
    networks = []
    for key, measured in content.pop("networks").items():
        model, dataset = key.rsplit("-", 1)
        accuracy = tuple(100 * one for one in measured["accuracy"])
        networks.append(EarlyExits(model, dataset, measured["count"], accuracy))
    return tuple(networks), content


def twins(networks: tuple[EarlyExits, ...]) -> list[tuple[EarlyExits, EarlyExits]]:
    """Each residual network with its plain twin, in the order of the file."""
    plain = {(one.dataset, one.depth): one for one in networks if not one.residual}
    return [
        (one, plain[one.dataset, one.depth]) for one in networks if one.residual and (one.dataset, one.depth) in plain
    ]
