"""Networks by blocks per stage: the five named ones by literal, any other by torchvision's own class."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.models import resnet

from resnet_demo.chapters.parameters.depth import LAYERS, MARKED, further_blocks, network
from resnet_demo.errors import CountError
from tests.helpers.blocks_in_torch import traced

FACTS = {
    18: (11_689_512, 1_814_073_344),
    34: (21_797_672, 3_663_761_408),
    50: (25_557_032, 4_089_184_256),
    101: (44_549_160, 7_801_405_440),
    152: (60_192_808, 11_513_626_624),
}


@pytest.mark.parametrize("layers", FACTS)
def test_the_marked_networks(layers: int) -> None:
    found = network(*MARKED[layers])
    assert (found.layers, found.parameters, found.macs) == (layers, *FACTS[layers])
    assert found.known_as == layers


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(sorted(LAYERS)), st.tuples(*[st.integers(1, 4)] * 4), st.integers(33, 256))
def test_any_network_costs_what_torchvision_says(kind: str, blocks: tuple[int, ...], size: int) -> None:
    built = {"basic": resnet.BasicBlock, "bottleneck": resnet.Bottleneck}[kind]
    with torch.device("meta"):
        module = resnet.ResNet(built, list(blocks))
    found = network(kind, blocks, size)
    assert traced(module, 3, size) == (found.parameters, found.macs, (1000,))


def test_one_more_block_of_either_kind_costs_about_the_same() -> None:
    """Three layers on four times the channels for 95 % of the price of two, in every stage."""
    for basic, bottleneck in zip(further_blocks("basic"), further_blocks("bottleneck"), strict=True):
        assert bottleneck.block.channels_in == 4 * basic.block.channels_in
        assert 0.94 < bottleneck.parameters / basic.parameters < 0.96
        assert (basic.macs, bottleneck.macs) == (231_211_008, 218_365_952)


def test_further_blocks_are_what_a_network_grows_by() -> None:
    for kind in LAYERS:
        for stage, further in enumerate(further_blocks(kind)):
            more = [3, 4, 6, 3]
            more[stage] += 1
            grown, before = network(kind, more), network(kind, (3, 4, 6, 3))
            assert grown.parameters - before.parameters == further.parameters
            assert grown.macs - before.macs == further.macs


def test_what_is_refused() -> None:
    with pytest.raises(CountError, match="vgg is not a kind of block. Choose one of: basic, bottleneck."):
        network("vgg", (1, 1, 1, 1))
    with pytest.raises(CountError, match="conv4_x = 101: it must be a whole number from 1 to 100. The nearest is 100."):
        network("basic", (1, 1, 101, 1))
    assert network("basic", (1, 1, 2, 1)).known_as is None
