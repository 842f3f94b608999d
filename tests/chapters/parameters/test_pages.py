"""The calculator's handlers, called directly."""

import json
import re
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
import pytest

from resnet_demo.chapters.parameters import endpoint as parameters
from resnet_demo.chapters.parameters.block_kinds import KINDS, block
from resnet_demo.chapters.parameters.equal_budget import variables
from resnet_demo.chapters.parameters.notation import read
from resnet_demo.chapters.parameters.pages import blocks_answers as parameters_answers
from resnet_demo.chapters.parameters.pages import cards as parameters_cards
from resnet_demo.chapters.parameters.pages import columns as parameters_columns
from resnet_demo.chapters.parameters.pages import depth as parameters_depth
from resnet_demo.chapters.parameters.pages import equal_budget as parameters_budget
from resnet_demo.chapters.parameters.pages import heads as parameters_heads
from resnet_demo.chapters.parameters.pages import link as parameters_link
from resnet_demo.chapters.parameters.pages import networks as parameters_networks
from resnet_demo.chapters.parameters.pages.columns import FIELDS, LETTERS, UNUSED, settings
from resnet_demo.chapters.parameters.pages.presets import PRESETS
from resnet_demo.kit.layout import shown as shown_by_page
from resnet_demo.kit.messages import Problem
from resnet_demo.kit.page import Page
from resnet_demo.kit.text import LANGUAGES, catalogue

each_language = pytest.mark.parametrize("language", LANGUAGES)
ASKED = {
    "size": 56,
    "against": "A",
    "measure": "parameters",
    "change": "B",
    "variable": "channels",
    "target": "C",
    "unit": "parameters",
    "format": "markdown",
}
SEED = ("vgg,channels_in:256", "basic,channels_in:256", "bottleneck,channels_in:256,width:64")


def values(*texts: str) -> list[Any]:
    """What the controls of four columns hold."""
    columns = [read(text) for text in texts] + [None] * (4 - len(texts))
    return [value for b in columns for value in settings(b)]


def shown(language: str, *texts: str, trouble: Problem | None = None, **asked: Any) -> dict[str, str]:
    """What the page shows, part by part."""
    found = parameters_answers.render(language, trouble, *(ASKED | asked).values(), *values(*texts))
    return dict(zip(("chart", *LETTERS, "solution", "export", "link"), found, strict=True))


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
    assert (unused in plain(found["chart"])) == (against == "D")


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
    _, *updates = parameters_answers.preset(preset)
    assert len(updates) == 4 * parameters_answers.SHOWN
    found = shown(language, *PRESETS[preset])
    assert "notice" not in "".join(found.values())
    assert found["chart"].count('class="stack ') == len(PRESETS[preset])


@each_language
def test_a_million_channels_keep_every_digit(language: str) -> None:
    found = shown(language, "vgg,channels_in:1000000,kernel:999999", size=10**6)
    assert "1,999,996,000,002,000,002,000,000" in plain(found["A"])
    assert (
        str(2 * 999_999**2 * 10**12 + 2 * 10**6)
        in shown(language, "vgg,channels_in:1000000,kernel:999999", format="csv")["export"]
    )


@each_language
def test_one_wrong_column_leaves_the_others(language: str) -> None:
    held = values(*SEED)
    held[FIELDS.index("channels_in")] = None
    held[len(FIELDS) + FIELDS.index("groups")] = 7
    found = parameters_answers.render(language, None, *ASKED.values(), *held)
    empty = {
        "en": "Input channels is empty: enter a whole number from 1 to 1,000,000.",
        "zh": "输入通道 没有填写：请给出 1 到 1,000,000 之间的整数。",
    }
    assert empty[language] in found[1]
    assert {"en": "The nearest is 8.", "zh": "最接近的是 8。"}[language] in found[2]
    assert "70,400" in plain(found[3])


