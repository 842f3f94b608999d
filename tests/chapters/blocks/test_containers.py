"""A plain list, nn.ModuleList and nn.Sequential: what torch registers, saves, reaches and runs."""

import pytest
import torch
from torch import Tensor, nn

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


class Holder(nn.Module):
    """Two layers in a plain list, and beside them another layer or none."""

    def __init__(self, other: bool) -> None:
        super().__init__()
        self.layers = [nn.Conv2d(4, 4, 3, padding=1) for _ in range(2)]
        self.other = nn.Conv2d(4, 4, 1) if other else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.other(self.layers[1](self.layers[0](x)))
        return out


def test_a_list_is_silently_not_trained_and_not_saved_where_there_are_other_layers() -> None:
    network = Holder(other=True)
    before = [layer.weight.detach().clone() for layer in network.layers]
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    network(torch.randn(2, 4, 5, 5, generator=torch.Generator().manual_seed(0))).square().mean().backward()
    other = network.other.weight.detach().clone()
    optimiser.step()
    assert all(torch.equal(layer.weight, old) for layer, old in zip(network.layers, before, strict=True))
    assert not torch.equal(network.other.weight, other)
    assert set(network.state_dict()) == {"other.weight", "other.bias"}


def test_where_there_are_no_other_layers_the_optimiser_refuses() -> None:
    with pytest.raises(ValueError, match="empty parameter list"):
        torch.optim.SGD(Holder(other=False).parameters(), 0.1)


def test_a_module_list_has_an_order_and_an_index_and_no_forward() -> None:
    layers = [nn.Conv2d(1, 1, size) for size in (1, 3, 5)]
    held = nn.ModuleList(layers)
    assert list(held) == layers and held[1] is layers[1] and len(held[:2]) == 2
    assert nn.ModuleList.forward is nn.Module.forward is not nn.Sequential.forward
