"""Heads against literals and against torchvision's own classifiers."""

from functools import cache

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from resnet_demo.chapters.parameters.heads import HALVINGS, TRUNKS, head
from resnet_demo.errors import CountError


def numel(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_vggs_first_fc_and_resnet50s_only_one() -> None:
    vgg, resnet = head("vgg16", "flatten"), head("resnet50", "gap")
    assert [layer.macs for layer in vgg.layers] == [102_760_448, 16_777_216, 4_096_000]
    assert vgg.layers[0].numbers == "7²·512·4096 + 4096" and vgg.layers[0].symbols == "H²·C·F + F"
    assert resnet.parameters == 2_049_000 and resnet.macs == 2_048_000
    with torch.device("meta"):
        assert numel(torchvision.models.vgg16().classifier) == vgg.parameters == 123_642_856
        assert numel(torchvision.models.resnet50().fc) == resnet.parameters


def test_one_explodes_and_the_other_stays() -> None:
    sizes = (224, 448)
    flatten = [head("resnet50", "flatten", size) for size in sizes]
    assert [found.layers[0].macs for found in flatten] == [411_041_792, 4 * 411_041_792]
    assert {head("resnet50", "gap", size).parameters for size in sizes} == {2_049_000}


@cache
def trunk(name: str) -> nn.Module:
    """What torchvision's network has before its head."""
    with torch.device("meta"):
        network = torchvision.models.get_model(name).eval()
    return network.features if name == "vgg16" else nn.Sequential(*list(network.children())[:-2])


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(TRUNKS)), st.integers(32, 400), st.integers(1, 64), st.integers(1, 20))
def test_a_head_costs_what_torch_says(name: str, size: int, hidden: int, classes: int) -> None:
    """The trunks' last maps are torchvision's, and the heads are those layers built by hand."""
    with torch.device("meta"):
        _, channels, side, _ = trunk(name)(torch.empty(1, 3, size, size)).shape
        layers = [nn.Linear(channels * side**2, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, classes)]
        last = nn.Linear(channels, classes)
    found = head(name, "flatten", size, hidden, classes)
    assert (found.channels, found.side) == (channels, side)
    assert found.parameters == sum(map(numel, layers))
    assert found.macs == sum(layer.weight.numel() for layer in layers)
    assert head(name, "gap", size, hidden, classes).parameters == numel(last)


def test_a_picture_of_which_nothing_is_left() -> None:
    with pytest.raises(CountError) as caught:
        head("vgg16", "gap", 31)
    assert str(caught.value) == "size = 31: nothing is left after halving it 5 times. The smallest size is 32."
    assert TRUNKS["vgg16"].side(32) == 1 and HALVINGS == 5
    assert TRUNKS["resnet50"].side(1) == 1  # padding keeps a pixel


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("vgg11", "gap"), "trunk = vgg11: choose one of: vgg16, resnet50."),
        (("vgg16", "mlp"), "head = mlp: choose one of: flatten, gap."),
        (("vgg16", "gap", None), "size is empty: enter a whole number from 1 to 1,000,000."),
        (("vgg16", "flatten", 224, 0), "hidden = 0: it must be a whole number from 1 to 1,000,000. The nearest is 1."),
        (("vgg16", "gap", 224, 1, 0), "classes = 0: it must be a whole number from 1 to 1,000,000. The nearest is 1."),
    ],
)
def test_what_is_refused(values: tuple[object, ...], said: str) -> None:
    with pytest.raises(CountError) as caught:
        head(*values)
    assert str(caught.value) == said
