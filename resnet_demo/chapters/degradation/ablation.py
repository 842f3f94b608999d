"""Ablation: networks with parts removed. Veit, Wilber, Belongie 2016 (arXiv 1605.06431), section 4.

Removing a residual block leaves out F and keeps the shortcut; a plain network loses one layer.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor, nn

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import ArchitectureError
from resnet_demo.models.resnet import Block, ResNet


class ShortcutOnly(nn.Module):
    """A residual block without F: H(x) = relu(shortcut(x)), or shortcut(x) in V2."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        kept = self.block.shortcut(x)  # (B, D, H/s, W/s)
        return kept if self.block.preactivation else self.block.relu(kept)


@dataclass(frozen=True)
class Lesion:
    """A prediction without one part ("" for the intact network).

    `probability` is that of the class predicted by the intact network, `top` the class predicted now, and `same`
    whether the two are equal.
    """

    part: str
    probability: float
    top: int
    same: bool


def parts(network: ResNet) -> tuple[str, ...]:
    """The removable parts: every block of a residual network, or every shape-preserving layer of a plain one."""
    if network.architecture.residual:
        return tuple(network.blocks)
    return tuple(
        f"{name}.{child}"
        for name, block in network.blocks.items()
        for child, layer in block.named_children()
        if _keeps_shape(layer)
    )


def without(network: ResNet, cut: Iterable[str]) -> ResNet:
    """A copy without some of its `parts`; the network itself does not change.

    A plain layer is removed with its BatchNorm; the ReLU after it stays. Raises ArchitectureError for other parts.
    """
    lesioned = copy.deepcopy(network)
    known = parts(network)
    for name in cut:
        if name not in known:
            raise ArchitectureError("part_unknown", part=name, name=network.architecture.name, parts=", ".join(known))
        owner, _, child = name.rpartition(".")
        parent = lesioned.get_submodule(owner)
        if network.architecture.residual:
            block = parent.get_submodule(child)
            assert isinstance(block, Block)
            setattr(parent, child, ShortcutOnly(block))
        else:
            setattr(parent, child, nn.Identity())
            setattr(parent, child.replace("conv", "bn"), nn.Identity())
    return lesioned


def lesions(classifier: Classifier, image: Image.Image) -> tuple[Lesion, tuple[Lesion, ...]]:
    """The intact network's prediction, and the prediction without each part."""
    x = classifier.preprocess(image)
    with torch.inference_mode():
        target = int(classifier.network(x).argmax())
        whole = _look("", classifier.network, x, target)
        return whole, tuple(
            _look(part, without(classifier.network, [part]), x, target) for part in parts(classifier.network)
        )


def _look(part: str, network: ResNet, x: Tensor, target: int) -> Lesion:
    probabilities = network(x).softmax(1)[0]  # (K,)
    top = int(probabilities.argmax())
    return Lesion(part, float(probabilities[target]), top, top == target)


def _keeps_shape(layer: nn.Module) -> bool:
    return isinstance(layer, nn.Conv2d) and layer.in_channels == layer.out_channels and layer.stride == (1, 1)
