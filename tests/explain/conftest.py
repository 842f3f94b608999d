"""Networks to explain: no weights are needed, only values that make the maps interesting."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.resnet import ResNet, build

Make = Callable[..., Classifier]
CLASSES = 5
NARROW = {
    f"narrow_{name}": replace(ARCHITECTURES[name], widths=(4, 8, 16, 16), num_classes=CLASSES)
    for name in ("resnet18", "plain18", "resnet50")
}
"""With few channels, for methods that take a forward pass for each of them."""


def wrap(network: ResNet, preprocessing: Preprocessing) -> Classifier:
    count = network.fc.out_features
    names, ids = tuple(f"class {i}" for i in range(count)), tuple(f"n{i:02}" for i in range(count))
    return Classifier(network.eval(), names, ids, {}, torch.device("cpu"), preprocessing)


def settle(network: ResNet, size: int) -> ResNet:
    """Random weights as after some training: statistics that fit, uneven gammas and betas, logits of some size.

    Drawn by numpy: torch's normal numbers differ from one kind of processor to another.
    """
    draw = np.random.default_rng(0)

    def normal(like: torch.Tensor, mean: float, spread: float) -> None:
        like.copy_(torch.from_numpy(draw.normal(mean, spread, tuple(like.shape))))

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                fan_out = module.out_channels // module.groups * module.kernel_size[0] * module.kernel_size[1]
                normal(module.weight, 0, (2 / fan_out) ** 0.5)
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.copy_(torch.from_numpy(draw.uniform(0.5, 1.5, len(module.weight))))
                normal(module.bias, 0, 0.3)
                module.momentum = None  # the mean over all batches
            elif isinstance(module, nn.Linear):
                normal(module.weight, 0.1, 0.3)  # no class without evidence
                normal(module.bias, 0, 0.01)
        pictures = torch.empty(8, 3, size, size)
        normal(pictures, 0, 1)
        network.train()
        network(pictures)
    return network.requires_grad_(False)


@pytest.fixture(scope="session")
def make() -> Make:
    """make(name, size=64, **options): a classifier of five classes for pictures of that size. It is shared."""

    @cache
    def make(name: str, size: int = 64, **options: object) -> Classifier:
        network = ResNet(NARROW[name]) if name in NARROW else build(name, CLASSES, **options)
        return wrap(settle(network, size), Preprocessing(size, size))

    return make


@pytest.fixture
def tiny() -> Classifier:
    """A network whose every number can be followed by hand.

    Its map A (1, 2, 4, 4) is twice the red and twice the green of a 4 x 4 picture with values in [0, 1]: each
    convolution copies its input, and a residual block that copies gives x + x. The logits are the means of A times
    `fc.weight`: 1 and -0.5, -1 and 0, 0 and 2.
    """
    architecture = replace(ARCHITECTURES["resnet20"], name="tiny", depths=(1,), widths=(2,), norm="none", num_classes=3)
    network = ResNet(architecture).requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.zero_()
            module.weight[0, 0, 1, 1] = module.weight[1, 1, 1, 1] = 1
    network.fc.weight.copy_(torch.tensor([[1.0, -0.5], [-1.0, 0.0], [0.0, 2.0]]))
    network.fc.bias.zero_()
    return wrap(network, Preprocessing(4, 4, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)))


@pytest.fixture
def red_and_green() -> Image.Image:
    """(4, 4): the top row red, the pixel below its start yellow, the last pixel green, the rest black."""
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[0] = 255, 0, 0
    pixels[1, 0] = 255, 255, 0
    pixels[3, 3] = 0, 255, 0
    return Image.fromarray(pixels)


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    """(100, 80) of smooth, uneven colours."""
    coarse = np.random.default_rng(3).integers(0, 256, (5, 6, 3), np.uint8)
    return Image.fromarray(coarse).resize((100, 80), Image.Resampling.BICUBIC)
