"""The strength of each layer's response: Fig. 7 of He et al. 2015, arXiv 1512.03385."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import nn

from resnet_demo.chapters.blocks.activations import watched
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import ArchitectureError


@dataclass(frozen=True)
class Response:
    """A layer: the path of its convolution, its kernel size, and the standard deviation of its output.

    Measured after BN and before the addition and the nonlinearity, over images, channels and pixels.
    """

    layer: str
    kernel: int
    std: float


@dataclass(frozen=True)
class Responses:
    """The layers of a network's main path in order, beginning with the stem, measured on `pictures` images."""

    name: str
    pictures: int
    layers: tuple[Response, ...]

    @property
    def sorted(self) -> tuple[Response, ...]:
        """Largest first, as in the lower half of Fig. 7."""
        return tuple(sorted(self.layers, key=lambda response: -response.std))


def responses(classifier: Classifier, images: Sequence[Image.Image]) -> Responses:
    """The responses of a trained network's main path to a batch of RGB images.

    The paper's figure shows 3x3 layers; for bottlenecks the 1x1 layers are included with their kernel size. Raises
    ArchitectureError for a network in which BN does not follow each convolution.
    """
    a = classifier.network.architecture
    if a.preactivation or a.norm == "none":
        raise ArchitectureError("responses_norm", name=a.name)
    with torch.inference_mode():
        batch = torch.cat([classifier.preprocess(image) for image in images]).cpu()  # (B, 3, H, W)
        _, inside = watched(classifier.network, batch)
    layers = [
        Response(name, module.kernel_size[0], float(inside[name.replace("conv", "bn")].double().std(correction=0)))
        for name, module in classifier.network.named_modules()
        if isinstance(module, nn.Conv2d) and "downsample" not in name
    ]
    return Responses(a.name, len(images), tuple(layers))
