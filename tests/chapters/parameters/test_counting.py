"""Closed forms against literals, and against blocks that torch builds (on the meta device: shapes, no numbers)."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models.densenet import _DenseBlock
from torchvision.models.mobilenetv2 import Conv2dNormActivation

from resnet_demo.chapters.parameters.block_kinds import Block
from resnet_demo.chapters.parameters.convolutions import receptive_field
from resnet_demo.chapters.parameters.counting import BlockCount, count, count_block, reduction
from resnet_demo.chapters.parameters.exports import text
from resnet_demo.errors import CountError
from resnet_demo.models.layer_costs import (
    conv_macs,
    conv_parameters,
    conv_size,
    linear_macs,
    linear_parameters,
    norm_parameters,
)
from tests.helpers.blocks_in_torch import in_torch, kept, seen, traced
from tests.helpers.drawn_blocks import blocks

GOLDEN = Path(__file__).parents[2] / "golden" / "parameters"
few = settings(max_examples=50, deadline=None)
small = st.integers(1, 24)
odd = st.sampled_from([1, 3, 5, 7])


# --- literals ---


@pytest.mark.quick
def test_the_seed_comparison() -> None:
    vgg, bottleneck = count("vgg", 256), count("bottleneck", 256, width=64)
    assert vgg.parameters == 1_180_160
    assert bottleneck.parameters == 70_400
    assert round(reduction(vgg.parameters, bottleneck.parameters), 2) == 94.03
    assert count("bottleneck", 256) == bottleneck  # a quarter of the channels, as in ResNet-50


@pytest.mark.quick
def test_the_seed_comparison_as_golden_text() -> None:
    counts = [count("vgg", 256), count("basic", 256), count("bottleneck", 256, width=64)]
    titles = ["VGG-style pair", "BasicBlock", "Bottleneck"]
    assert text(counts, titles) == (GOLDEN / "count-seed.txt").read_text("utf-8")


@pytest.mark.quick
def test_every_summand_can_be_followed() -> None:
    vgg, basic, bottleneck = count("vgg", 256), count("basic", 64), count("bottleneck", 256, width=64)
    assert vgg.formula == "k²·C_in·C_out + k²·C_out² + 2·C_out"
    assert vgg.numbers == "3²·256·256 + 3²·256² + 2·256"
    assert [(t.name, t.parameters) for t in vgg.terms] == [("conv", 589_824), ("conv", 589_824), ("bias", 512)]
    assert basic.formula == "k²·C_in·C_out + k²·C_out² + 2·2·C_out"
    assert [(t.name, t.parameters) for t in basic.terms] == [("conv", 36_864), ("conv", 36_864), ("norm", 256)]
    assert bottleneck.formula == "1²·C_in·N + k²·N² + 1²·N·C_out + 2·(2·N + C_out)"
    assert bottleneck.numbers == "1²·256·64 + 3²·64² + 1²·64·256 + 2·(2·64 + 256)"
    assert [t.parameters for t in bottleneck.terms] == [16_384, 36_864, 16_384, 768]
    assert [t.macs for t in bottleneck.terms] == [51_380_224, 115_605_504, 51_380_224, 0]
    assert [t.role for t in bottleneck.terms] == ["pointwise", "spatial", "pointwise", "norm"]
    assert (bottleneck.size, bottleneck.macs) == (56, 218_365_952)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("counted", "formula", "parameters"),
    [
        (count("vgg", 64, depth=4, bias=False), "k²·C_in·C_out + (n − 1)·k²·C_out²", 147_456),
        (count("resnext", 256), "1²·C_in·N + k²·(N/G)·N + 1²·N·C_out + 2·(2·N + C_out)", 71_168),
        (count("wide", 256), "1²·C_in·m·N + k²·(m·N)² + 1²·m·N·C_out + 2·(2·m·N + C_out)", 214_016),
        (count("depthwise", 256), "k²·C_in + 1²·C_in·C_out + 2·(C_in + C_out)", 68_864),
        (
            count("dense", 64, depth=6, norm=False),
            "1²·(n·C_in + g·n·(n − 1)/2)·N + n·k²·N·g",
            331_776,
        ),
        (
            count("basic", 64, channels_out=128, stride=2, norm=False),
            "k²·C_in·C_out + k²·C_out² + C_in·C_out",
            229_376,
        ),
    ],
)
def test_formulas_of_the_other_kinds(counted: BlockCount, formula: str, parameters: int) -> None:
    assert (counted.formula, counted.parameters) == (formula, parameters)


def test_blocks_of_torchvisions_networks() -> None:
    """One block of each network, as torchvision builds it."""
    nets = {name: torchvision.models.get_model(name) for name in ("resnet18", "resnet50")}
    with torch.device("meta"):
        nets |= {name: torchvision.models.get_model(name) for name in ("resnext50_32x4d", "wide_resnet50_2")}
        dense = _DenseBlock(6, 64, 4, 32, 0.0)
        separable = nn.Sequential(Conv2dNormActivation(32, 32, groups=32), Conv2dNormActivation(32, 64, 1))
    found = {
        count("basic", 64): nets["resnet18"].layer1[1],
        count("basic", 64, channels_out=128, stride=2): nets["resnet18"].layer2[0],
        count("bottleneck", 256): nets["resnet50"].layer1[1],
        count("bottleneck", 256, 128, channels_out=512, stride=2): nets["resnet50"].layer2[0],
        count("resnext", 256, 128, groups=32): nets["resnext50_32x4d"].layer1[1],
        count("wide", 256, 64, widen=2): nets["wide_resnet50_2"].layer1[1],
        count("dense", 64, growth=32, depth=6): dense,
        count("depthwise", 32, channels_out=64): separable,
    }
    for counted, module in found.items():
        assert counted.parameters == sum(p.numel() for p in module.parameters()), counted.kind
    assert count("basic", 64).parameters == 73_984 and count("bottleneck", 256).parameters == 70_400


@pytest.mark.quick
def test_two_3x3_against_one_5x5() -> None:
    """18C² against 25C²: 28 % fewer weights for the same 5x5 receptive field."""
    two, one = count("vgg", 64, bias=False), count("vgg", 64, depth=1, kernel=5, bias=False)
    assert (two.parameters, one.parameters) == (18 * 64**2, 25 * 64**2)
    assert reduction(one.parameters, two.parameters) == 28.0
    assert two.receptive_field == one.receptive_field == 5
    assert count("vgg", 64, depth=3).receptive_field == count("vgg", 64, depth=1, kernel=7).receptive_field == 7


def test_the_strided_blocks_activations() -> None:
    """A BasicBlock 64 to 128 at stride 2 on 56 px keeps five maps of 128 x 28 x 28: BN's three inputs, two ReLUs."""
    counted = count("basic", 64, channels_out=128, stride=2)
    assert counted.output == (128, 28, 28)
    assert counted.activations == 5 * 128 * 28 * 28
    assert counted.activation_bytes == 4 * counted.activations


