"""Data-parallel training on torch's own engine: `torchrun` starts the processes, DistributedDataParallel joins them.

A single process uses the same functions and the same loop. All processes draw the same order and the same augmentation
for the whole batch, and each trains on its own part of it; gradients are averaged before each step, so that all keep
the same weights. BatchNorm uses the statistics of each process's own part, and the first process's running statistics
are kept; without BatchNorm the result is that of a single process, up to rounding.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from typing import TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from resnet_demo.errors import DemoError
from resnet_demo.models.device import choose_device
from resnet_demo.training.recipe import Recipe

T = TypeVar("T")


@contextmanager
def joined(name: str) -> Iterator[torch.device]:
    """Joins the processes of torchrun, if it started this one, until the block ends; yields this process's device.

    Only the first process prints, draws a progress bar and reports an error that all of them encounter. Until the
    processes have joined, each reports its own errors.
    """
    if not distributed.is_torchelastic_launched():
        yield choose_device(name)
        return
    speaks = os.environ["RANK"] == "0"
    try:
        with nullcontext() if speaks else _silence():
            yield _join(_shared_device(name))
    except (DemoError, OSError):
        if speaks or not distributed.is_initialized():
            raise
        raise SystemExit(1) from None
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()


def _shared_device(name: str) -> torch.device:
    """The device of that name, if processes can share gradients on it: "auto" skips Apple's GPU.

    Raises DemoError if that is requested: torch has no backend for it, and it lacks the float64 that `mean` needs.
    """
    device = choose_device(name)
    if device.type != "mps":
        return device
    if name == "auto":
        return torch.device("cpu")
    raise DemoError("mps_alone", name=name)


def _join(device: torch.device) -> torch.device:
    """Waits for the others. Raises DemoError if there are not enough GPUs."""
    if device.type == "cuda":
        asked, there = int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
        if asked > there:
            raise DemoError("gpus_too_few", asked=asked, count=there)
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return device


@contextmanager
def _silence() -> Iterator[None]:
    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
        yield


def count() -> int:
    """The number of processes that train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def is_first() -> bool:
    """Whether this process writes files and prints; a single process does."""
    return not distributed.is_initialized() or distributed.get_rank() == 0


def averaging(network: nn.Module) -> nn.Module:
    """The network prepared for training, with gradients averaged over all processes."""
    return DistributedDataParallel(network) if distributed.is_initialized() else network


def check(recipe: Recipe) -> None:
    """Raises DemoError unless each process gets an equal part of a batch, at least two images for BatchNorm."""
    part = max(round(recipe.batch_size / count()), 2)
    if recipe.batch_size % count() or recipe.batch_size < 2 * count():
        raise DemoError("batch_parts", value=recipe.batch_size, count=count(), nearest=part * count())


def own_part(length: int) -> range:
    """The positions in a batch of `length` that this process trains on."""
    rank = distributed.get_rank() if distributed.is_initialized() else 0
    part = length // count()
    return range(rank * part, (rank + 1) * part)


def mean(values: tuple[float, ...], device: torch.device) -> tuple[float, ...]:
    """Each value's mean over all processes, which have equal parts of a batch."""
    if not distributed.is_initialized():
        return values
    totals = torch.tensor(values, dtype=torch.float64, device=device)
    distributed.all_reduce(totals)
    return tuple((totals / count()).tolist())


def from_first(compute: Callable[[], T]) -> T:
    """Returns the first process's result in every process."""
    if not distributed.is_initialized():
        return compute()
    held: list[T | None] = [compute() if is_first() else None]
    distributed.broadcast_object_list(held)
    return held[0]  # type: ignore[return-value]
