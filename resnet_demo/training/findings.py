"""The entries that a model card must have, and findings about entries that are wrong."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator

from resnet_demo.checkpoints.card import ABSENT, Accuracy, Card, Lines, faults
from resnet_demo.training.history import Epoch

ROUNDING = 1e-9
"""Largest relative difference between a float on a card and the same one computed here."""
EPOCH = {field.name for field in fields(Epoch)}


class Measured(Accuracy):
    """The accuracy with the mean loss, and with the images that are misclassified: see `mask`."""

    loss: float
    wrong: str


class Golden(Lines):
    """The logits of a fixed input, and how far another machine's may lie from them."""

    input: str
    logits: list[float]
    tolerance: float


class Published(Card):
    """The card of a network that was trained here."""

    model_config = ConfigDict(extra="forbid")

    title: str
    dtype: str
    terms: str
    how: str
    recipe: dict[str, Any]
    seed: int
    best_epoch: int
    seconds: float
    machine: dict[str, Any]
    versions: dict[str, Any]
    history: Annotated[list[dict[str, float]], Field(min_length=1)]
    accuracy: Measured
    parameters: int
    golden: Golden
    start: dict[str, Any] = ABSENT
    note: Any = None

    @field_validator("history")
    @classmethod
    def _whole(cls, history: list[dict[str, float]]) -> list[dict[str, float]]:
        """Each row is an epoch with all its numbers and no others."""
        if any(row.keys() != EPOCH for row in history):
            raise ValueError
        return history


@dataclass(frozen=True)
class Finding:
    """A wrong entry of a model card: what it says, and what was found instead."""

    line: str
    says: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.line}: the card says {self.says}; found: {self.found}"


def _line(card: Any, name: str) -> Any:
    """The value of an entry, None if it is missing."""
    for key in name.split("."):
        card = card.get(key) if isinstance(card, dict) else None
    return card


def compare(says: Any, found: dict[str, Any]) -> list[Finding]:
    """The entries of a card that differ from what was found."""
    lines = [(name, _line(says, name), value) for name, value in found.items()]
    return [Finding(name, said, value) for name, said, value in lines if not agree(said, value)]


def agree(said: Any, found: Any) -> bool:
    """Whether two values of JSON are the same; floats up to `ROUNDING`.

    Python adds floats with compensation from 3.12 on, and the last digit of a cosine depends on the C library.
    """
    if isinstance(said, float) or isinstance(found, float):
        return _all_numbers((said, found)) and math.isclose(said, found, rel_tol=ROUNDING)
    if isinstance(said, list) and isinstance(found, list):
        return len(said) == len(found) and all(map(agree, said, found))
    if isinstance(said, dict) and isinstance(found, dict):
        return said.keys() == found.keys() and all(agree(said[key], found[key]) for key in said)
    return bool(said == found)


def incomplete(says: Any) -> list[Finding]:
    """The entries that are missing, have the wrong type, or belong to no card."""
    found = faults(Published, says)
    unknown = {name for name, kind in found.items() if kind == "extra_forbidden"}
    return [
        Finding(name, _line(says, name), "no line of a card" if name in unknown else "missing, or of the wrong type")
        for name in sorted(found, key=lambda name: (name in unknown, name))
    ]


def _all_numbers(values: Iterable[Any]) -> bool:
    return all(type(value) in (int, float) for value in values)