VGG16 = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
VGG19 = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))


@pytest.mark.parametrize(
    ("name", "stages", "parameters", "macs"),
    [("vgg16", VGG16, 138_357_544, 15_470_264_320), ("vgg19", VGG19, 143_667_240, 19_632_062_464)],
)
def test_vgg(name: str, stages: tuple[tuple[int, int], ...], parameters: int, macs: int) -> None:
    """Simonyan and Zisserman 2014, arXiv 1409.1556, Table 1, columns D and E, stack by stack."""
    counted = [0, 0]
    channels_in, size = 3, 224
    for channels, depth in stages:
        stack = count("vgg", channels_in, channels_out=channels, depth=depth, size=size)
        counted[0] += stack.parameters
        counted[1] += stack.macs
        channels_in, size = channels, conv_size(size, 2, stride=2)
    for features_in, features_out in ((channels_in * size**2, 4096), (4096, 4096), (4096, 1000)):
        counted[0] += linear_parameters(features_in, features_out)
        counted[1] += linear_macs(features_in, features_out)
    assert tuple(counted) == (parameters, macs)
    with torch.device("meta"):
        network = torchvision.models.get_model(name)
    assert traced(network, 3, 224) == (parameters, macs, (1000,))


@pytest.mark.quick
def test_plain34_is_18_percent_of_vgg19() -> None:
    """arXiv 1512.03385, section 3.3."""
    assert round(100 - reduction(19_632_062_464, 3_644_493_824)) == 19  # with exact counts; the paper: 3.6 / 19.6
    assert round(100 - reduction(196, 36)) == 18


