"""Weights without a model card: found within their wrappers, and given one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from resnet_demo.checkpoints.card import read_bytes
from resnet_demo.checkpoints.load import read_tensors, sha256_of
from resnet_demo.checkpoints.matching import fitting, shapes_in, structure
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError
from resnet_demo.models.architectures import describe

ANCHOR = "layer1.0.conv1.weight"
"""Every network of this project has this tensor: what stands before the name in a file is a wrapper's prefix."""
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


def recognise(path: Path) -> Converted:
    """The weights in a safetensors file as those of the one network that they fit, with numbered classes.

    Raises CheckpointError for a damaged file, and where no network or several fit.
    """
    found = find_weights(read_tensors(path, sha256_of(read_bytes(path))), Path(path.name))
    shapes = shapes_in(found.tensors)
    fit = fitting(shapes)
    if not fit:
        raise CheckpointError("bare_unknown", path=path, found=structure(shapes))
    if len(fit) > 1:
        raise CheckpointError("bare_several", path=path, names=", ".join(dict(fit)))
    ((model, stem),) = fit
    return with_card(found, path, model, stem, numbered(len(found.tensors["fc.bias"])))


def with_card(found: Found, path: Path, model: str, stem: str, classes: list[dict[str, str]]) -> Converted:
    """The weights found in the file `path` as those of the network `model` with this stem."""
    weights = save(found.tensors)
    card = {
        "title": f"{model}, converted from {path.name}",
        "model": model,
        "options": {"stem": stem} if stem != describe(model).stem else {},
        "dataset": re.sub(r"\W+", "_", path.name.split(".")[0]),
        "classes": classes,
        "preprocessing": PREPROCESSING[stem].as_dict(),
        "sha256": sha256_of(weights),
        "dtype": "float32",
        "source": f"{path.name}, sha256 {sha256_of(path.read_bytes())}",
        "parameters": sum(value.numel() for key, value in found.tensors.items() if "running_" not in key),
    }
    return Converted(found, weights, card)


def numbered(count: int) -> list[dict[str, str]]:
    """Classes that nothing names."""
    return [{"id": name, "name": name} for name in (f"class {index}" for index in range(count))]


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