@each_language
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kernel", 4, {"en": "Kernel size k = 4: it must be odd", "zh": "卷积核大小 k = 4 无效：应为奇数"}),
        ("width", 63.7, {"en": "Width N = 63.7: it must be a whole number", "zh": "宽度 N = 63.7 无效"}),
        ("stride", 0, {"en": "Stride s = 0", "zh": "步幅 s = 0 无效"}),
        ("channels_out", 2e6, {"en": "The nearest is 1,000,000.", "zh": "最接近的是 1,000,000。"}),
    ],
)
def test_refusals_name_the_control(language: str, field: str, value: Any, said: dict[str, str]) -> None:
    held = values("bottleneck,channels_in:256")
    held[FIELDS.index(field)] = value
    card = parameters_answers.render(language, None, *ASKED.values(), *held)[1]
    assert 'class="notice"' in card and said[language] in unescape(card)


def test_a_map_size_out_of_range_is_said_once_for_each_block() -> None:
    found = shown("en", *SEED, size=0)
    assert all("Feature map size = 0" in found[letter] for letter in "ABC")


def test_a_chosen_kind_brings_its_own_numbers() -> None:
    frame, *held = parameters_columns.chosen("B", "resnext", 512, 1024)
    assert dict(zip(FIELDS, held, strict=True)) == dict(
        zip(FIELDS, settings(block("resnext", 512, channels_out=1024)), strict=True)
    )
    assert {"col-b", "has-groups", "has-width"} <= set(frame["elem_classes"])
    assert parameters_columns.chosen("B", "vgg", None, 0)[1:] == settings(block("vgg", 256))
    assert parameters_columns.chosen("B", "dense", 64, 999)[1:3] == ["dense", 64]
    frame, kind, *_ = parameters_columns.chosen("B", UNUSED, 1, 1)
    assert kind == UNUSED and not [name for name in frame["elem_classes"] if name.startswith("has-")]


@pytest.mark.parametrize("out", [256, 512])
def test_the_channels_out_are_there_again_after_a_kind_that_has_none(out: int) -> None:
    _, kind, *held = parameters_columns.chosen("B", "dense", 256, out)
    assert (kind, held[:2]) == ("dense", [256, out])
    _, kind, *held = parameters_columns.chosen("B", "basic", *held[:2])
    assert (kind, held[:2]) == ("basic", [256, out])


def test_after_a_dense_block_of_a_link_channels_out_are_those_in() -> None:
    _, *held = settings(read("dense,channels_in:64,growth:32"))
    assert parameters_columns.chosen("B", "basic", *held[:2])[1:4] == ["basic", 64, 64]


def test_columns_hold_what_was_put_into_them() -> None:
    for texts in PRESETS.values():
        for text in texts:
            assert parameters_columns.held(settings(read(text))) == read(text)
    assert parameters_columns.held(settings(None)) is None


def test_what_almost_everything_is_saved_of_keeps_its_sign_inside() -> None:
    large, small = "vgg,channels_in:1000000", "basic,channels_in:1"
    assert "< −99.99%" in plain(shown("en", large, small)["chart"])
    assert "> 99.99% fewer parameters than A" in plain(shown("en", large, small)["B"])
    assert "| > 99.99% |" in shown("en", large, small)["export"]
    assert "$> 99.99\\%$" in shown("en", large, small, format="latex")["export"]


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (9_633_792, "9.19 MiB"), (3 * 2**90, "3,072.00 YiB")],
)
def test_memory(count: int, said: str) -> None:
    assert parameters_cards.memory(count) == said


# --- equal budget ---


@each_language
def test_no_whole_number_fits(language: str) -> None:
    said = plain(shown(language, *SEED)["solution"])
    assert catalogue(language)["parameters.budget.none"] in said
    assert all(number in said for number in ("62", "69,440", "960", "63", "71,694", "1,294", "70,400"))