@pytest.mark.quick
def test_the_largest_block_is_exact() -> None:
    largest = count("vgg", 10**6, kernel=999_999, size=10**6)
    assert largest.parameters == 2 * 999_999**2 * 10**12 + 2 * 10**6 == 1_999_996_000_002_000_002_000_000
    assert largest.macs == 2 * 999_999**2 * 10**24
    assert count("dense", 10**6, depth=10**6, growth=10**6).block.channels_out == 10**6 + 10**12


@pytest.mark.quick
def test_reduction_may_be_a_loss() -> None:
    assert reduction(100, 25) == 75.0
    assert reduction(100, 100) == 0.0
    assert reduction(100, 150) == -50.0


# --- against torch ---


@few
@given(st.data(), small, small, st.integers(1, 6), st.integers(1, 16), st.booleans())
def test_a_convolution_costs_what_torch_says(
    data: st.DataObject, per_group_in: int, per_group_out: int, groups: int, size: int, bias: bool
) -> None:
    kernel = data.draw(st.integers(1, 7), "kernel")
    stride, padding, dilation = (data.draw(st.integers(low, 3)) for low in (1, 0, 1))
    channels_in, channels_out = per_group_in * groups, per_group_out * groups
    module = nn.Conv2d(channels_in, channels_out, kernel, stride, padding, dilation, groups, bias, device="meta")
    if dilation * (kernel - 1) + 1 > size + 2 * padding:
        with pytest.raises(CountError):
            conv_size(size, kernel, stride, padding, dilation)
        with pytest.raises(RuntimeError):
            traced(module, channels_in, size)
        return
    after = conv_size(size, kernel, stride, padding, dilation)
    assert traced(module, channels_in, size) == (
        conv_parameters(channels_in, channels_out, kernel, groups, bias),
        conv_macs(channels_in, channels_out, kernel, after, groups),
        (channels_out, after, after),
    )


@few
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.booleans())
def test_linear_and_norm_cost_what_torch_says(features_in: int, features_out: int, bias: bool) -> None:
    linear = nn.Linear(features_in, features_out, bias, device="meta")
    assert sum(p.numel() for p in linear.parameters()) == linear_parameters(features_in, features_out, bias)
    with FlopCounterMode(display=False) as counter:
        linear(torch.empty(1, features_in, device="meta"))
    assert counter.get_total_flops() == 2 * linear_macs(features_in, features_out)
    norm = nn.BatchNorm2d(features_in, device="meta")
    assert sum(p.numel() for p in norm.parameters()) == norm_parameters(features_in)


def spelt_out(formula: str, letters: dict[str, int]) -> int:
    """A printed formula, calculated."""
    python = formula.replace("²", "**2").replace("·", "*").replace("−", "-").replace("/", "//").replace(",", "")
    return int(eval(python, {}, letters))


@settings(max_examples=150, deadline=None)
@given(blocks(), small)
def test_a_block_costs_what_torch_says(b: Block, size: int) -> None:
    counted = count_block(b, size)
    assert traced(in_torch(b), b.channels_in, size) == (counted.parameters, counted.macs, counted.output)
    letters = {"k": b.kernel, "C_in": b.channels_in, "C_out": b.channels_out, "N": b.width, "G": b.groups}
    letters |= {"n": b.depth, "g": b.growth, "m": b.widen}
    assert spelt_out(counted.formula, letters) == counted.parameters
    assert spelt_out(counted.numbers, {}) == counted.parameters
    assert [spelt_out(term.symbols, letters) for term in counted.terms] == [term.parameters for term in counted.terms]


