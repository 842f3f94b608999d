"""A heat map drawn over the picture that the network saw."""

import io

import numpy as np
import torch
from PIL import Image

from resnet_demo.explain.explanation import Explanation, resized

OPACITY = 0.55
COLOURS = "inferno"
"""As the app draws a map at first."""


def overlay(explanation: Explanation) -> Image.Image:
    """The map over the crop that the network saw, (H, W) RGB, from zero to its maximum; of a blank one the crop."""
    from matplotlib import colormaps  # half a second, so only when a map is drawn

    if explanation.blank:
        return explanation.crop
    large = resized(torch.from_numpy(explanation.map), explanation.crop.height, explanation.crop.width)
    heat = colormaps[COLOURS](large.numpy() / explanation.map.max())[:, :, :3] * 255
    crop = np.asarray(explanation.crop, dtype=np.float64)
    return Image.fromarray(np.rint(OPACITY * heat + (1 - OPACITY) * crop).astype(np.uint8))


def as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
