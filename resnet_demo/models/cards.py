"""The card beside a checkpoint: read, and refused by name when it cannot be used."""

import json
from pathlib import Path
from typing import Any

from resnet_demo.errors import CheckpointError
from resnet_demo.models.architectures import OPTIONS

REQUIRED = {"model": str, "options": dict, "dataset": str, "classes": list, "preprocessing": dict, "sha256": str}
STATED = {*OPTIONS} - {"num_classes"}
"""The options that a card may state: how many classes there are, it tells by naming them."""
INSIDE = {"classes": {"id", "name"}, "preprocessing": {"resize", "size", "mean", "std"}}


def checkpoints(folder: Path) -> list[Path]:
    """The weights in `folder`, with a card or without; the state of a training that goes on is none."""
    return sorted(path for path in folder.glob("*.safetensors") if not path.stem.endswith(".state"))


def cards(folder: Path) -> list[dict[str, Any]]:
    """The cards of the weights in `folder`; weights without one are left out.

    Raises CheckpointError for a card that cannot be used.
    """
    return [read_card(path) for path in checkpoints(folder) if path.with_suffix(".json").is_file()]


def read_card(path: Path) -> dict[str, Any]:
    """The card of the checkpoint `path`. Raises CheckpointError when either is missing or is no such file."""
    if path.suffix != ".safetensors":
        raise CheckpointError(
            "checkpoint_pickle",
            "{path} is not opened: files of this kind can run code when they are read. "
            "Convert it to safetensors first.",
            path=str(path),
        )
    card = path.with_suffix(".json")
    for needed in (path, card):
        if not needed.is_file():
            raise CheckpointError(
                "checkpoint_no_file",
                "There is no file {path}. A checkpoint is a .safetensors file with its card, a .json, beside it.",
                path=str(needed),
            )
    return parse_card(card)


def parse_card(path: Path) -> dict[str, Any]:
    """The card in the file `path`. Raises CheckpointError for one that cannot be used."""
    try:
        card = json.loads(path.read_text("utf-8"))
    except ValueError:
        card = None
    if not isinstance(card, dict):
        raise CheckpointError(
            "checkpoint_card_json",
            "The card {path} is no JSON object. Get the checkpoint again from where it came from.",
            path=str(path),
        )
    if wrong := _wrong(card):
        raise CheckpointError(
            "checkpoint_card",
            "The card {path} cannot be used. Missing or wrong in it: {lines}. Get the checkpoint again from where it "
            "came from.",
            path=str(path),
            lines=wrong,
        )
    return card


def _wrong(card: dict[str, Any]) -> str:
    """The lines that keep a card from being used, "" for none. It may come from anyone."""
    missing = sorted(line for line, kind in REQUIRED.items() if not isinstance(card.get(line), kind))
    if missing:
        return ", ".join(missing)
    inner = [("preprocessing", card["preprocessing"]), *(("classes", entry) for entry in card["classes"])]
    wrong = {line for line, value in inner if not isinstance(value, dict) or not INSIDE[line] <= value.keys()}
    if not wrong and not all(isinstance(entry[line], str) for entry in card["classes"] for line in INSIDE["classes"]):
        wrong.add("classes")
    wrong |= {f"options.{option}" for option in card["options"] if option not in STATED}
    return ", ".join(sorted(wrong))