@each_language
def test_a_number_fits_exactly(language: str) -> None:
    said = plain(shown(language, *SEED, change="C", variable="width", target="C")["solution"])
    assert catalogue(language)["parameters.budget.exact"] in said and "64" in said


@each_language
def test_budgets_that_cannot_be_asked_for(language: str) -> None:
    assert catalogue(language)["parameters.budget.unused"] in shown(language, *SEED, target="D")["solution"]
    said = plain(shown(language, *SEED, variable="growth")["solution"])
    assert catalogue(language)["parameters.field.growth"] in said
    assert catalogue(language)["parameters.field.channels_out"] in said
    low = shown(language, "vgg,channels_in:9", "vgg,channels_in:9,depth:1,kernel:1,bias:no", change="A", target="B")
    assert "notice" not in low["solution"]


@each_language
def test_where_zero_padding_ends_the_numbers_it_does_not_say_a_million(language: str) -> None:
    wide, padded = "basic,channels_in:512", "basic,channels_in:8,channels_out:64,shortcut:A"
    found = shown(language, padded, wide, change="A", target="B", variable="channels_in")["solution"]
    said = {
        "en": "None above among the numbers allowed.",
        "zh": "没有更大的解：取允许的最大值，开销也达不到目标。",
    }
    assert said[language] in plain(found)


def test_every_variable_has_a_word_and_an_entry() -> None:
    assert {name for kind in KINDS for name in variables(kind)} <= set(parameters_budget.VARIABLES)


def test_the_nearest_number_is_put_in() -> None:
    updates = parameters_answers.fitted(*ASKED.values(), *values(*SEED))
    column = updates[parameters_answers.SHOWN : 2 * parameters_answers.SHOWN]
    assert column[1:4] == ["basic", 62, 62]
    others = [*updates[: parameters_answers.SHOWN], *updates[2 * parameters_answers.SHOWN :]]
    assert all(update == gr.skip() for update in others)
    nothing = parameters_answers.fitted(*(ASKED | {"target": "D"}).values(), *values(*SEED))
    assert all(update == gr.skip() for update in nothing)


# --- taken along ---


@each_language
@pytest.mark.parametrize("chosen", ["markdown", "latex", "csv"])
def test_exports_are_in_the_language(language: str, chosen: str) -> None:
    export = shown(language, *SEED, format=chosen)["export"]
    assert catalogue(language)["parameters.kind.vgg"] in export
    assert (catalogue(language)["parameters.export.parameters"] in export) == (chosen != "csv" or language == "en")
    assert "1180160" in export.replace(",", "").replace("{}", "")


def opened(query: dict[str, str]) -> list[Any]:
    return parameters_answers.opened_at(query)


def test_the_link_opens_the_page_with_these_numbers() -> None:
    texts = ("resnext,channels_in:512,channels_out:1024,width:256,groups:64,stride:2,bias:yes", *SEED[1:])
    href = unescape(shown("en", *texts, size=28, against="B")["link"].split('"')[1])
    query = {name: value[0] for name, value in parse_qs(href.removeprefix("?"), strict_parsing=True).items()}
    assert query["tab"] == "parameters"
    trouble, size, against, *updates = opened(query)
    assert (trouble, size, against) == (None, 28, "B")
    columns = [updates[i * parameters_answers.SHOWN :][1 : parameters_answers.SHOWN] for i in range(4)]
    assert [value for column in columns for value in column] == values(*texts)


def test_an_address_without_columns_changes_nothing() -> None:
    for query in ({}, {"tab": "parameters"}, {"lang": "zh", "size": "7"}):
        assert opened(query)[0] is None
        assert all(update == gr.skip() for update in opened(query)[1:])


