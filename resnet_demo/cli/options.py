"""Arguments that several verbs share, and how a verb is described."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from resnet_demo.models.architectures import ARCHITECTURES

Add = Callable[..., argparse.ArgumentParser]
MODELS = f"The networks are: {', '.join(ARCHITECTURES)}."


def add_verb(add: Add, name: str, what: str, more: str = "") -> argparse.ArgumentParser:
    description = f"{what[0].upper()}{what[1:]}. {more}".strip()
    return add(name, help=what, description=description, allow_abbrev=False)


def add_json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print the result as JSON instead of text")


def add_data(verb: argparse.ArgumentParser, required: bool = True) -> None:
    verb.add_argument(
        "--data-dir",
        type=path,
        required=required,
        metavar="D",
        help="folder that contains the dataset: torchvision's official layout, or an image folder "
        "D/<dataset's folder>/<half>/<class>/* or D/<half>/<class>/*",
    )


def add_device(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")


def path(text: str) -> Path:
    """A path in which `~` is the user's folder: shells leave it in `--out=~/maps`, and some have never heard of it."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise argparse.ArgumentTypeError(f"{text}: there is no such user") from error


def hyphens(words: Sequence[str]) -> list[str]:
    """The words of a command line with `--batch_size` as `--batch-size`, and so with every option."""
    end = words.index("--") if "--" in words else len(words)
    return [_hyphens(word) if word.startswith("--") else word for word in words[:end]] + list(words[end:])


def _hyphens(option: str) -> str:
    name, equals, value = option.partition("=")
    return name.replace("_", "-") + equals + value


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value}: give 1 or more")
    return value


class Once(argparse.Action):
    """Several values in the given order, without duplicates, which would be processed twice."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: object) -> None:
        setattr(namespace, self.dest, list(dict.fromkeys(values)))
