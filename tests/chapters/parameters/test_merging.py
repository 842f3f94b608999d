"""Adding against concatenating: literal counts, and what autograd keeps of such stacks in torch."""

import pytest
import torch
from torch import Tensor, nn

from resnet_demo.chapters.parameters.merging import Stack, added, concatenated
from resnet_demo.chapters.parameters.pages import merging as merging_page
from resnet_demo.errors import CountError


class Network(nn.Module):
    """The same stack in torch: x + f(x), or [x, f(x)]."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.merge = stack.merge
        self.layers = nn.ModuleList(
            nn.Conv2d(layer.channels_in, layer.channels_out, 3, padding=1, bias=False) for layer in stack.layers
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            f = layer(x.relu())
            x = x + f if self.merge == "add" else torch.cat([x, f], dim=1)
        return x


def kept_by_autograd(network: Network, channels: int, size: int) -> int:
    """Numbers of maps that autograd saves, each storage once; weights are not maps."""
    saved: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        out = network(torch.randn(1, channels, size, size, requires_grad=True))
    assert out.shape[2:] == (size, size)
    weights = {parameter.untyped_storage()._cdata for parameter in network.parameters()}
    maps = {t.untyped_storage()._cdata: t.numel() for t in saved if t.untyped_storage()._cdata not in weights}
    return sum(maps.values())


@pytest.mark.parametrize(
    "stack", [added(16, 4, 8), added(8, 1, 8), concatenated(16, 12, 4, 8), concatenated(3, 5, 1, 8)], ids=str
)
def test_parameters_channels_and_memory_are_torchs(stack):
    network = Network(stack)
    channels = stack.layers[0].channels_in
    assert stack.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert network(torch.zeros(1, channels, 8, 8)).shape == (1, stack.channels, 8, 8)
    assert stack.kept == kept_by_autograd(network, channels, 8)


def test_four_layers_by_hand():
    plus, beside = added(16, 4, 8), concatenated(16, 12, 4, 8)
    assert [layer.channels_in for layer in plus.layers] == [16, 16, 16, 16] and plus.channels == 16
    assert [layer.channels_in for layer in beside.layers] == [16, 28, 40, 52] and beside.channels == 64
    assert (plus.parameters, plus.macs) == (4 * 9 * 16 * 16, 4 * 9 * 16 * 16 * 64)
    assert (beside.parameters, beside.macs) == (9 * 12 * 136, 9 * 12 * 136 * 64)
    assert (plus.kept, plus.kept_once) == (4 * 16 * 64, 4 * 16 * 64)
    assert (beside.kept, beside.kept_once, beside.kept_bytes) == (136 * 64, 52 * 64, 4 * 136 * 64)
    assert ([layer.earlier for layer in plus.layers], [layer.earlier for layer in beside.layers]) == (
        [1, 1, 1, 1],
        [1, 2, 3, 4],
    )


def test_concatenation_is_quadratic_in_the_layers_and_linear_where_maps_are_kept_once():
    for stack, square in ((lambda n: added(24, n), False), (lambda n: concatenated(24, 24, n), True)):
        ten, twenty, forty = (stack(n).kept for n in (10, 20, 40))
        assert (twenty / ten > 3.5 and forty / twenty > 3.8) == square
        assert (twenty / ten == forty / twenty == 2) == (not square)
    once = [concatenated(24, 24, n).kept_once for n in (10, 20, 40)]
    assert once[1] / once[0] == once[2] / once[1] == 2
    assert all(concatenated(24, 24, n).kept_once == added(24, n).kept for n in (10, 20, 40))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: added(16, 101), "layers = 101"),
        (lambda: added(0, 4), "channels_in = 0"),
        (lambda: concatenated(16, 0, 4), "growth = 0"),
        (lambda: concatenated(16, 12, 4, 0), "size = 0"),
    ],
)
def test_what_cannot_be_counted_is_refused(make, words):
    with pytest.raises(CountError, match=words):
        make()


# ------------------------------------------------------------------------------------------------ the page


def test_the_page_compares_the_sum_with_the_concatenation() -> None:
    """12 layers on 64 channels, growing by 32: out come 64, and 64 + 12 · 32 = 448. Kept: 12 · 64 = 768 maps, and
    64 + 96 + ... + 416 = 2,880."""
    answer, figure, table = merging_page.draw(merging_page.compute(64, 32, 12, 32), "en")
    assert "passes on 64 channels; concatenating passes on 448" in answer
    assert f"keeps {2880 / 768:.2f} times" in answer
    assert [list(line.y)[-1] for line in figure.data] == [64, 416]
    assert f"{768 * 32 * 32 * 4 / 1e6:.2f} MB" in table and f"{2880 * 32 * 32 * 4 / 1e6:.2f} MB" in table
