"""The errors that a visitor or a user of the command line is meant to read."""

from collections.abc import Callable


class DemoError(Exception):
    """An expected failure: it names the value, the rule and the remedy.

    `str(error)` is the English sentence. `key` and `values` let the app say the same in the
    visitor's language: the catalogues hold it under `error.<key>`, and a test keeps the two alike.
    """

    def __init__(self, key: str, message: str, /, **values: object) -> None:
        super().__init__(message.format(**values))
        self.key = key
        self.template = message
        self.values = values

    def __reduce__(self) -> tuple[Callable[..., "DemoError"], tuple[object, ...]]:
        """Pickled whole: an error in a worker process reaches the user as the sentence that it is."""
        return _rebuilt, (type(self), self.key, self.template, self.values)


def _rebuilt(kind: type[DemoError], key: str, message: str, values: dict[str, object]) -> DemoError:
    return kind(key, message, **values)


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
