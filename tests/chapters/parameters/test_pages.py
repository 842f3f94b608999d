"""The calculator's pages but for the blocks', and its endpoint, called directly."""

import json
from typing import Any

import gradio as gr
import pytest

from resnet_demo.chapters.parameters import endpoint as parameters
from resnet_demo.chapters.parameters.pages import depth as parameters_depth
from resnet_demo.chapters.parameters.pages import heads as parameters_heads
from resnet_demo.chapters.parameters.pages import networks as parameters_networks
from resnet_demo.kit.page import Page
from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.chapters.parameters.test_blocks_page import plain
from tests.helpers import pages

each_language = pytest.mark.parametrize("language", LANGUAGES)


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
    return tuple(pages.show("parameters", page, language, **values).values())


@each_language
def test_heads(language: str) -> None:
    answer, figure, html = drawn(parameters_heads.PAGE, language)
    assert all(number in answer for number in ("123,642,856", "60.3", "2,049,000"))
    said = plain(html)
    assert "102,760,448 + 4,096" in said and "2,049,000" in said and "H²·C·F + F" in said
    assert html.count('class="own"') == 2
    assert len(figure.data) == 4
    _, _, larger = drawn(parameters_heads.PAGE, language, size=448)
    assert "411,041,792 + 4,096" in plain(larger) and "2,049,000" in plain(larger)


def test_the_lines_over_the_size_are_right_between_their_corners_too() -> None:
    _, figure, _ = drawn(parameters_heads.PAGE, "en", size=200)

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
    html, *others = drawn(parameters_heads.PAGE, language, **given)
    assert 'class="notice"' in html and said in html and others == [None, None]
    assert "hidden" not in html and "classes =" not in html


@each_language
@pytest.mark.parametrize("across", parameters_networks.ACROSS)
def test_networks(language: str, across: str) -> None:
    look, figure, table = drawn(parameters_networks.PAGE, language, across=across)
    assert catalogue(language)[f"parameters.networks.look_{across}"] in plain(look)
    assert all(word in look for word in ("ConvNeXt-T", "82.520%", "28,589,128", "VGG-19", "72.376%"))
    if across == "year":
        assert not any(word in plain(look) for word in ("left is", "靠左"))
    names = [name for trace in figure.data for name in trace.text]
    assert len(names) == 13 and "ResNet-152" in names and "LeNet-5" not in names
    sizes = {name: size for trace in figure.data for name, size in zip(trace.text, trace.marker.size, strict=True)}
    assert sizes["VGG-19"] == 143_667_240 and figure.data[0].marker.sizemode == "area"
    assert table.count('<tr><th scope="row"') == 15
    assert "25,557,032" in table and "76.130%" in table and "60,000" in table


@each_language
def test_depth(language: str) -> None:
    for preset in parameters_depth.PAGE.presets:
        answer, figure, html, more = drawn(parameters_depth.PAGE, language, **preset.values)
        assert f"ResNet-{preset.name}" in html
        assert f" {preset.name} " in answer
        assert list(figure.data[2].text) == ["18", "34", "50", "101", "152"]
        assert figure.data[3].x == (int(preset.name),)
        for rounded in ("23,467", "372,395", "590,336"):  # of 70,400 / 3, 1,117,184 / 3 and 1,180,672 / 2
            assert rounded in more
    assert [preset.name for preset in parameters_depth.PAGE.presets] == ["18", "34", "50", "101", "152"]
    html, *others = drawn(parameters_depth.PAGE, language, kind="basic", conv4_x=0)
    assert 'class="notice"' in html and "conv4_x" in html and others == [None, None, None]
    _, _, html, _ = drawn(parameters_depth.PAGE, language)
    assert "511,141" in html  # 25,557,032 / 50 = 511,140.64
