"""The page that compares blocks, called directly."""

import re
from html import unescape
from typing import Any

import pytest

from resnet_demo.chapters.parameters.block_kinds import KINDS
from resnet_demo.chapters.parameters.equal_budget import variables
from resnet_demo.chapters.parameters.notation import read, settings, write
from resnet_demo.chapters.parameters.pages import blocks, cards, equal_budget
from resnet_demo.chapters.parameters.pages.columns import LETTERS
from resnet_demo.chapters.parameters.pages.presets import PRESETS
from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.helpers import pages

each_language = pytest.mark.parametrize("language", LANGUAGES)
SEED = ("vgg,channels_in:256", "basic,channels_in:256", "bottleneck,channels_in:256,width:64")


def shown(language: str, *texts: str, **asked: Any) -> dict[str, Any]:
    """What the page shows, part by part, and of each column its card."""
    held = dict(zip(blocks.TEXTS, (*texts, "", "", "", ""), strict=False))
    found = pages.show("parameters", blocks.PAGE, language, **held, **asked)
    return found | dict(zip(LETTERS, found["cards"].split('class="calc-column col-')[1:], strict=True))


def plain(html: str) -> str:
    """The words of some HTML as a person reads them."""
    text = html.replace("<sub>", "_").replace("<sup>2</sup>", "²")
    text = re.sub(r"</?(i|b|wbr|sub|span)\b[^>]*>", "", text)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


# --- block against block ---


@each_language
def test_the_seed_comparison(language: str) -> None:
    found = shown(language, *SEED)
    assert "1,180,160" in plain(found["A"]) and "70,400" in plain(found["C"])
    said = {"en": "94.03% fewer parameters than A", "zh": "参数比 A 少 94.03%"}[language]
    assert said in plain(found["C"])
    assert catalogue(language)["parameters.reference"] in plain(found["A"])
    assert catalogue(language)["parameters.unused"] in plain(found["D"])
    assert "−94.03%" in plain(found["chart"]) and "+0.04%" in plain(found["chart"])
    answer = {
        "en": "C Bottleneck has 94.03% fewer parameters than A: 70,400 instead of 1,180,160.",
        "zh": "C Bottleneck（瓶颈块）的参数比 A 少 94.03%：70,400 个，而不是 1,180,160 个。",
    }
    assert plain(found["answer"]) == answer[language]
    first = pages.show("parameters", blocks.PAGE, language)
    assert first == {name: found[name] for name in first}


def test_a_card_shows_every_step() -> None:
    said = plain(shown("en", *SEED)["C"])
    for part in (
        "70,400 parameters",
        "94.10% fewer MACs",
        "Conv 1, 1×1 16,384 51,380,224 MACs",
        "Conv 2, 3×3 36,864 115,605,504 MACs",
        "BatchNorm 768",
        "Sum 70,400 218,365,952 MACs",
        "MACs at 56 × 56 218,365,952 = 436,731,904 FLOPs",
        "Activation memory 9.19 MiB 2,408,448 numbers × 4 bytes",
        "Receptive field 3 × 3",
        "Output, C × H × W 256 × 56 × 56",
    ):
        assert part in said, part
    html = shown("en", *SEED)["C"]
    assert "<i>k</i><sup>2</sup><wbr>·<i>N</i><sup>2</sup>" in html and "<i>C</i><sub>in</sub>" in html


@each_language
@pytest.mark.parametrize("against", LETTERS)
def test_any_column_may_be_the_reference(language: str, against: str) -> None:
    found = shown(language, *SEED, against=against)
    references = [letter for letter in LETTERS if "is-reference" in found[letter]]
    assert references == ([against] if against != "D" else [])
    unused = {"en": "Block D is not used", "zh": "块 D 未使用"}[language]
    assert (unused in plain(found["answer"])) == (against == "D")


def test_bars_share_one_scale() -> None:
    for measure, widths in {
        "parameters": ["99.957%", "100.000%", "5.963%"],
        "macs": ["100.000%", "100.000%", "5.903%"],
        "activation_bytes": ["50.000%", "100.000%", "75.000%"],
    }.items():
        chart = shown("en", *SEED, measure=measure)["chart"]
        assert [part.split('"')[0] for part in chart.split("width:")[1:]] == widths
    assert 'title="Conv 2, 3×3: 36,864"' in shown("en", *SEED)["chart"]


