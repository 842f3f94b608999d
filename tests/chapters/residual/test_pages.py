"""The pages of the residual chapter: plain values in, numbers, figures and sentences out."""

import base64
import csv
import io
import json
import math
import re
from dataclasses import replace
from html import unescape
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from resnet_demo.chapters.residual.downsampling import Halving
from resnet_demo.chapters.residual.endpoint import endpoint
from resnet_demo.chapters.residual.fitting import Fit, FitSettings, fit, recorded
from resnet_demo.chapters.residual.identity_mappings import evaluate
from resnet_demo.chapters.residual.pages import charts as residual_charts
from resnet_demo.chapters.residual.pages import (
    downsampled_positions,
    downsampling,
    fitting,
    identity_mappings,
    many_blocks,
    one_block,
    zero_gamma,
)
from resnet_demo.chapters.residual.pages.figures import exact, figure, subscript
from resnet_demo.chapters.residual.zero_gamma import first_steps
from resnet_demo.kit.downloads import downloads, finite
from resnet_demo.kit.page import Page
from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.helpers.pages import draw, run, show

pytestmark = pytest.mark.quick

HAND = (2.0, 0.5, -0.1, 0.0, 0.0, "relu")
NAMES = ("x", "w1", "w2", "b1", "b2", "activation")
each_language = pytest.mark.parametrize("language", LANGUAGES)


def shown(page: Page, language: str = "en", **values: Any) -> dict[str, Any]:
    return show("residual", page, language, **values)


def by_hand(*numbers: Any, language: str = "en") -> str:
    """The page of one block, as one text."""
    outputs = shown(one_block.PAGE, language, **dict(zip(NAMES, numbers, strict=True)))
    return "".join(filter(None, outputs.values()))


def plain_text(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)))


def files(html: str) -> dict[str, str]:
    """What the download links of a page carry, by file name."""
    links = re.findall(r'download="([^"]+)" href="data:[^;]+;base64,([^"]+)"', html)
    return {name: base64.b64decode(content).decode("utf-8") for name, content in links}


# ------------------------------------------------------------------------------------------------ numbers as written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1.0"), (-0.1, "−0.1"), (0.0, "0.0"), (1.71475, "1.715"), (1e-30, "1.00·10⁻³⁰"), (0.000123, "1.23·10⁻⁴"),
        (123456.0, "1.235·10⁵"), (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "NaN"), (0.95, "0.95"),
    ],
)  # fmt: skip
def test_numbers_as_a_person_writes_them(value: float, written: str) -> None:
    assert figure(value) == written


def test_exact_zeros_and_subscripts() -> None:
    assert (exact(0.0), exact(1.5), subscript(97)) == ("0", "1.5", "₉₇")


def test_downloads_carry_every_number() -> None:
    rows = [{"k": 0, "value": 1.5}, {"k": 1, "value": math.nan}, {"k": 2, "value": -math.inf}]
    found = files(downloads("en", "x", rows))
    assert list(csv.reader(io.StringIO(found["resnet-x.csv"]))) == [
        ["k", "value"], ["0", "1.5"], ["1", "nan"], ["2", "-inf"],
    ]  # fmt: skip
    assert json.loads(found["resnet-x.json"]) == [
        {"k": 0, "value": 1.5}, {"k": 1, "value": "nan"}, {"k": 2, "value": "-inf"},
    ]  # fmt: skip
    assert finite({"a": (math.inf, -math.inf, [math.nan, 1.0])}) == {"a": ["inf", "-inf", ["nan", 1.0]]}


# ------------------------------------------------------------------------------------------------ by hand


