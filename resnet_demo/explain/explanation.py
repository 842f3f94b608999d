"""The result of an explanation: a class activation map, raw and as a heat map over the image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from resnet_demo.explain.common import Map
from resnet_demo.explain.prediction import Prediction

FLAT = 1e-6
"""A map whose values differ by less than this fraction of its maximum is flat up to rounding."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """A class activation map and how it was made.

    Attributes:
        map: (h, w) float32 >= 0, not normalised, at the layer's own resolution; FullGrad's at the crop's. The unit is
            logits; for Eigen-CAM and Score-CAM that of the activations, for Ablation-CAM logits times activation, for
            FullGrad none. For several layers: the mean of their maps, each scaled to 0 to 1, at the finest resolution.
        heatmap: (H, W) in [0, 1] over `crop`: the map resized bilinearly and scaled from its minimum (0) to its
            maximum (1). Zero everywhere if the map is flat.
        method, layers: the method, and the layers used.
        target, against: index of the explained class, and of the class it is compared with, if any.
        counterfactual: whether the map shows evidence against the class.
        score: what is explained: the logit of `target` minus that of `against`, negated in a counterfactual.
        probability: softmax probability of `target`.
        prediction: the network's prediction for the image.
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
        """The layer used; several are joined by " + "."""
        return " + ".join(self.layers)

    @property
    def crop(self) -> Image.Image:
        """The image that the network received."""
        return self.prediction.crop

    @property
    def blank(self) -> bool:
        """Whether nothing in the layer supports the class: the map is zero everywhere."""
        return not self.map.any()

    def _repr_png_(self) -> bytes:
        """As a notebook shows it: the map over the crop."""
        from resnet_demo.explain.overlay import as_png, overlay

        return as_png(overlay(self))


def heatmap(raw: Map, height: int, width: int) -> Map:
    """The map (h, w) resized to (height, width) and scaled to 0 to 1; a flat map becomes zero instead of 0/0."""
    if flat(raw):
        return np.zeros((height, width), np.float32)
    return scaled(resized(torch.from_numpy(raw), height, width)).numpy()


def average(raw: Sequence[Map], height: int, width: int) -> tuple[Map, Map]:
    """Map and heat map of several layers: each map is scaled to 0 to 1 before averaging."""
    if len(raw) == 1:
        return raw[0], heatmap(raw[0], height, width)
    cells = [torch.zeros(one.shape) if flat(one) else scaled(torch.from_numpy(one)) for one in raw]
    finest = max((one.shape for one in raw), key=lambda shape: shape[0] * shape[1])
    small, large = (torch.stack([resized(one, *to) for one in cells]).mean(0) for to in (finest, (height, width)))
    return small.numpy(), heatmap(large.numpy(), height, width)


def flat(raw: Map) -> bool:
    """Whether the values differ by rounding only."""
    return bool(np.ptp(raw) <= FLAT * raw.max())


def resized(maps: Tensor, height: int, width: int) -> Tensor:
    """Resizes (h, w) or (B, h, w) to (height, width), bilinearly between the centres of the cells."""
    batch = maps if maps.ndim == 3 else maps[None]
    large = functional.interpolate(batch[:, None], (height, width), mode="bilinear")[:, 0]
    return large if maps.ndim == 3 else large[0]


def scaled(maps: Tensor) -> Tensor:
    """Scales from the minimum (0) to the maximum (1)."""
    low, high = maps.aminmax()
    return (maps - low) / (high - low)
