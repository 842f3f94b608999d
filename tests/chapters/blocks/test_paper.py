"""The papers' tables, literally, and where our networks are theirs and where not."""

import pytest

from resnet_demo.chapters.blocks.paper import PaperCost, PaperRow, notation, paper_table
from resnet_demo.chapters.blocks.rows import blocks
from resnet_demo.errors import ArchitectureError
from resnet_demo.models import ARCHITECTURES

# Table 1 of arXiv 1512.03385: FLOPs, meaning multiply-adds.
FLOPS = {"resnet18": 1.8e9, "resnet34": 3.6e9, "resnet50": 3.8e9, "resnet101": 7.6e9, "resnet152": 11.3e9}
# Blocks in conv2_x ... conv5_x.
REPEATS = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
    "resnet152": (3, 8, 36, 3),
}
# Table 6, parameters.
MILLIONS = {20: 0.27, 32: 0.46, 44: 0.66, 56: 0.85, 110: 1.7}


@pytest.mark.parametrize("name", FLOPS)
def test_table_1(name: str) -> None:
    bottleneck = name not in ("resnet18", "resnet34")
    found = paper_table(name, **({"stride_in_1x1": True} if bottleneck else {}))
    assert found is not None and found.agrees
    assert found.source == "He et al. 2015, arXiv 1512.03385, Table 1"
    assert [row.paper for row in found.rows] == ["conv1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "head"]
    assert [row.side for row in found.rows] == [112, 56, 28, 14, 7, 1]
    assert [int(row.text.rpartition(" x ")[2]) for row in found.rows[1:5]] == list(REPEATS[name])
    assert [cost.printed for cost in found.costs] == [FLOPS[name]]


def test_table_1_of_resnet50_word_for_word() -> None:
    found = paper_table("resnet50", stride_in_1x1=True)
    assert found is not None
    assert [row.text for row in found.rows] == [
        "7x7, 64, stride 2",
        "3x3 max pool, stride 2; [1x1, 64; 3x3, 64; 1x1, 256] x 3",
        "[1x1, 128; 3x3, 128; 1x1, 512] x 4",
        "[1x1, 256; 3x3, 256; 1x1, 1024] x 6",
        "[1x1, 512; 3x3, 512; 1x1, 2048] x 3",
        "average pool, 1000-d fc",
    ]
    assert found.costs == (PaperCost("macs", 3.8e9, 0.1e9, 3_857_973_248),)
    assert found.rows[1] == PaperRow("conv2_x", 56, found.rows[1].text, 56, found.rows[1].text)


def test_torchvisions_resnet50_is_not_the_papers() -> None:
    """The same blocks, but with the stride in the 3x3: 4.09 instead of 3.86 billion multiply-adds."""
    found = paper_table("resnet50")
    assert found is not None
    assert all(row.agrees for row in found.rows)
    assert [(cost.ours, cost.agrees) for cost in found.costs] == [(4_089_184_256, False)]
    assert not found.agrees


def test_what_differs_is_named() -> None:
    found = paper_table("resnet50", replace_stride_with_dilation=(False, False, True), num_classes=10)
    assert found is not None
    assert [row.paper for row in found.rows if not row.agrees] == ["conv5_x", "head"]
    assert found.rows[4].our_side == 14
    assert found.rows[5].our_text == "average pool, 10-d fc"


@pytest.mark.parametrize(("name", "printed"), [("plain18", 1.8e9), ("plain34", 3.6e9)])
def test_plain_networks_have_the_same_columns(name: str, printed: float) -> None:
    found = paper_table(name)
    assert found is not None and found.agrees
    assert found.costs[0].printed == printed


@pytest.mark.parametrize("kind", ["resnet", "plain"])
@pytest.mark.parametrize("layers", MILLIONS)
def test_table_6(kind: str, layers: int) -> None:
    found = paper_table(f"{kind}{layers}")
    n = (layers - 2) // 6
    assert found is not None and found.agrees and found.size == 32
    assert [(row.side, row.text) for row in found.rows] == [
        (32, f"[3x3, 16; 3x3, 16] x {n}"),
        (16, f"[3x3, 32; 3x3, 32] x {n}"),
        (8, f"[3x3, 64; 3x3, 64] x {n}"),
    ]
    assert [cost.printed for cost in found.costs] == [pytest.approx(MILLIONS[layers] * 1e6)]


def test_option_b_is_not_table_6() -> None:
    found = paper_table("resnet110", shortcut="B", preactivation=True)
    assert found is not None and all(row.agrees for row in found.rows)


def test_resnext_is_xies() -> None:
    found = paper_table("resnext50_32x4d")
    assert found is not None and found.agrees
    assert found.rows[2].text == "[1x1, 256; 3x3, 256, C=32; 1x1, 512] x 4"
    assert [(cost.quantity, cost.printed) for cost in found.costs] == [("macs", 4.2e9), ("parameters", 25.0e6)]


def test_networks_that_no_paper_tabulates() -> None:
    assert [name for name in ARCHITECTURES if paper_table(name) is None] == ["plain50", "wide_resnet50_2"]
    others = {name: "cifar" if a.stem == "imagenet" else "imagenet" for name, a in ARCHITECTURES.items()}
    assert [name for name, stem in others.items() if paper_table(name, stem=stem)] == []


def test_notation_keeps_unequal_blocks_apart() -> None:
    rows = [row for row in blocks("resnet18") if row.stage in ("layer1", "layer2")]
    assert notation(rows) == ["[3x3, 64; 3x3, 64] x 2", "[3x3, 128; 3x3, 128] x 2"]


def test_agreement_ends_one_unit_away() -> None:
    assert PaperCost("macs", 3.8e9, 0.1e9, 3_899_999_999).agrees
    assert not PaperCost("macs", 3.8e9, 0.1e9, 3_900_000_000).agrees


def test_bad_names_are_refused() -> None:
    with pytest.raises(ArchitectureError, match="Unknown architecture vgg16"):
        paper_table("vgg16")
