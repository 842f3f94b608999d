"""Counts as text to take along, and blocks as short texts."""

import csv
import io

import pytest
from hypothesis import given

from resnet_demo.chapters.parameters.block_kinds import Block, block
from resnet_demo.chapters.parameters.counting import count, count_block
from resnet_demo.chapters.parameters.exports import latex, markdown, percent, plain, table, text
from resnet_demo.chapters.parameters.notation import read, write
from resnet_demo.errors import CountError
from tests.helpers.drawn_blocks import blocks

pytestmark = pytest.mark.quick

SEED = [count("vgg", 256), count("bottleneck", 256, width=64)]
TITLES = ["A pair", "50 % of B_x"]


def test_markdown() -> None:
    assert markdown(SEED, TITLES) == (
        "| block | parameters | fewer parameters than the first | MACs | activations kept for the backward pass "
        "| receptive field | output, C x H x W |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        "| A pair | 1,180,160 | 0.00% | 3,699,376,128 | 1,605,632 | 5×5 | 256×56×56 |\n"
        "| 50 % of B_x | 70,400 | 94.03% | 218,365,952 | 2,408,448 | 3×3 | 256×56×56 |\n"
        "\n"
        "- A pair: k²·C_in·C_out + k²·C_out² + 2·C_out = 3²·256·256 + 3²·256² + 2·256 = **1,180,160**\n"
        "- 50 % of B_x: 1²·C_in·N + k²·N² + 1²·N·C_out + 2·(2·N + C_out) = "
        "1²·256·64 + 3²·64² + 1²·64·256 + 2·(2·64 + 256) = **70,400**\n"
    )


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (94.0347, "94.03%"),
        (0, "0.00%"),
        (0.001, "< 0.01%"),
        (-0.001, "> -0.01%"),
        (99.9999, "> 99.99%"),
        (-99.9999, "< -99.99%"),
        (100, "100.00%"),
        (100.001, "100.00%"),
        (-1234.5, "-1,234.50%"),
    ],
)
def test_percentages(share: float, said: str) -> None:
    assert percent(share) == said
    assert percent(share, "+") == (said if share < 0 else said[:2] + "+" + said[2:] if said[0] in "<>" else "+" + said)


def test_latex_escapes_words_and_sets_formulas() -> None:
    written = latex(SEED, TITLES, reference=1)
    assert written.startswith("\\begin{tabular}{lrrrrrr}\nblock & parameters & ")
    assert "50 \\% of B\\_x & $70{,}400$ & $0.00\\%$ & $218{,}365{,}952$ & $2{,}408{,}448$ & $3\\times 3$" in written
    assert (
        "\\text{A pair} &= k^{2} \\cdot C_{\\mathrm{in}} \\cdot C_{\\mathrm{out}} + k^{2} \\cdot C_{\\mathrm{out}}^{2}"
        in written
    )
    assert written.count("{") == written.count("}") and written.endswith("\\end{align*}\n")


def test_csv_holds_exact_digits_and_the_settings() -> None:
    million = count("vgg", 10**6)
    rows = list(csv.DictReader(io.StringIO(table([*SEED, million], [*TITLES, "large, too"]))))
    assert [int(row["parameters"]) for row in rows] == [1_180_160, 70_400, 18_000_002_000_000]
    assert rows[2]["block"] == "large, too" and rows[1]["saved"] == "94.034707"
    assert [count_block(read(row["notation"]), int(row["size"])) for row in rows] == [*SEED, million]


def test_text_of_one_block_has_no_heading() -> None:
    assert text(SEED[1:], ["bottleneck"]).splitlines()[:3] == [
        "parameters  1²·C_in·N + k²·N² + 1²·N·C_out + 2·(2·N + C_out)",
        "          = 1²·256·64 + 3²·64² + 1²·64·256 + 2·(2·64 + 256)",
        "          = 70,400",
    ]


def test_plain_values() -> None:
    found = plain(SEED[1], SEED[0])
    assert (found["kind"], found["settings"]["width"], found["parameters"]) == ("bottleneck", 64, 70_400)
    assert sum(term["parameters"] for term in found["terms"]) == 70_400
    assert round(found["saved_percent"], 2) == 94.03


@given(blocks())
def test_a_block_and_its_text_are_one(b: Block) -> None:
    assert read(write(b)) == b


def test_settings_in_common_go_where_they_belong() -> None:
    assert read("vgg", channels_in=64, width=16, kernel=None) == block("vgg", 64)
    assert read("bottleneck,width:32", channels_in=64, width=16) == block("bottleneck", 64, 32)
    assert read("basic,norm:no,shortcut:C", channels_in=8) == block("basic", 8, norm=False, shortcut="C")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("vgg", "channels is empty: enter a whole number from 1 to 1,000,000."),
        ("vgg,channels_in:many", "channels_in:many in vgg,channels_in:many cannot be read. Write a kind and its"),
        ("vgg,", "A setting in vgg, is empty. Write a kind and its settings, as in"),
        ("vgg,channels_in:8,norm:perhaps", "norm:perhaps in "),
        ("cnn,channels_in:8", "cnn is not a kind of block."),
        ("vgg,channels_in:8,width:4", "width = 4: vgg has no setting width."),
        ("basic,channels:64", "channels = 64: there is no such setting. basic has: channels_in, kernel, channels_out,"),
        ("basic,channels_in:8,kind:5", "kind = 5: there is no such setting."),
        ("basic,kind:", "kind: in basic,kind: cannot be read."),
        ("basic,:5", " = 5: there is no such setting."),
        ("vgg,channels_in:0", "channels_in = 0: it must be a whole number"),
    ],
)
def test_texts_that_cannot_be_read(written: str, said: str) -> None:
    with pytest.raises(CountError) as caught:
        read(written)
    assert str(caught.value).startswith(said)
