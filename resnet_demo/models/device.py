"""Chooses the processor that runs the network and the precision it trains in."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor

from resnet_demo.errors import DemoError

Items = TypeVar("Items", Tensor, range, list[Any])
Result = TypeVar("Result")


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" prefers CUDA, then Apple's MPS, then the CPU.

    Raises DemoError for a device that does not exist.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind, _, index = name.partition(":")
    present = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if index not in ("", *map(str, range(present.get(kind, 0)))) or not present.get(kind):
        there = ", ".join(key for key, value in present.items() if value)
        raise DemoError("device_missing", name=name, there=there)
    return torch.device(name)


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the hardware supports bf16 natively, which makes it faster than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def autocast(device: torch.device) -> AbstractContextManager[None]:
    """Mixed precision in bf16 where the hardware supports it, float32 elsewhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16(device))


def in_parts(run: Callable[[Items], Result], items: Items, size: int) -> Iterator[Result]:
    """`run` on `size` items at a time, or on half as many whenever a GPU's memory is full.

    Raises torch.OutOfMemoryError where one item alone does not fit.
    """
    start = 0
    while start < len(items):
        try:
            result = run(items[start : start + size])
        except torch.OutOfMemoryError:
            if size == 1:
                raise
            size //= 2
            continue
        yield result
        start += size


@contextmanager
def within_memory(device: torch.device) -> Iterator[None]:
    """Raises DemoError where a GPU's memory is full."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DemoError("gpu_full", device=device) from error
