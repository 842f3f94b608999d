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

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain import explain
from resnet_demo.explain.onednn import PackedConv2d, _views, packed
from resnet_demo.explain.shared_weights import shared
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
    changes: list[tuple[torch.Tensor, float]] = [
        (network.fc.weight, 2.0),
        (network.layer4[0].bn1.running_mean, 1.5),
        (network.layer3[0].conv2.weight, 0.5),
        (network.bn1.bias, 1.5),
    ]
    for changed, factor in changes:
        changed.mul_(factor)
        view, old = packed(network), view
        assert view is not old and packed(network) is view
        fresh = replace(classifier, network=copy.deepcopy(network))
        expected = explain(fresh, picture, "layercam", "layer2", 1).map
        found = explain(classifier, picture, "layercam", "layer2", 1).map
        np.testing.assert_array_equal(found, expected)
        assert not np.allclose(found, before, rtol=1e-3)
        before = found


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("resnet18", {}),
        ("plain18", {}),
        ("resnet50", {"stride_in_1x1": True}),
        ("resnet20", {}),
        ("resnet20", {"norm": "none"}),
        ("resnet20", {"preactivation": True}),
        ("resnet18", {"shortcut": "C", "replace_stride_with_dilation": (False, True, True)}),
    ],
)
def test_every_block_is_the_network_s_to_rounding(name: str, options: dict[str, object]) -> None:
    """BatchNorm folded in, ReLU and addition taken along: for each block alone, with statistics of its own."""
    torch.manual_seed(0)
    network = build(name, 5, **options).eval().requires_grad_(False)
    draw = np.random.default_rng(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values, low, high in [
                (module.weight, 0.5, 1.5),
                (module.bias, -0.5, 0.5),
                (module.running_mean, -0.5, 0.5),
                (module.running_var, 0.5, 2.0),
            ]:
                values.copy_(torch.from_numpy(draw.uniform(low, high, len(values)).astype(np.float32)))
    x = torch.from_numpy(draw.normal(size=(2, 3, 64, 64)).astype(np.float32))
    view = packed(network)
    with torch.no_grad():
        a = network.stem(x)
        torch.testing.assert_close(view.stem(x), a, rtol=1e-5, atol=1e-5)
        for stage, same in zip(network.stages.values(), view.stages.values(), strict=True):
            for block, other in zip(stage, same, strict=True):
                expected = block(a)
                size = float(expected.abs().max())
                torch.testing.assert_close(other(a) / size, expected / size, rtol=1e-5, atol=1e-5)
                with torch.enable_grad():  # and to the last bit where a gradient will be asked for
                    assert torch.equal(other(a), expected)
                a = expected


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
