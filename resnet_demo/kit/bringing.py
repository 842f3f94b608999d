"""What a visitor brings, checked as any other weights are, before the app keeps it."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.bare import recognise
from resnet_demo.checkpoints.card import parse_card
from resnet_demo.checkpoints.load import check_shapes, find_on_hub, read_tensors
from resnet_demo.errors import CheckpointError
from resnet_demo.kit.visitors import Brought
from resnet_demo.models.resnet import build

SIDE = 512
"""Pixels of the largest picture that a visitor's network is shown: memory grows with their square."""
WEIGHTS, CARD = ".safetensors", ".json"
UNREACHABLE = ("hub_offline", "hub_switched_off")


def from_hub(name: str) -> Brought:
    """The model of a Hub id. Raises CheckpointError for what is not such an id, and for what cannot be used.

    The Hub's cache is not used: it may hold what only the owner of this machine may read.
    """
    release = hub.hub_id(name if "@" in name else f"{name}@main")  # with a revision it never means a path
    if release is None:
        raise CheckpointError("hub_name", name=name)
    with tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder:
        try:
            path, card = find_on_hub(replace(release, name=name, apart=Path(folder)))
        except CheckpointError as error:
            if error.key not in UNREACHABLE:
                raise
            raise CheckpointError("visitors_offline", name=name) from error
        return _checked(path, card, name)


def from_files(files: Sequence[Path]) -> Brought:
    """A network in uploaded files: weights, with their card or without. Raises CheckpointError."""
    for file in files:
        if file.suffix.lower() in hub.FILES and file.suffix.lower() != WEIGHTS:
            raise CheckpointError("checkpoint_pickle", path=Path(file.name))
    weights, cards = ([file for file in files if file.suffix.lower() == kind] for kind in (WEIGHTS, CARD))
    if len(weights) != 1 or len(cards) > 1 or len(files) > 2:
        raise CheckpointError("upload_files", names=", ".join(file.name for file in files))
    path = weights[0]
    if not cards:
        made = recognise(path)
        return Brought(made.weights, made.card, path.name)
    if cards[0].stat().st_size > hub.MOST_OF_CARD * 10**6:
        raise CheckpointError("upload_card", path=cards[0], most=hub.MOST_OF_CARD)
    return _checked(path, parse_card(cards[0]), path.name)


def _checked(path: Path, card: dict[str, Any], source: str) -> Brought:
    tensors = read_tensors(path, card["sha256"])
    with torch.device("meta"):  # takes no memory, whatever a card calls for
        check_shapes(build(card["model"], len(card["classes"]), **card["options"]), tensors, path)
    side = max(card["preprocessing"][line] for line in ("size", "resize"))
    if side > SIDE:
        raise CheckpointError("visitors_side", path=path, side=side, most=SIDE)
    return Brought(path.read_bytes(), card, source)
