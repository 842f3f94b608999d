"""The recorder against autograd, against hand-sized networks, and against what it must not leave behind."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.chapters.gradients.flow import Recorder, measure
from resnet_demo.chapters.gradients.gradient_curves import curve
from resnet_demo.models import load
from resnet_demo.models.initialisation import random_network
from resnet_demo.models.resnet import ResNet, build
from resnet_demo.models.twins import pair


def batch(count: int = 4, side: int = 32, seed: int = 0) -> tuple[Tensor, Tensor]:
    draw = np.random.default_rng(seed)
    pictures = draw.standard_normal((count, 3, side, side), np.float32)
    return torch.from_numpy(pictures), torch.from_numpy(draw.integers(0, 10, count))


NETWORKS = {
    "residual": lambda: random_network(pair("cifar-14")[0]),
    "plain": lambda: random_network(pair("cifar-14")[1]),
    "no norm": lambda: random_network(pair("cifar-8", norm="none")[0]),
    "pre-activation": lambda: random_network(pair("cifar-8", preactivation=True)[0]),
    "bottleneck with projections": lambda: random_network(pair("imagenet-50")[0]),
    "tanh": lambda: random_network(pair("cifar-8")[0], activation="tanh"),
    "trained": lambda: load("plain18", device="cpu").network,
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_every_parameter_agrees_with_backward(kind):
    """Autograd's own way, on the network itself: `loss.backward()` and `parameter.grad`."""
    network = NETWORKS[kind]()
    pictures, labels = batch()
    flow = measure(network, pictures, labels)
    network.train().requires_grad_(True)
    loss = functional.cross_entropy(network(pictures), labels)
    loss.backward()
    wanted = {name: parameter.grad.norm(dtype=torch.float64).item() for name, parameter in network.named_parameters()}
    assert dict(flow.parameters) == pytest.approx(wanted, rel=1e-4, abs=1e-12)
    assert flow.loss == pytest.approx(loss.item(), rel=1e-5)
    for c in flow.convolutions:
        assert c.gradient == dict(flow.parameters)[f"{c.name}.weight"]


@pytest.mark.parametrize("kind", NETWORKS)
def test_block_inputs_agree_with_a_network_run_block_by_block(kind):
    """No hook here: each block is called by itself, and its input keeps its gradient."""
    network = NETWORKS[kind]()
    pictures, labels = batch()
    flow = measure(network, pictures, labels)
    x = network.train().requires_grad_(True).stem(pictures)
    entered = []
    for stage in network.stages.values():
        for block in stage:
            x.retain_grad()
            entered.append(x)
            x = block(x)
    x.retain_grad()
    functional.cross_entropy(network.head(x), labels).backward()
    entered.append(x)
    assert [place.gradient for place in flow.inputs] == pytest.approx([e.grad.norm().item() for e in entered], rel=1e-3)
    deviations = [e.detach().double().std(correction=0).item() for e in entered]
    assert [place.deviation for place in flow.inputs] == pytest.approx(deviations, rel=1e-4)
    assert flow.inputs[0].name == "layer1.0" and flow.inputs[-1].name == "head"


def test_with_batchnorm_every_response_starts_with_deviation_one():
    """What leaves BatchNorm at its start has mean 0 and variance 1, by definition: Figure 7's quantity at epoch 0."""
    flow = measure(NETWORKS["residual"](), *batch(8))
    assert [c.response for c in flow.convolutions] == pytest.approx([1.0] * 13, abs=1e-3)


def test_the_response_is_that_of_the_batchnorm_after_the_convolution():
    network = NETWORKS["bottleneck with projections"]()
    for name, module in network.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, 3.0 if "downsample" in name else 2.0)
    flow = measure(network, *batch())
    for c in flow.convolutions:
        assert c.response == pytest.approx(3.0 if c.projection else 2.0, rel=0.01), c.name


def test_places_follow_the_main_path():
    flow = measure(NETWORKS["bottleneck with projections"](), *batch())
    main = [c.position for c in flow.convolutions if not c.projection]
    assert main == list(range(1, 50))
    beside = {c.name: c.position for c in flow.convolutions if c.projection}
    assert beside == {
        "layer1.0.downsample.0": 2,
        "layer2.0.downsample.0": 11,
        "layer3.0.downsample.0": 23,
        "layer4.0.downsample.0": 41,
    }
    assert [place.position for place in flow.inputs][-2:] == [47, 50]


