"""A plain list, nn.ModuleList and nn.Sequential: what torch registers, saves, reaches and runs."""

import torch

from resnet_demo.chapters.blocks.containers import Container, containers

KEYS = ("layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias")


def test_what_was_measured() -> None:
    assert containers() == (
        Container("list", 0, (), False, False, "TypeError: 'list' object is not callable"),
        Container(
            "ModuleList",
            296,
            KEYS,
            True,
            False,
            'NotImplementedError: Module [ModuleList] is missing the required "forward" function',
        ),
        Container("Sequential", 296, KEYS, True, True, None),
    )


def test_the_count_by_hand() -> None:
    """Two 3x3 convolutions, four channels in and out, with bias."""
    assert 2 * (3**2 * 4 * 4 + 4) == 296


def test_nothing_random_is_drawn() -> None:
    before = torch.random.get_rng_state()
    containers()
    assert torch.equal(before, torch.random.get_rng_state())