@settings(max_examples=60, deadline=None)
@given(blocks(most=6), st.integers(1, 6))
def test_a_block_keeps_what_autograd_keeps(b: Block, size: int) -> None:
    if b.norm and b.stride >= size:
        size = b.stride + 1  # BatchNorm refuses to train on a single number for each channel
    assert count_block(b, size).activations == kept(in_torch(b, "cpu"), b.channels_in, size)


@settings(max_examples=30, deadline=None)
@given(blocks(most=3))
def test_a_block_sees_what_gradients_reach(b: Block) -> None:
    assert receptive_field(b) == seen(b, 2 * receptive_field(b) + 2 * b.stride + 1)


@pytest.mark.parametrize(
    ("kind", "bias", "norm", "shortcut"),
    [
        ("vgg", True, False, "none"),
        ("basic", False, True, "B"),
        ("bottleneck", False, True, "B"),
        ("resnext", False, True, "B"),
        ("wide", False, True, "B"),
        ("depthwise", False, True, "none"),
    ],
)
def test_what_each_kind_has_unless_told(kind: str, bias: bool, norm: bool, shortcut: str) -> None:
    assert count(kind, 32) == count(kind, 32, bias=bias, norm=norm, shortcut=shortcut)
    bare = count(kind, 32, bias=False, norm=False)
    assert not {term.name for term in bare.terms} & {"bias", "norm", "shortcut"}
    assert bare.macs == count(kind, 32).macs


def test_what_widths_and_groups_are_unless_told() -> None:
    assert count("bottleneck", 3) == count("bottleneck", 3, width=1)  # a quarter of few channels is still a channel
    assert count("resnext", 256) == count("resnext", 256, 128, groups=32)
    assert count("resnext", 40) == count("resnext", 40, 20, groups=4)  # 32 does not divide 20
    assert count("dense", 64) == count("dense", 64, 128, depth=4, growth=32)


# --- what is refused ---

WHOLE = "it must be a whole number from 1 to 1,000,000. The nearest is"
NUMBER = "cannot be used: enter a whole number from 1 to 1,000,000."
BAD_NUMBERS: list[tuple[object, str, str]] = [
    (0, "count_whole", f"0: {WHOLE} 1."),
    (-5, "count_whole", f"-5: {WHOLE} 1."),
    (1_000_001, "count_whole", f"1000001: {WHOLE} 1,000,000."),
    (10**30, "count_whole", f"{10**30}: {WHOLE} 1,000,000."),
    (63.7, "count_whole", f"63.7: {WHOLE} 64."),
    (0.2, "count_whole", f"0.2: {WHOLE} 1."),
    (math.nan, "count_number", f"nan {NUMBER}"),
    (math.inf, "count_number", f"inf {NUMBER}"),
    ("64", "count_number", f"64 {NUMBER}"),
    (True, "count_number", f"True {NUMBER}"),
]


@pytest.mark.parametrize("name", ["channels", "channels_out", "width", "kernel", "groups", "stride", "size"])
@pytest.mark.parametrize(("value", "key", "message"), BAD_NUMBERS)
def test_bad_numbers_are_refused(name: str, value: object, key: str, message: str) -> None:
    settings_ = {"channels": 256, name: value}
    with pytest.raises(CountError) as caught:
        count("bottleneck", **settings_)
    assert str(caught.value) == f"{name} = {message}"
    assert caught.value.key == key
    assert caught.value.values["name"] == name


def refusal(action: object) -> tuple[str, str]:
    with pytest.raises(CountError) as caught:
        action()
    return caught.value.key, str(caught.value)


