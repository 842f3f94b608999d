"""Rows and totals: closed form == literals == numel == FlopCounterMode == torchvision == torchinfo.

Every row against the network that ran is in test_trace.py; what it sees and keeps in test_receptive_field.py and
test_memory.py.
"""

import pytest
import torch
import torchinfo
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnet_demo.chapters.blocks.layers import Layer
from resnet_demo.chapters.blocks.rows import Row, Totals, blocks, stage_sums, totals
from resnet_demo.errors import ArchitectureError, CountError
from resnet_demo.models import ARCHITECTURES
from tests.helpers.meta import numel, on_meta

# Name, options, parameters, MACs; at 224 px with 1000 classes, and at 32 px with 10 for the CIFAR networks.
# Parameters and MACs of the ResNets are those of torchvision's published metadata; Table 1 and Table 6 of
# arXiv 1512.03385 round them.
IMAGENET_COUNTS = [
    ("resnet18", {}, 11_689_512, 1_814_073_344),
    ("resnet34", {}, 21_797_672, 3_663_761_408),
    ("resnet50", {}, 25_557_032, 4_089_184_256),
    ("resnet50", {"stride_in_1x1": True}, 25_557_032, 3_857_973_248),
    ("resnet101", {}, 44_549_160, 7_801_405_440),
    ("resnet152", {}, 60_192_808, 11_513_626_624),
    ("resnext50_32x4d", {}, 25_028_904, 4_230_479_872),
    ("wide_resnet50_2", {}, 68_883_240, 11_398_021_120),
    ("plain18", {}, 11_515_688, 1_794_805_760),
    ("plain34", {}, 21_623_848, 3_644_493_824),
    ("plain50", {}, 22_780_456, 3_729_522_688),
]
CIFAR_COUNTS = [
    (f"{kind}{layers}", {}, parameters, macs)
    for kind in ("resnet", "plain")
    for layers, parameters, macs in (
        (20, 269_722, 40_551_040),
        (32, 464_154, 68_862_592),
        (44, 658_586, 97_174_144),
        (56, 853_018, 125_485_696),
        (110, 1_727_962, 252_887_680),
    )
]
TEN_CLASSES = [
    ("resnet18", {}, 11_181_642),
    ("resnet50", {}, 23_528_522),
    ("plain18", {}, 11_007_818),
    ("plain34", {}, 21_115_978),
    ("plain50", {}, 20_751_946),
    ("resnet20", {"shortcut": "B"}, 272_474),
    ("resnet56", {"shortcut": "B"}, 855_770),
]


def sums(rows: list[Row]) -> tuple[int, int]:
    found = totals(rows)
    return found.parameters, found.macs


def counted_by_torch(network: nn.Module, size: int) -> tuple[int, int]:
    with FlopCounterMode(display=False) as counter:
        network(torch.empty(1, 3, size, size, device="meta"))
    return numel(network), counter.get_total_flops() // 2


# --- literals ---


@pytest.mark.parametrize(("name", "options", "parameters", "macs"), IMAGENET_COUNTS)
def test_counts_at_224(name: str, options: dict[str, object], parameters: int, macs: int) -> None:
    assert sums(blocks(name, **options)) == (parameters, macs)
    assert counted_by_torch(on_meta(name, **options), 224) == (parameters, macs)


@pytest.mark.parametrize(("name", "options", "parameters", "macs"), CIFAR_COUNTS)
def test_counts_at_32(name: str, options: dict[str, object], parameters: int, macs: int) -> None:
    assert sums(blocks(name, 32, **options)) == (parameters, macs)
    assert counted_by_torch(on_meta(name, **options), 32) == (parameters, macs)


@pytest.mark.parametrize(("name", "options", "parameters"), TEN_CLASSES)
def test_parameters_with_10_classes(name: str, options: dict[str, object], parameters: int) -> None:
    assert totals(blocks(name, num_classes=10, **options)).parameters == parameters
    assert numel(on_meta(name, num_classes=10, **options)) == parameters


@pytest.mark.parametrize("name", sorted({row[0] for row in IMAGENET_COUNTS} & set(dir(torchvision.models))))
def test_torchvision_publishes_the_same_parameters(name: str) -> None:
    published = torchvision.models.get_model_weights(name).IMAGENET1K_V1.meta
    assert totals(blocks(name)).parameters == published["num_params"]
    # Published in units of 1e9 to three digits.
    assert round(totals(blocks(name)).macs / 1e9, 3) == pytest.approx(published["_ops"], abs=5e-4)


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, {}) for name in ARCHITECTURES]
    + [(name, options) for name in ("resnet50", "resnet20") for options in ({"shortcut": "C"}, {"preactivation": True})]
    + [("resnet18", {"norm": "none", "num_classes": 7}), ("resnet50", {"groups": 8, "width_per_group": 16})],
    ids=str,
)
def test_torchinfo_counts_the_same_parameters(name: str, options: dict[str, object]) -> None:
    found = torchinfo.summary(on_meta(name, **options), verbose=0)
    assert totals(blocks(name, **options)).parameters == found.total_params


def test_projections_are_what_plain_networks_lack() -> None:
    """ "The same number of parameters" is true with option A, and off by 173,824 with option B."""
    for resnet, plain in (("resnet18", "plain18"), ("resnet34", "plain34")):
        rows = blocks(resnet)
        assert sum(row.shortcut_parameters for row in rows) == 173_824
        assert totals(rows).parameters - totals(blocks(plain)).parameters == 173_824
        assert totals(blocks(resnet, shortcut="A")) == totals(blocks(plain))


