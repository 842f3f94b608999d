"""What an explanation is: a class activation map, raw and as a heatmap over the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from resnet_demo.explain.methods import Map
from resnet_demo.explain.prediction import Prediction

FLAT = 1e-6
"""A map whose values differ by less than this part of its maximum has no shape, only rounding."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where a network looked.

    Attributes:
        map: (h, w) float32 >= 0, not normalised: at the layer's own resolution, FullGrad's at the crop's. In units of
            logit; Eigen-CAM's and Score-CAM's in those of the activations, Ablation-CAM's in logits times activation,
            FullGrad's in none. Of several layers, the mean of their maps, each from 0 to 1, at the finest one's
            resolution.
        heatmap: (H, W) in [0, 1] over `crop`: the map resized bilinearly, from its minimum (0) to its maximum (1).
            Zero throughout where the map is flat.
        method, layers: how it was made, and what was tapped.
        target, against: index of the explained class, and of the one it is held against, if any.
        counterfactual: the map shows what speaks against the class.
        score: what is explained: the logit of `target`, less that of `against`, negated in a counterfactual.
        probability: softmax of `target`.
        prediction: what the network says about the picture.
    """

    map: Map
    heatmap: Map
    method: str
    layers: tuple[str, ...]
    target: int
    against: int | None
    counterfactual: bool
    score: float
    probability: float
    prediction: Prediction

    @property
    def layer(self) -> str:
        """The tapped layer; several are joined by " + "."""
        return " + ".join(self.layers)

    @property
    def crop(self) -> Image.Image:
        """The picture that the network saw."""
        return self.prediction.crop

    @property
    def blank(self) -> bool:
        """Nothing in the layer speaks for the class: the map is zero throughout."""
        return not self.map.any()


def heatmap(raw: Map, height: int, width: int) -> Map:
    """The map (h, w) over (height, width), from 0 to 1; a flat one becomes zero instead of 0/0."""
    if flat(raw):
        return np.zeros((height, width), np.float32)
    return scaled(resized(torch.from_numpy(raw), height, width)).numpy()


def average(raw: Sequence[Map], height: int, width: int) -> tuple[Map, Map]:
    """Map and heatmap of several layers: each map goes from 0 to 1 before they are averaged."""
    if len(raw) == 1:
        return raw[0], heatmap(raw[0], height, width)
    cells = [torch.zeros(one.shape) if flat(one) else scaled(torch.from_numpy(one)) for one in raw]
    finest = max((one.shape for one in raw), key=lambda shape: shape[0] * shape[1])
    small, large = (torch.stack([resized(one, *to) for one in cells]).mean(0) for to in (finest, (height, width)))
    return small.numpy(), heatmap(large.numpy(), height, width)


def flat(raw: Map) -> bool:
    """Nothing but rounding."""
    return bool(np.ptp(raw) <= FLAT * raw.max())


def resized(maps: Tensor, height: int, width: int) -> Tensor:
    """(h, w) or (B, h, w) to (height, width), bilinearly between the centres of the cells."""
    batch = maps if maps.ndim == 3 else maps[None]
    large = functional.interpolate(batch[:, None], (height, width), mode="bilinear")[:, 0]
    return large if maps.ndim == 3 else large[0]


def scaled(maps: Tensor) -> Tensor:
    """From the minimum (0) to the maximum (1)."""
    low, high = maps.aminmax()
    return (maps - low) / (high - low)
