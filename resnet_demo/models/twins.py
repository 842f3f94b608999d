"""A ResNet and its plain twin at any depth, as data. Does not import torch."""

from dataclasses import replace
from typing import Literal

from resnet_demo.errors import ArchitectureError
from resnet_demo.models.architectures import Architecture, describe

DEPTHS = {"cifar": tuple(range(8, 111, 6)), "imagenet": (18, 34, 50, 101, 152)}
"""Layers by stem: 6n + 2 on CIFAR (arXiv 1512.03385, section 4.2), Table 1 on ImageNet."""

PAIRS = {f"{stem}-{depth}": (stem, depth) for stem, depths in DEPTHS.items() for depth in depths}


def pair(
    name: str, norm: Literal["batch", "none"] = "batch", preactivation: bool = False, zero_gamma: bool = False
) -> tuple[Architecture, Architecture]:
    """The ResNet and the plain twin of a pair such as "cifar-56" or "imagenet-50".

    Zero-gamma applies only to the ResNet: a plain block that starts at zero would pass nothing on.
    Raises ArchitectureError for an unknown pair, and for options that exclude each other.
    """
    if name not in PAIRS:
        raise ArchitectureError("pair_unknown", name=name, names=", ".join(PAIRS))
    stem, depth = PAIRS[name]
    base = f"resnet{depth}" if stem == "imagenet" else "resnet20"
    residual = describe(base, norm=norm, preactivation=preactivation, zero_gamma=zero_gamma)
    if stem == "cifar":
        residual = replace(residual, name=f"resnet{depth}", depths=((depth - 2) // 6,) * 3)
    return residual, replace(residual, name=f"plain{depth}", residual=False, zero_gamma=False)
