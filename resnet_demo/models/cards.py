"""The card beside a checkpoint: read, and refused by name when it cannot be used."""

import json
from pathlib import Path
from typing import Any

from resnet_demo.errors import CheckpointError

REQUIRED = {"model": str, "options": dict, "dataset": str, "classes": list, "preprocessing": dict, "sha256": str}
INSIDE = {"classes": {"id", "name"}, "preprocessing": {"resize", "size", "mean", "std"}}


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
    try:
        card = json.loads(path.read_text("utf-8"))
        reason = _fault(card)
    except ValueError as error:
        reason = f"it is no JSON: {error}"
    if reason:
        raise CheckpointError(
            "checkpoint_card",
            "The card {path} cannot be used ({reason}). Fetch the checkpoint again.",
            path=str(path),
            reason=reason,
        )
    return card


def _fault(card: Any) -> str:
    """What keeps a card from being used, "" for nothing. It may come from anyone."""
    if not isinstance(card, dict):
        return "it is no JSON object"
    missing = sorted(line for line, kind in REQUIRED.items() if not isinstance(card.get(line), kind))
    if missing:
        return f"it lacks {', '.join(missing)}"
    inner = [("preprocessing", card["preprocessing"]), *(("classes", entry) for entry in card["classes"])]
    bad = [line for line, value in inner if not isinstance(value, dict) or not INSIDE[line] <= value.keys()]
    return f"its {bad[0]} are incomplete" if bad else ""
