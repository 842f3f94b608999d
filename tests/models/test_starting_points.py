"""How the measured networks start."""

import math

import pytest
import torch
from torch import nn

from resnet_demo.errors import ArchitectureError
from resnet_demo.models import build
from resnet_demo.models.initialisation import ACTIVATIONS, INITIALISATIONS, chosen, random_network
from resnet_demo.models.resnet import Block, ResNet
from resnet_demo.models.twins import pair


def convolutions(network: ResNet) -> dict[str, nn.Conv2d]:
    return {name: module for name, module in network.named_modules() if isinstance(module, nn.Conv2d)}


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("kaiming", lambda fan_in, fan_out: math.sqrt(2 / fan_out)),
        ("zero_gamma", lambda fan_in, fan_out: math.sqrt(2 / fan_out)),
        ("xavier", lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out))),
        ("small", lambda fan_in, fan_out: 0.01),
        ("large", lambda fan_in, fan_out: 1.5 * math.sqrt(2 / fan_out)),
    ],
)
def test_convolutions_have_the_deviation_of_their_formula(name, deviation):
    """n samples estimate a deviation to 1 / sqrt(2n) of itself."""
    for path, module in convolutions(random_network(pair("cifar-14")[0], name)).items():
        area = module.kernel_size[0] ** 2
        wanted = deviation(module.in_channels * area, module.out_channels * area)
        assert abs(module.weight.std().item() / wanted - 1) < 5 / math.sqrt(2 * module.weight.numel()), path


def test_every_parameter_and_statistic_is_set_as_in_our_networks():
    """Nothing of the memory that an empty network was made of is left: each tensor is what `build` makes of it."""
    network, ours = random_network(pair("cifar-8")[0]), build("resnet20")
    wanted = dict(ours.state_dict())
    for name, value in network.state_dict().items():
        assert value.dtype == wanted[name].dtype and value.shape == wanted[name].shape
        if "bn" in name:
            assert torch.equal(value, wanted[name]), name
        else:
            assert 0.5 < value.std() / wanted[name].std() < 2, name


def test_biases_start_at_zero():
    network = random_network(pair("cifar-8", norm="none")[0])
    assert all(not module.bias.any() for module in convolutions(network).values())


def test_a_seed_gives_the_same_network_and_another_seed_another():
    first, again, other = (random_network(pair("cifar-8")[0], seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["conv1.weight"], other["conv1.weight"])


def test_the_global_random_state_is_neither_read_nor_moved():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = random_network(pair("cifar-8")[0])
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(first.conv1.weight, random_network(pair("cifar-8")[0]).conv1.weight)


@pytest.mark.parametrize("name", ["cifar-14", "imagenet-18", "imagenet-50"])
def test_twins_start_from_the_same_weights(name):
    residual, plain = (random_network(architecture, seed=5).state_dict() for architecture in pair(name))
    assert all(torch.equal(plain[key], residual[key]) for key in plain)
    assert all("downsample" in key for key in residual.keys() - plain.keys())


def test_zero_gamma_starts_every_branch_at_zero():
    network = random_network(pair("cifar-14", zero_gamma=True)[0], "zero_gamma")
    x = torch.ones(2, 16, 8, 8)
    for block in network.stages["layer1"]:
        assert isinstance(block, Block) and not block.residual(x).any()


@pytest.mark.parametrize(("name", "at_minus_one"), [("relu", 0.0), ("tanh", -0.76159416), ("sigmoid", 0.26894143)])
def test_an_activation_takes_the_place_of_every_relu(name, at_minus_one):
    network = random_network(pair("cifar-8")[0], activation=name)
    seen = [module for path, module in network.named_modules() if path.endswith("relu")]
    assert len(seen) == 4  # the stem's, and one in each block
    assert all(module(torch.tensor(-1.0)).item() == pytest.approx(at_minus_one) for module in seen)


@pytest.mark.parametrize(
    ("name", "value", "known"),
    [
        ("initialisation", "he", "kaiming, xavier, small, large, zero_gamma"),
        ("activation", "gelu", "relu, tanh, sigmoid"),
    ],
)
def test_an_unknown_name_is_refused_with_what_there_is(name, value, known):
    with pytest.raises(ArchitectureError, match=rf"^{name} = {value}: it must be one of {known}\.$"):
        random_network(pair("cifar-8")[0], **{name: value})


def test_chosen_hands_on_what_is_known():
    assert [chosen("initialisation", name, INITIALISATIONS) for name in INITIALISATIONS] == list(INITIALISATIONS)
    assert [chosen("activation", name, ACTIVATIONS) for name in ACTIVATIONS] == list(ACTIVATIONS)