@each_language
@pytest.mark.parametrize("preset", PRESETS)
def test_presets_can_be_counted_and_said(language: str, preset: str) -> None:
    (button,) = (one for one in blocks.PAGE.presets if one.name == preset)
    found = shown(language, *(button.values[name] for name in blocks.TEXTS))
    assert "notice" not in found["cards"]
    assert found["chart"].count('class="stack ') == len(PRESETS[preset])


@each_language
def test_a_million_channels_keep_every_digit(language: str) -> None:
    found = shown(language, "vgg,channels_in:1000000,kernel:999999", size=10**6)
    assert "1,999,996,000,002,000,002,000,000" in plain(found["A"])
    assert (
        str(2 * 999_999**2 * 10**12 + 2 * 10**6)
        in shown(language, "vgg,channels_in:1000000,kernel:999999", syntax="csv")["export"]
    )


@each_language
def test_one_wrong_column_leaves_the_others(language: str) -> None:
    wrong = ("vgg,channels_in:", "basic,channels_in:256,groups:7")
    found = shown(language, *wrong, SEED[2])
    empty = {
        "en": "Input channels is empty: enter a whole number from 1 to 1,000,000.",
        "zh": "输入通道 没有填写：请给出 1 到 1,000,000 之间的整数。",
    }
    assert empty[language] in found["A"]
    assert {"en": "The nearest is 8.", "zh": "最接近的是 8。"}[language] in found["B"]
    assert "70,400" in plain(found["C"])
    columns = found["boxes"]["columns"]  # nothing that was typed is lost
    assert [column["text"] for column in columns] == [*wrong, SEED[2], ""]
    assert columns[0]["settings"] == {"channels_in": ""} and columns[1]["settings"]["groups"] == "7"


@each_language
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("kernel:4", {"en": "Kernel size k = 4: it must be odd", "zh": "卷积核大小 k = 4 无效：应为奇数"}),
        ("width:63.7", {"en": "Width N = 63.7: it must be a whole number", "zh": "宽度 N = 63.7 无效"}),
        ("stride:0", {"en": "Stride s = 0", "zh": "步幅 s = 0 无效"}),
        ("stride:-3", {"en": "Stride s = -3:", "zh": "步幅 s = -3 无效"}),
        ("channels_out:2e6", {"en": "The nearest is 1,000,000.", "zh": "最接近的是 1,000,000。"}),
        ("width:" + "9" * 5000, {"en": "Width N", "zh": "宽度 N"}),
    ],
)
def test_refusals_name_the_control(language: str, setting: str, said: dict[str, str]) -> None:
    card = shown(language, f"bottleneck,channels_in:256,{setting}")["A"]
    assert 'class="notice"' in card and said[language] in unescape(card)


def test_a_map_size_out_of_range_is_said_once_for_each_block() -> None:
    found = shown("en", *SEED, size=0)
    assert all("Feature map size = 0" in found[letter] for letter in "ABC")


def test_the_boxes_have_every_setting_of_their_kind() -> None:
    """And no other: a kind that was just chosen brings its own numbers, as its card counts them."""
    found = shown("en", "resnext,channels_in:512,channels_out:1024", "dense,channels_in:64")["boxes"]
    kinds = {kind["name"]: kind for kind in found["kinds"]}
    assert [*kinds] == ["", *KINDS]
    for column in found["columns"][:2]:
        kind = kinds[column["kind"]]
        assert {*column["settings"]} == {*kind["numbers"], *kind["others"]}
    resnext, dense, *unused = (column["settings"] for column in found["columns"])
    assert (resnext["width"], resnext["groups"], resnext["shortcut"], resnext["norm"]) == ("512", "32", "B", "yes")
    assert (dense["width"], dense["growth"]) == ("128", "32") and "channels_out" not in dense
    assert unused == [{}, {}]
    assert {*found["labels"]} == {
        name for kind in kinds.values() for name in (*kind.get("numbers", ()), *kind.get("others", ()))
    }


@pytest.mark.parametrize("text", sorted({text for texts in PRESETS.values() for text in texts}))
def test_what_the_boxes_hold_is_the_same_block(text: str) -> None:
    (column, *_) = shown("en", text)["boxes"]["columns"]
    told = ",".join([column["kind"], *(":".join(pair) for pair in column["settings"].items())])
    assert read(told) == read(text)
    assert settings(write(read(text))) == (column["kind"], column["settings"])


