"""The entries that a model card must have, and findings about entries that are wrong."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from resnet_demo.training.history import Epoch

LINES: dict[str, type | tuple[type, ...]] = {
    "title": str,
    "model": str,
    "options": dict,
    "dataset": str,
    "classes": list,
    "preprocessing": dict,
    "sha256": str,
    "dtype": str,
    "terms": str,
    "how": str,
    "recipe": dict,
    "seed": int,
    "best_epoch": int,
    "seconds": (int, float),
    "machine": dict,
    "versions": dict,
    "history": list,
    "accuracy.top1": (int, float),
    "accuracy.loss": (int, float),
    "accuracy.count": int,
    "accuracy.half": str,
    "accuracy.data": str,
    "accuracy.wrong": str,
    "parameters": int,
    "golden.input": str,
    "golden.logits": list,
    "golden.tolerance": (int, float),
}
"""The required entries of a model card and their types; "a.b" is entry b of a."""
OPTIONAL = {"start", "note", "seeds"}
"""The optional entries."""
ROUNDING = 1e-9
"""Largest relative difference between a float on a card and the same one computed here."""


@dataclass(frozen=True)
class Finding:
    """A wrong entry of a model card: what it says, and what was found instead."""

    line: str
    says: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.line}: the card says {self.says}; found: {self.found}"


def _line(card: Any, name: str) -> Any:
    """The value of an entry of `LINES`, None if it is missing."""
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
    """The entries that are missing or have the wrong type."""
    values = {name: _line(says, name) for name in LINES}
    wrong = [name for name, kind in LINES.items() if not isinstance(values[name], kind) or type(values[name]) is bool]
    if not wrong:
        wrong = [name for name, whole in _NUMBERS.items() if not whole(values[name])]
    told = says if isinstance(says, dict) else {}
    if not isinstance(told.get("start", {}), dict):
        wrong.append("start")
    unknown = sorted(told.keys() - {name.partition(".")[0] for name in LINES} - OPTIONAL)
    return [Finding(name, _line(says, name), "missing, or of the wrong type") for name in wrong] + [
        Finding(name, told[name], "no line of a card") for name in unknown
    ]


def _rows(history: list[Any]) -> bool:
    """Whether this is a non-empty list of epochs."""
    names = {field.name for field in fields(Epoch)}
    return bool(history) and all(
        isinstance(row, dict) and row.keys() == names and _all_numbers(row.values()) for row in history
    )


def _all_numbers(values: Iterable[Any]) -> bool:
    return all(type(value) in (int, float) for value in values)


_NUMBERS: dict[str, Callable[[Any], bool]] = {"golden.logits": _all_numbers, "history": _rows}
