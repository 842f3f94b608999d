"""The plane of two directions: norms filter by filter, losses by hand, measures of known bowls."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional

from resnet_demo.chapters.degradation.landscape import Plane, along_line, directions
from resnet_demo.chapters.degradation.landscape_study import CHANCE, LINE, Landscape, Line, axis
from resnet_demo.checkpoints.load import load
from resnet_demo.cli.landscape import initial
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


def test_the_line_from_one_network_to_another_by_hand() -> None:
    """A quarter of the way, and at both ends; the networks stay as they are."""
    torch.manual_seed(0)
    start, trained = build("resnet20", 10), build("resnet20", 10)
    inputs, labels = torch.randn(8, 3, 32, 32), torch.arange(8)
    before = [{name: value.clone() for name, value in one.state_dict().items()} for one in (start, trained)]
    losses, accuracies = along_line(start, trained, (0, 0.25, 1), inputs, labels)
    between = build("resnet20", 10)
    first, last = (dict(one.named_parameters()) for one in (start, trained))
    between.load_state_dict({name: 0.75 * first[name] + 0.25 * last[name] for name in first}, strict=False)
    for one, loss, accuracy in zip((start, between, trained), losses, accuracies, strict=True):
        with torch.no_grad():
            logits = one.train()(inputs)
        assert loss == pytest.approx(float(functional.cross_entropy(logits, labels)), rel=1e-4)
        assert accuracy == pytest.approx(float((logits.argmax(1) == labels).double().mean()))
    for one, values in zip((start, trained), before, strict=True):
        assert all(torch.equal(weight, values[name]) for name, weight in one.named_parameters())


@pytest.mark.parametrize("model", ["plain20", "resnet20", "plain56", "resnet56"])
def test_the_seed_on_a_card_draws_the_weights_that_training_began_with(model: str) -> None:
    """Training turned them by less than 60 degrees; any other random weights would lie at a right angle."""
    trained = load(model, "cifar10", "cpu")
    start = initial(trained)
    assert start is not None
    torch.manual_seed(trained.card["seed"] + 1)
    other = build(model, 10)

    def cosine(network: nn.Module) -> float:
        ours, theirs = (
            torch.cat([weight.detach().flatten() for weight in one.parameters() if weight.dim() > 1])
            for one in (trained.network, network)
        )
        return float(functional.cosine_similarity(ours, theirs, dim=0))

    assert cosine(start) > 0.5 and abs(cosine(other)) < 0.01
    assert initial(replace(trained, card={**trained.card, "start": {"weights": "imagenet"}})) is None


@pytest.mark.parametrize(
    ("way", "course"), [((2, 1.5, 1), "falls"), ((2, 2.5, 1), "climbs"), ((2, 1, 1.5), "wavers"), ((1, 1, 1), "wavers")]
)
def test_the_course_of_a_line(way: tuple[float, float, float], course: str) -> None:
    """From the first to the middle to the last place up to the trained weights; what comes after does not count."""
    count = LINE.index(1) + 1
    half = count // 2
    ends = pairwise(way)
    loss = [a + (b - a) * step / half for a, b in ends for step in range(half)] + [way[-1]]
    assert Line((*loss, *[9.0] * (len(LINE) - count)), ()).course == course


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
    assert bowl.valleys == 1
    assert math.log(10) == CHANCE
