"""The model card beside a checkpoint: reads it and rejects cards that cannot be used."""

import json
import math
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resnet_demo.errors import CheckpointError
from resnet_demo.models.options import KINDS

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
"""The networks that come with the project, each beside its card."""

REQUIRED = {"model": str, "options": dict, "dataset": str, "classes": list, "preprocessing": dict, "sha256": str}
STATED = {
    option: list if kind is tuple else kind  # JSON has no tuples
    for option, kind in KINDS.items()
    if option != "num_classes"
}
"""The options that a card may state, and their types; `num_classes` is implied by `classes`."""
INSIDE = {"classes": {"id", "name"}, "preprocessing": {"resize", "size", "mean", "std"}}
RUN = ("seed", "top1", "train_accuracy", "best_epoch", "seconds")
"""What a card with several seeds states for each. The training accuracy is that of the last epoch."""
SIDES = range(1, 4097)
"""Pixels that a picture may be scaled to."""
KEPT = 64
"""Cards in memory: each is read again only when its file changes."""


def checkpoints(folder: Path) -> list[Path]:
    """The weights in `folder`, with or without a card; the saved state of an unfinished run is excluded."""
    return sorted(path for path in folder.glob("*.safetensors") if not path.stem.endswith(".state"))


def cards(folder: Path) -> list[dict[str, Any]]:
    """The model cards of the weights in `folder`; weights without a card are skipped.

    Raises CheckpointError for a card that cannot be used.
    """
    return [read_card(path) for path in checkpoints(folder) if path.with_suffix(".json").is_file()]


def read_card(path: Path) -> dict[str, Any]:
    """The model card of the checkpoint `path`. Raises CheckpointError when a file is missing or of the wrong type."""
    if path.suffix.lower() not in ("", ".safetensors") and not path.is_dir():
        raise CheckpointError("checkpoint_pickle", path=str(path))
    card = path.with_suffix(".json")
    for needed in (path, card):
        if not needed.is_file():
            raise CheckpointError("checkpoint_no_file", path=str(needed))
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
        found = parse_json(path.read_text("utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CheckpointError("checkpoint_card_json", path=str(path))
    return found


def checked(card: dict[str, Any], path: Path) -> dict[str, Any]:
    """`card`, which `path` holds or describes. Raises CheckpointError where it cannot be used."""
    if wrong := _wrong(card):
        raise CheckpointError("checkpoint_card", path=str(path), lines=wrong)
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
    """The lines of `RUN` from the card of a network trained with one seed, or with the first of several."""
    found = card | {"top1": card["accuracy"]["top1"], "train_accuracy": card["history"][-1]["train_accuracy"]}
    return {line: found[line] for line in RUN}


def over_seeds(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The entry `seeds` of a card: two or more runs, with the mean and standard deviation of their test accuracy."""
    top1 = [run["top1"] for run in runs]
    return {"runs": list(runs), "mean": mean(top1), "std": stdev(top1)}


def _wrong(card: dict[str, Any]) -> str:
    """The missing or invalid entries of a card, "" if there are none. The card is untrusted input."""
    missing = sorted(line for line, kind in REQUIRED.items() if not isinstance(card.get(line), kind))
    if missing:
        return ", ".join(missing)
    inner = [("preprocessing", card["preprocessing"]), *(("classes", entry) for entry in card["classes"])]
    wrong = {line for line, value in inner if not isinstance(value, dict) or not INSIDE[line] <= value.keys()}
    if not wrong and not all(isinstance(entry[line], str) for entry in card["classes"] for line in INSIDE["classes"]):
        wrong.add("classes")
    wrong |= {f"options.{option}" for option, value in card["options"].items() if type(value) is not STATED.get(option)}
    if "accuracy" in card and not _measured(card["accuracy"]):
        wrong.add("accuracy")
    if "seeds" in card and not _several(card["seeds"]):
        wrong.add("seeds")
    if "preprocessing" not in wrong:
        lines = INSIDE["preprocessing"] | {"interpolation"}
        wrong |= {f"preprocessing.{line}" for line in lines if not _usable(line, card["preprocessing"])}
    return ", ".join(sorted(wrong))


def _measured(accuracy: Any) -> bool:
    """Whether this states an accuracy, the number of images and the data it was measured on."""
    kinds = {"top1": int | float, "count": int, "half": str, "data": str}
    return isinstance(accuracy, dict) and all(isinstance(accuracy.get(line), kind) for line, kind in kinds.items())


def _several(seeds: Any) -> bool:
    """Whether these are several runs with their mean and standard deviation."""
    if not isinstance(seeds, dict) or not isinstance(seeds.get("runs"), list) or len(seeds["runs"]) < 2:
        return False
    numbers = [seeds.get("mean"), seeds.get("std")]
    for run in seeds["runs"]:
        numbers += [run.get(line) for line in RUN] if isinstance(run, dict) else [None]
    return all(type(value) in (int, float) for value in numbers)


def _usable(line: str, preprocessing: dict[str, Any]) -> bool:
    """Whether an image can be prepared with this entry: a size in pixels, or a finite number for each of R, G and B."""
    value = preprocessing.get(line, "bilinear")
    if line == "interpolation":
        return value in ("bilinear", "bicubic")
    if line in ("resize", "size"):
        return type(value) is int and value in SIDES
    if not isinstance(value, list) or len(value) != 3 or not all(type(one) in (int, float) for one in value):
        return False
    return all(math.isfinite(one) and (one > 0 or line == "mean") for one in value)
