"""The methods of explanation, a record for each; formulas in activations A and gradients G are pytorch-grad-cam's."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock

import numpy as np
from threadpoolctl import ThreadpoolController
from torch import Tensor, nn

from resnet_demo.errors import ArchitectureError
from resnet_demo.explain.common import Map, Progress
from resnet_demo.explain.forward import Forward
from resnet_demo.explain.fullgrad import full_gradient
from resnet_demo.explain.perturbation import ablation_cam, score_cam
from resnet_demo.models.resnet import ResNet

_lock = Lock()


@dataclass(frozen=True)
class Method:
    """A method of explanation, by one of three kinds of function.

    Attributes:
        title: its proper name.
        source: where it was published.
        combine: the maps (B, h, w) from A and G, both (B, C, h, w); what is negative there counts as 0.
        perturb: the map (h, w) from a forward pass for each channel of the layer, which is slow.
        whole: the map (H, W) of all layers together.
        knows_class: whether another class may have another map.
        knows_sign: whether the evidence against a class may have another map than the evidence for it.
    """

    title: str
    source: str
    combine: Callable[[Map, Map], Map] | None = None
    perturb: Callable[[Forward, str, Tensor, Progress | None], Map] | None = None
    whole: Callable[[ResNet, Tensor, Tensor], Map] | None = None
    knows_class: bool = True
    knows_sign: bool = True


def combine(method: str, activations: Map, gradients: Map) -> Map:
    """The maps (B, h, w) >= 0 from A and G, both (B, C, h, w), for methods that need only these two."""
    formula = METHODS[method].combine
    assert formula is not None
    positive: Map = np.maximum(formula(activations, gradients), 0)
    return positive


def check_method(method: str) -> None:
    """Raises ArchitectureError for an unknown method."""
    if method not in METHODS:
        raise ArchitectureError("method_unknown", method=method, methods=", ".join(METHODS))


def _library(name: str, activations: Map, gradients: Map) -> Map:
    """The formula of pytorch-grad-cam's class `name`."""
    return _formula(name)(None, None, None, activations, gradients, False)


@cache
def _formula(name: str) -> Callable[..., Map]:
    library = importlib.import_module("pytorch_grad_cam")  # takes some seconds, so only when a map is requested
    # Its objects hook the network they are made for, so this one gets a network with one parameter and no layers.
    found: Callable[..., Map] = getattr(library, name)(nn.PReLU(), []).get_cam_image
    return found


def _eigen(activations: Map, _: Map) -> Map:
    return np.stack([_projection(a) for a in activations])


def _eigen_grad(activations: Map, gradients: Map) -> Map:
    return np.stack([_projection(a * g) for a, g in zip(activations, gradients, strict=True)])


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


METHODS = {
    "gradcam": Method("Grad-CAM", "arXiv 1610.02391", partial(_library, "GradCAM")),
    "gradcam++": Method("Grad-CAM++", "arXiv 1710.11063", partial(_library, "GradCAMPlusPlus")),
    "hirescam": Method("HiResCAM", "arXiv 2011.08891", partial(_library, "HiResCAM")),
    "layercam": Method("LayerCAM", "IEEE TIP 30, 2021", partial(_library, "LayerCAM")),
    "xgradcam": Method("XGrad-CAM", "arXiv 2008.02312", partial(_library, "XGradCAM")),
    "eigencam": Method("Eigen-CAM", "arXiv 2008.00299", _eigen, knows_class=False),
    "eigengradcam": Method("Eigen-Grad-CAM", "pytorch-grad-cam", _eigen_grad, knows_sign=False),  # the library's own
    "scorecam": Method("Score-CAM", "arXiv 1910.01279", perturb=score_cam),
    "ablationcam": Method("Ablation-CAM", "WACV 2020", perturb=ablation_cam),
    "fullgrad": Method("FullGrad", "arXiv 1905.00780", whole=full_gradient, knows_sign=False),
}
SLOW = frozenset(name for name, method in METHODS.items() if method.perturb)
"""The methods that need a forward pass for each channel of the layer."""
