"""A `.pth` file of one's own turned into weights with a card. For the command line alone: the app opens no pickle.

`torch.load(weights_only=True)` reads tensors and plain containers, and refuses everything that could run code.
"""

import json
import pickle
import re
from collections import Counter
from pathlib import Path
from typing import Any

import torch

from resnet_demo.checkpoints.bare import Converted, find_weights, numbered, with_card
from resnet_demo.checkpoints.matching import check_fit, shapes_in
from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.errors import CheckpointError
from resnet_demo.models.architectures import describe

REFUSED = re.compile(r"GLOBAL ([\w.]+)|TorchScript")
"""What `weights_only` says of a file that holds more than it reads."""


def convert(path: Path, model: str, stem: str = "", classes: Path | None = None) -> Converted:
    """The weights in the pickle `path` as those of the network `model`.

    Args:
        stem: "imagenet" or "cifar" in place of the network's own, "" for its own.
        classes: a file of class names, see `class_names`; None numbers the classes.

    Raises CheckpointError for a file that holds more than tensors, no network, or another one; ArchitectureError.
    """
    stem = stem or describe(model).stem
    found = find_weights(read_pickle(path), path)
    check_fit(shapes_in(found.tensors), model, stem, path)
    count = len(found.tensors["fc.bias"])
    return with_card(found, path, model, stem, class_entries(count, classes) if classes else numbered(count))


def read_pickle(path: Path) -> Any:
    """What torch saved in `path`, on the CPU. Raises CheckpointError, and OSError where there is no such file."""
    try:
        return torch.load(path, "cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        refused = REFUSED.search(str(error))
        if not refused:
            raise CheckpointError("convert_unreadable", path=str(path)) from error
        # Torch's own message advises to read the file unsafely.
        raise CheckpointError("convert_unsafe", path=str(path), found=refused[1] or "TorchScript") from error


def class_entries(count: int, path: Path) -> list[dict[str, str]]:
    """The classes as a card lists them, by the names in the file `path`.

    Imagenette's classes go by their WordNet ids, so that networks can be asked about the same class. Raises
    CheckpointError where the file does not name `count` classes.
    """
    named = class_names(path)
    if len(named) != count:
        raise CheckpointError("convert_classes", path=str(path), named=len(named), count=count)
    known = {name: key for key, name in IMAGENETTE.items()}
    ids = [key or known.get(name, name) for key, name in named]
    times = Counter(ids)
    return [
        {"id": key if times[key] == 1 else f"{key} {index}", "name": IMAGENETTE.get(name, name)}
        for index, (key, (_, name)) in enumerate(zip(ids, named, strict=True))
    ]


def class_names(path: Path) -> list[tuple[str, str]]:
    """(id or "", name) of each class in a file: one name on each line, or JSON.

    JSON may be a list of names, torchvision's `class_to_idx` (name to index), or an object from each index to a name or
    to [id, name], as in imagenet_class_index.json. Raises CheckpointError for anything else.
    """
    text = ""
    try:
        text = path.read_text("utf-8-sig")
        listed = json.loads(text)
    except UnicodeDecodeError:
        listed = None
    except ValueError:
        listed = [line.strip() for line in text.splitlines() if line.strip()]
    if isinstance(listed, dict):
        if all(type(value) is int for value in listed.values()):
            listed = {str(index): name for name, index in listed.items()}
        listed = [listed.get(str(index)) for index in range(len(listed))]
    pairs = [one if isinstance(one, list) else ["", one] for one in listed] if isinstance(listed, list) else []
    if not pairs or not all(len(pair) == 2 and all(isinstance(one, str) for one in pair) and pair[1] for pair in pairs):
        raise CheckpointError("convert_names", path=str(path))
    return [(key, name) for key, name in pairs]