@each_language
def test_the_lesson_by_hand(language: str) -> None:
    html = by_hand(*HAND, language=language)
    residual_card, plain_card = html.split('<section class="card ')[1:]
    forward = r'<b class="forward">([^<]+)</b>'
    assert re.findall(forward, residual_card) == ["1.0", "1.0", "−0.1", "1.9", "1.9"]
    assert re.findall(forward, plain_card) == ["1.0", "1.0", "−0.1", "0.0"]
    backward = r'<b class="backward">([^<]+)</b>'
    assert re.findall(backward, residual_card) == ["1.0", "−0.05", "0.95", "1.0", "−0.05"]
    assert re.findall(backward, plain_card) == ["0.0", "−0.05", "0.0"]
    sentence = {
        "en": "With the shortcut, the output is 1.9 and a gradient of 0.95 reaches x. "
        "Without it, the output is 0.0 and no gradient reaches x.",
        "zh": "有快捷连接：输出 1.9，传到 x 的梯度是 0.95。没有快捷连接：输出 0.0，没有梯度传到 x。",
    }
    assert sentence[language] in html


def test_a_negative_number_after_a_sign_is_in_brackets() -> None:
    inserted = re.findall(r"<i>= ([^<]+)</i>", by_hand(-2.0, 0.5, -0.1, 0.0, -0.25, "tanh"))
    assert inserted[0] == "0.5 · (−2.0) + 0.0" and inserted[2] == "−0.1 · (−0.7616) + (−0.25)"
    assert inserted[3] == "−0.1738 + (−2.0)" and re.fullmatch(r"0\.\d+ · \(1 \+ \(−0\.021\)\)", inserted[7])
    assert "(1 + 0.0)" in by_hand(-2.0, 0.5, -0.1, 0.0, 0.0, "relu")


def test_the_diagram_has_each_number_on_its_edge() -> None:
    residual_svg, plain_svg = re.findall(r"<svg.*?</svg>", by_hand(*HAND), re.DOTALL)
    value, gradient = r'<text class="value"[^>]*>([^<]+)', r'<text class="gradient"[^>]*>([^<]+)'
    # from x down: into conv1, conv1, act1, F, H, y; then the shortcut
    assert re.findall(value, residual_svg) == ["2.0", "1.0", "1.0", "−0.1", "1.9", "1.9", "2.0"]
    assert re.findall(gradient, residual_svg) == ["−0.05", "−0.1", "−0.1", "1.0", "1.0", "1.0", "1.0"]
    assert re.findall(value, plain_svg) == ["2.0", "1.0", "1.0", "−0.1", "0.0"]
    assert re.findall(gradient, plain_svg) == ["0.0", "0.0", "0.0", "0.0", "1.0"]
    assert "shortcut-line" in residual_svg and 'class="ghost"' in plain_svg and "shortcut-line" not in plain_svg
    assert 'aria-label="Plain block (no shortcut): the output is 0.0; dL/dx is 0.0."' in plain_svg


@pytest.mark.parametrize(
    ("numbers", "case"),
    [
        (HAND, "blocked"),
        ((-2.0, 0.5, -0.1, 0.0, 0.0, "relu"), "off"),
        ((3.0, 0.3, 1.0, 0.0, 0.0, "tanh"), "weaker"),
        ((1.0, 1.0, 1.0, 0.0, 0.0, "relu"), "stronger"),
        ((-5.0, -1.0, 1.0, 0.0, 0.0, "relu"), "turned"),  # F = 5: on without the shortcut, H = 0 with it
    ],
)
def test_the_verdict_follows_the_numbers(numbers: tuple[Any, ...], case: str) -> None:
    template = catalogue("en")[f"residual.one_block.verdict.{case}"]
    pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(template))
    assert re.search(pattern, plain_text(by_hand(*numbers)))


def test_downloads_of_the_block() -> None:
    rows = json.loads(files(by_hand(*HAND))["resnet-residual-step.json"])
    assert [(row["form"], row["out"], row["gradient"]) for row in rows] == [("residual", 1.9, 0.95), ("plain", 0, 0)]


