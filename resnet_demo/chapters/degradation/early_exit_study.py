"""Accuracy after each block of the last stage, on whole test sets, as numbers. Does not import torch.

Measured by `python -m resnet_demo early_exit`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from resnet_demo.checkpoints.card import WEIGHTS

RESULTS = WEIGHTS / "early_exit.json"
CHANCE = 10.0
"""The accuracy of guessing among ten classes, in percent."""
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
    def before_last(self) -> tuple[float, ...]:
        """The accuracies where the network has not finished."""
        return self.accuracy[:-1]

    @property
    def answers_early(self) -> bool:
        """Whether the network is clearly better than chance before its last block."""
        return max(self.before_last) > NEAR * CHANCE

    @property
    def last_adds_nothing(self) -> bool:
        """Whether the network is as good without its last block."""
        return self.accuracy[-1] <= self.accuracy[-2]


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


def of_pair(networks: tuple[EarlyExits, ...], key: str) -> tuple[EarlyExits, EarlyExits] | None:
    """The residual network "resnet56-cifar10" and its plain twin; None where they were not both measured."""
    by_key = {one.key: one for one in networks}
    plain = f"plain{key.removeprefix('resnet')}"
    return (by_key[key], by_key[plain]) if by_key.keys() >= {key, plain} else None


def verdict(residual: EarlyExits, plain: EarlyExits) -> str:
    """ "holds" if the residual network has an answer before its last block and its twin has none; else which it is."""
    early = residual.answers_early, plain.answers_early
    return {(True, False): "holds", (True, True): "both", (False, False): "neither", (False, True): "plain_only"}[early]
