"""A plain list, nn.ModuleList and nn.Sequential holding the same two layers: what each of them does, measured."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

CHANNELS = 4
NOWHERE = "meta"
"""Layers without numbers: nothing is drawn at random, nothing takes memory."""


@dataclass(frozen=True)
class Container:
    """What became of two 3x3 convolutions, 4 channels in and out, in a module's attribute `layers`.

    Attributes:
        kind: "list", "ModuleList" or "Sequential".
        parameters: how many numbers the module knows of, and so an optimiser would train: 2 · (3²·4·4 + 4) = 296, or 0.
        keys: of its state dict, what a checkpoint would hold.
        follows: whether `eval()` of the module reaches the layers.
        runs: whether `module.layers(x)` runs them in turn; `error` is what torch or Python says otherwise.
    """

    kind: str
    parameters: int
    keys: tuple[str, ...]
    follows: bool
    runs: bool
    error: str | None


def containers() -> tuple[Container, ...]:
    """The three, measured now on small modules of their own."""
    return (
        _measure("list", list),
        _measure("ModuleList", nn.ModuleList),
        _measure("Sequential", lambda layers: nn.Sequential(*layers)),
    )


def _measure(kind: str, hold: Callable[[Iterable[nn.Module]], Any]) -> Container:
    module = nn.Module()
    held = [nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, device=NOWHERE) for _ in range(2)]
    module.layers = hold(held)
    module.eval()
    error = _call(module.layers)
    return Container(
        kind,
        sum(parameter.numel() for parameter in module.parameters()),
        tuple(module.state_dict()),
        not any(layer.training for layer in held),
        error is None,
        error,
    )


def _call(layers: Any) -> str | None:
    """None when `layers` can be called, else the error's words."""
    try:
        layers(torch.empty(1, CHANNELS, 5, 5, device=NOWHERE))
    except (TypeError, NotImplementedError) as error:
        return f"{type(error).__name__}: {error}"
    return None