def test_endpoint() -> None:
    found = endpoint(*HAND, "en")
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    with_, without = found["residual"], found["plain"]
    assert [with_[key] for key in ("conv1", "act1", "branch", "total", "out")] == [1.0, 1.0, -0.1, 1.9, 1.9]
    assert (with_["gradient"], with_["through_shortcut"], with_["through_branch"]) == (0.95, 1.0, -0.05)
    assert (without["out"], without["gradient"]) == (0.0, 0.0)


@each_language
def test_by_hand_refuses(language: str) -> None:
    sentences = {
        (None, "relu"): {
            "en": "x is empty: enter a number from -1,000,000 to 1,000,000.",
            "zh": "x 没有填写：请给出 -1,000,000 到 1,000,000 之间的数。",
        },
        (2e6, "relu"): {
            "en": "x = 2000000.0: it must be a number from -1,000,000 to 1,000,000. The nearest is 1,000,000.",
            "zh": "x = 2000000.0 超出范围：应为 -1,000,000 到 1,000,000 之间的数。最接近的是 1,000,000。",
        },
        (1.0, "<b>"): {
            "en": "There is no activation <b>. Choose one of: relu, sigmoid, tanh.",
            "zh": "没有激活函数 <b>。可选：relu, sigmoid, tanh。",
        },
    }
    for (x, activation), said in sentences.items():
        html = by_hand(x, 0.5, 0.5, 0, 0, activation, language=language)
        on_the_page = re.sub("^x ", catalogue(language)["residual.x"] + " ", said[language])
        assert 'class="notice"' in html and "<b>" not in html and plain_text(html).strip() == on_the_page
        with pytest.raises(gr.Error) as caught:
            endpoint(x, 0.5, 0.5, 0, 0, activation, language)  # type: ignore[arg-type]
        assert caught.value.message == said[language]


# ------------------------------------------------------------------------------------------------ stack


def stacked(start: str, blocks: int, axis: str = "log", language: str = "en") -> dict[str, Any]:
    (preset,) = [one for one in many_blocks.PAGE.presets if one.name == start]
    return shown(many_blocks.PAGE, language, **{**preset.values, "blocks": blocks, "axis": axis})


@pytest.mark.parametrize(
    ("start", "blocks", "fates"),
    [
        ("hand", 100, ["alive", "zero", "alive"]),
        ("below", 30, ["alive", "vanished", "alive"]),
        ("above", 100, ["exploded"] * 3),
        ("sigmoid", 30, ["vanished", "vanished", "alive"]),
        ("tanh", 100, ["zero", "vanished", "alive"]),
        ("nan", 100, ["nan", "nan", "exploded"]),
    ],
)
def test_what_becomes_of_the_gradient(start: str, blocks: int, fates: list[str]) -> None:
    html = stacked(start, blocks)["cards"]
    verdicts = re.findall(r'<p class="verdict">([^<]+)</p>', html)
    assert verdicts == [catalogue("en")[f"residual.fate.{name}"] for name in fates]


@each_language
def test_products_and_ends_in_words(language: str) -> None:
    words = plain_text(stacked("below", 30, language=language)["cards"])
    assert {
        "en": "Number of blocks: 30; each multiplies the gradient by 0.1. The product is 1.00·10⁻³⁰.",
        "zh": "共 30 个块，每个块把梯度乘以 0.1，连乘得 1.00·10⁻³⁰。",
    }[language] in words
    words = plain_text(stacked("above", 100, language=language)["cards"])
    assert {"en": "Value: infinite from x₉₇ on.", "zh": "数值：从 x₉₇ 起为无穷大。"}[language] in words
    assert {"en": "Gradient: infinite at x₃.", "zh": "梯度：在 x₃ 处为无穷大。"}[language] in words
    words = plain_text(stacked("nan", 100, language=language)["cards"])
    assert {"en": "NaN at x₀ (0 · ∞)", "zh": "在 x₀ 处为 NaN（0 · ∞）"}[language] in words


