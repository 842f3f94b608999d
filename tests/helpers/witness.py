"""Maps by the published libraries, used as their own documentation shows."""

import copy
from typing import Any

import numpy as np
import pytorch_grad_cam
from numpy.typing import NDArray
from PIL import Image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain import Explanation, explain
from resnet_demo.models.resnet import ResNet

LIBRARY = {
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
"""pytorch-grad-cam's class of each method."""


class Difference:
    """A target of pytorch-grad-cam: sign * (logit of one class - logit of another)."""

    def __init__(self, target: int, against: int, sign: int) -> None:
        self.target, self.against, self.sign = target, against, sign

    def __call__(self, logits: Tensor) -> Tensor:
        return self.sign * (logits[self.target] - logits[self.against])


def with_gradients(classifier: Classifier) -> ResNet:
    """A copy as a user of the libraries has it, with weights that take gradients."""
    return copy.deepcopy(classifier.network).requires_grad_(True)


def library_map(method: str, network: nn.Module, x: Tensor, layers: list[str], target: Any) -> NDArray[np.float32]:
    """pytorch-grad-cam on the whole network. `target`: a class, or a target of the library's kind."""
    wanted = ClassifierOutputTarget(target) if isinstance(target, int) else target
    with getattr(pytorch_grad_cam, LIBRARY[method])(network, [network.get_submodule(name) for name in layers]) as cam:
        found: NDArray[np.float32] = cam(x, [wanted])[0]
    return found


def telling(classifier: Classifier, image: Image.Image, method: str, layer: str) -> Explanation:
    """The explanation of the first class with a positive logit and something to show."""
    every = (explain(classifier, image, method, layer, target) for target in range(len(classifier.classes)))
    return next(found for found in every if found.heatmap.max() == 1 and found.score > 0)
