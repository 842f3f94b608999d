"""The feature maps inside a block for an image, as the network itself computes them."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.models.resnet import Bottleneck, block_of, blocks_of

Map = NDArray[np.float32]
"""(C, H, W) for one image."""


@dataclass(frozen=True, eq=False)
class BlockValues:
    """The feature maps inside a block for one image.

    Attributes:
        block: "layer1.0".
        crop: the image that the network received.
        x: the block's input; `residual` is F(x), `shortcut` what is added to it, None in a plain block.
        total: their sum, or F(x) in a plain block; in V1 `output` is its ReLU, in V2 it is the output.
        inside: outputs of the layers by name: "conv1", "bn1", "relu1", ... "downsample.0"; "relu1" is the first call
            of the block's one ReLU.
    """

    block: str
    crop: Image.Image
    x: Map
    residual: Map
    shortcut: Map | None
    total: Map
    output: Map
    inside: Mapping[str, Map]

    @property
    def gap(self) -> float:
        """The largest |F(x) + shortcut - total|: zero unless an in-place operation overwrote a value."""
        parts = self.residual if self.shortcut is None else self.residual + self.shortcut
        return float(np.abs(parts - self.total).max())


def open_block(classifier: Classifier, image: Image.Image, block: str) -> BlockValues:
    """The feature maps inside `block` ("layer2.0") of a trained network for an RGB image.

    The block itself runs on the CPU in float32, so that no value is rounded to TF32. Raises ArchitectureError.
    """
    opened = block_of(classifier.network, block)
    crop = classifier.preprocessing.crop(image)
    with torch.inference_mode():
        x = classifier.network.stem(classifier.preprocessing.tensor(crop).to(classifier.device))  # (1, C, H, W)
        for name, before in blocks_of(classifier.network).items():
            if name == block:
                break
            x = before(x)
        x = x.float().cpu()
        output, inside = watched(opened, x)
    last = 3 if isinstance(opened, Bottleneck) else 2
    branch_ends = f"conv{last}" if opened.preactivation or f"bn{last}" not in inside else f"bn{last}"
    maps = {name: as_map(tensor) for name, tensor in inside.items()}
    return BlockValues(
        block=block,
        crop=crop,
        x=as_map(x),
        residual=maps[branch_ends],
        shortcut=maps.get("downsample"),
        total=as_map(output) if opened.preactivation else maps[f"before relu{last}"],
        output=as_map(output),
        inside={name: value for name, value in maps.items() if not name.startswith("before ")},
    )


def watched(module: nn.Module, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The module's output for `x`, and the output of every layer inside it by name.

    The hooks are set on a copy on the CPU, because others may be using the network. The calls of a block's only ReLU
    are named "relu1", "relu2" ...; "before relu1" is the input of the first.
    """
    copy = deepcopy(module).cpu()
    inside: dict[str, Tensor] = {}

    def keep(_: nn.Module, inputs: tuple[Any, ...], out: Tensor, name: str) -> None:
        if name.rpartition(".")[2] == "relu":
            calls = sum(key.startswith(name) for key in inside) + 1
            name = f"{name}{calls}"
            inside[f"before {name}"] = inputs[0]
        inside[name] = out

    for name, layer in copy.named_modules():
        if name and (not isinstance(layer, nn.Identity) or name == "downsample"):
            layer.register_forward_hook(partial(keep, name=name))
    return copy(x), inside


def as_map(tensor: Tensor) -> Map:
    """(1, C, H, W) as (C, H, W)."""
    return np.ascontiguousarray(tensor[0].detach().numpy())
