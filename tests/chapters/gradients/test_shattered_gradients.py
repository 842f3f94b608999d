"""Correlation of input gradients: what follows from its definition, and what Balduzzi et al. found."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from resnet_demo.chapters.gradients.shattered_gradients import CHANGES, input_gradients, shattering, walk
from resnet_demo.models.initialisation import random_network
from resnet_demo.models.resnet import build
from resnet_demo.models.twins import pair


def question(count: int = 4, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    draw = np.random.default_rng(seed)
    pictures, direction = draw.standard_normal((2, count, 3, 32, 32), np.float32)
    return torch.from_numpy(pictures), torch.arange(count), torch.from_numpy(direction)


def test_no_change_is_a_correlation_of_one():
    found = shattering(random_network(pair("cifar-8")[0]), *question(), changes=(0.0,))
    assert found.correlations == pytest.approx([1.0])


def test_a_network_that_is_linear_where_it_is_looked_at_has_one_gradient():
    """Positive weights, positive pictures, no BatchNorm: every ReLU passes, and the gradient is everywhere the same."""
    network = random_network(pair("cifar-8", norm="none")[1])
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 0.01)
    pictures, labels, direction = question()
    found = shattering(network, pictures.abs() + 1, labels, direction, (0.001, 0.1))
    assert found.correlations == pytest.approx([1.0, 1.0])


def test_the_gradient_is_that_of_backward_at_the_changed_pictures():
    network = random_network(pair("cifar-8")[0])
    pictures, labels, direction = question()
    (found,) = input_gradients(network, pictures, labels, direction, (0.1,))
    x = (pictures + 0.1 * pictures.square().mean().sqrt() * direction).requires_grad_()
    logits = network.train()(x)
    (sum(logits[i, label] for i, label in enumerate(labels)) / len(labels)).backward()
    assert torch.allclose(found, x.grad.flatten(1).double(), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("seed", [0, 1])
def test_plain_gradients_shatter_and_residual_ones_do_not(seed):
    """arXiv 1702.08591: with BatchNorm, at 56 layers, for a change of 1 %."""
    residual, plain = (
        shattering(random_network(architecture, seed=seed), *question(8, seed)) for architecture in pair("cifar-56")
    )
    at = CHANGES.index(0.01)
    assert residual.correlations[at] > 0.4 and abs(plain.correlations[at]) < 0.2
    assert residual.correlations[0] > 0.9  # a tenth of a thousandth


def test_batchnorm_has_a_part_in_the_shattering():
    """Without it the plain network's gradient keeps some of its direction, and the residual one nearly all."""
    at = CHANGES.index(0.01)
    found = {
        (norm, architecture.residual): shattering(random_network(architecture), *question(8)).correlations[at]
        for norm in ("batch", "none")
        for architecture in pair("cifar-56", norm)
    }
    assert found["none", False] > abs(found["batch", False]) + 0.1
    assert found["none", True] > found["batch", True] + 0.1 and found["none", True] > 0.8


def test_plain_gradients_shatter_with_depth():
    at = CHANGES.index(0.01)
    found = [shattering(random_network(pair(f"cifar-{n}")[1]), *question(8)).correlations[at] for n in (8, 20, 32)]
    assert found[0] > 0.8 and found[0] > found[1] + 0.1 and found[1] > found[2] + 0.1


def test_a_walk_is_in_units_of_its_root_mean_square_and_shows_the_noise():
    """White noise jumps from step to step; a brown one moves on. Sum of squared steps against that of the values."""
    changes = tuple(i / 2000 for i in range(17))
    jumps = []
    for architecture in pair("cifar-56"):
        values = np.array(walk(random_network(architecture), *question(4), changes))
        assert np.mean(values**2) == pytest.approx(1.0)
        jumps.append(np.mean(np.diff(values) ** 2) / np.var(values))
    assert jumps[0] < 1.2 < jumps[1]


def test_the_network_is_not_touched():
    network = build("resnet20").eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    pictures, labels, direction = question()
    shattering(network, pictures, labels, direction)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not network.training and all(p.requires_grad and p.grad is None for p in network.parameters())
    assert not pictures.requires_grad
