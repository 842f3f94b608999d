"""Which processor runs the network, and in which precision it trains."""

from contextlib import AbstractContextManager

import torch

from resnet_demo.errors import DemoError


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA where there is one, then Apple's MPS, then the CPU.

    Raises DemoError for a device that is not there.
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
    """Whether bf16 is carried out by the hardware, and so is faster than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def autocast(device: torch.device) -> AbstractContextManager[None]:
    """Mixed precision in bf16 where the hardware has it, float32 elsewhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16(device))
