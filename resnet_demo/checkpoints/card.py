"""The model card beside a checkpoint: reads it and rejects cards that cannot be used."""

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache, partial
from itertools import takewhile
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resnet_demo.errors import CheckpointError

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
"""The networks that come with the project, each beside its card."""

KEPT = 64
"""Cards in memory: each is read again only when its file changes."""
ABSENT: Any = None
"""The value of a line that a card may leave out. A card that says null is refused."""


class Lines(BaseModel):
    """Lines of a card, as JSON has them: no value is converted, and every number is finite."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class ClassName(Lines):
    """A class by its id, WordNet's or the dataset's, and its English name."""

    id: str
    name: str


class Prepared(Lines):
    """How an image is prepared: sides in pixels, then mean and deviation of R, G and B."""

    resize: Annotated[int, Field(ge=1, le=4096)]
    size: Annotated[int, Field(ge=1, le=4096)]
    mean: Annotated[list[float], Field(min_length=3, max_length=3)]
    std: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=3, max_length=3)]
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"


class Accuracy(Lines):
    """Top-1 accuracy, and the images that it was measured on."""

    top1: float
    count: int
    half: str
    data: str


class Run(Lines):
    """One of several runs. The training accuracy is that of the last epoch."""

    seed: int
    top1: float
    train_accuracy: float
    best_epoch: int
    seconds: float


class Seeds(Lines):
    """Several runs with different seeds, and the mean and standard deviation of their accuracy."""

    runs: Annotated[list[Run], Field(min_length=2)]
    mean: float
    std: float


class Options(Lines):
    """The options of the network, but for `num_classes`, which is implied by `classes`."""

    model_config = ConfigDict(extra="forbid")

    stem: str = ABSENT
    residual: bool = ABSENT
    shortcut: str = ABSENT
    preactivation: bool = ABSENT
    zero_gamma: bool = ABSENT
    norm: str = ABSENT
    stride_in_1x1: bool = ABSENT
    groups: int = ABSENT
    width_per_group: int = ABSENT
    replace_stride_with_dilation: list[bool] = ABSENT


class Card(Lines):
    """What every card must have, and what it may have."""

    model: str
    options: Options
    dataset: str
    classes: list[ClassName]
    preprocessing: Prepared
    sha256: str
    accuracy: Accuracy = ABSENT
    seeds: Seeds = ABSENT


def checkpoints(folder: Path) -> list[Path]:
    """The weights in `folder`, with or without a card; the saved state of an unfinished run is excluded."""
    return sorted(path for path in folder.glob("*.safetensors") if not path.stem.endswith(".state"))


def cards(folder: Path) -> list[dict[str, Any]]:
    """The model cards of the weights in `folder`, without those that cannot be used."""
    found = []
    for path in checkpoints(folder):
        with suppress(CheckpointError):
            found.append(read_card(path))
    return found


def read_card(path: Path) -> dict[str, Any]:
    """The model card of the checkpoint `path`. Raises CheckpointError when a file is missing or of the wrong type."""
    if path.suffix.lower() not in ("", ".safetensors") and not path.is_dir():
        raise CheckpointError("checkpoint_pickle", path=path)
    card = path.with_suffix(".json")
    for needed in (path, card):
        if not needed.is_file():
            raise CheckpointError("checkpoint_no_file", path=needed)
    return parse_card(card)


def parse_card(path: Path) -> dict[str, Any]:
    """The card in the file `path`, shared by all callers. Raises CheckpointError for one that cannot be used."""
    return checked(parse_object(path), path)


def parse_object(path: Path) -> dict[str, Any]:
    """The JSON object in the file `path`, shared by all callers. Raises CheckpointError for anything else."""
    file = path.stat()
    return _parsed(path, file.st_mtime_ns, file.st_size, file.st_ino)


@lru_cache(maxsize=KEPT)
def _parsed(path: Path, *_: int) -> dict[str, Any]:
    """`_` identifies the state of the file: its time, size and inode."""
    try:
        found = parse_json(read_bytes(path).decode("utf-8"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CheckpointError("checkpoint_card_json", path=path)
    return found


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises CheckpointError for one that cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            "checkpoint_unreadable", path=path, reason=error.strerror or type(error).__name__
        ) from error


def checked(card: dict[str, Any], path: Path) -> dict[str, Any]:
    """`card`, which `path` holds or describes. Raises CheckpointError where it cannot be used."""
    if wrong := faults(Card, card):
        raise CheckpointError("checkpoint_card", path=path, lines=", ".join(sorted(wrong)))
    return card


def parse_json(text: str) -> Any:
    """Parses JSON; a number that is not finite or does not fit a float is left as text and so has the wrong type."""
    return json.loads(text, parse_constant=str, parse_int=partial(_finite, int), parse_float=partial(_finite, float))


def _finite(kind: type[int] | type[float], digits: str) -> int | float | str:
    return kind(digits) if math.isfinite(float(digits)) else digits


def mask(wrong: NDArray[np.bool_]) -> str:
    """The `accuracy.wrong` of a card: one bit for each test image, in the dataset's order, as hexadecimal digits."""
    return np.packbits(wrong).tobytes().hex()


def mistakes(accuracy: dict[str, Any]) -> NDArray[np.bool_]:
    """Whether the network misclassifies each test image. Raises ValueError for invalid or too few digits."""
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(accuracy["wrong"]), np.uint8)).astype(bool)
    if not 0 <= len(bits) - accuracy["count"] < 8 or bits[accuracy["count"] :].any():
        raise ValueError(f"{len(bits)} bits for {accuracy['count']} photographs")
    return bits[: accuracy["count"]]


def one_run(card: dict[str, Any]) -> dict[str, Any]:
    """The lines of a `Run` from the card of a network trained with one seed, or with the first of several."""
    found = card | {"top1": card["accuracy"]["top1"], "train_accuracy": card["history"][-1]["train_accuracy"]}
    return {line: found[line] for line in Run.model_fields}


def over_seeds(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The entry `seeds` of a card: two or more runs, with the mean and standard deviation of their test accuracy."""
    top1 = [run["top1"] for run in runs]
    return {"runs": list(runs), "mean": mean(top1), "std": stdev(top1)}


def faults(schema: type[Lines], card: object) -> dict[str, str]:
    """What is wrong with a card, which is untrusted input: pydantic's kind of error by line; "a.b" is line b of a."""
    try:
        schema.model_validate(card)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        return {_name(one["loc"]): one["type"] for one in told}
    return {}


def _name(place: tuple[int | str, ...]) -> str:
    """The line at a place in the card, without positions in lists."""
    return ".".join(map(str, takewhile(lambda part: isinstance(part, str), place))) or "(all)"
