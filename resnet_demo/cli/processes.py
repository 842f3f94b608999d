"""Splits work among the processes that torchrun starts; a single process does all of it."""

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist

Item = TypeVar("Item")
PATIENCE = timedelta(days=7)
"""How long the first process to finish waits for the last."""


def join() -> tuple[int, int]:
    """This process's number and how many there are, where torchrun started it; else it is alone.

    RANK and WORLD_SIZE alone do not say so: they may be left over from another program.
    """
    if not dist.is_torchelastic_launched():
        return 0, 1
    rank, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    if count > 1 and not dist.is_initialized():
        dist.init_process_group("gloo", timeout=PATIENCE)
    return rank, count


def leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()


def device() -> str:
    """Each process has a GPU of its own where there are GPUs."""
    several = dist.is_torchelastic_launched() and torch.cuda.is_available()
    return f"cuda:{os.environ['LOCAL_RANK']}" if several else "auto"


def gather(mine: Sequence[Item]) -> list[Item]:
    """Gathers every process's items in the first one, in their original order; process r took the items r::count."""
    if not dist.is_initialized():
        return list(mine)
    rank, count = dist.get_rank(), dist.get_world_size()
    parts: list[Sequence[Item] | None] | None = [None] * count if rank == 0 else None
    dist.gather_object(mine, parts)
    found = [part for part in parts or [] if part is not None]
    longest = max(map(len, found), default=0)
    return [part[i] for i in range(longest) for part in found if i < len(part)]
