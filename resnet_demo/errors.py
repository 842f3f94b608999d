"""The errors that a visitor or a user of the command line is meant to read."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parent / "text"


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
        super().__init__(sentences("en")[f"error.{key}"].format(**values))
        self.key = key
        self.values = values

    def __reduce__(self) -> tuple[Callable[..., "DemoError"], tuple[object, ...]]:
        """Pickled with its key and values, so that it crosses processes as the same error."""
        return _rebuilt, (type(self), self.key, self.values)


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
