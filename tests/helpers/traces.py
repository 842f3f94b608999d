"""What an explanation might leave behind: in a network, in torch, in memory, and among the threads."""

import gc
import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.modules import module as hooks_of_all

from resnet_demo.models.resnet import ResNet

RESIDENT = Path("/proc/self/statm")
PAGE = 4096
MEGABYTE = 2**20


def state(network: ResNet) -> dict[str, object]:
    """All of the network and of this thread's torch that a careless explanation would change, bit by bit.

    A tensor's version counts what was written into it, so that a value changed and put back is seen, too.
    """
    tensors = dict(network.named_parameters()) | dict(network.named_buffers())
    return {
        "hooks": _hooks(network),
        "train flags": [module.training for module in network.modules()],
        "modules": [(name, id(module)) for name, module in network.named_modules()],
        "requires_grad": [value.requires_grad for value in tensors.values()],
        "gradients": [None if value.grad is None else _digest(value.grad) for value in tensors.values()],
        "values": [(name, value.data_ptr(), value._version, _digest(value)) for name, value in tensors.items()],
        "torch": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), _digest(torch.get_rng_state())),
    }


def _hooks(network: ResNet) -> int:
    """Hooks of every module, of every parameter, and of all modules of the process."""
    places = [
        found
        for module in network.modules()
        for name, found in vars(module).items()
        if name.endswith("_hooks") and found is not None
    ]
    places += [found for name, found in vars(hooks_of_all).items() if name.startswith("_global") and "hooks" in name]
    places += [value._backward_hooks or () for value in network.parameters()]
    assert len(places) > 100
    return sum(map(len, places))


def _digest(value: Tensor) -> str:
    return hashlib.sha256(value.detach().cpu().contiguous().numpy().tobytes()).hexdigest()


def live() -> tuple[int, int]:
    """Tensors that are alive, and the bytes of their distinct storages."""
    gc.collect()
    tensors = [found for found in gc.get_objects() if issubclass(type(found), Tensor)]
    return len(tensors), sum(dict(map(_storage, tensors)).values())


def _storage(value: Tensor) -> tuple[int, int]:
    """Where a tensor's numbers lie, and their bytes. oneDNN's own tensors tell no address."""
    if value.is_mkldnn:
        return id(value), value.numel() * value.element_size()
    return value.untyped_storage().data_ptr(), value.untyped_storage().nbytes()


def resident() -> int:
    """Bytes of memory that this process holds, also those that Python does not see; 0 where nothing tells."""
    return int(RESIDENT.read_text().split()[1]) * PAGE if RESIDENT.exists() else 0


def growth(work: Callable[[int], object], calls: int, warm: int) -> tuple[int, int, float]:
    """Live tensors, their bytes and resident megabytes that `work(i)` left behind in `calls` after `warm` others."""
    for i in range(warm):
        work(i)
    (count, size), held = live(), resident()
    for i in range(warm, warm + calls):
        work(i)
    (count_after, size_after), held_after = live(), resident()
    return count_after - count, size_after - size, (held_after - held) / MEGABYTE


def workers() -> set[threading.Thread]:
    """The threads in which long work is done (ui/stepwise.py), not those of a server."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")}


def ended(before: set[threading.Thread], seconds: float = 60) -> bool:
    """Whether the workers that began after `before` have ended, in that time."""
    end = time.monotonic() + seconds
    while workers() - before and time.monotonic() < end:
        time.sleep(0.02)
    return not workers() - before
