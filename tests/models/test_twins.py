"""A ResNet and its plain twin at any depth."""

import pytest

from resnet_demo.errors import ArchitectureError
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.twins import DEPTHS, PAIRS, pair

pytestmark = pytest.mark.quick


def layers(architecture) -> int:
    """Convolutions of the main path and the linear layer, counted from the blocks."""
    return 2 + sum(architecture.depths) * (2 if architecture.block == "basic" else 3)


def test_depths_are_those_of_the_papers():
    assert DEPTHS["cifar"] == (8, 14, 20, 26, 32, 38, 44, 50, 56, 62, 68, 74, 80, 86, 92, 98, 104, 110)
    assert DEPTHS["imagenet"] == (18, 34, 50, 101, 152)


@pytest.mark.parametrize("name", PAIRS)
def test_each_pair_has_its_layers_and_differs_in_the_shortcuts_alone(name):
    residual, plain = pair(name)
    assert layers(residual) == layers(plain) == PAIRS[name][1]
    assert (residual.residual, plain.residual) == (True, False)
    assert (residual.depths, residual.widths, residual.stem) == (plain.depths, plain.widths, plain.stem)


@pytest.mark.parametrize("name", ["resnet20", "resnet56", "resnet110", "resnet18", "resnet34", "resnet50"])
def test_named_networks_are_the_named_ones(name):
    stem = ARCHITECTURES[name].stem
    depth = name.removeprefix("resnet")
    assert pair(f"{stem}-{depth}") == (ARCHITECTURES[name], ARCHITECTURES[f"plain{depth}"])


def test_zero_gamma_is_the_resnets_alone():
    residual, plain = pair("cifar-20", zero_gamma=True)
    assert residual.zero_gamma and not plain.zero_gamma


@pytest.mark.parametrize("options", [{"norm": "none"}, {"preactivation": True}])
def test_options_that_exclude_each_other_are_refused(options):
    with pytest.raises(ArchitectureError, match="zero_gamma needs a residual branch that ends in BatchNorm"):
        pair("cifar-20", zero_gamma=True, **options)


@pytest.mark.parametrize("name", ["cifar-21", "imagenet-20", "56", ""])
def test_another_pair_is_refused_with_what_there_is(name):
    with pytest.raises(
        ArchitectureError, match=rf"There is no pair of networks named {name}\. Choose one of: cifar-8,"
    ):
        pair(name)
