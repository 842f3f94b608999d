"""Why a stage gets its shortcut: the paper's question with each network's numbers, and the network's answer."""

import pytest
import torch
from torch import nn

from resnet_demo.chapters.blocks.rows import blocks
from resnet_demo.chapters.blocks.shortcut_decision import decisions
from resnet_demo.errors import ArchitectureError
from resnet_demo.models import ARCHITECTURES, build
from resnet_demo.models.resnet import ZeroPadding

OPTIONS: list[dict[str, object]] = [
    {},
    {"shortcut": "A"},
    {"shortcut": "B"},
    {"shortcut": "C"},
    {"preactivation": True},
    {"norm": "none"},
    {"residual": False},
    {"residual": True},
]


def told(name: str, **options: object) -> list[tuple[object, ...]]:
    return [
        (d.stage, d.stride, d.channels_in, d.channels_out, d.reason, d.shortcut, d.others)
        for d in decisions(name, **options)
    ]


def test_resnet18() -> None:
    assert told("resnet18") == [
        ("layer1", 1, 64, 64, "same", "identity", "identity"),
        ("layer2", 2, 64, 128, "both", "projection", "identity"),
        ("layer3", 2, 128, 256, "both", "projection", "identity"),
        ("layer4", 2, 256, 512, "both", "projection", "identity"),
    ]
    assert [(d.same_shape, d.parameters, d.blocks, d.paper) for d in decisions("resnet18")] == [
        (True, 0, 2, "conv2_x"),
        (False, 64 * 128 + 2 * 128, 2, "conv3_x"),
        (False, 128 * 256 + 2 * 256, 2, "conv4_x"),
        (False, 256 * 512 + 2 * 512, 2, "conv5_x"),
    ]


def test_resnet50_projects_in_its_first_stage_for_the_channels_alone() -> None:
    first = decisions("resnet50")[0]
    assert (first.stride, first.channels_in, first.width, first.expansion, first.channels_out) == (1, 64, 64, 4, 256)
    assert (first.reason, first.shortcut, first.others) == ("channels", "projection", "identity")


def test_dilation_leaves_the_channels_to_decide() -> None:
    found = decisions("resnet50", replace_stride_with_dilation=(False, True, True))
    assert [(d.stride, d.dilated, d.reason) for d in found] == [
        (1, False, "channels"),
        (2, False, "both"),
        (1, True, "channels"),
        (1, True, "channels"),
    ]


def test_options_a_and_c_and_plain() -> None:
    assert [row[4:] for row in told("resnet20")] == [
        ("same", "identity", "identity"),
        ("both", "zero padding", "identity"),
        ("both", "zero padding", "identity"),
    ]
    assert [row[4:] for row in told("resnet20", shortcut="C")] == [
        ("everywhere", "projection", "projection"),
        ("both", "projection", "projection"),
        ("both", "projection", "projection"),
    ]
    assert {row[4:] for row in told("plain34")} == {("plain", "none", "none")}


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "plain34", "resnet20", "wide_resnet50_2"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_network_and_the_table_decide_alike(name: str, options: dict[str, object]) -> None:
    with torch.device("meta"):
        network = build(name, **options)
    rows = {row.name: row for row in blocks(name, 64, **options)}
    types = {nn.Identity: "identity", nn.Sequential: "projection", ZeroPadding: "zero padding", type(None): "none"}
    found = decisions(name, **options)
    assert [d.stage for d in found] == list(network.stages)
    for decision, stage in zip(found, network.stages.values(), strict=True):
        first, second = list(stage)[:2]
        assert len(stage) == decision.blocks
        assert types[type(first.downsample)] == decision.shortcut == rows[f"{decision.stage}.0"].shortcut
        assert types[type(second.downsample)] == decision.others == rows[f"{decision.stage}.1"].shortcut
        assert rows[f"{decision.stage}.0"].shortcut_parameters == decision.parameters
        assert rows[f"{decision.stage}.0"].input[0] == decision.channels_in
        assert rows[f"{decision.stage}.0"].output[0] == decision.channels_out
        assert rows[f"{decision.stage}.0"].stride == decision.stride
        assert decision.same_shape == (decision.stride == 1 and decision.channels_in == decision.channels_out)


def test_every_architecture_decides() -> None:
    assert all(len(decisions(name)) == len(a.depths) for name, a in ARCHITECTURES.items())


def test_bad_options_are_refused() -> None:
    with pytest.raises(ArchitectureError, match="shortcut = D"):
        decisions("resnet18", shortcut="D")
