"""The errors that a visitor or a user of the command line is meant to read."""

import json
import reprlib
from collections.abc import Callable, Mapping
from functools import cache
from numbers import Number
from pathlib import Path, PurePath
from unicodedata import category

TEXTS = Path(__file__).parent / "text"
LONGEST = 1000
"""Characters of one value that a sentence quotes."""
LISTED = reprlib.Repr()
"""Prints lists and mappings of any length and depth; one string in them keeps 200 characters."""
LISTED.maxstring = 200


@cache
def sentences(language: str) -> Mapping[str, str]:
    """What each error says in `language`, by `error.<key>`."""
    texts: dict[str, str] = json.loads((TEXTS / f"{language}.json").read_text("utf-8"))
    return texts


class DemoError(Exception):
    """An expected failure: it names the value, the rule and the remedy.

    `str(error)` is the English sentence, from `text/en.json`. `key` and `values` let the app show the same sentence in
    the visitor's language. Raises KeyError for a key or value that the sentence lacks.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        quotable = {name: quoted(value) for name, value in values.items()}
        super().__init__(sentences("en")[f"error.{key}"].format(**quotable))
        self.key = key
        self.values = quotable

    def __reduce__(self) -> tuple[Callable[..., "DemoError"], tuple[object, ...]]:
        """Pickled with its key and values, so that it crosses processes as the same error."""
        return _rebuilt, (type(self), self.key, self.values)


def quoted(value: object) -> object:
    """`value` as a sentence may quote it: cut where it is long, and with an escape for each character that does not
    show or that would reorder the line.

    Numbers and paths are returned as they are.
    """
    if value is None or isinstance(value, Number | PurePath):
        return value
    text = LISTED.repr(value) if isinstance(value, list | tuple | dict | set) else str(value)
    shown = "".join(c if c.isprintable() or category(c) == "Zs" else ascii(c)[1:-1] for c in text[:LONGEST])
    return shown if len(text) <= LONGEST else f"{shown}…"


def _rebuilt(kind: type[DemoError], key: str, values: dict[str, object]) -> DemoError:
    return kind(key, **values)


class ArchitectureError(DemoError, ValueError):
    """A network that cannot be built: unknown name, unknown option, or options that exclude each other."""


class CheckpointError(DemoError):
    """Weights that are missing, damaged, or belong to another network."""


class DatasetError(DemoError):
    """A dataset that is missing or damaged."""


class PictureError(DemoError, ValueError):
    """A picture that cannot be shown to a network."""


class CountError(DemoError, ValueError):
    """A number, or a kind of block, that cannot be counted with."""


class ResidualError(DemoError, ValueError):
    """A number, or a setting, that a residual block cannot be computed with."""
