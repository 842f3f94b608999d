"""The layers of a network in order; test_trace.py holds every one of them against the layer that ran."""

import pytest

from resnet_demo.chapters.blocks.layers import Layer
from resnet_demo.chapters.blocks.rows import blocks

pytestmark = pytest.mark.quick


def test_layers_of_a_v2_block() -> None:
    """V2 normalises and rectifies before each convolution, projects what it has rectified, and ends in the addition."""
    row = next(row for row in blocks("resnet18", preactivation=True) if row.name == "layer2.0")
    names = [layer.name.removeprefix("layer2.0.") for layer in row.layers]
    assert names == ["bn1", "relu", "conv1", "bn2", "relu", "conv2", "downsample.0", "add"]


def test_a_plain_block_adds_nothing() -> None:
    kinds = [layer.kind for row in blocks("plain34") for layer in row.layers]
    assert "add" not in kinds and "pad" not in kinds
    padding = [layer for row in blocks("resnet20", 32) for layer in row.layers if layer.kind == "pad"]
    assert padding == [
        Layer("layer2.0.downsample", "pad", (16, 32, 32), (32, 16, 16), True, stride=2),
        Layer("layer3.0.downsample", "pad", (32, 16, 16), (64, 8, 8), True, stride=2),
    ]


def test_v2_ends_in_a_norm_of_its_own() -> None:
    rows = blocks("resnet50", preactivation=True)
    assert [row.name for row in rows[-3:]] == ["bn_last", "avgpool", "fc"]
    assert (rows[-3].kind, rows[-3].parameters, rows[-3].macs) == ("norm", 4096, 0)
    assert rows[0].parameters == 9_408  # no BN after the stem