def test_resnet18_by_stage() -> None:
    stages = stage_sums(blocks("resnet18"))
    assert {stage.paper: stage.totals.parameters for stage in stages} == {
        "conv1": 9_536,
        "conv2_x": 147_968,
        "conv3_x": 525_568,
        "conv4_x": 2_099_712,
        "conv5_x": 8_393_728,
        "head": 513_000,
    }
    layers = on_meta("resnet18").named_children()
    assert [numel(module) for name, module in layers if name.startswith("layer")] == [
        147_968,
        525_568,
        2_099_712,
        8_393_728,
    ]


def test_sides_of_table_1() -> None:
    """Output side by stage at 224 px: 112, 56, 28, 14, 7, 1."""
    for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"):
        sides = {row.paper: row.output[1] for row in blocks(name)}
        assert list(sides.values()) == [112, 56, 28, 14, 7, 1]
        assert all(row.output[1] == row.output[2] for row in blocks(name))


def test_maps_and_layers_of_section_4_2() -> None:
    """Maps of 32, 16 and 8 pixels, with 16, 32 and 64 filters, and n blocks of two layers on each."""
    rows = [row for row in blocks("resnet56", 32) if row.kind == "basic"]
    shapes = {row.paper: row.output for row in rows}
    assert shapes == {"stage 1": (16, 32, 32), "stage 2": (32, 16, 16), "stage 3": (64, 8, 8)}
    assert [row.paper for row in rows].count("stage 2") == 9


def test_a_row_in_full() -> None:
    rows = {row.name: row for row in blocks("resnet50")}
    row = rows["layer2.0"]
    assert row == Row(
        name="layer2.0",
        stage="layer2",
        paper="conv3_x",
        kind="bottleneck",
        kernels="1x1, 3x3, 1x1",
        stride=2,
        input=(256, 56, 56),
        output=(512, 28, 28),
        shortcut="projection",
        parameters=379_392,
        shortcut_parameters=132_096,
        macs=372_506_624,
        receptive_field=43,
        effective_stride=8,
        memory=4 * (2 * 128 * 56**2 + 2 * 128 * 28**2 + 3 * 512 * 28**2),
        layers=row.layers,
    )
    assert [(layer.name.removeprefix("layer2.0."), layer.kind) for layer in row.layers] == [
        ("conv1", "conv"),
        ("bn1", "norm"),
        ("relu", "relu"),
        ("conv2", "conv"),
        ("bn2", "norm"),
        ("relu", "relu"),
        ("conv3", "conv"),
        ("bn3", "norm"),
        ("downsample.0", "conv"),
        ("downsample.1", "norm"),
        ("add", "add"),
        ("relu", "relu"),
    ]
    assert row.layers[3] == Layer(
        "layer2.0.conv2", "conv", (128, 56, 56), (128, 28, 28), kernel=3, stride=2, parameters=147_456, macs=115_605_504
    )
    last = rows["fc"]
    assert last.layers == (
        Layer("fc", "linear", (2048, 1, 1), (1000, 1, 1), bias=True, parameters=2_049_000, macs=2_048_000),
    )
    assert (last.stage, last.paper, last.effective_stride, last.memory) == ("head", "head", None, 0)
    assert (rows["maxpool"].stage, rows["maxpool"].paper) == ("stem", "conv2_x")


# --- stages and totals ---


def test_stages_sum_to_the_totals() -> None:
    rows = blocks("resnet50")
    stages = stage_sums(rows)
    assert [(stage.paper, stage.blocks, stage.output) for stage in stages] == [
        ("conv1", 0, (64, 112, 112)),
        ("conv2_x", 3, (256, 56, 56)),
        ("conv3_x", 4, (512, 28, 28)),
        ("conv4_x", 6, (1024, 14, 14)),
        ("conv5_x", 3, (2048, 7, 7)),
        ("head", 0, (1000, 1, 1)),
    ]
    for field in ("parameters", "shortcut_parameters", "macs", "memory"):
        assert sum(getattr(stage.totals, field) for stage in stages) == getattr(totals(rows), field)
    assert totals(rows) == Totals(25_557_032, 2_776_576, 4_089_184_256, totals(rows).memory)


# --- what is refused ---


@pytest.mark.parametrize("size", [1, 4096])
def test_the_smallest_and_the_largest_picture(size: int) -> None:
    assert blocks("resnet50", size)[-1].macs == 2_048_000


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (0, "size = 0: it must be a whole number from 1 to 4,096. The nearest is 1."),
        (4097, "size = 4097: it must be a whole number from 1 to 4,096. The nearest is 4,096."),
        (224.5, "size = 224.5: it must be a whole number from 1 to 4,096. The nearest is 224."),
        ("224", "size = 224 cannot be used: enter a whole number from 1 to 4,096."),
        (None, "size is empty: enter a whole number from 1 to 4,096."),
    ],
)
def test_bad_sizes_are_refused(size: int, message: str) -> None:
    with pytest.raises(CountError) as caught:
        blocks("resnet18", size)
    assert str(caught.value) == message


def test_bad_names_and_options_are_refused() -> None:
    with pytest.raises(ArchitectureError, match="Unknown architecture vgg16"):
        blocks("vgg16")
    with pytest.raises(ArchitectureError, match="colour is not an option of the networks"):
        blocks("resnet18", colour="red")


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(ARCHITECTURES)), st.integers(1, 4096))
def test_a_resnet_takes_every_size(name: str, size: int) -> None:
    """Padding rounds up, so no map ever becomes 0 x 0."""
    assert min(side for row in blocks(name, size) for side in row.output) >= 1
