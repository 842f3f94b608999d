"""Networks of one's own that join those of the app: a folder of weights, a file, or a Hub id."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.card import checkpoints
from resnet_demo.checkpoints.load import fetch
from resnet_demo.errors import CheckpointError
from resnet_demo.models.architectures import ARCHITECTURES

RESERVED = ("imagenet", "random")
"""Names that mean something else behind a network's name."""
NO_LETTERS, LONGEST = r"\W+", 60
"""Of a data set's name, what a key leaves out, and how many letters it keeps."""


@dataclass(frozen=True)
class OwnNetwork:
    """A network by its key in the app, with what `load` takes: its architecture, and a path or a Hub id.

    `source` is where it is from, for everyone to read: a Hub id, or the name of a file without its folder.
    """

    key: str
    model: str
    weights: str
    source: str


def find_own(sources: Sequence[str], taken: Collection[str]) -> tuple[OwnNetwork, ...]:
    """The networks of folders, files and Hub ids, which are fetched if need be, under keys that are not `taken`.

    Raises CheckpointError for a folder without weights, and for weights that cannot be used.
    """
    used = {*taken}
    found = []
    for weights in [one for source in sources for one in _files(source)]:
        _, card = fetch(weights)
        key = new_key(card, used)
        used.add(key)
        source = weights if hub.hub_id(weights) else Path(weights).name
        found.append(OwnNetwork(key, card["model"], weights, source))
    return tuple(found)


def _files(source: str) -> list[str]:
    """The checkpoints of a folder; a file or a Hub id as it is. Raises CheckpointError for anything else."""
    folder = Path(source)
    if source.endswith(hub.FILES) or (hub.hub_id(source) and not folder.is_dir()):
        return [source]
    files = checkpoints(folder)
    if not files:
        raise CheckpointError("weights_folder", path=source)
    return list(map(str, files))


def new_key(card: Mapping[str, Any], used: Collection[str]) -> str:
    """A key that is not used: letters, digits and underscores, since pages, addresses and files carry it."""
    taken = {*used, *(f"{model}-{name}" for model in ARCHITECTURES for name in RESERVED)}
    plain = f"{card['model']}-{re.sub(NO_LETTERS, '_', card['dataset']).strip('_')[:LONGEST] or 'own'}"
    return next(key for key in chain([plain], (f"{plain}~{number}" for number in count(2))) if key not in taken)
