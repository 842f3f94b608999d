"""The methods by name, and their formulas on activations A and gradients G. They are pytorch-grad-cam's."""

import importlib
from collections.abc import Callable
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController
from torch import nn

from resnet_demo.errors import ArchitectureError

METHODS = {
    "gradcam": "GradCAM",
    "gradcam++": "GradCAMPlusPlus",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "xgradcam": "XGradCAM",
    "eigencam": "EigenCAM",
    "eigengradcam": "EigenGradCAM",
    "scorecam": "ScoreCAM",
    "ablationcam": "AblationCAM",
    "fullgrad": "FullGrad",
}
"""Method name to pytorch-grad-cam's class."""

SLOW = frozenset({"scorecam", "ablationcam"})
"""The methods that take a forward pass for each channel of the layer."""

_lock = Lock()
Map = NDArray[np.float32]
Progress = Callable[[int, int], object]
"""Called with (done, total) between batches; what it raises ends the run."""


def portion(progress: Progress | None, index: int, count: int) -> Progress | None:
    """The progress of one of `count` equal parts, told as progress of the whole."""
    return progress and (lambda done, total: progress(index * total + done, count * total))


def check_method(method: str) -> None:
    """Raises ArchitectureError for an unknown method."""
    if method not in METHODS:
        raise ArchitectureError("method_unknown", method=method, methods=", ".join(METHODS))


def combine(method: str, activations: Map, gradients: Map) -> Map:
    """The maps (B, h, w) >= 0 of A and G, both (B, C, h, w), by a method that needs no more than these two."""
    if method == "eigencam":
        found = np.stack([_projection(a) for a in activations])
    elif method == "eigengradcam":
        found = np.stack([_projection(a * g) for a, g in zip(activations, gradients, strict=True)])
    else:
        found = _formula(method)(None, None, None, activations, gradients, False)
    positive: Map = np.maximum(found, 0)
    return positive


def _projection(features: Map) -> Map:
    """The cells of (C, h, w) along their first principal component, (h, w).

    What pytorch-grad-cam computes, sign included (which is the singular vectors' and means nothing), without its full
    bases: they are (hw, hw) and (C, C), and cost a hundred times as much.
    """
    cells = features.reshape(len(features), -1).T  # (hw, C)
    cells = cells - cells.mean(axis=0)
    with _lock, _linear_algebra().limit(limits=1):  # for matrices as small as these, more threads take longer
        along: Map = (cells @ np.linalg.svd(cells, full_matrices=False).Vh[0]).reshape(features.shape[1:])
    return along


@cache
def _linear_algebra() -> ThreadpoolController:
    """numpy's BLAS."""
    return ThreadpoolController().select(user_api="blas")


@cache
def _formula(method: str) -> Callable[..., Map]:
    """The method of pytorch-grad-cam that combines activations and gradients."""
    library = importlib.import_module("pytorch_grad_cam")  # some seconds, so only when a map is asked for
    # Its objects hook the network they are made for: this one gets a network of one parameter and no layer to hook.
    found: Callable[..., Map] = getattr(library, METHODS[method])(nn.PReLU(), []).get_cam_image
    return found