@pytest.mark.quick
def test_other_refusals() -> None:
    assert refusal(lambda: count("vgg", None)) == (
        "count_empty",
        "channels is empty: enter a whole number from 1 to 1,000,000.",
    )
    assert refusal(lambda: count("vgg", 64, kernel=4)) == (
        "count_odd",
        "kernel = 4: it must be odd, so that padding keeps the feature map's size. The nearest is 3.",
    )
    assert refusal(lambda: count("vgg", 64, kernel=10**6))[0] == "count_odd"
    assert refusal(lambda: count("basic", 64, width=16)) == (
        "count_field",
        "width = 16: basic has no setting width. Leave it out, or choose one of: bottleneck, resnext, wide, dense.",
    )
    assert refusal(lambda: count("dense", 64, stride=2))[1].startswith("stride = 2: dense has no setting stride.")
    assert refusal(lambda: count("basic", 64, colour=2)) == (
        "count_field_unknown",
        "colour = 2: there is no such setting. "
        "basic has: channels_in, kernel, channels_out, groups, stride, bias, norm, shortcut.",
    )
    assert refusal(lambda: count("inception", 64)) == (
        "count_kind",
        "inception is not a kind of block. Choose one of: vgg, basic, bottleneck, resnext, wide, depthwise, dense.",
    )
    assert refusal(lambda: count("basic", 64, norm="none")) == (
        "count_switch",
        "norm = none: it must be True or False.",
    )
    assert refusal(lambda: count("basic", 64, shortcut="D")) == (
        "count_shortcut",
        "shortcut = D: it must be none, A, B or C.",
    )
    assert refusal(lambda: count("basic", 64, channels_out=32, shortcut="A")) == (
        "count_padding",
        "shortcut = A: zero padding can only add channels, so 64 cannot become 32. Choose B.",
    )
    assert refusal(lambda: count("resnext", 256, 100, groups=32)) == (
        "count_groups",
        "groups = 32: it must divide both 100 input and 100 output channels. The nearest is 25.",
    )
    assert refusal(lambda: conv_parameters(64, 96, 3, groups=5)) == (
        "count_groups",
        "groups = 5: it must divide both 64 input and 96 output channels. The nearest is 4.",
    )
    assert refusal(lambda: conv_size(4, 7, padding=1)) == (
        "count_reach",
        "size = 4: a kernel spanning 7 pixels does not fit. The smallest size is 5.",
    )
    assert refusal(lambda: conv_size(5, 3, padding=-1)) == (
        "count_whole",
        "padding = -1: it must be a whole number from 0 to 1,000,000. The nearest is 0.",
    )
    assert refusal(lambda: linear_parameters(0, 10))[1].startswith("features_in = 0: ")
    assert refusal(lambda: norm_parameters(0))[1].startswith("channels = 0: ")
    assert refusal(lambda: reduction(0, 1)) == (
        "count_reduction",
        "a = 0: a saving cannot be computed relative to it. Enter 1 or more.",
    )


@pytest.mark.quick
def test_what_a_refusal_recommends_works() -> None:
    assert isinstance(count("vgg", 64, kernel=3), BlockCount)
    assert isinstance(count("resnext", 256, 100, groups=25), BlockCount)
    assert isinstance(count("basic", 64, channels_out=32, shortcut="B"), BlockCount)
    assert conv_parameters(64, 96, 3, groups=4) == 9 * 64 * 96 // 4
    assert conv_size(5, 7, padding=1) == 1


@given(small, small, st.integers(1, 40))
def test_the_nearest_groups_divide_and_none_is_nearer(before: int, after: int, groups: int) -> None:
    dividing = [g for g in range(1, 41) if before % g == 0 and after % g == 0]
    if groups in dividing:
        assert count("vgg", before, channels_out=after, groups=groups).block.groups == groups
        return
    with pytest.raises(CountError) as caught:
        count("vgg", before, channels_out=after, groups=groups)
    nearest = caught.value.values["nearest"]
    assert nearest in dividing and abs(nearest - groups) == min(abs(g - groups) for g in dividing)


@pytest.mark.parametrize("channels", [np.int32(256), 256.0, np.float32(256)])
def test_a_number_that_is_whole_may_be_of_any_type(channels: object) -> None:
    counted = count("vgg", channels)
    assert counted == count("vgg", 256)
    assert type(counted.parameters) is int
