"""Kaiming's formula: torch's own fans and deviations as witnesses, and measurements that follow it, or another."""

import math

import pytest
import torch
from torch import nn

from resnet_demo.chapters.gradients.kaiming import deviation, drawn, fans, levels
from resnet_demo.errors import ArchitectureError, CountError
from resnet_demo.models.initialisation import INITIALISATIONS


@pytest.mark.parametrize(
    ("channels", "out", "kernel", "groups"), [(3, 64, 7, 1), (64, 128, 3, 1), (256, 64, 1, 1), (64, 64, 3, 8)]
)
def test_fans_and_deviations_are_torchs(channels, out, kernel, groups):
    weight = nn.Conv2d(channels, out, kernel, groups=groups).weight
    assert fans(weight) == nn.init._calculate_fan_in_and_fan_out(weight)
    for initialisation, draw in INITIALISATIONS.items():
        large = torch.empty(2000, *weight.shape[1:]) if initialisation == "small" else weight.detach().clone()
        draw(large, torch.Generator().manual_seed(0))
        drawn_deviation = large.square().mean().sqrt().item()
        assert drawn_deviation == pytest.approx(deviation(initialisation, *fans(weight)), rel=0.05), initialisation


def test_the_formulas_by_hand():
    """64 to 128 channels, 3x3: fan-in 576, fan-out 1152."""
    assert deviation("kaiming", 576, 1152) == math.sqrt(2 / 1152) == 1 / 24
    assert deviation("large", 576, 1152) == 1 / 16
    assert deviation("xavier", 576, 1152) == math.sqrt(2 / 1728)
    assert deviation("small", 576, 1152) == 0.01


def test_every_convolution_of_a_network_is_drawn_as_the_formula_says():
    found = drawn("resnet18")
    assert len(found) == 20 and sum(one.weights for one in found) == 11_166_912
    first = found[0]
    assert (first.name, first.fan_in, first.fan_out) == ("conv1", 147, 3136)
    for one in found:
        assert one.measured == pytest.approx(one.formula, rel=4 / math.sqrt(2 * one.weights)), one.name
    narrow = {one.name: one for one in drawn("resnet18", "xavier")}
    assert narrow["layer2.0.conv1"].measured == pytest.approx(math.sqrt(2 / (576 + 1152)), rel=0.01)
    assert drawn("resnet20", seed=1)[0].measured != drawn("resnet20", seed=2)[0].measured


@pytest.mark.parametrize("initialisation", INITIALISATIONS)
@pytest.mark.parametrize("seed", [0, 1])
def test_signal_and_gradient_follow_the_formula(initialisation, seed):
    found = levels(initialisation, 10, seed)
    for level in found:
        assert 0.4 < level.signal / level.signal_formula < 2.5, level
        assert 0.4 < level.gradient / level.gradient_formula < 2.5, level
    assert found[-1].gradient_formula == 1 and found[-1].gradient == pytest.approx(1, rel=0.1)


def test_only_kaiming_keeps_both():
    ends = {name: levels(name, 20) for name in ("kaiming", "xavier", "large", "small")}
    kept = {name: (found[-1].signal_formula / found[0].signal_formula) for name, found in ends.items()}
    assert kept["kaiming"] == pytest.approx(1)
    assert kept["xavier"] == pytest.approx(2.0**-19) and kept["large"] == pytest.approx(2.25**19)
    for name, low, high in (
        ("kaiming", 0.2, 5),
        ("xavier", 0, 1e-4),
        ("large", 1e5, math.inf),
        ("small", 0, 1e-20),
    ):
        first, last = ends[name][0], ends[name][-1]
        assert low < last.signal / first.signal < high, name
        assert low < first.gradient / last.gradient < high, name


def test_the_stack_is_that_of_torchs_own_layers():
    """The same numbers through nn.Conv2d with periodic padding, and backward by .backward()."""
    generator = torch.Generator().manual_seed(3)
    x, upstream = (torch.randn(8, 64, 8, 8, generator=generator, dtype=torch.float64) for _ in range(2))
    written, entering = [], x
    for _ in range(3):
        layer = nn.Conv2d(64, 64, 3, padding=1, padding_mode="circular", bias=False, dtype=torch.float64)
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        written.append(layer(entering))
        written[-1].retain_grad()
        entering = nn.ReLU()(written[-1])
    written[-1].backward(upstream)
    for level, y in zip(levels("kaiming", 3, seed=3), written, strict=True):
        assert level.signal == pytest.approx(y.square().mean().item())
        assert level.gradient == pytest.approx(y.grad.square().mean().item())


def test_the_global_random_state_is_neither_read_nor_moved():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    levels("kaiming", 2)
    drawn("resnet20")
    assert torch.equal(before, torch.random.get_rng_state())


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(ArchitectureError, match="initialisation = zeros"):
        levels("zeros")
    with pytest.raises(ArchitectureError, match="initialisation = zeros"):
        drawn("resnet20", "zeros")
    with pytest.raises(CountError, match="layers = 51"):
        levels("kaiming", 51)
