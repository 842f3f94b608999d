"""Packed convolutions: what torch computes, forward and backward, and a network that is none the wiser."""

import copy
import gc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from resnet_demo.explain import explain
from resnet_demo.explain.packed import PackedConv2d, _views, packed
from resnet_demo.explain.views import shared
from resnet_demo.models.checkpoints import Classifier
from resnet_demo.models.resnet import build

Make = Callable[..., Classifier]


@pytest.mark.parametrize("side", [7, 8, 12])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "groups", "bias"),
    [
        (3, 1, 1, 1, False),
        (3, 2, 1, 1, True),
        (1, 2, 1, 1, False),
        (1, 1, 1, 1, True),
        (3, 1, 2, 1, False),
        (3, 2, 1, 4, False),
        (7, 2, 1, 1, False),
    ],
)
def test_a_convolution_and_its_gradient_are_torch_s(
    side: int, kernel: int, stride: int, dilation: int, groups: int, bias: bool
) -> None:
    draw = np.random.default_rng(1)
    layer = nn.Conv2d(8, 12, kernel, stride, dilation * (kernel // 2), dilation, groups, bias)
    ours = PackedConv2d(layer)
    for batch in (1, 3):  # the weights are laid out for one picture
        x = torch.from_numpy(draw.normal(size=(batch, 8, side, side)).astype(np.float32)).requires_grad_()
        expected, exact = layer(x), ours(x)
        assert torch.equal(exact, expected)
        with torch.no_grad():
            torch.testing.assert_close(ours(x), expected, rtol=1e-5, atol=1e-5)
        direction = torch.from_numpy(draw.normal(size=tuple(expected.shape)).astype(np.float32))
        (there,) = torch.autograd.grad(expected, x, direction)
        (here,) = torch.autograd.grad(exact, x, direction)
        torch.testing.assert_close(here, there, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["resnet18", "plain18", "resnet50", "resnext50_32x4d"])
def test_logits_are_the_network_s_to_rounding(name: str, make: Make, picture: Image.Image) -> None:
    classifier = make(name)
    x = classifier.preprocess(picture)
    with torch.no_grad():
        expected, found = classifier.network(x), packed(classifier.network)(x)
    assert (found - expected).abs().max() <= 1e-5 * max(1, float(expected.abs().max()))


def test_a_view_shares_the_tensors_and_nothing_else(make: Make) -> None:
    network = make("resnet20", 32).network
    view = shared(network)
    assert [value.data_ptr() for value in view.state_dict().values()] == [
        value.data_ptr() for value in network.state_dict().values()
    ]
    assert not {id(module) for module in view.modules()} & {id(module) for module in network.modules()}
    view.train()
    assert not network.training


def test_it_is_made_once_and_anew_when_a_weight_has_changed(make: Make, picture: Image.Image) -> None:
    classifier = replace(make("resnet18"), network=copy.deepcopy(make("resnet18").network))
    network = classifier.network
    before = explain(classifier, picture, "layercam", "layer2", 1).map
    view = packed(network)
    assert packed(network) is view
    network.fc.weight.mul_(2)  # shared, so it is seen at once
    network.layer4[0].bn1.running_mean.add_(0.1)
    assert packed(network) is view
    assert not np.allclose(explain(classifier, picture, "layercam", "layer2", 1).map, before, rtol=1e-3)
    network.layer3[0].conv2.weight.mul_(0.5)
    assert packed(network) is not view
    fresh = replace(classifier, network=copy.deepcopy(network))
    expected = explain(fresh, picture, "layercam", "layer2", 1).map
    np.testing.assert_array_equal(explain(classifier, picture, "layercam", "layer2", 1).map, expected)


def test_a_network_that_is_gone_takes_its_view_with_it() -> None:
    gc.collect()
    before = len(_views)
    network = build("resnet20").eval()
    packed(network)
    assert len(_views) == before + 1
    del network
    gc.collect()
    assert len(_views) == before


def test_another_precision_is_left_to_torch() -> None:
    network = build("resnet20").eval().double()
    assert packed(network) is network
    network.train()
    view = packed(network)
    assert network.training and not view.training
    assert view.conv1.weight is network.conv1.weight
