"""Cascading randomisation: which weights go, in what order, and what it says of a map."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain import explain
from resnet_demo.explain.randomisation import _downward, _draw, randomisation

Make = Callable[..., Classifier]


@pytest.mark.parametrize(
    ("name", "size", "options", "expected"),
    [
        ("resnet18", 64, {}, ["fc", "layer4", "layer3", "layer2", "layer1", "stem"]),
        ("resnet20", 32, {"preactivation": True}, ["fc", "layer3", "layer2", "layer1", "stem"]),
    ],
)
def test_from_the_logits_downward_everything_goes(
    name: str, size: int, options: dict[str, Any], expected: list[str], make: Make, picture: Image.Image
) -> None:
    network = copy.deepcopy(make(name, size, **options).network)
    weights = {key: value.clone() for key, value in network.named_parameters()}
    stages, gone = [], set()
    for stage, modules in _downward(network):
        for module in modules:
            for part in module.modules():
                _draw(part, np.random.default_rng(7))
        stages.append(stage)
        changed = {key for key, value in network.named_parameters() if not torch.equal(value, weights[key])}
        assert gone < changed
        prefixes = {key.split(".")[0] for key in changed - gone}
        own = {"fc": {"fc", "bn_last"}, "stem": {"conv1", "bn1"}}.get(stage, {stage})
        assert prefixes <= own
        gone = changed
    assert stages == expected
    assert gone == set(weights)


def test_the_weights_are_those_of_a_network_that_has_yet_to_learn(make: Make) -> None:
    network = copy.deepcopy(make("resnet50").network)
    draw = np.random.default_rng(0)
    for module in network.modules():
        _draw(module, draw)
        if isinstance(module, nn.Conv2d):
            fan_out = module.out_channels * module.kernel_size[0] * module.kernel_size[1]
            assert float(module.weight.std()) == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)
        if isinstance(module, nn.BatchNorm2d):
            assert module.weight.unique().tolist() == module.running_var.unique().tolist() == [1]
            assert module.bias.unique().tolist() == module.running_mean.unique().tolist() == [0]


def test_a_map_of_the_network_is_lost_and_one_of_the_picture_is_not(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18")
    steps = randomisation(classifier, picture, explain(classifier, picture, "hirescam", "layer2"))
    assert [step.stage for step in steps] == ["fc", "layer4", "layer3", "layer2", "layer1", "stem"]
    assert all(step.rank_correlation is None or step.rank_correlation < 0.8 for step in steps)
    # Eigen-CAM asks the layer alone: what comes after it can be anything.
    asked = explain(classifier, picture, "eigencam", "layer3")
    unmoved = randomisation(classifier, picture, asked)
    assert [step.rank_correlation for step in unmoved[:2]] == pytest.approx([1, 1])
    assert all(step.rank_correlation is None or step.rank_correlation < 0.9999 for step in unmoved[2:])


def test_a_seed_says_which_weights(make: Make, picture: Image.Image) -> None:
    classifier = make("narrow_resnet18")
    found = explain(classifier, picture, "layercam", "layer2", 1, against=2)
    once, again, other = (randomisation(classifier, picture, found, seed=seed) for seed in (3, 3, 4))
    assert once == again != other


def test_progress_goes_through_slow_methods(make: Make, picture: Image.Image) -> None:
    seen: list[float] = []
    classifier = make("narrow_resnet18")
    found = explain(classifier, picture, "ablationcam", "layer2")
    randomisation(classifier, picture, found, lambda done, total: seen.append(done / total))
    assert len(seen) == 12  # within each of six steps, and after it
    assert seen == sorted(seen)
    assert seen[-1] == 1
