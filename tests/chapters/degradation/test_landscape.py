"""The plane of two directions: norms filter by filter, losses by hand, measures of known bowls."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from resnet_demo.chapters.degradation.landscape import Plane, directions
from resnet_demo.chapters.degradation.landscape_study import CHANCE, Landscape, axis
from resnet_demo.models import build


def test_each_filter_of_a_direction_has_the_norm_of_the_networks_own() -> None:
    network = build("resnet20")
    first, second = directions(network, 3)
    weights = dict(network.named_parameters())
    assert first.keys() == second.keys() == {name for name, weight in weights.items() if weight.dim() > 1}
    for name, change in first.items():
        norms = [values.flatten(1).norm(dim=1) for values in (change, second[name], weights[name])]
        torch.testing.assert_close(norms[0], norms[2])
        torch.testing.assert_close(norms[1], norms[2])
        assert not torch.allclose(change, second[name])


def test_twins_move_in_the_same_directions() -> None:
    """Same seed, same random numbers: only their lengths differ."""
    ours, theirs = (directions(build(name), 0)[1] for name in ("resnet20", "plain20"))
    assert ours.keys() == theirs.keys()
    for name, change in ours.items():
        cosines = functional.cosine_similarity(change.flatten(1), theirs[name].flatten(1), dim=1)
        torch.testing.assert_close(cosines, torch.ones_like(cosines))


def test_loss_and_accuracy_at_a_point_by_hand() -> None:
    torch.manual_seed(0)
    network = build("plain20", 10).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.normal_(module.running_mean, 0, 0.1)
    inputs, labels = torch.randn(6, 3, 32, 32), torch.arange(6)
    plane = Plane(network, 5, inputs, labels)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    first, second = directions(network, 5)
    there = build("plain20", 10).eval()
    moved = {name: weight.clone() for name, weight in before.items()}
    for name in first:
        moved[name] += 0.5 * first[name] - 0.25 * second[name]
    there.load_state_dict(moved)
    for at, expected in ((network, (0, 0)), (there, (0.5, -0.25)), (network, (0, 0))):
        with torch.no_grad():
            logits = at(inputs)
        loss, accuracy = plane.measure(*expected)
        assert loss == pytest.approx(float(functional.cross_entropy(logits, labels)), rel=1e-4)
        assert accuracy == pytest.approx(float((logits.argmax(1) == labels).double().mean()))
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())


def test_the_axis_has_the_trained_weights_in_its_middle() -> None:
    assert axis(5, 1.0) == (-1, -0.5, 0, 0.5, 1)
    assert axis(31, 1.0)[15] == 0


def test_curvature_and_share_of_a_bowl() -> None:
    """3x² + y² + 2 has second derivatives of 6 and 2; 5 of its 9 points on (-1, 0, 1)² lie at 2, 3 and 3 or 5, 6."""
    xs = axis(3, 1.0)
    loss = tuple(tuple(3 * x * x + y * y + 2 for x in xs) for y in xs)
    bowl = Landscape("resnet20", xs, loss, loss)
    assert (bowl.centre, bowl.curvature, bowl.depth, bowl.residual) == (2, 4, 20, True)
    assert bowl.below_chance == pytest.approx(1 / 9)
    assert math.log(10) == CHANCE
