"""Memory: what autograd saves for the backward pass, by the row that made it."""

from collections import Counter
from functools import partial

import pytest
import torch
import torchvision
from torch import nn

from resnet_demo.chapters.blocks.rows import Row, blocks
from resnet_demo.chapters.blocks.vgg import vgg19
from resnet_demo.models import build
from tests.helpers.meta import on_meta


def kept_by_autograd(network: nn.Module, rows: list[Row], size: int, device: str) -> dict[str, int]:
    """Bytes of maps that autograd saves in a training step, for one of two pictures, by the row that made them."""
    made: dict[int, str] = {}
    alive: list[torch.Tensor] = []
    saved: list[torch.Tensor] = []

    def remember(_: nn.Module, inputs: object, out: torch.Tensor, name: str) -> None:
        alive.append(out)
        made.setdefault(out.untyped_storage()._cdata, name)

    for row in rows:
        for module in network.get_submodule(row.name).modules():
            module.register_forward_hook(partial(remember, name=row.name))
    for path in ("bn1", "relu"):
        if hasattr(network, path):
            place = "conv1" if hasattr(network, "bn1") else "bn_last"
            getattr(network, path).register_forward_hook(partial(remember, name=place))

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        saved.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        network.train()(torch.zeros(2, 3, size, size, device=device))
    storages = {tensor.untyped_storage()._cdata: tensor.untyped_storage().nbytes() for tensor in saved}
    found = Counter({row.name: 0 for row in rows})
    for key, size_of in storages.items():
        if key in made:  # no parameter, no statistic, and not the picture
            found[made[key]] += size_of // 2
    return dict(found)


MEMORY = [
    ("resnet18", {}),
    ("plain18", {}),
    ("resnet50", {"shortcut": "C"}),
    ("resnet50", {"preactivation": True}),
    ("plain18", {"preactivation": True, "norm": "none"}),
    ("resnet50", {"norm": "none"}),
    ("resnet20", {}),
    ("resnet20", {"preactivation": True}),
    ("resnet20", {"preactivation": True, "norm": "none", "shortcut": "B"}),
]


@pytest.mark.parametrize(("name", "options"), MEMORY, ids=str)
def test_memory_is_what_autograd_keeps(name: str, options: dict[str, object]) -> None:
    rows = blocks(name, 64, **options)
    assert {row.name: row.memory for row in rows} == kept_by_autograd(on_meta(name, **options), rows, 64, "meta")


def test_memory_on_the_cpu_as_on_the_meta_device() -> None:
    rows = blocks("resnet20", 32)
    assert {row.name: row.memory for row in rows} == kept_by_autograd(build("resnet20"), rows, 32, "cpu")


def test_memory_of_vgg19_without_dropout() -> None:
    with torch.device("meta"):
        network = torchvision.models.vgg19(dropout=0.0)
    network.avgpool = nn.Identity()
    network.classifier[2] = network.classifier[5] = nn.Identity()
    rows = vgg19()
    assert {row.name: row.memory for row in rows} == kept_by_autograd(network, rows, 224, "meta")