def test_what_almost_everything_is_saved_of_keeps_its_sign_inside() -> None:
    large, small = "vgg,channels_in:1000000", "basic,channels_in:1"
    assert "< −99.99%" in plain(shown("en", large, small)["chart"])
    assert "> 99.99% fewer parameters than A" in plain(shown("en", large, small)["B"])
    assert "| > 99.99% |" in shown("en", large, small)["export"]
    assert "$> 99.99\\%$" in shown("en", large, small, syntax="latex")["export"]


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (9_633_792, "9.19 MiB"), (3 * 2**90, "3,072.00 YiB")],
)
def test_memory(count: int, said: str) -> None:
    assert cards.memory(count) == said


# --- equal budget ---


@each_language
def test_no_whole_number_fits(language: str) -> None:
    said = plain(shown(language, *SEED)["budget"])
    assert catalogue(language)["parameters.budget.none"] in said
    assert all(number in said for number in ("62", "69,440", "960", "63", "71,694", "1,294", "70,400"))


@each_language
def test_a_number_fits_exactly(language: str) -> None:
    said = plain(shown(language, *SEED, change="C", variable="width", target="C")["budget"])
    assert catalogue(language)["parameters.budget.exact"] in said and "64" in said


@each_language
def test_budgets_that_cannot_be_asked_for(language: str) -> None:
    assert catalogue(language)["parameters.budget.unused"] in shown(language, *SEED, target="D")["budget"]
    said = plain(shown(language, *SEED, variable="growth")["budget"])
    assert catalogue(language)["parameters.field.growth"] in said
    assert catalogue(language)["parameters.field.channels_out"] in said
    low = shown(language, "vgg,channels_in:9", "vgg,channels_in:9,depth:1,kernel:1,bias:no", change="A", target="B")
    assert "notice" not in low["budget"]


@each_language
def test_where_zero_padding_ends_the_numbers_it_does_not_say_a_million(language: str) -> None:
    wide, padded = "basic,channels_in:512", "basic,channels_in:8,channels_out:64,shortcut:A"
    found = shown(language, padded, wide, change="A", target="B", variable="channels_in")["budget"]
    said = {
        "en": "None above among the numbers allowed.",
        "zh": "没有更大的解：取允许的最大值，开销也达不到目标。",
    }
    assert said[language] in plain(found)


def test_every_variable_has_a_word_and_an_entry() -> None:
    assert {name for kind in KINDS for name in variables(kind)} <= set(equal_budget.VARIABLES)


def test_the_nearest_number_is_put_in() -> None:
    asked = {"size": 56, "against": "A", "measure": "macs"}
    budget = {"change": "B", "variable": "channels", "target": "C", "unit": "parameters", "syntax": "csv"}
    a, b, c, d = blocks.fitted(*SEED, "", *(asked | budget).values())
    assert (a, c, d) == (SEED[0], SEED[2], "") and (read(b).channels_in, read(b).channels_out) == (62, 62)
    unsolvable = (asked | budget | {"target": "D"}).values()
    assert blocks.fitted(*SEED, "", *unsolvable) == [*SEED, ""]


# --- taken along ---


@each_language
@pytest.mark.parametrize("chosen", ["markdown", "latex", "csv"])
def test_exports_are_in_the_language(language: str, chosen: str) -> None:
    export = shown(language, *SEED, syntax=chosen)["export"]
    assert catalogue(language)["parameters.kind.vgg"] in export
    assert (catalogue(language)["parameters.export.parameters"] in export) == (chosen != "csv" or language == "en")
    assert "1180160" in export.replace(",", "").replace("{}", "")


@each_language
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cnn", {"en": "cnn is not a kind of block.", "zh": "没有名为 cnn 的块。"}),
        ("vgg,channels_in:<b>", {"en": "cannot be read", "zh": "无法读取"}),
        (
            "basic,channels:64",
            {"en": "channels = 64: there is no such setting.", "zh": "channels = 64 无效：没有这一项设置。"},
        ),
        ("basic,", {"en": "A setting in basic, is empty.", "zh": "basic, 中有一项设置是空的。"}),
    ],
)
def test_a_text_that_cannot_be_read_says_so(language: str, text: str, said: dict[str, str]) -> None:
    found = shown(language, text, *SEED[1:])
    assert said[language] in unescape(found["A"]) and "<b>'" not in found["A"] and "70,400" in plain(found["C"])
    assert found["boxes"]["columns"][0]["text"] == text


def test_the_page_answers_whatever_is_in_use() -> None:
    assert plain(shown("en", "vgg,channels_in:8")["answer"]) == "A VGG-style stack has 1,168 parameters."
    assert "not used" in plain(shown("en", "", "vgg,channels_in:8")["answer"])
    assert plain(shown("en", "vgg,channels_in:")["answer"]) == catalogue("en")["parameters.unused"]
