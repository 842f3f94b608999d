"""Any size of picture: what the head gets, against a network on the meta device and torch's own refusal."""

import pytest
import torch
from torch import nn

from resnet_demo.chapters.blocks.input_size import any_size, refusal
from resnet_demo.chapters.blocks.trace import trace
from resnet_demo.errors import ArchitectureError, CountError
from resnet_demo.models import build


def test_resnet18_at_several_sizes() -> None:
    found = any_size("resnet18", [32, 224, 256, 512])
    assert [(at.size, at.side, at.pooled, at.flattened) for at in found] == [
        (32, 1, 512, 512),
        (224, 7, 512, 25_088),
        (256, 8, 512, 32_768),
        (512, 16, 512, 131_072),
    ]
    assert {at.expected for at in found} == {25_088}
    assert [at.message for at in found] == [
        "mat1 and mat2 shapes cannot be multiplied (1x512 and 25088x1000)",
        None,
        "mat1 and mat2 shapes cannot be multiplied (1x32768 and 25088x1000)",
        "mat1 and mat2 shapes cannot be multiplied (1x131072 and 25088x1000)",
    ]


def test_bottlenecks_and_cifar() -> None:
    assert [at.pooled for at in any_size("resnet50", [96, 480])] == [2048, 2048]
    (own,) = any_size("resnet20", [32])
    assert (own.side, own.expected, own.message) == (8, 64 * 8 * 8, None)
    assert [at.message is None for at in any_size("resnet18", [160, 224], made_for=160)] == [True, False]


def test_two_sizes_may_share_a_map() -> None:
    """Padding rounds up: every side from 193 to 224 gives a map of 7 x 7."""
    found = any_size("resnet34", range(190, 228))
    assert [at.size for at in found if at.message is None] == list(range(193, 225))


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet20"])
@pytest.mark.parametrize("size", [32, 100, 512])
def test_a_network_agrees(name: str, size: int) -> None:
    (at,) = any_size(name, [size])
    ran = trace(name, size)
    assert ran["avgpool"].input == (at.channels, at.side, at.side)
    assert ran["fc"].input == (at.pooled,)


@pytest.mark.parametrize("size", [16, 64])
def test_torch_says_the_same_about_a_flattening_head(size: int) -> None:
    (at,) = any_size("resnet20", [size])
    network = build("resnet20").eval()
    flattening = nn.Sequential(*network.stages.values(), nn.Flatten(), nn.Linear(at.expected, 10))
    with torch.no_grad():
        assert flattening(network.stem(torch.zeros(1, 3, 32, 32))).shape == (1, 10)
        with pytest.raises(RuntimeError) as caught:
            flattening(network.stem(torch.zeros(1, 3, size, size)))
    assert str(caught.value) == at.message


def test_the_refusal_is_torchs() -> None:
    with pytest.raises(RuntimeError) as caught:
        nn.Linear(7, 3)(torch.zeros(1, 5))
    assert str(caught.value) == refusal(5, 7, 3)


def test_bad_values_are_refused() -> None:
    with pytest.raises(CountError, match="size = 0"):
        any_size("resnet18", [0])
    with pytest.raises(ArchitectureError, match="Unknown architecture resnet19"):
        any_size("resnet19", [32])
