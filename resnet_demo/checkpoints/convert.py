"""A `.pth` file of one's own turned into weights with a card. For the command line alone: the app opens no pickle.

`torch.load(weights_only=True)` reads tensors and plain containers, and refuses everything that could run code.
"""

import hashlib
import json
import pickle
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from resnet_demo.checkpoints.matching import check_fit
from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError
from resnet_demo.models.architectures import describe

ANCHOR = "layer1.0.conv1.weight"
"""Every network of this project has this tensor: what stands before the name in a file is a wrapper's prefix."""
REFUSED = re.compile(r"GLOBAL ([\w.]+)|TorchScript")
"""What `weights_only` says of a file that holds more than it reads."""
PREPROCESSING = {"imagenet": Preprocessing(256, 224), "cifar": Preprocessing(32, 32)}
"""How a network of each stem is usually shown a picture: a file of weights does not tell."""


@dataclass(frozen=True)
class Found:
    """Weights within a file.

    Attributes:
        place: the containers that they lie in, and the prefix taken off their names: "state_dict", "module".
        tensors: by torchvision's names, in float32.
        left_out: names beside them that belong to no network, such as a wrapper's counter.
    """

    place: tuple[str, ...]
    tensors: dict[str, Tensor]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Converted:
    """A checkpoint ready to be written: `weights` as a safetensors file, and its card."""

    found: Found
    weights: bytes
    card: dict[str, Any]

    @property
    def stem(self) -> str:
        """The name of both files, without their ends."""
        return f"{self.card['model']}-{self.card['dataset']}"


def convert(path: Path, model: str, stem: str = "", classes: Path | None = None) -> Converted:
    """The weights in the pickle `path` as those of the network `model`.

    Args:
        stem: "imagenet" or "cifar" in place of the network's own, "" for its own.
        classes: a file of class names, see `class_names`; None numbers the classes.

    Raises CheckpointError for a file that holds more than tensors, no network, or another one; ArchitectureError.
    """
    own = describe(model).stem
    found = find_weights(read_pickle(path), path)
    check_fit({key: tuple(value.shape) for key, value in found.tensors.items()}, model, stem or own, path)
    entries = class_entries(len(found.tensors["fc.bias"]), classes)
    weights = save(found.tensors)
    card = {
        "title": f"{model}, converted from {path.name}",
        "model": model,
        "options": {"stem": stem} if stem not in ("", own) else {},
        "dataset": re.sub(r"\W+", "_", path.name.split(".")[0]),
        "classes": entries,
        "preprocessing": PREPROCESSING[stem or own].as_dict(),
        "sha256": hashlib.sha256(weights).hexdigest(),
        "dtype": "float32",
        "source": f"{path.name}, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}",
        "parameters": sum(value.numel() for key, value in found.tensors.items() if "running_" not in key),
    }
    return Converted(found, weights, card)


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


def find_weights(content: Any, path: Path) -> Found:
    """The network's tensors in whatever wrappers they lie in. A moving average is preferred to what it averages.

    Raises CheckpointError where there are none.
    """
    candidates = [
        ((*place, *filter(None, prefix.split("."))), prefix, tensors)
        for place, tensors in _tensors_in(content, ())
        for prefix in (key.removesuffix(ANCHOR) for key in tensors if key.endswith(ANCHOR))
    ]
    if not candidates:
        keys = ", ".join(map(str, content))[:200] if isinstance(content, Mapping) else type(content).__name__
        raise CheckpointError("convert_nothing", path=str(path), anchor=ANCHOR, keys=keys)
    place, prefix, tensors = min(candidates, key=lambda one: (not _is_averaged(one[0]), len(one[0])))
    own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
    return Found(
        place,
        # Copies: safetensors refuses tensors that share memory.
        {
            key: value.detach().float().clone(memory_format=torch.contiguous_format)
            for key, value in own.items()
            if not key.endswith("num_batches_tracked")
        },
        tuple(key for key in tensors if not key.startswith(prefix)),
    )


def _is_averaged(place: tuple[str, ...]) -> bool:
    """Whether a container's name says that it is an exponential moving average: "model_ema", "ema"."""
    return any("ema" in key.lower().split("_") for key in place)


def _tensors_in(content: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Tensor]]]:
    """Every mapping in `content` that holds tensors, with the keys that lead to it.

    `torch.compile` writes "_orig_mod." wherever a compiled module lies, and so it may stand within a name.
    """
    if not isinstance(content, Mapping):
        return
    tensors = {str(key).replace("_orig_mod.", ""): value for key, value in content.items() if isinstance(value, Tensor)}
    if tensors:
        yield place, tensors
    for key, value in content.items():
        yield from _tensors_in(value, (*place, str(key)))


def class_entries(count: int, path: Path | None) -> list[dict[str, str]]:
    """The classes as a card lists them, by the names in the file `path`, or numbered.

    Imagenette's classes go by their WordNet ids, so that networks can be asked about the same class. Raises
    CheckpointError where the file does not name `count` classes.
    """
    named = class_names(path) if path else [("", f"class {index}") for index in range(count)]
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
