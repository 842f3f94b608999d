"""Describes the machine and software that produced a result: processor, precision and versions."""

import platform
from pathlib import Path
from typing import Any

import torch
import torchvision

import resnet_demo
from resnet_demo.models.device import has_fast_bfloat16
from resnet_demo.training import parallel


def made(device: torch.device) -> dict[str, Any]:
    """The entries "machine" and "versions" of the model card of a network trained on `device`."""
    precision = "bfloat16 autocast" if has_fast_bfloat16(device) else "float32"
    several = {"processes": parallel.count()} if parallel.count() > 1 else {}
    return {"machine": machine(device) | {"precision": precision} | several, "versions": versions()}


def machine(device: torch.device) -> dict[str, Any]:
    """The kind of machine, without anything that identifies this particular one."""
    on_gpu = device.type == "cuda"
    return {
        "processor": torch.cuda.get_device_name(device) if on_gpu else processor(),
        "threads": torch.get_num_threads(),
    }


def versions() -> dict[str, str]:
    """Versions of the software that affects results."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "resnet_demo": resnet_demo.__version__,
    }


def processor() -> str:
    """The processor's model name if the system provides it, otherwise its architecture."""
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
