"""Which network a set of tensors belongs to, by the names and shapes in it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from resnet_demo.errors import CheckpointError
from resnet_demo.models.architectures import ARCHITECTURES, STEMS, describe
from resnet_demo.models.resnet import build

Shapes = Mapping[str, tuple[int, ...]]
LISTED = 3
"""So many names of tensors are written out in an error."""


def shapes_of(model: str, stem: str, classes: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a network that a file has to hold."""
    with torch.device("meta"):  # shapes without numbers
        network = build(model, classes, stem=stem)
    state = network.state_dict().items()
    return {key: tuple(value.shape) for key, value in state if not key.endswith("num_batches_tracked")}


def shapes_in(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Name and shape of each tensor."""
    return {key: tuple(value.shape) for key, value in tensors.items()}


def fitting(given: Shapes) -> list[tuple[str, str]]:
    """The networks, by name and stem, that have tensors of just these names and shapes."""
    head = given.get("fc.bias", ())
    as_deep = [name for name, known in ARCHITECTURES.items() if known.depths == depths_in(given)]
    return [
        (name, stem) for name in as_deep for stem in STEMS if len(head) == 1 and given == shapes_of(name, stem, *head)
    ]


def depths_in(shapes: Shapes) -> tuple[int, ...]:
    """Blocks in each stage."""
    names = [found for key in shapes if (found := re.match(r"layer(\d+)\.(\d+)\.", key))]
    stages = sorted({int(name[1]) for name in names})
    return tuple(len({name[2] for name in names if int(name[1]) == stage}) for stage in stages)


def check_fit(given: Shapes, model: str, stem: str, path: Path) -> None:
    """Raises CheckpointError unless `given` is what the network needs; says which network it does fit, if any."""
    (classes,) = given.get("fc.bias") or (describe(model).num_classes,)
    wanted = shapes_of(model, stem, classes)
    if given == wanted:
        return
    others = [name if other == ARCHITECTURES[name].stem else f"{name} --stem {other}" for name, other in fitting(given)]
    if others:
        raise CheckpointError(
            "convert_other",
            path=str(path),
            name=model,
            others=", ".join(others),
            first=others[0],
        )
    differing = [
        f"{key} {list(given[key])}, not {list(wanted[key])}"
        for key in wanted
        if given.get(key, wanted[key]) != wanted[key]
    ]
    raise CheckpointError(
        "convert_mismatch",
        path=str(path),
        name=model,
        missing=_listed([key for key in wanted if key not in given]),
        unexpected=_listed([key for key in given if key not in wanted]),
        shapes=_listed(differing),
        found=structure(given),
        needed=structure(wanted),
    )


def structure(shapes: Shapes) -> str:
    """What the tensors tell of their network, as "conv1 7x7, 2+2+2+2 blocks of 2 conv, 3 downsample, fc 1000"."""
    stem, head = shapes.get("conv1.weight"), shapes.get("fc.weight")
    convolutions = sum(re.fullmatch(r"layer1\.0\.conv\d+\.weight", key) is not None for key in shapes)
    shortcuts = sum(re.fullmatch(r"layer\d+\.\d+\.downsample\.0\.weight", key) is not None for key in shapes)
    return ", ".join(
        (
            f"conv1 {stem[-2]}x{stem[-1]}" if stem and len(stem) == 4 else "no conv1",
            f"{'+'.join(map(str, depths_in(shapes)))} blocks of {convolutions} conv",
            f"{shortcuts} downsample",
            f"fc {head[0]}" if head else "no fc",
        )
    )


def _listed(names: Sequence[str]) -> str:
    """The first of the names, and how many there are in all."""
    more = f", ... ({len(names)})" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more or "-"
