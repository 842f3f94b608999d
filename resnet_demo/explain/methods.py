"""The methods by name, and their formulas in activations A and gradients G, as in pytorch-grad-cam."""

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
"""pytorch-grad-cam's class for each method name."""

SOURCES = {
    "gradcam": "arXiv 1610.02391",
    "gradcam++": "arXiv 1710.11063",
    "hirescam": "arXiv 2011.08891",
    "layercam": "IEEE TIP 30, 2021",
    "xgradcam": "arXiv 2008.02312",
    "eigencam": "arXiv 2008.00299",
    "eigengradcam": "pytorch-grad-cam",
    "scorecam": "arXiv 1910.01279",
    "ablationcam": "WACV 2020",
    "fullgrad": "arXiv 1905.00780",
}
"""Where each method was published; Eigen-Grad-CAM is the library's own."""

SLOW = frozenset({"scorecam", "ablationcam"})
"""The methods that need a forward pass for each channel of the layer."""

_lock = Lock()
Map = NDArray[np.float32]
Progress = Callable[[int, int], object]
"""Called with (done, total) between batches; an exception it raises ends the run."""


def portion(progress: Progress | None, index: int, count: int) -> Progress | None:
    """Reports the progress of one of `count` equal parts as progress of the whole."""
    return progress and (lambda done, total: progress(index * total + done, count * total))


def check_method(method: str) -> None:
    """Raises ArchitectureError for an unknown method."""
    if method not in METHODS:
        raise ArchitectureError("method_unknown", method=method, methods=", ".join(METHODS))


def combine(method: str, activations: Map, gradients: Map) -> Map:
    """The maps (B, h, w) >= 0 from A and G, both (B, C, h, w), for methods that need only these two."""
    if method == "eigencam":
        found = np.stack([_projection(a) for a in activations])
    elif method == "eigengradcam":
        found = np.stack([_projection(a * g) for a, g in zip(activations, gradients, strict=True)])
    else:
        found = _formula(method)(None, None, None, activations, gradients, False)
    positive: Map = np.maximum(found, 0)
    return positive


def _projection(features: Map) -> Map:
    """The projection of the cells of (C, h, w) onto their first principal component, (h, w).

    The result is pytorch-grad-cam's, including the arbitrary sign of the singular vectors, but without its full bases
    of (hw, hw) and (C, C), which take a hundred times as long.
    """
    cells = features.reshape(len(features), -1).T  # (hw, C)
    cells = cells - cells.mean(axis=0)
    with _lock, _linear_algebra().limit(limits=1):  # more threads are slower for matrices as small as these
        along: Map = (cells @ np.linalg.svd(cells, full_matrices=False).Vh[0]).reshape(features.shape[1:])
    return along


@cache
def _linear_algebra() -> ThreadpoolController:
    """numpy's BLAS library."""
    return ThreadpoolController().select(user_api="blas")


@cache
def _formula(method: str) -> Callable[..., Map]:
    """The method of pytorch-grad-cam that combines activations and gradients."""
    library = importlib.import_module("pytorch_grad_cam")  # takes some seconds, so only when a map is requested
    # Its objects hook the network they are made for, so this one gets a network with one parameter and no layers.
    found: Callable[..., Map] = getattr(library, METHODS[method])(nn.PReLU(), []).get_cam_image
    return found
