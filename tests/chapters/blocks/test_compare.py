"""Two networks side by side."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_demo.chapters.blocks.compare import compare
from resnet_demo.chapters.blocks.rows import blocks
from resnet_demo.chapters.blocks.vgg import vgg19
from resnet_demo.models import ARCHITECTURES

pytestmark = pytest.mark.quick


def test_resnet18_against_its_plain_twin() -> None:
    differing = {pair.name: pair.differs for pair in compare(blocks("resnet18"), blocks("plain18")) if pair.differs}
    alone = ("shortcut",)
    projected = ("shortcut", "parameters", "shortcut_parameters", "macs", "memory")
    assert differing == {
        "layer1.0": alone,
        "layer1.1": alone,
        "layer2.0": projected,
        "layer2.1": alone,
        "layer3.0": projected,
        "layer3.1": alone,
        "layer4.0": projected,
        "layer4.1": alone,
    }


def test_resnet50_of_the_paper_against_torchvisions() -> None:
    """The stride moves into the 3x3: the blocks that step cost more, keep more and see less; parameters stay."""
    pairs = compare(blocks("resnet50", stride_in_1x1=True), blocks("resnet50"))
    assert {field for pair in pairs for field in pair.differs} == {"macs", "receptive_field", "memory"}
    assert [pair.name for pair in pairs if "macs" in pair.differs] == ["layer2.0", "layer3.0", "layer4.0"]


def test_rows_of_one_network_alone() -> None:
    pairs = compare(blocks("resnet18"), blocks("resnet34"))
    assert [pair.name for pair in pairs] == [row.name for row in blocks("resnet34")]
    alone = [pair for pair in pairs if pair.a is None]
    assert len(alone) == 8
    assert all(pair.b is not None and set(pair.differs) >= {"kind", "macs", "output"} for pair in alone)


def test_networks_without_a_common_row() -> None:
    rows = blocks("resnet34")
    pairs = compare(rows, vgg19())
    assert [pair.name for pair in pairs] == [row.name for row in [*rows, *vgg19()]]
    assert all((pair.a is None) != (pair.b is None) for pair in pairs)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(ARCHITECTURES)), st.sampled_from(sorted(ARCHITECTURES)), st.sampled_from([32, 65, 224]))
def test_every_row_of_both_appears_once_and_in_order(a: str, b: str, size: int) -> None:
    left, right = blocks(a, size), blocks(b, size)
    pairs = compare(left, right)
    assert [pair.a for pair in pairs if pair.a] == left
    assert [pair.b for pair in pairs if pair.b] == right
    assert len({pair.name for pair in pairs}) == len(pairs)
    for pair in pairs:
        if pair.a and pair.b:
            assert pair.a.name == pair.b.name == pair.name
            for field in vars(pair.a).keys() - {"name", "layers"}:
                assert (field in pair.differs) == (getattr(pair.a, field) != getattr(pair.b, field))
    assert all(not pair.differs for pair in compare(left, left))
