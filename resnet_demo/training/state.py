"""The file from which a killed run is resumed: written atomically after every epoch."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from resnet_demo.errors import CheckpointError
from resnet_demo.training.history import Epoch, as_rows, write_atomically

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class State:
    """A run after some epochs: the current weights, those of the best epoch, SGD's momentum and the history.

    `made` describes what the last epoch was trained with, for the card: see `machine.made`. `average` is the state of
    the moving average of the weights, {} for a recipe without one.
    """

    network: Tensors
    best: Tensors
    momentum: Tensors
    history: list[Epoch]
    made: dict[str, Any]
    average: Tensors = field(default_factory=dict)


PARTS = ("network", "best", "momentum", "average")


def write_state(path: Path, identity: str, state: State) -> None:
    """Writes `state`; `identity` identifies its architecture and recipe."""
    tensors = {f"{part}.{key}": value.contiguous() for part in PARTS for key, value in getattr(state, part).items()}
    meta = {"identity": identity, "history": json.dumps(as_rows(state.history))}
    meta["made"] = json.dumps(state.made)
    write_atomically(path, save(tensors, meta))


def read_state(path: Path, identity: str) -> State:
    """Raises CheckpointError when the file is damaged or belongs to another architecture or recipe."""
    try:
        with safe_open(path, "pt") as file:
            meta = file.metadata() or {}
            # Copies, because a tensor from safe_open is a view of the file, and Windows cannot replace a mapped file.
            tensors = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118 - safe_open is not a mapping
    except (SafetensorError, OSError) as error:
        raise CheckpointError("resume_damaged", path=str(path), reason=str(error)) from error
    if meta.get("identity") != identity:
        raise CheckpointError("resume_mismatch", path=str(path))
    if "made" not in meta:
        raise CheckpointError("resume_damaged", path=str(path), reason="it does not tell what it was made with")
    parts = {part: _part(tensors, f"{part}.") for part in PARTS}
    history = [Epoch(**row) for row in json.loads(meta["history"])]
    return State(**parts, history=history, made=json.loads(meta["made"]))


def _part(tensors: Tensors, prefix: str) -> Tensors:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