def test_what_an_axis_cannot_show_is_a_gap_with_a_mark() -> None:
    outputs = stacked("above", 100)
    values, gradients = outputs["values"], outputs["gradients"]
    lines = [trace for trace in values.data if trace.mode == "lines"]
    assert [trace.y[96] is not None for trace in lines] == [True, True, True]
    assert [trace.y[97] is None for trace in lines] == [True, False, True]
    marks = [trace for trace in values.data if trace.mode != "lines"]
    assert [(trace.x[0], trace.text[0], trace.marker.symbol) for trace in marks] == 2 * [
        (96, " ∞ at x₉₇ ", "triangle-up")
    ]
    assert [trace.text[0] for trace in gradients.data if trace.mode != "lines"] == [" ∞ at x₃ "] * 2
    assert values.layout.yaxis.type == "log"


def test_marks_at_one_place_share_their_words() -> None:
    gradients = stacked("nan", 100)["gradients"]
    marks = {trace.text[0]: (trace.x[0], trace.textposition) for trace in gradients.data if trace.mode != "lines"}
    assert marks == {
        " ∞ at x₃₆, NaN at x₀ ": (37, "top left"),
        " ∞ at x₁₉, NaN at x₀ ": (20, "middle right"),  # no room on its left
        " ∞ at x₃₆ ": (37, "bottom left"),
    }


def test_the_linear_axis_keeps_the_sign() -> None:
    values = {"x": -2.0, "w1": 0.5, "w2": -0.1, "activation": "tanh", "blocks": 5}
    log, linear = (shown(many_blocks.PAGE, **values, axis=axis)["values"] for axis in many_blocks.AXES)
    assert (log.data[0].y[0], linear.data[0].y[0]) == (2, -2)
    assert linear.layout.yaxis.type is None


@pytest.mark.parametrize(
    ("losses", "tick"),
    [([0.4, 0.9], "L0.1"), ([2.2, 4.5], "L0.5"), ([1.0, 1.0], None), ([0.09, 1.2], None), ([1e-9, 1.0], 2)],
)
def test_a_short_logarithmic_axis_writes_its_numbers_in_full(losses: list[float], tick: str | int | None) -> None:
    axis = residual_charts.descent(losses, "").layout.yaxis
    assert axis.dtick == tick
    if tick is None:
        at = axis.ticktext.index("1")
        assert axis.ticktext[at - 2 : at + 2] == ("0.2", "0.5", "1", "2") and axis.tickvals[at] == 1


def test_few_blocks_are_counted_one_by_one() -> None:
    assert [stacked("below", blocks)["values"].layout.xaxis.dtick for blocks in (1, 30)] == [1, None]


def test_not_a_number_is_reached_by_its_preset() -> None:
    (preset,) = [one for one in many_blocks.PAGE.presets if one.name == "nan"]
    assert "NaN" in plain_text(shown(many_blocks.PAGE, **preset.values)["answer"])


def test_the_curves_as_files() -> None:
    rows = json.loads(files(stacked("nan", 100)["numbers"])["resnet-residual-stack.json"])
    assert len(rows) == 101 and rows[0]["gradient_plain"] == "nan" and rows[100]["value_plain"] == "inf"


@each_language
def test_stack_refuses(language: str) -> None:
    outputs = stacked("hand", 101, language=language)
    said = {
        "en": "Blocks n = 101: it must be a whole number from 1 to 100. The nearest is 100.",
        "zh": "块数 n = 101 无效：应为 1 到 100 之间的整数。最接近的是 100。",
    }
    assert plain_text(outputs.pop("answer")).strip() == said[language] and not any(outputs.values())


# ------------------------------------------------------------------------------------------------ fit


