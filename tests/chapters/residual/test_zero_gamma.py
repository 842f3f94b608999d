"""Zero-gamma at initialisation: the zeros are exact, in our networks and in torchvision's."""

import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional

from resnet_demo.chapters.residual.zero_gamma import first_steps
from resnet_demo.errors import CountError
from resnet_demo.models.resnet import build

COUNT = {"resnet20": 9, "resnet18": 8, "resnet56": 27}


@pytest.mark.parametrize("name", COUNT)
def test_the_zeros_are_exact_and_the_others_are_not(name):
    rows = first_steps(name)
    assert len(rows) == COUNT[name]
    for row in rows:
        assert row.distance == 0 and row.conv_before == 0
        assert row.gamma_before > 0 and row.beta_before > 0 and row.conv_after > 0 and row.usual > 0.1


def test_kinds_of_shortcut():
    assert [row.shortcut for row in first_steps("resnet18")] == [
        "identity", "identity", *["projection", "identity"] * 3,
    ]  # fmt: skip
    assert {row.shortcut for row in first_steps("resnet20")} == {"identity", "zero_padding"}


def test_blocks_and_gradients_seen_from_outside():
    """Not through our measurement: block(x) against ReLU(x), and every convolution's .grad, as torch leaves them."""
    network = build("resnet20", zero_gamma=True).train()
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 16, 8, 8)).astype(np.float32))
    for block in network.layer1:
        assert torch.equal(block(x), x.relu())
    pictures = torch.from_numpy(np.random.default_rng(1).normal(size=(4, 3, 32, 32)).astype(np.float32))
    functional.cross_entropy(network(pictures), torch.arange(4)).backward()
    for block in network.blocks.values():
        assert not block.conv1.weight.grad.any() and not block.conv2.weight.grad.any()
        assert not block.bn1.weight.grad.any() and not block.bn1.bias.grad.any()
        assert block.last_norm.weight.grad.any() and block.last_norm.bias.grad.any()


def test_torchvisions_networks_have_the_same_zeros():
    network = torchvision.models.resnet18(zero_init_residual=True).train()
    pictures = torch.from_numpy(np.random.default_rng(1).normal(size=(4, 3, 32, 32)).astype(np.float32))
    functional.cross_entropy(network(pictures), torch.arange(4)).backward()
    for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
        for block in stage:
            assert not block.conv1.weight.grad.any() and not block.conv2.weight.grad.any()
            assert block.bn2.weight.grad.any() and block.bn2.bias.grad.any()


def test_the_last_norm_of_a_bottleneck_is_its_third():
    network = build("resnet50", zero_gamma=True)
    norms = [block.last_norm for block in network.blocks.values()]
    assert len(norms) == 16 and all(isinstance(norm, nn.BatchNorm2d) and not norm.weight.any() for norm in norms)


def test_a_seed_is_a_whole_number():
    with pytest.raises(CountError, match=r"seed = 1.5: .* The nearest is 2\."):
        first_steps("resnet20", 1.5)  # type: ignore[arg-type]
