"""A plain list, nn.ModuleList and nn.Sequential with the same two layers: measures what each of them does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

CHANNELS = 4
NOWHERE = "meta"
"""Layers without values: no random numbers are drawn and no memory is used."""


@dataclass(frozen=True)
class Container:
    """The result for two 3x3 convolutions with 4 channels in and out in a module's attribute `layers`.

    Attributes:
        kind: "list", "ModuleList" or "Sequential".
        parameters: how many parameters the module has, which an optimiser would train: 2 · (3²·4·4 + 4) = 296, or 0.
        keys: of its state dict, which a checkpoint would contain.
        follows: whether `eval()` of the module reaches the layers.
        runs: whether `module.layers(x)` runs them in order; otherwise `error` is the message of torch or Python.
    """

    kind: str
    parameters: int
    keys: tuple[str, ...]
    follows: bool
    runs: bool
    error: str | None


@cache
def containers() -> tuple[Container, ...]:
    """The three containers, measured on small modules."""
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
    """None if `layers` can be called, otherwise the error message."""
    try:
        layers(torch.empty(1, CHANNELS, 5, 5, device=NOWHERE))
    except (TypeError, NotImplementedError) as error:
        return f"{type(error).__name__}: {error}"
    return None