@each_language
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"a": "cnn"}, {"en": "There is no kind of block named cnn.", "zh": "没有名为 cnn 的块。"}),
        ({"a": "vgg,channels_in:<b>"}, {"en": "cannot be read", "zh": "无法读取"}),
        (
            {"a": "basic,channels:64"},
            {"en": "channels = 64: there is no such setting.", "zh": "channels = 64 无效：没有这一项设置。"},
        ),
        ({"a": "basic,"}, {"en": "A setting in basic, is empty.", "zh": "basic, 中有一项设置是空的。"}),
        ({"a": "vgg,channels_in:8", "size": "x"}, {"en": "size = x in the link", "zh": "链接中的 size = x"}),
        ({"a": "vgg,channels_in:8", "size": "9" * 5000}, {"en": f"size = {'9' * 20}… in", "zh": f"{'9' * 20}… 不是"}),
        ({"b": "vgg,channels_in:8", "size": "0"}, {"en": "size = 0", "zh": "size = 0"}),
    ],
)
def test_a_link_that_cannot_be_read_says_so(language: str, query: dict[str, str], said: dict[str, str]) -> None:
    trouble, *rest = opened(query)
    assert isinstance(trouble, Problem) and all(update == gr.skip() for update in rest)
    chart = shown(language, *SEED, trouble=trouble)["chart"]
    assert said[language] in unescape(chart) and "<b>'" not in chart and "70,400" in plain(chart)


def test_an_unknown_reference_in_a_link_is_the_first() -> None:
    asked = parameters_link.read_address({"a": "vgg,channels_in:8", "against": "Z"})
    assert asked is not None and asked.against == "A"


# --- for scripts ---


def test_endpoint() -> None:
    bottleneck, vgg = parameters.endpoint(256, 64, 3, 56, ["bottleneck", "vgg"], "en")
    assert (bottleneck["kind"], bottleneck["parameters"], bottleneck["saved_percent"]) == ("bottleneck", 70_400, 0)
    assert (vgg["kind"], vgg["parameters"]) == ("vgg", 1_180_160)
    assert bottleneck["macs"] == (256 * 64 + 9 * 64 * 64 + 64 * 256) * 56 * 56
    assert sum(term["parameters"] for term in bottleneck["terms"]) == 70_400
    assert parameters.endpoint(256, 64, 3, 56, [], "en") == []


def test_endpoint_with_settings_of_their_own() -> None:
    kinds = ["resnext,width:128,groups:32", "vgg,depth:1,kernel:5,norm:yes,bias:no", "basic,stride:2,channels_out:512"]
    found = parameters.endpoint(256, None, 3, 56, kinds, "en")
    assert [item["settings"]["groups"] for item in found] == [32, 1, 1]
    assert [item["receptive_field"] for item in found] == [3, 5, 7]
    assert found[2]["output"] == [512, 28, 28]


def test_endpoint_keeps_digits_that_json_would_round() -> None:
    (found,) = parameters.endpoint(10**6, None, 3, 10**6, ["vgg"], "en")
    assert found["parameters"] == 18_000_002_000_000 and found["macs"] == str(18 * 10**24)
    assert isinstance(found["terms"][0]["macs"], str) and found["terms"][2]["macs"] == 0
    assert parameters.exact(2**53 - 1) == 2**53 - 1 and parameters.exact(2**53) == "9007199254740992"
    assert json.loads(json.dumps(found)) == found


@each_language
def test_endpoint_refuses(language: str) -> None:
    with pytest.raises(gr.Error) as caught:
        parameters.endpoint(256, 64, 4, 56, ["vgg"], language)
    assert {"en": "The nearest is 3.", "zh": "最接近的是 3。"}[language] in str(caught.value)
    with pytest.raises(gr.Error) as caught:
        parameters.endpoint(256, 64, 3, 56, ["basic,channels:64"], language)
    assert {"en": "there is no such setting", "zh": "没有这一项设置"}[language] in str(caught.value)


# --- the other pages ---


def drawn(page: Page, language: str, **values: Any) -> tuple[Any, ...]:
    """What the page shows for its first values but for those given."""
    held = {control.name: control.value for control in page.controls} | values
    with gr.Blocks():
        site = SimpleNamespace(initial=language, networks=None)
        result: tuple[Any, ...] = shown_by_page(page, "parameters", site, *held.values())  # type: ignore[arg-type]
    return result