def test_the_fit_comes_as_it_goes() -> None:
    settings = {"target": "identity", "norm": "batch", "rate": 0.3, "steps": 50, "seeds": 2}
    parts = run("residual", fitting.PAGE, **settings)
    assert ["25 steps" in parts[0]["answer"], "50 steps" in parts[1]["answer"], len(parts)] == [True, True, 2]
    chart = parts[0]["chart"]
    assert tuple(chart.layout.xaxis.range) == (0, 50)
    assert "Target: its input (identity)." in parts[0]["numbers"]
    thick = [trace for trace in chart.data if trace.showlegend is not False]
    assert [trace.name for trace in thick] == ["F → 0 (with the shortcut)", "H → identity (without the shortcut)"]
    assert len(chart.data) == 2 * 2 + 2 and len(thick[0].y) == 26
    rows = list(csv.DictReader(io.StringIO(files(parts[1]["numbers"])["resnet-residual-fit.csv"])))
    assert [row["step"] for row in rows] == [str(step) for step in range(51)]
    assert list(rows[0]) == ["step", "residual_seed0", "residual_seed1", "plain_seed0", "plain_seed1"]


def test_the_recorded_fit_is_what_the_button_measures() -> None:
    """Its first 25 steps measured again: a seed's losses depend on no other seed."""
    first = next(fit(FitSettings(steps=25, seeds=2)))
    for kind in ("residual", "plain"):
        for curve, known in zip(getattr(first, kind), getattr(recorded(), kind), strict=False):
            assert curve == pytest.approx(known[:26], rel=2e-3)
    assert (recorded().done, len(recorded().plain), recorded().settings) == (300, 5, FitSettings())


@each_language
def test_the_fit_is_there_before_the_button_is_pressed(language: str) -> None:
    outputs = shown(fitting.PAGE, language)
    assert len(outputs["chart"].data) == 2 * 5 + 2 and figure(recorded().last[0], 3) in outputs["answer"]
    other = shown(fitting.PAGE, language, rate=0.2)
    assert catalogue(language)["residual.fitting.waiting"] in unescape(other["answer"]) and other["chart"] is None


@each_language
@pytest.mark.parametrize(
    ("target", "residual_losses", "plain_losses", "case"),
    [
        ("identity", (0.1, 0.2), (0.5, 0.6), "identity_residual"),
        ("identity", (0.5, 0.6), (0.1, 0.2), "identity_plain"),
        ("exchanged", (0.1, 0.2), (0.5, 0.6), "exchanged_residual"),
        ("exchanged", (0.5, 0.6), (0.1, 0.2), "exchanged_plain"),
        ("identity", (0.1, 0.6), (0.5, 0.2), "mixed"),
        ("identity", (0.1, 0.2), (0.5, 0.2), "mixed"),
        ("exchanged", (0.5, 0.2), (0.5, 0.2), "equal"),
        ("identity", (0.1, 0.2), (0.5, math.inf), "diverged"),
        ("identity", (math.nan, math.nan), (math.nan, math.nan), "diverged"),
    ],
)
def test_the_fits_sentence_follows_the_losses(
    language: str, target: str, residual_losses: tuple[float, ...], plain_losses: tuple[float, ...], case: str
) -> None:
    curves = [tuple((1.0, loss) for loss in losses) for losses in (residual_losses, plain_losses)]
    html = draw("residual", fitting.PAGE, Fit(FitSettings(target, steps=1, seeds=2), 1184, *curves), language)["answer"]
    a, b = (f"{sum(losses) / 2:.3g}" for losses in (residual_losses, plain_losses))
    pairs = list(zip(residual_losses, plain_losses, strict=True))
    values = {
        "step": 1,
        "residual": a,
        "plain": b,
        "ratio": f"{max(float(a), float(b)) / min(float(a), float(b)):.3g}",
        "wins": sum(x < y for x, y in pairs),
        "defeats": sum(y < x for x, y in pairs),
        "residual_diverged": sum(not math.isfinite(loss) for loss in residual_losses),
        "plain_diverged": sum(not math.isfinite(loss) for loss in plain_losses),
        "seeds": 2,
    }
    assert catalogue(language)[f"residual.fitting.verdict.{case}"].format(**values) in unescape(html)


