"""Networks whose blocks are worth opening: no weights are needed, only values as after some training."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.models.architectures import Architecture
from resnet_demo.models.resnet import ResNet

Make = Callable[..., Classifier]
SIDE = 64


def fill(network: nn.Module) -> None:
    """Uneven weights, gammas, betas and statistics. Drawn by numpy: torch's normals differ between processors."""
    draw = np.random.default_rng(0)

    def copy(into: torch.Tensor, values: np.ndarray) -> None:
        into.copy_(torch.from_numpy(values))

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                fan_in = module.weight[0].numel()
                copy(module.weight, draw.normal(0, (2 / fan_in) ** 0.5, module.weight.shape))
                if module.bias is not None:
                    copy(module.bias, draw.normal(0, 0.3, module.bias.shape))
            elif isinstance(module, nn.BatchNorm2d):
                count = module.num_features
                copy(module.weight, draw.uniform(0.5, 1.5, count))
                copy(module.bias, draw.normal(0, 0.3, count))
                copy(module.running_mean, draw.normal(0, 0.5, count))
                copy(module.running_var, draw.uniform(0.3, 2, count))


def wrap(network: ResNet, preprocessing: Preprocessing) -> Classifier:
    count = network.fc.out_features
    names, ids = tuple(f"class {i}" for i in range(count)), tuple(f"n{i:02}" for i in range(count))
    return Classifier(network.eval().requires_grad_(False), names, ids, {}, torch.device("cpu"), preprocessing)


@pytest.fixture(scope="session")
def make() -> Make:
    """make(block="basic", **options): a small network of six blocks in three stages. It is shared."""

    @cache
    def make(block: str = "basic", stem: str = "imagenet", **options: object) -> Classifier:
        network = ResNet(Architecture("small", block, (2, 2, 2), (8, 16, 32), stem, num_classes=5, **options))
        fill(network)
        return wrap(network, Preprocessing(SIDE, SIDE))

    return make


@pytest.fixture(scope="session")
def smooth_image() -> Image.Image:
    """(100, 80) of smooth, uneven colours."""
    coarse = np.random.default_rng(3).integers(0, 256, (5, 6, 3), np.uint8)
    return Image.fromarray(coarse).resize((100, 80), Image.Resampling.BICUBIC)