# ------------------------------------------------------------------------------------------------ by hand


def hand_set(residual: bool, factor: float, blocks: int = 1) -> ResNet:
    """Every convolution hands each channel on, times `factor`; the classifier reads a channel that all stages have."""
    architecture = replace(pair("cifar-8", norm="none")[0 if residual else 1], depths=(blocks,) * 3)
    network = random_network(architecture)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.dirac_(module.weight)
            with torch.no_grad():
                module.weight.mul_(factor)
    nn.init.zeros_(network.fc.weight)
    nn.init.zeros_(network.fc.bias)
    with torch.no_grad():
        network.fc.weight[0, 0] = 1.0
    return network


@pytest.mark.parametrize(
    ("residual", "factor", "blocks", "change"),
    [
        (False, 0.5, 1, 1 / 64),  # six convolutions: 0.5^6
        (False, 2.0, 1, 64.0),
        (False, 0.5, 5, 2.0**-30),  # thirty: it vanishes
        (False, 2.0, 5, 2.0**30),  # and blows up
        (True, 0.5, 1, 1.25**3),  # three blocks: (1 + 0.5²)^3
        (True, 0.0, 5, 1.0),  # the shortcut alone: the "1 +"
        (True, 2.0, 5, 5.0**15),  # shortcuts do not help against weights that are too large
    ],
)
def test_gradients_of_hand_set_networks_are_products_of_factors(residual, factor, blocks, change):
    pictures, labels = torch.ones(2, 3, 8, 8), torch.tensor([0, 1])
    network = hand_set(residual, factor, blocks)
    nn.init.dirac_(network.conv1.weight)
    found = curve([measure(network, pictures, labels)], "inputs")
    assert found.towards_input == pytest.approx(change, rel=1e-5)


def test_a_gradient_below_float32_is_exactly_zero():
    network = random_network(pair("cifar-56", norm="none")[1], "small")
    flow = measure(network, *batch())
    assert {c.gradient for c in flow.convolutions} == {0.0}
    assert flow.inputs[-1].gradient > 0


# ------------------------------------------------------------------------------------------------ no trace


def traces(network: ResNet) -> dict[str, object]:
    """Everything about a network that a careless recorder would leave changed."""
    return {
        "hooks": [
            len(hooks)
            for module in network.modules()
            for hooks in (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        ],
        "training": [module.training for module in network.modules()],
        "flags": [parameter.requires_grad for parameter in network.parameters()],
        "gradients": [parameter.grad for parameter in network.parameters()],
        "state": {name: value.clone() for name, value in network.state_dict().items()},
    }


def assert_same(first: dict[str, object], second: dict[str, object]) -> None:
    states = first.pop("state"), second.pop("state")
    assert first == second
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


@pytest.mark.parametrize("frozen", [True, False])
def test_measuring_leaves_no_trace(frozen):
    network = build("resnet20").eval().requires_grad_(not frozen)
    before, grad = traces(network), torch.is_grad_enabled()
    pictures, labels = batch()
    measure(network, pictures, labels)
    with torch.no_grad():
        measure(network, pictures, labels)
    assert_same(before, traces(network))
    assert torch.is_grad_enabled() == grad and not pictures.requires_grad and pictures.grad is None


def test_a_failure_leaves_no_trace():
    network = build("resnet20")
    before = traces(network)
    with pytest.raises(RuntimeError):
        measure(network, torch.zeros(2, 4, 32, 32), torch.zeros(2, dtype=torch.long))
    assert_same(before, traces(network))


def test_the_recorder_removes_its_hooks_also_after_an_exception():
    network = build("resnet20")
    before = traces(network)

    def fail() -> None:
        with Recorder(network):
            assert traces(network)["hooks"] != before["hooks"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert_same(before, traces(network))


def test_the_recorder_changes_no_number():
    network = NETWORKS["residual"]()
    pictures, _ = batch()
    alone = network(pictures)
    with Recorder(network.eval().train()):
        assert torch.equal(network(pictures), alone)


def test_measuring_twice_gives_the_same_numbers():
    assert measure(NETWORKS["residual"](), *batch()) == measure(NETWORKS["residual"](), *batch())
