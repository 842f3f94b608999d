"""VGG-19 against torchvision's, and against the sizes that a flattening head takes."""

import pytest
import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnet_demo.chapters.blocks.rows import Totals, blocks, totals
from resnet_demo.chapters.blocks.trace import run
from resnet_demo.chapters.blocks.vgg import vgg19, whole_network
from resnet_demo.errors import ArchitectureError, CountError


@pytest.fixture(scope="module")
def torchvisions() -> nn.Module:
    with torch.device("meta"):
        return torchvision.models.vgg19().eval()


def test_published_totals() -> None:
    sums = totals(vgg19())
    assert (sums.parameters, sums.macs) == (143_667_240, 19_632_062_464)
    published = torchvision.models.VGG19_Weights.IMAGENET1K_V1.meta
    assert sums.parameters == published["num_params"]
    assert sums.macs / 1e9 == pytest.approx(published["_ops"], abs=5e-4)


def test_every_layer_is_torchvisions(torchvisions: nn.Module) -> None:
    with FlopCounterMode(display=False) as counter:
        ran = run(torchvisions, 224)
    layers = {layer.name: layer for row in vgg19() for layer in row.layers if layer.kind != "relu"}
    counted = (nn.Conv2d, nn.MaxPool2d, nn.Linear)
    assert list(layers) == [name for name in ran if isinstance(torchvisions.get_submodule(name), counted)]
    for name, layer in layers.items():
        seen = ran[name]
        assert layer.input == (*seen.input, 1, 1)[:3] and layer.output == (*seen.output, 1, 1)[:3]
        assert (layer.parameters, layer.macs) == (seen.parameters, seen.macs)
    assert counter.get_total_flops() // 2 == totals(vgg19()).macs
    relus = [layer.name for row in vgg19() for layer in row.layers if layer.kind == "relu"]
    assert relus == [name for name, module in torchvisions.named_modules() if isinstance(module, nn.ReLU)]


def test_stages() -> None:
    sides = {row.paper: row.output for row in vgg19()}
    assert list(sides.items()) == [
        ("conv1_x", (64, 112, 112)),
        ("conv2_x", (128, 56, 56)),
        ("conv3_x", (256, 28, 28)),
        ("conv4_x", (512, 14, 14)),
        ("conv5_x", (512, 7, 7)),
        ("head", (1000, 1, 1)),
    ]
    weighted = [row for row in vgg19() if row.kind in ("conv", "linear")]
    assert len(weighted) == 19
    assert weighted[16].parameters == 7 * 7 * 512 * 4096 + 4096
    # distill.pub/2019/computing-receptive-fields: VGG-16 sees 212 px; three more 3x3 at jumps of 4, 8 and 16 add 56.
    assert vgg19()[-4].receptive_field == 212 + 2 * (4 + 8 + 16)
    assert [row.receptive_field for row in vgg19()[-3:]] == [460] * 3  # 268, and 6 steps of 32 over the flattened map
    assert [row.kernels for row in vgg19()[-3:]] == ["", "", ""]


def test_resnet34_against_vgg19() -> None:
    """The paper, section 3.3: 3.6 billion multiply-adds, 18 % of VGG-19's 19.6 billion; to one digit more, 18.6 %."""
    ours, theirs = whole_network("plain34"), whole_network("vgg19")
    assert (round(100 * 3.6 / 19.6), round(100 * ours.macs / theirs.macs, 1)) == (18, 18.6)
    assert whole_network("resnet34", 96, shortcut="A") == totals(blocks("resnet34", 96, shortcut="A"))
    assert isinstance(theirs, Totals) and theirs.shortcut_parameters == 0


@pytest.mark.parametrize("size", [224, 240, 255])
def test_sizes_that_it_takes(torchvisions: nn.Module, size: int) -> None:
    flattening = nn.Sequential(torchvisions.features, nn.Flatten(), torchvisions.classifier)
    assert flattening(torch.empty(1, 3, size, size, device="meta")).shape == (1, 1000)
    assert vgg19(size)[-4].output == (512, 7, 7)
    assert vgg19(size)[0].output == (64, size, size)


REFUSED = [
    (1, "vgg19 cannot take 1 x 1 pixels: stage 1 would be 0 x 0. The nearest size is 224."),
    (31, "vgg19 cannot take 31 x 31 pixels: stage 5 would be 0 x 0. The nearest size is 224."),
    (
        223,
        "vgg19 cannot take 223 x 223 pixels: stage 5 would be 6 x 6, and its first linear layer reads a flattened "
        "feature map of 7 x 7. The nearest size is 224.",
    ),
    (
        256,
        "vgg19 cannot take 256 x 256 pixels: stage 5 would be 8 x 8, and its first linear layer reads a flattened "
        "feature map of 7 x 7. The nearest size is 255.",
    ),
]


@pytest.mark.parametrize(("size", "message"), REFUSED)
def test_sizes_that_it_cannot_take(torchvisions: nn.Module, size: int, message: str) -> None:
    for refuse in (vgg19, lambda size: whole_network("vgg19", size)):
        with pytest.raises(ArchitectureError) as caught:
            refuse(size)
        assert str(caught.value) == message
    flattening = nn.Sequential(torchvisions.features, nn.Flatten(), torchvisions.classifier)
    with pytest.raises(RuntimeError):
        flattening(torch.empty(1, 3, size, size, device="meta"))


def test_what_is_no_size() -> None:
    with pytest.raises(CountError, match="size = 0"):
        vgg19(0)