@each_language
def test_fit_refuses(language: str) -> None:
    """The chart of the run before stays below the message."""
    (outputs,) = run("residual", fitting.PAGE, language, rate=7)
    html, chart = outputs["answer"], outputs["chart"]
    said = {
        "en": "Learning rate = 7: it must be a number from 0.001 to 1. The nearest is 1.",
        "zh": "学习率 = 7 超出范围：应为 0.001 到 1 之间的数。最接近的是 1。",
    }
    assert plain_text(html).strip() == said[language] and chart == gr.skip()


# ------------------------------------------------------------------------------------------------ V1 and V2


def test_the_order_of_layers_is_that_of_the_blocks() -> None:
    v1, v2 = re.findall(r"<svg.*?</svg>", identity_mappings.diagrams("en"), re.DOTALL)
    layers = [re.findall(r'class="node"[^>]*>(conv 3×3|BN|ReLU)<|(class="plus")', svg) for svg in (v1, v2)]
    orders = [["+" if plus else layer for layer, plus in found] for found in layers]
    assert orders[0] == ["conv 3×3", "BN", "ReLU", "conv 3×3", "BN", "+", "ReLU"]
    assert orders[1] == ["BN", "ReLU", "conv 3×3", "BN", "ReLU", "conv 3×3", "+"]


@each_language
def test_the_equation_holds_in_v2_and_the_page_says_so(language: str) -> None:
    found = identity_mappings.compute("resnet20", 0)
    outputs = draw("residual", identity_mappings.PAGE, found, language)
    html, chart, tables = outputs["answer"], outputs["chart"], outputs["numbers"]
    worst = max(row.residue for row in found[1].rows)
    assert worst < 1e-5 and figure(worst, 3) in html
    assert {"en": "V2: the equation holds", "zh": "V2：等式成立"}[language] in html
    assert chart is not None and [len(trace.y) for trace in chart.data] == [3, 3, 3]
    assert all(row.residue == drawn for row, drawn in zip(found[0].rows, chart.data[0].customdata, strict=True))
    assert tables.count('<tr><th scope="row">') == 6
    assert len(json.loads(files(tables)["resnet-identity-mappings.json"])) == 6


def test_the_page_would_say_if_the_equation_did_not_hold() -> None:
    v1 = evaluate("resnet20", False)
    assert "does not confirm the theory" in draw("residual", identity_mappings.PAGE, (v1, v1))["answer"]


# ------------------------------------------------------------------------------------------------ zero-gamma


@each_language
def test_zero_gamma_as_a_table(language: str) -> None:
    html = "".join(shown(zero_gamma.PAGE, language).values())
    assert html.count('<b class="nil">0</b>') == 2 * 9  # the distance, and the convolutions' gradients
    assert {"en": "7 of 7 blocks", "zh": "快捷连接为恒等映射的 7 个块中有 7 个"}[language] in html
    for words in ("23.84 → 23.60%", "24.11 → 23.74%", "1706.02677", "0.2~0.3%"):
        assert words in html
    assert len(json.loads(files(html)["resnet-zero-gamma.json"])) == 9


def test_the_table_would_say_if_a_zero_were_not_exact() -> None:
    rows = first_steps("resnet20")
    html = draw("residual", zero_gamma.PAGE, (replace(rows[0], distance=1e-9), *rows[1:]))["answer"]
    assert "7 have an identity shortcut, and 6 of those" in html


@each_language
@pytest.mark.parametrize(
    "page", [zero_gamma.PAGE, identity_mappings.PAGE, downsampling.PAGE], ids=lambda page: page.name
)
def test_seeds_are_checked(page: Page, language: str) -> None:
    answer, *others = shown(page, language, seed=-1).values()
    said = {"en": "Random seed = -1: it must be a whole number", "zh": "随机种子 = -1 无效"}[language]
    assert said in answer and others == [None] * len(others)


# ------------------------------------------------------------------------------------------------ halving


