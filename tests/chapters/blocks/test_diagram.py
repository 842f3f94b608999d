"""The drawings: every edge of the network and no other, on the sheet, and well-formed."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_demo.chapters.blocks.input_size import any_size
from resnet_demo.chapters.blocks.pages import block_drawing, diagram, figure3, input_size_drawing
from resnet_demo.chapters.blocks.pages.svg import IDENTITY, PROJECTION, number, tag, text
from resnet_demo.chapters.blocks.rows import Row, blocks
from resnet_demo.chapters.blocks.vgg import vgg19
from resnet_demo.models.architectures import ARCHITECTURES

SVG = "{http://www.w3.org/2000/svg}"
LEGEND = {kind: kind for kind in ("identity", "projection", "zero padding", "none")}
both_widths = pytest.mark.parametrize("width", [diagram.WIDE, diagram.NARROW])


def drawn(rows: list[Row], width: int = diagram.WIDE, title: str = "a <title> & more") -> Element:
    words = diagram.Words(title, "facts", LEGEND, lambda row: f"{row.name} & <b>")
    return ElementTree.fromstring(diagram.svg(rows, words, width))


def units(sheet: Element) -> list[Element]:
    return [group for group in sheet.iter(f"{SVG}g") if group.get("class") == "unit"]


def curves(group: Element) -> list[Element]:
    return [one for one in group.iter(f"{SVG}path") if one.get("class") in ("identity", "projection", "zero-padding")]


def boxes(group: Element) -> list[Element]:
    """The coloured ones, each an operation."""
    return [one for one in group.iter(f"{SVG}rect") if one.get("fill-opacity") == "0.2"]


def words(group: Element) -> list[str]:
    return [str(one.text) for one in group.iter(f"{SVG}text")]


# ------------------------------------------------------------------------------------------------ the network

EDGES = {
    "resnet18": (224, {"identity": 5, "projection": 3}),
    "resnet34": (224, {"identity": 13, "projection": 3}),
    "resnet50": (224, {"identity": 12, "projection": 4}),
    "resnet152": (224, {"identity": 46, "projection": 4}),
    "resnet56": (32, {"identity": 25, "zero-padding": 2}),
    "plain18": (224, {}),
    "plain56": (32, {}),
}


@both_widths
@pytest.mark.parametrize("name", EDGES)
def test_every_shortcut_is_drawn_and_no_other(name: str, width: int) -> None:
    size, expected = EDGES[name]
    sheet = drawn(blocks(name, size), width)
    assert Counter(str(curve.get("class")) for curve in curves(sheet)) == expected
    for curve in curves(sheet):
        solid = curve.get("class") == "identity"
        assert (curve.get("stroke-dasharray") is None) == solid
        assert curve.get("stroke") == (IDENTITY if solid else PROJECTION)


@both_widths
@pytest.mark.parametrize("depth", [18, 34, 50])
def test_stages_of_twins_stay_level(depth: int, width: int) -> None:
    """Beside each other, each stage of the plain network begins where that of the residual one does."""
    residual, plain = (
        [
            band.get("y")
            for band in drawn(blocks(f"{family}{depth}", 224), width).iter(f"{SVG}rect")
            if band.get("fill-opacity") == "0.07"
        ]
        for family in ("resnet", "plain")
    )
    assert len(residual) == 6 and residual == plain


def test_each_unit_has_its_own_boxes_and_curve() -> None:
    rows = blocks("resnet50")
    for row, unit in zip(rows, units(drawn(rows)), strict=True):
        assert (unit.get("data-name"), unit.get("data-index")) == (row.name, str(rows.index(row)))
        kernels = [layer for layer in row.layers if layer.kernel and not layer.shortcut]
        assert len(boxes(unit)) == max(len(kernels), 1)
        assert [str(one.get("class")) for one in curves(unit)] == [
            kind for kind in [row.shortcut] if kind not in (None, "none")
        ]


def test_what_the_boxes_say() -> None:
    found = {str(unit.get("data-name")): words(unit) for unit in units(drawn(blocks("resnet50")))}
    assert found["conv1"] == ["7×7", "64", "/2"]
    assert found["layer2.0"] == ["1×1", "1×1", "128", "3×3", "128", "/2", "1×1", "512"]  # the shortcut's first
    assert found["layer2.1"] == ["1×1", "128", "3×3", "128", "1×1", "512"]
    assert (found["avgpool"], found["fc"]) == (["GAP", "7×7"], ["fc", "1000"])
    paper = blocks("resnet50", stride_in_1x1=True)
    assert words(units(drawn(paper))[5]) == ["1×1", "1×1", "128", "/2", "3×3", "128", "1×1", "512"]
    grouped = blocks("resnext50_32x4d", replace_stride_with_dilation=(False, False, True))
    assert "g32 d2" in words(units(drawn(grouped))[-3])


def test_a_block_is_an_option_of_a_list_for_those_who_hear_it() -> None:
    sheet = drawn(blocks("resnet18"))
    assert sheet.get("role") == "listbox" and sheet.get("aria-label") == "a <title> & more"
    for unit in units(sheet):
        assert unit.get("role") == "option" and unit.get("aria-selected") == "false"
        assert unit.get("aria-label") == f"{unit.get('data-name')} & <b>"
    still = diagram.svg(blocks("resnet18"), diagram.Words("t", "f", LEGEND, lambda row: row.name), selectable=False)
    assert "option" not in still and ElementTree.fromstring(still).get("role") == "img"


def reach(sheet: Element) -> Iterator[tuple[float, float]]:
    """The right and lower edge of everything that has any."""
    for one in sheet.iter(f"{SVG}rect"):
        x, y, width, height = (float(str(one.get(side))) for side in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0
        yield x + width, y + height
    for one in sheet.iter(f"{SVG}text"):
        yield float(str(one.get("x"))), float(str(one.get("y")))


@both_widths
@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(ARCHITECTURES)),
    size=st.integers(32, 512),
    preactivation=st.booleans(),
    shortcut=st.sampled_from("ABC"),
)
def test_nothing_leaves_the_sheet(width: int, name: str, size: int, preactivation: bool, shortcut: str) -> None:
    sheet = drawn(blocks(name, size, preactivation=preactivation, shortcut=shortcut), width)
    _, _, right, bottom = (float(side) for side in str(sheet.get("viewBox")).split())
    assert right <= width
    assert all(x <= right and y <= bottom for x, y in reach(sheet))
    assert len(units(sheet)) == len(blocks(name, size, preactivation=preactivation, shortcut=shortcut))


def test_larger_maps_are_taller_boxes() -> None:
    heights = [float(str(boxes(unit)[0].get("height"))) for unit in units(drawn(blocks("resnet18")))]
    blocks_only = heights[2:10:2]
    assert blocks_only == sorted(blocks_only, reverse=True) and len(set(blocks_only)) == 4


# ------------------------------------------------------------------------------------------------ a block


@pytest.mark.parametrize(
    ("name", "block", "options", "said"),
    [
        ("resnet18", "layer2.0", {}, ["3×3, 64 → 128 /2", "BN", "ReLU", "3×3, 128 → 128", "BN", "1×1, 64 → 128 /2"]),
        ("resnet18", "layer1.0", {}, ["3×3, 64 → 64", "BN", "ReLU", "3×3, 64 → 64", "BN", "x"]),
        ("plain18", "layer1.0", {}, ["3×3, 64 → 64", "BN", "ReLU", "3×3, 64 → 64", "BN", "ReLU"]),
        ("resnet18", "layer2.0", {"preactivation": True}, ["BN", "ReLU", "3×3, 64 → 128 /2", "BN", "ReLU"]),
        ("resnet20", "layer2.0", {}, ["3×3, 16 → 32 /2", "BN", "ReLU", "3×3, 32 → 32", "BN", "+ 0"]),
    ],
)
def test_a_block_from_near(name: str, block: str, options: dict[str, object], said: list[str]) -> None:
    row = next(row for row in blocks(name, 224, **options) if row.name == block)
    sheet = ElementTree.fromstring(block_drawing.svg(row, "label", lambda _: "cost"))
    found = [word for word in words(sheet)[1:] if word != "cost"]
    assert found[: len(said)] == said
    lines = [one.get("stroke") for one in sheet.iter(f"{SVG}path") if one.get("stroke") in (IDENTITY, PROJECTION)]
    assert lines == {"identity": [IDENTITY], "none": []}.get(str(row.shortcut), [PROJECTION])


# ------------------------------------------------------------------------------------------------ Fig. 3


def test_figure_3_is_the_papers() -> None:
    """16 and 33 convolutions, the ends of Fig. 3, and 16 shortcuts of which three change the shape."""
    facts = ("", "")
    columns = [
        figure3.column("VGG-19", facts, vgg19()),
        figure3.column("34-layer plain", facts, blocks("plain34")),
        figure3.column("34-layer residual", facts, blocks("resnet34")),
    ]
    said = [[bar.words for bars in column.bars.values() for bar in bars] for column in columns]
    assert [sum("conv" in label for label in labels) for labels in said] == [16, 33, 33]
    assert said[0][-4:] == ["pool, /2", "fc 4096", "fc 4096", "fc 1000"]
    assert said[1][:3] == ["7×7 conv, 64, /2", "pool, /2", "3×3 conv, 64"] and said[1] == said[2]
    assert said[2][8] == "3×3 conv, 128, /2" and said[2][-2:] == ["avg pool", "fc 1000"]
    sheet = ElementTree.fromstring(figure3.svg(columns, "side", "label"))
    lines = [one for one in sheet.iter(f"{SVG}path") if one.get("stroke") in (IDENTITY, PROJECTION)]
    assert Counter(one.get("stroke-dasharray") is not None for one in lines) == {False: 13, True: 3}
    assert [word for word in words(sheet) if word.isdigit()] == ["224", "112", "56", "28", "14", "7", "1"]


def test_long_titles_keep_to_their_columns() -> None:
    title = "A: ResNet-34 (shortcut=C, preactivation=True)"
    column = figure3.column(title, ("", ""), blocks("resnet34", shortcut="C", preactivation=True))
    sheet = ElementTree.fromstring(figure3.svg([column, column], "side", "label"))
    sizes = [float(str(one.get("font-size"))) for one in sheet.iter(f"{SVG}text") if one.text == title]
    assert len(sizes) == 2 and all(0.6 * size * len(title) < figure3.APART for size in sizes)


# ------------------------------------------------------------------------------------------------ sizes


@pytest.mark.parametrize("layout", [input_size_drawing.WIDE, input_size_drawing.NARROW])
def test_the_map_grows_and_the_head_does_not(layout: input_size_drawing.Layout) -> None:
    label = dict.fromkeys(("picture", "map", "gap", "flatten", "label"), "word")
    small, fitting = any_size("resnet50", [64, 224])
    first, second = (ElementTree.fromstring(input_size_drawing.svg(at, 1000, label, layout)) for at in (small, fitting))
    assert {"2048×2×2", "2,048 ✓", "fc 2,048 → 1,000", "8,192 ✗", "fc 100,352 → 1,000"} <= set(words(first))
    assert {"2048×7×7", "2,048 ✓", "fc 2,048 → 1,000", "100,352 ✓"} <= set(words(second))
    (typed,) = any_size("resnet50", [4096])  # beyond the slider's end
    sheet = ElementTree.fromstring(input_size_drawing.svg(typed, 1000, label, layout))
    assert "3×4096×4096" in words(sheet)
    assert all(x <= layout.width and y <= layout.height for x, y in reach(sheet))


# ------------------------------------------------------------------------------------------------ shapes


def test_words_are_escaped() -> None:
    assert text(1, 2, "<a> & b", 12) == '<text x="1" y="2" font-size="12">&lt;a&gt; &amp; b</text>'
    assert tag("g", aria_label='"<', data_x=None) == '<g aria-label="&quot;&lt;"/>'
    assert [number(value) for value in (3, 2.5, 2.04, -1.0)] == ["3", "2.5", "2", "-1"]


def test_a_drawing_needs_nothing_of_the_page() -> None:
    """It is saved as it is: no class of the stylesheet carries a colour of a stage or of an edge."""
    words = diagram.Words("t", "f", LEGEND, lambda row: row.name)
    svg = diagram.svg(blocks("resnet18"), words)
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert not re.search(r"var\(|url\(|href|<image|<script", svg)
