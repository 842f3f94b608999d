"""A second route to a network's shapes and counts: builds and runs it on torch's meta device.

Tensors there have shapes but no values, so even a ResNet-152 at 512 px uses no memory.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from resnet_demo.chapters.blocks.rows import LARGEST_SIDE
from resnet_demo.models.architectures import describe
from resnet_demo.models.layer_costs import whole
from resnet_demo.models.resnet import ResNet


@dataclass(frozen=True)
class Traced:
    """A module that was run.

    Attributes:
        name: its path, e.g. "layer1.0" or "layer1.0.conv1".
        kind: its class, e.g. "Conv2d" or "BasicBlock".
        input, output: shapes without the batch dimension.
        parameters: all parameters in it.
        macs: multiply-adds of the convolutions and linear layers in it: one per weight and output pixel.
    """

    name: str
    kind: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    parameters: int
    macs: int


def trace(name: str, size: int = 224, **options: object) -> dict[str, Traced]:
    """The modules of the network `name` as they run on `size` x `size` pixels.

    Raises ArchitectureError, and CountError for `size`.
    """
    size = whole("size", size, high=LARGEST_SIDE)
    with torch.device("meta"):
        return run(ResNet(describe(name, **options)).eval(), size)


def run(network: nn.Module, size: int) -> dict[str, Traced]:
    """Every module of a network on the meta device by its path, in the order in which they finish; "" is the network.

    A module that runs several times, like a block's ReLU, is skipped. The network itself does not change.
    """
    ran: dict[str, Traced] = {}
    macs: Counter[str] = Counter()

    def keep(module: nn.Module, inputs: tuple[Any, ...], out: Tensor, path: str) -> None:
        if isinstance(module, nn.Conv2d | nn.Linear):
            for holder in (path, *_holders(path)):
                macs[holder] += module.weight.numel() * prod(out.shape[2:])
        parameters = sum(parameter.numel() for parameter in module.parameters())
        before, after = tuple(inputs[0].shape[1:]), tuple(out.shape[1:])
        ran[path] = Traced(path, type(module).__name__, before, after, parameters, macs[path])

    with ExitStack() as hooks, torch.no_grad():
        for path, module in network.named_modules():
            if not isinstance(module, nn.ReLU):
                hooks.callback(module.register_forward_hook(partial(keep, path=path)).remove)
        network(torch.empty(1, 3, size, size, device="meta"))
    return ran


def _holders(path: str) -> list[str]:
    """The modules around a module: "layer1.0", "layer1" and "" around "layer1.0.conv1"."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(len(parts) - 1, -1, -1)]