def kernel(outputs: dict[str, Any]) -> list[str]:
    return re.findall(r'<td class="(?:plus|minus)"[^>]*>([^<]+)', outputs["pictures"])


@each_language
def test_halving_from_the_first_picture_to_the_last(language: str) -> None:
    parts = run("residual", downsampling.PAGE, language, target="edges")
    first, last = parts[0], parts[-1]
    assert first["chart"] is None and len(last["chart"].data[0].y) == 300
    assert last["pictures"].count("<img ") == 5 and last["pictures"].count('alt="') == 5
    assert kernel(last) == ["−0.25", "0.0", "0.25", "−0.5", "0.0", "0.5", "−0.25", "0.0", "0.25"]
    rows = json.loads(files(last["numbers"])["resnet-halving.json"])
    assert [row["parameters"] for row in rows] == [0, 0, 10] and rows[2]["error"] < 0.01
    assert catalogue(language)["residual.downsampling.way.convolution"] in last["answer"]
    assert last == shown(downsampling.PAGE, language, target="edges")


def test_a_symmetric_kernel_looks_symmetric() -> None:
    corners = ["0.0625", "0.125", "0.0625"]
    assert kernel(shown(downsampling.PAGE, target="smooth")) == [*corners, "0.125", "0.25", "0.125", *corners]


@pytest.mark.parametrize(("target", "zero"), [("edges", 128), ("brightest", 0)])
def test_the_same_shade_is_the_same_number_in_all_five_pictures(target: str, zero: int) -> None:
    for found in downsampling.steps("points", target, 0):
        assert isinstance(found, Halving)
        html = draw("residual", downsampling.PAGE, found)["pictures"]
        given = [found.picture, found.wanted, *(way.picture for way in found.ways)]
        uris = re.findall(r"image/png;base64,([^\"]+)", html)
        for values, uri in zip(given, uris, strict=True):
            shades = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri))), np.float32)
            assert np.abs(zero + (255 - zero) * values.clip(-1 if zero else 0, 1) - shades).max() < 1.5


def test_a_photograph_is_halved_too() -> None:
    picture = downsampling.photograph()
    assert picture.shape == (64, 64) and 0 <= picture.min() < picture.max() <= 1
    html = draw("residual", downsampling.PAGE, next(downsampling.steps("photo", "smooth", 0)))["pictures"]
    assert "The feature map, 64 × 64" in html and "The target, 32 × 32" in html


@each_language
def test_halving_refuses(language: str) -> None:
    outputs = shown(downsampling.PAGE, language, target="median")
    said = {
        "en": "What to preserve = median: it must be one of average, smooth, edges, brightest.",
        "zh": "要保留什么 = median 无效：可选 average, smooth, edges, brightest。",
    }
    assert plain_text(outputs["answer"]).strip() == said[language] and outputs["pictures"] is None


# ------------------------------------------------------------------------------------------------ stride 2


@each_language
def test_what_a_stride_of_two_discards(language: str) -> None:
    outputs = shown(downsampled_positions.PAGE, language)
    said = {
        "en": "never reads 75% of the positions. With an average pool before it (option D), 100% are read, for 0 more",
        "zh": "有 75% 的位置从未读到。先做平均池化（选项 D），就能读到 100% 的位置，参数增加 0 个",
    }
    assert said[language] in outputs["answer"]
    cells = re.findall(r'<td class="(read|missed)">(\d*)</td>', outputs["maps"])
    a, b, d, conv = (cells[64 * i : 64 * (i + 1)] for i in range(4))
    assert [sum(kind == "read" for kind, _ in way) for way in (a, b, d, conv)] == [16, 16, 64, 64]
    assert conv[9] == ("read", "4") and "131,072" in outputs["maps"]
    rows = re.findall(r"<td>(\d+\.\d)%</td>" * 3, outputs["blocks"])
    assert rows == [("25.0", "25.0", "25.0"), ("25.0", "100.0", "100.0"), ("100.0", "25.0", "100.0"), ("100.0",) * 3]
