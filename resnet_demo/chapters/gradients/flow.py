"""Measures the gradient on its way back through a network, and the signal on its way forward, layer by layer.

The measurement is one training step: cross-entropy of one batch, BatchNorm with that batch's statistics. A private copy
of the network runs, so that the network's hooks, flags, gradients and statistics do not change.
"""

from copy import deepcopy
from functools import partial
from types import TracebackType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.chapters.gradients.gradient_curves import BlockInput, Convolution, Flow
from resnet_demo.models.resnet import ResNet


class Recorder:
    """Records the input of each block and the output of each convolution while a network runs.

    A context manager that always removes its hooks.
    """

    def __init__(self, network: ResNet) -> None:
        self.network = network
        self.inputs: dict[str, Tensor] = {}
        self.responses: dict[str, Tensor] = {}
        self._handles: list[Any] = []

    def __enter__(self) -> "Recorder":
        modules = dict(self.network.named_modules())
        blocks = self.network.blocks
        for name, block in blocks.items():
            self._handles.append(block.register_forward_pre_hook(partial(self._enters, name)))
        self._handles.append(list(blocks.values())[-1].register_forward_hook(self._leaves_last))
        for name in convolutions(self.network):
            seen = modules[_normalised(self.network, name)]
            self._handles.append(seen.register_forward_hook(partial(self._leaves, name)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def _enters(self, name: str, _: nn.Module, given: tuple[Tensor]) -> None:
        self.inputs[name] = given[0]

    def _leaves_last(self, _: nn.Module, __: tuple[Tensor], out: Tensor) -> None:
        self.inputs["head"] = out

    def _leaves(self, name: str, _: nn.Module, __: tuple[Tensor], out: Tensor) -> None:
        self.responses[name] = out


def convolutions(network: ResNet) -> tuple[str, ...]:
    """Names of all convolutions, in the order of the modules."""
    return tuple(name for name, module in network.named_modules() if isinstance(module, nn.Conv2d))


def _normalised(network: ResNet, name: str) -> str:
    """The module whose output is a convolution's response: its BatchNorm in V1, itself in V2."""
    if network.architecture.preactivation:
        return name
    return name.replace("conv", "bn") if "conv" in name else f"{name.removesuffix('.0')}.1"


def measure(network: ResNet, pictures: Tensor, labels: Tensor) -> Flow:
    """The flow of one training step: images (B, 3, H, W) and labels (B,) on the network's device."""
    copy = deepcopy(network).train().requires_grad_(True)
    with torch.enable_grad(), Recorder(copy) as seen:
        loss = functional.cross_entropy(copy(pictures), labels)
    parameters = dict(copy.named_parameters())
    found = torch.autograd.grad(loss, [*parameters.values(), *seen.inputs.values()])
    norms = dict(zip([*parameters, *seen.inputs], map(_norm, found), strict=True))
    positions = _positions(copy)
    return Flow(
        network.architecture.name,
        float(loss.detach()),
        tuple(
            Convolution(name, positions[name], "conv" not in name, norms[f"{name}.weight"], _deviation(value))
            for name, value in seen.responses.items()
        ),
        tuple(BlockInput(name, positions[name], norms[name], _deviation(value)) for name, value in seen.inputs.items()),
        tuple((name, norms[name]) for name in parameters),
    )


def _positions(network: ResNet) -> dict[str, int]:
    """The positions of convolutions, blocks and the head on the main path."""
    main = [name for name in convolutions(network) if "conv" in name]
    found = {name: position for position, name in enumerate(main, 1)}
    found |= {block: found[f"{block}.conv1"] for block in network.blocks}
    found |= {f"{block}.downsample.0": found[block] for block in network.blocks}
    return found | {"head": len(main) + 1}


def _norm(value: Tensor) -> float:
    """The norm in float64, so that squares do not overflow."""
    return float(torch.linalg.vector_norm(value.cpu(), dtype=torch.float64))


def _deviation(value: Tensor) -> float:
    return float(value.detach().cpu().double().std(correction=0))