@each_language
def test_heads(language: str) -> None:
    html, figure = drawn(parameters_heads.PAGE, language)
    said = plain(html)
    assert "102,760,448 + 4,096" in said and "2,049,000" in said and "H²·C·F + F" in said
    assert html.count('class="own"') == 2
    assert len(figure.data) == 4
    larger, _ = drawn(parameters_heads.PAGE, language, size=448)
    assert "411,041,792 + 4,096" in plain(larger) and "2,049,000" in plain(larger)


def test_the_lines_over_the_size_are_right_between_their_corners_too() -> None:
    _, figure = drawn(parameters_heads.PAGE, "en", size=200)

    def at(line: Any, size: int) -> int:
        """Where a line of steps is at `size`: "vh" goes up at the earlier corner, "hv" at the later one."""
        if size in line.x:
            return line.customdata[line.x.index(size)]  # type: ignore[no-any-return]
        later = next(i for i, corner in enumerate(line.x) if corner > size)
        return line.customdata[later if line.line.shape == "vh" else later - 1]  # type: ignore[no-any-return]

    assert [at(line, 200) for line in figure.data] == [96_379_880, 513_000, 431_924_200, 2_049_000]
    for size in range(32, 513):
        heads = parameters_heads.compute(size, 4096, 1000).counts
        assert [at(line, size) for line in figure.data] == [head.parameters for head in heads], size


@each_language
@pytest.mark.parametrize(
    ("given", "said"), [({"size": 16}, "32"), ({"hidden": None}, "1,000,000"), ({"classes": 0}, "1")]
)
def test_heads_refuse(language: str, given: dict[str, Any], said: str) -> None:
    html, figure = drawn(parameters_heads.PAGE, language, **given)
    assert 'class="notice"' in html and said in html and figure is None
    assert "hidden" not in html and "classes =" not in html


@each_language
@pytest.mark.parametrize("across", parameters_networks.ACROSS)
def test_networks(language: str, across: str) -> None:
    look, figure, table = drawn(parameters_networks.PAGE, language, across=across)
    assert catalogue(language)[f"parameters.networks.look_{across}"] in plain(look)
    if across == "year":
        assert not any(word in plain(look) for word in ("left is", "靠左"))
    names = [name for trace in figure.data for name in trace.text]
    assert len(names) == 12 and "ResNet-152" in names and "LeNet-5" not in names
    sizes = {name: size for trace in figure.data for name, size in zip(trace.text, trace.marker.size, strict=True)}
    assert sizes["VGG-19"] == 143_667_240 and figure.data[0].marker.sizemode == "area"
    assert table.count('<tr><th scope="row"') == 13
    assert "25,557,032" in table and "76.130%" in table and "60,000" in table


@each_language
def test_depth(language: str) -> None:
    for preset in parameters_depth.PAGE.presets:
        html, figure, more = drawn(parameters_depth.PAGE, language, **preset.values)
        assert f"ResNet-{preset.name}" in html
        assert list(figure.data[2].text) == ["18", "34", "50", "101", "152"]
        assert figure.data[3].x == (int(preset.name),)
        for rounded in ("23,467", "372,395", "590,336"):  # of 70,400 / 3, 1,117,184 / 3 and 1,180,672 / 2
            assert rounded in more
    assert [preset.name for preset in parameters_depth.PAGE.presets] == ["18", "34", "50", "101", "152"]
    html, figure, more = drawn(parameters_depth.PAGE, language, kind="basic", conv4_x=0)
    assert 'class="notice"' in html and "conv4_x" in html and figure is None and more is None
    html, *_ = drawn(parameters_depth.PAGE, language)
    assert "511,141" in html  # 25,557,032 / 50 = 511,140.64
