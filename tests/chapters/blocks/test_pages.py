"""The block inspector's handlers called directly: plain values in, numbers, drawings and sentences out."""

import csv
import io
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import gradio as gr
import numpy as np
import pytest

from resnet_demo import shell
from resnet_demo.chapters.blocks.activations import open_block
from resnet_demo.chapters.blocks.endpoint import endpoint
from resnet_demo.chapters.blocks.formats import as_csv, as_markdown
from resnet_demo.chapters.blocks.pages import anysize, decision, inside_maps, inside_steps, network, response
from resnet_demo.chapters.blocks.pages import block as inside
from resnet_demo.chapters.blocks.pages.compare_table import pair_table
from resnet_demo.chapters.blocks.pages.inside_measured import Opened, follow_for
from resnet_demo.chapters.blocks.pages.options import Choice, choice, lacking, own
from resnet_demo.chapters.blocks.pages.responses_chart import response_lines
from resnet_demo.chapters.blocks.pages.table_cells import crosses, mebibytes
from resnet_demo.chapters.blocks.pixel_steps import ConvStep
from resnet_demo.chapters.blocks.responses import Response, Responses, responses
from resnet_demo.chapters.blocks.rows import blocks
from resnet_demo.data.examples import examples
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.text import LANGUAGES, catalogue
from resnet_demo.models.architectures import ARCHITECTURES
from tests.helpers.pages import show
from tests.helpers.refused import photograph

KEY = "resnet18-imagenette"
TWIN = "plain18-imagenette"
each_language = pytest.mark.parametrize("language", LANGUAGES)


def shown(view: str, a: str, b: str = "plain18", size: int = 224, language: str = "en", **of_a: Any) -> tuple[str, str]:
    """The answer with the drawing, and the tables."""
    of_b = {f"other_{option}": value for option, value in own(b).items()}
    asked = {"view": view, "name": a, "other": b, "size": size, **own(a), **of_a, **of_b}
    page = show("blocks", network.PAGE, language, **asked)
    return str(page["answer"]) + str(page["diagram"] or ""), page["table"] or ""


def near(block: str, name: str, language: str) -> str:
    return str(show("blocks", network.PAGE, language, name=name, **own(name), chosen=block)["detail"])


def said(html: str) -> str:
    """The sentence of a notice; fails for anything else."""
    head, tail = '<div class="notice" role="alert">', "</div>"
    assert html.startswith(head) and html.endswith(tail)
    return unescape(html.removeprefix(head).removesuffix(tail))


def bare(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


# ------------------------------------------------------------------------------------------------ one network

TOTALS = {
    ("resnet18", 224): (11_689_512, 173_824, 1_814_073_344),
    ("resnet50", 224): (25_557_032, 2_776_576, 4_089_184_256),
    ("plain34", 224): (21_623_848, 0, 3_644_493_824),
    ("resnet56", 32): (853_018, 0, 125_485_696),
}


@each_language
@pytest.mark.parametrize(("name", "size"), TOTALS)
def test_totals(name: str, size: int, language: str) -> None:
    parameters, of_shortcut, macs = TOTALS[name, size]
    drawing, tables = shown("one", name, size=size, language=language)
    assert f"<td>{parameters - of_shortcut:,}</td><td>{of_shortcut:,}</td><td>{macs:,}</td>" in tables
    assert f"<td>{parameters:,}</td><td>{of_shortcut:,}</td><td>{macs:,}</td>" in tables  # of the stages
    summary = drawing.partition("</p>")[0]
    assert f"{parameters:,}" in summary and f"{macs:,}" in summary
    found = endpoint(name, size, language)
    assert found["totals"]["parameters"] == parameters and found["totals"]["macs"] == macs
    assert sum(row["parameters"] for row in found["rows"]) == parameters
    assert json.loads(json.dumps(found)) == json.loads(json.dumps(endpoint(name, size, language, {})))


def test_a_row_has_all_that_the_table_promises() -> None:
    _, tables = shown("one", "resnet50")
    row = re.search(r'<tr data-index="5" data-name="layer2.0">.*?</tr>', tables)
    assert row
    cells = [bare(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row[0])]
    assert cells == [
        "conv3_x layer2.0 bottleneck",
        "1×1, 3×3, 1×1",
        "2",
        "256×56×56 → 512×28×28",
        "projection",
        f"{379_392 - 132_096:,}",
        "132,096",
        "372,506,624",  # 256·128·56² + 9·128·128·28² + 128·512·28² + 256·512·28²
        "43",
        "8",
        mebibytes(blocks("resnet50")[5].memory),
    ]


def test_the_paper_beside_it() -> None:
    _, tables = shown("one", "resnet18")
    assert tables.count('class="mark yes"') == 7 and 'class="mark no"' not in tables
    assert "3×3 max pool, stride 2; [3×3, 64; 3×3, 64] × 2" in tables
    assert "All of it agrees" in tables and "arXiv 1512.03385, Table 1" in tables
    assert "He 等，2015，arXiv 1512.03385，表 1，输入 224 × 224 像素。" in shown("one", "resnet18", language="zh")[1]
    _, changed = shown("one", "resnet50")
    assert changed.count('class="mark no"') == 1 and "3.8 × 10<sup>9</sup>" in changed  # torchvision strides in the 3x3
    _, paper = shown("one", "resnet50", stride_in_1x1=True)
    assert 'class="mark no"' not in paper and "this app: 3,857,973,248" in paper
    assert "has no table" in shown("one", "wide_resnet50_2")[1]


@each_language
def test_refused_sizes_and_names(language: str) -> None:
    size = {
        "en": "size = 0: it must be a whole number from 1 to 4,096. The nearest is 1.",
        "zh": "size = 0 无效：应为 1 到 4,096 之间的整数。最接近的是 1。",
    }
    label = catalogue(language)["blocks.size"]
    assert said(shown("one", "resnet18", size=0, language=language)[0]) == size[language].replace("size", label)
    with pytest.raises(gr.Error) as caught:
        endpoint("resnet18", 0, language)
    assert caught.value.message == size[language]
    with pytest.raises(gr.Error):
        network.export("csv", language, "resnet18", 0, *own("resnet18").values())
    name = {"en": "Unknown architecture <b>. Choose one of: ", "zh": "没有名为 <b> 的网络结构。可选："}
    html, _ = shown("one", "<b>", language=language)
    assert "<b>" not in html and said(html).startswith(name[language])


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (32, "stage 5 would be 1 x 1"),
        (256, "stage 5 would be 8 x 8"),
    ],
)
def test_a_size_that_vgg19_cannot_take_is_refused_with_the_rule(size: int, words: str) -> None:
    assert words in said(shown("two", "resnet34", "vgg19", size=size)[0])


@each_language
def test_the_endpoint_answers_for_vgg19(language: str) -> None:
    assert endpoint("vgg19", 224, language)["totals"]["macs"] == 19_632_062_464
    with pytest.raises(gr.Error) as caught:
        endpoint("vgg19", 16, language)
    rule = {
        "en": "vgg19 cannot take 16 x 16 pixels: stage 5 would be 0 x 0. The nearest size is 224.",
        "zh": "vgg19 无法接受 16 x 16 像素的图片：第 5 阶段的特征图会缩成 0 x 0。最接近的可用边长是 224。",
    }
    assert caught.value.message == rule[language]
    with pytest.raises(gr.Error, match="shortcut"):
        endpoint("vgg19", 224, language, {"shortcut": "C"})


@each_language
@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("resnet18", {"name": "resnet50"}, "name"),
        ("resnet18", {"size": 32}, "size"),
        ("resnet18", {"function": 1}, "function"),
        ("resnet18", ["shortcut"], "null"),
        ("resnet18", [], "null"),
        ("resnet18", {"replace_stride_with_dilation": True}, "replace_stride_with_dilation = True"),
        ("resnet18", {"preactivation": "no"}, "preactivation = no"),
        ("resnet18", {"num_classes": True}, "num_classes = True"),
        (["resnet18"], None, "resnet152"),
    ],
)
def test_whatever_a_script_sends_is_answered(name: Any, options: Any, word: str, language: str) -> None:
    with pytest.raises(gr.Error) as caught:
        endpoint(name, 224, language, options)
    assert word in caught.value.message
    assert ("无效" in caught.value.message or "不是" in caught.value.message or "没有" in caught.value.message) == (
        language == "zh"
    )


def test_the_endpoint_takes_every_network_that_it_names() -> None:
    demo = shell.build("cpu", "en")
    (asked,) = (listener for listener in demo.fns.values() if listener.api_name == "blocks")
    name = asked.inputs[0]
    assert isinstance(name, gr.Dropdown) and [value for _, value in name.choices] == [*ARCHITECTURES, "vgg19"]
    assert name.preprocess("resnet7") == "resnet7"  # refused by `describe`, in the visitor's language


# ------------------------------------------------------------------------------------------------ options


def test_a_networks_own_values_are_no_options() -> None:
    for name in ARCHITECTURES:
        assert choice(name, own(name)) == Choice(name, {})
    assert choice("vgg19", {}) == Choice("vgg19", {})


def test_options_that_a_network_cannot_take_are_hidden_and_say_nothing() -> None:
    values = {
        "shortcut": "C", "preactivation": True, "dilation": [0, 2], "stride_in_1x1": True, "groups": 4,
        "width_per_group": 32, "num_classes": 10,
    }  # fmt: skip
    assert choice("resnet50", values).options == {
        "shortcut": "C",
        "preactivation": True,
        "num_classes": 10,
        "stride_in_1x1": True,
        "groups": 4,
        "width_per_group": 32,
        "replace_stride_with_dilation": (True, False, True),
    }
    assert set(choice("plain18", values).options) == {"preactivation", "num_classes", "replace_stride_with_dilation"}
    assert lacking("resnet18") == ["stride_in_1x1", "groups", "width_per_group"]
    assert lacking("plain50") == ["shortcut"]
    assert lacking("vgg19") == [*own("resnet18")]


def test_dilation_of_a_stage_that_a_network_does_not_have_is_refused() -> None:
    html, _ = shown("one", "resnet56", size=32, dilation=[2])
    assert said(html).startswith("replace_stride_with_dilation has 3 flags: resnet56 takes 2")


def test_options_change_what_is_counted() -> None:
    values = {"shortcut": "C", "dilation": [2], "groups": 32, "width_per_group": 4, "num_classes": 10}
    drawing, _ = shown("one", "resnet50", size=64, **values)
    expected = blocks(
        "resnet50", 64, shortcut="C", replace_stride_with_dilation=(False, False, True), groups=32, width_per_group=4,
        num_classes=10,
    )  # fmt: skip
    assert f"{sum(row.parameters for row in expected):,} parameters with 10 classes" in drawing
    assert drawing.count('class="projection"') == 2 * 16  # both widths, every block
    assert "groups=32" in drawing


def test_bad_options_are_refused() -> None:
    html, _ = shown("one", "resnet50", groups=0)
    assert said(html) == "groups = 0: it must be a whole number of at least 1."
    html, _ = shown("one", "resnet18", num_classes=None)
    assert said(html) == "num_classes = None: it must be a whole number of at least 1."


@each_language
def test_a_part_of_a_class_is_refused_not_rounded(language: str) -> None:
    """The control hands over what was typed."""
    demo = shell.build("cpu", language)
    for name in ("groups", "width_per_group", "num_classes"):
        boxes = [block for block in demo.blocks.values() if getattr(block, "elem_id", "") == f"blocks-network-{name}"]
        assert len(boxes) == 2  # one in each language
        assert all(isinstance(box, gr.Number) and box.preprocess(2.5) == 2.5 for box in boxes)
    html, _ = shown("one", "resnet18", language=language, num_classes=2.5)
    rule = {"en": "num_classes = 2.5: it must be a whole number of at least 1.", "zh": "num_classes = 2.5"}
    assert said(html).startswith(rule[language])


def test_native_size() -> None:
    assert network.native_size("resnet56", 224) == 32
    assert network.native_size("plain34", 32) == 224
    assert network.native_size("vgg19", 32) == 224
    for name, kept in (("resnet56", 32), ("plain34", 224), ("plain34", 448), ("resnet56", 96), ("vgg19", 224)):
        assert network.native_size(name, kept) == gr.skip()


# ------------------------------------------------------------------------------------------------ two networks


def marked(tables: str) -> list[str]:
    """The rows of a comparison that have a marked cell."""
    rows = re.findall(r'<th scope="row"><code>([^<]*)</code></th>(.*?)</tr>', tables)
    return [name for name, cells in rows if "differs" in cells]


def test_resnet18_against_its_twin() -> None:
    drawing, tables = shown("two", "resnet18", "plain18")
    assert marked(tables) == [name for name in (row.name for row in blocks("resnet18")) if name.startswith("layer")]
    assert "1.02 ×" not in drawing and "0.985 ×" in drawing  # 11,515,688 / 11,689,512
    assert drawing.count('class="identity"') == 5 and drawing.count('class="projection"') == 3


def test_the_papers_resnet50_against_torchvisions() -> None:
    drawing, tables = shown("two", "resnet50", "resnet50", stride_in_1x1=True)
    assert marked(tables)[0] == "layer2.0" and "21 of 220 cells differ." in tables  # from there on all see more
    assert '<td class="differs">3,857,973,248</td><td class="differs">4,089,184,256</td>' in drawing
    assert "<td>25,557,032</td><td>25,557,032</td>" in drawing


@each_language
def test_side_by_side_has_every_column_of_the_one_table(language: str) -> None:
    _, tables = shown("two", "resnet18", "plain18", language=language)
    assert tables.count('scope="col"') == 1 + 11
    for key in ("input", "shortcut_parameters", "effective_stride"):
        assert f">{catalogue(language)[f'blocks.{key}']}</th>" in tables
    row = re.search(r"<code>layer2.0</code></th>(.*?)</tr>", tables)
    assert row
    assert row[1].count("<td>64×56×56</td>") == 1 and row[1].count("<td>8</td>") == 1  # 8 px between neighbours in both
    assert '<td><span class="differs">8,448</span><span class="differs"></span></td>' in row[1]


def test_a_dilated_stage_keeps_its_step() -> None:
    _, tables = shown("two", "resnet18", "resnet18", dilation=[2])
    row = re.search(r"<code>layer4.1</code></th>(.*?)</tr>", tables)
    assert row and '<span class="differs">512×14×14</span><span class="differs">512×7×7</span>' in row[1]
    assert '<span class="differs">16</span><span class="differs">32</span>' in row[1]


def test_resnet34_against_vgg19_as_a_whole() -> None:
    drawing, tables = shown("two", "resnet34", "vgg19")
    for number in ("21,797,672", "143,667,240", "3,663,761,408", "19,632,062,464", "6.59 ×", "5.36 ×"):
        assert number in drawing
    assert tables == ""
    assert shown("two", "resnet18", "resnet18")[1].count("differs") == 0


def test_presets_show_two_networks_with_their_options() -> None:
    found = {preset.name: show("blocks", network.PAGE, **preset.values) for preset in network.PAGE.presets}
    for key, names in {"plain": ("ResNet-18", "PlainNet-18"), "vgg": ("ResNet-34", "VGG-19")}.items():
        assert all(name in found[key]["answer"] for name in names)
    assert "ResNet-50 (stride_in_1x1=True)" in found["stride"]["answer"]
    assert all(page["detail"] == "" and 'class="network-view two"' in page["answer"] for page in found.values())


@each_language
def test_figure_3(language: str) -> None:
    drawing, tables = shown("figure3", "resnet18", language=language)
    assert tables == "" and drawing.count("<svg") == 1
    assert all(words in drawing for words in ("VGG-19", "PlainNet-34", "ResNet-34", "19.6 ", "3.66 ", "3.64 "))


# ------------------------------------------------------------------------------------------------ a block from near


@each_language
def test_the_chosen_block(language: str) -> None:
    html = near("layer2.0", "resnet18", language)
    assert "<code>layer2.0</code>" in html and "230,144" in html and "8,448" in html
    assert catalogue(language)["blocks.shortcut.projection"] in html
    other = near("layer3.5", "resnet18", language)
    assert "<code>layer1.0</code>" in other  # it has none of that name
    assert "<code>fc</code>" in near("fc", "resnet18", language)


def test_picked() -> None:
    block = network.picked(gr.EventData(None, {"index": "layer3.1"}))
    assert block == "layer3.1"
    assert "<code>layer3.1</code>" in network.near("en", block, "resnet18", 224, *own("resnet18").values())
    assert network.near("en", block, "resnet18", 0, *own("resnet18").values()) == ""


# ------------------------------------------------------------------------------------------------ exports


def test_exports() -> None:
    rows = blocks("resnet18", 96, shortcut="C")
    files = {
        kind: network.export(kind, "en", "resnet18", 96, *(own("resnet18") | {"shortcut": "C"}).values())
        for kind in network.EXPORTS
    }
    assert [file["file"] for file in files.values()] == ["resnet18-96.csv", "resnet18-96.md", "resnet18-96.json"]
    assert files["csv"]["text"] == as_csv(rows) and files["md"]["text"] == as_markdown(rows)
    listed = list(csv.DictReader(io.StringIO(files["csv"]["text"])))
    assert sum(int(line["parameters"]) for line in listed) == sum(row.parameters for row in rows)
    found = json.loads(files["json"]["text"])
    assert (found["name"], found["size"], found["options"]) == ("resnet18", 96, {"shortcut": "C"})
    assert found["totals"]["macs"] == sum(row.macs for row in rows)


# ------------------------------------------------------------------------------------------------ inside a block


def looked(networks: Networks, picture: str | None, key: str = KEY, block: str = "layer2.0", *channels: int) -> Opened:
    return inside.compute(picture, networks, key, block, list(channels))


@each_language
@pytest.mark.parametrize(
    ("key", "block", "columns", "signs"),
    [
        (KEY, "layer2.0", ["x", "residual", "shortcut", "total", "output"], ["", "", "+", "=", "ReLU"]),
        (KEY, "layer1.1", ["x", "residual", "shortcut", "total", "output"], ["", "", "+", "=", "ReLU"]),
        (TWIN, "layer2.0", ["x", "residual", "output"], ["", "", "ReLU"]),
    ],
)
def test_what_the_browser_draws(
    networks: Networks, picture: str, language: str, key: str, block: str, columns: list[str], signs: list[str]
) -> None:
    found = looked(networks, picture, key, block)
    view = inside_maps.render(found, language)
    assert json.loads(json.dumps(view, allow_nan=False)) == view
    assert [column["key"] for column in view["columns"]] == columns and view["signs"] == signs
    assert len(view["channels"]) == 6
    maps = {name: np.array(view["maps"][name]) for name in columns if name != "x"}
    assert all(one.shape == (6, *found.shape[1:]) for one in maps.values())
    largest = max(np.abs(one).max() for one in maps.values())
    xs = [np.abs(one).max() for one in view["maps"]["x"] if one is not None]
    assert view["limit"] == pytest.approx(max(largest, *xs), abs=0.01)
    if "shortcut" in maps:
        assert np.allclose(maps["residual"] + maps["shortcut"], maps["total"], atol=0.02)
        assert np.allclose(np.maximum(maps["total"], 0), maps["output"], atol=0.01)
    assert any(word in view["notes"][0] for word in ("projection", "投影", "plain", "没有快捷连接", "Checked", "核对"))


def test_the_strongest_channels_come_first_unless_some_are_chosen(networks: Networks, picture: str) -> None:
    found = looked(networks, picture, KEY, "layer1.0")
    values = open_block(networks.get(KEY), photograph(), "layer1.0")
    strength = (values.residual**2).mean((1, 2))
    assert strength[list(found.channels)].tolist() == sorted(strength.tolist(), reverse=True)[:6]
    assert looked(networks, picture, KEY, "layer1.0", 5, 3).channels == (5, 3)
    assert looked(networks, picture, KEY, "layer2.0", 100).x == (None,)  # x has 64


@each_language
@pytest.mark.parametrize(
    ("block", "channel"),
    [("layer9.0", 0), ("layer1.0", 64), ("layer1.0", -1)],
)
def test_blocks_and_channels_that_are_not_there(
    networks: Networks, picture: str, language: str, block: str, channel: int
) -> None:
    seen = show("blocks", inside.PAGE, language, networks, photo=picture, network=KEY, block=block, channels=[channel])
    assert said(seen["answer"]) and seen["maps"] is None and seen["walk"] is None


def followed(networks: Networks, picture: str | None, key: str, name: str, index: int, block: str) -> Any:
    """What the page shows when `index` is marked in the maps of `block`, while its controls say `key` and `name`."""
    event = gr.EventData(None, {"index": index, "block": block})
    return inside.followed(networks, "en", picture, key, name, event)


def test_the_pixel_that_the_maps_mark_is_followed(networks: Networks, picture: str) -> None:
    found = looked(networks, picture)
    view = inside_maps.render(found, "en")
    assert (view["block"], view["first"]) == (f"{KEY} layer2.0", found.first)
    channel, place = divmod(found.first, 400)
    assert channel == found.channels[0] and found.output[0].ravel()[place] == found.output[0].max()
    walk = followed(networks, picture, KEY, "layer2.0", (7 * 20 + 3) * 20 + 5, view["block"])
    assert "By hand: layer2.0, channel 7, row 3, column 5" in bare(walk)
    for key, block in ((KEY, "layer1.0"), (TWIN, "layer2.0")):  # the marked pixel is of maps that are replaced soon
        assert followed(networks, picture, key, block, 5, view["block"]) == gr.skip()


@each_language
def test_the_path_that_contributes_more_is_named(networks: Networks, picture: str, language: str) -> None:
    values = open_block(networks.get(KEY), photograph(), "layer2.0")
    residual, shortcut = (
        f"{np.sqrt((one.astype(float) ** 2).mean()):.3g}" for one in (values.residual, values.shortcut)
    )
    answer, _, walk = inside.draw(looked(networks, picture), language)
    sentences = {
        (
            "en",
            True,
        ): f"F(x) contributes more than the shortcut. Its root mean square is {residual}, compared with {shortcut}.",
        (
            "en",
            False,
        ): f"the shortcut contributes more than F(x). Its root mean square is {shortcut}, compared with {residual}.",
        ("zh", True): f"F(x) 的贡献大于快捷连接，均方根分别为 {residual} 和 {shortcut}。",
        ("zh", False): f"快捷连接的贡献大于 F(x)，均方根分别为 {shortcut} 和 {residual}。",
    }
    assert sentences[language, float(residual) > float(shortcut)] in bare(answer) and walk == gr.skip()
    other = replace(looked(networks, picture), strengths=(float(shortcut), float(residual)))
    assert bare(inside.draw(other, language)[0]) != bare(answer)
    plain = {"en": "only F(x) is passed on", "zh": "只有 F(x) 继续传递"}
    assert plain[language] in bare(inside.draw(looked(networks, picture, TWIN), language)[0])


@each_language
@pytest.mark.parametrize(("key", "block"), [(KEY, "layer2.0"), (KEY, "layer1.0"), (TWIN, "layer2.0")])
def test_every_intermediate_number_is_on_the_page(
    networks: Networks, picture: str, language: str, key: str, block: str
) -> None:
    walk = follow_for(networks, picture, key, block, looked(networks, picture, key, block).first)
    assert walk.holds
    html = inside_steps.render(walk, language)
    assert html.count('<li class="step ') == len(walk.steps)
    assert 'class="check yes"' in html and 'class="mark no"' not in html
    words = bare(html)
    for step in walk.steps:
        assert inside_steps.number(step.value) in words and inside_steps.number(step.network) in words
        if isinstance(step, ConvStep):
            for grid in (step.window, step.weights, step.products):
                assert all(f">{inside_steps.number(value, 4)}</td>" in html for value in grid.ravel())
            assert html.count("<rect") >= len(step.by_channel)
    assert (catalogue(language)["blocks.walk.path.shortcut"] in words) == (key == KEY)


def test_a_walk_that_does_not_hold_says_so(networks: Networks, picture: str) -> None:
    walk = follow_for(networks, picture, KEY, "layer1.0", 0)
    object.__setattr__(walk.steps[-1], "network", walk.value + 1)
    html = inside_steps.render(walk, "en")
    assert 'class="check no"' in html and "more than the 10⁻⁵" in html and html.count('class="mark no"') == 2


def test_another_network_keeps_what_it_has(networks: Networks) -> None:
    block, channels = inside.adopt(networks, TWIN, "layer3.1", [5, 200])
    assert "value" not in block and "value" not in channels and len(channels["choices"]) == 256
    block, channels = inside.adopt(networks, TWIN, "layer7.0", [5, 200])
    assert block["value"] == "layer1.0" and channels["value"] == [5] and len(channels["choices"]) == 64
    assert len(inside.numbers(networks, KEY, "layer4.0", [])["choices"]) == 512
    assert inside.numbers(networks, TWIN, "layer7.0", []) == gr.skip()


# ------------------------------------------------------------------------------------------------ why a projection


@each_language
def test_decisions(language: str) -> None:
    deep = show("blocks", decision.PAGE, language)
    assert "64 · 4 = 256" in bare(deep["stages"]) and "16,896" in deep["stages"]
    assert "def make_shortcut(" in bare(deep["code"])
    shallow = show("blocks", decision.PAGE, language, name="resnet18")
    assert shallow["stages"].count('class="mark yes"') == 2 and shallow["stages"].count('class="mark no"') == 6
    answer = {
        "en": "ResNet-18: both conditions hold for the first block of 1 of its 4 stages.",
        "zh": "ResNet-18 共有 4 个阶段，其中 1 个阶段的第一个块同时满足这两个条件。",
    }
    assert bare(shallow["answer"]) == answer[language]
    for given, reason in (
        ({"name": "resnet18"}, "same"),
        ({"name": "plain18"}, "plain"),
        ({"name": "resnet18", "shortcut": "C"}, "everywhere"),
    ):
        stages = show("blocks", decision.PAGE, language, **given)["stages"]
        assert catalogue(language)[f"blocks.decision.reason.{reason}"] in bare(stages)
    assert said(show("blocks", decision.PAGE, language, name="resnet7")["answer"])
    assert decision.own_shortcut("resnet20") == "A" and decision.own_shortcut("resnet18") == "B"


@each_language
def test_the_containers_as_measured(language: str) -> None:
    code = show("blocks", decision.PAGE, language)["code"]
    assert re.findall(r'class="mark (yes|no)"', code) == ["no"] * 4 + ["yes"] * 3 + ["no"] + ["yes"] * 4
    assert bare(code).count("296") == 3  # the question, and two of the three


# ------------------------------------------------------------------------------------------------ any size


@each_language
def test_any_size(language: str) -> None:
    fits = show("blocks", anysize.PAGE, language)
    breaks = show("blocks", anysize.PAGE, language, name="resnet50", size=256)
    assert "RuntimeError" not in fits["drawing"] and "card yes" in fits["drawing"]
    torchs = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x131072 and 100352x1000)"
    assert torchs in breaks["drawing"] and "card no" in breaks["drawing"]
    assert "2048×8×8" in breaks["drawing"] and "2,048 ✓" in breaks["drawing"]
    pooled = {
        "en": "Each of the 2048 feature maps of 8 × 8 is reduced to its mean: 2048 numbers at any size.",
        "zh": "2048 张 8 × 8 的特征图各取平均，得到 2048 个数，与图片大小无关。",
    }
    assert bare(breaks["answer"]).startswith(pooled[language])
    assert said(show("blocks", anysize.PAGE, language, size=0)["answer"])


# ------------------------------------------------------------------------------------------------ responses


@each_language
def test_responses(networks: Networks, language: str) -> None:
    def seen(first: str, second: str, order: str = "depth") -> dict[str, Any]:
        return show("blocks", response.PAGE, language, networks, first=first, second=second, order=order)

    both = seen(KEY, TWIN)
    own_way = responses(networks.get(TWIN), [opened(example.key) for example in examples()])
    figure = both["chart"]
    assert [line.name for line in figure.data] == ["ResNet-18 · Imagenette", "PlainNet-18 · Imagenette"]
    assert figure.layout.xaxis.dtick == 1
    assert list(figure.data[0].customdata[:2]) == ["conv1, 7×7", "layer1.0.conv1, 3×3"]
    assert list(figure.data[1].y) == [layer.std for layer in own_way.layers] and len(own_way.layers) == 17
    means = sorted((np.mean(line.y), line.name) for line in figure.data)
    words = bare(both["answer"])
    assert f"{100 * (means[1][0] / means[0][0] - 1):.1f}%" in words and str(len(examples())) in words
    assert [words.index(f"{mean:.3f}") for mean, _ in means[::-1]] == sorted(
        words.index(f"{mean:.3f}") for mean, _ in means
    )
    ordered = seen(KEY, TWIN, "size")["chart"]
    assert list(ordered.data[0].y) == sorted(ordered.data[0].y, reverse=True)
    once = seen(KEY, KEY)
    assert len(once["chart"].data) == 1 and "%" not in bare(once["answer"])
    problem = seen("resnet34-imagenette", KEY)
    assert said(problem["answer"]) and problem["chart"] is None


@pytest.mark.parametrize("given", [(1.0, 1.25), (1.25, 1.0)])
def test_the_network_that_responds_more_strongly_is_named(given: tuple[float, float]) -> None:
    measured = {
        key: Responses(key.partition("-")[0], 13, (Response("conv1", 7, std),))
        for key, std in zip((KEY, TWIN), given, strict=True)
    }
    stronger, weaker = ("PlainNet", "ResNet") if given[1] > given[0] else ("ResNet", "PlainNet")
    assert bare(response.answer("en", measured)).startswith(
        f"The layers of {stronger}-18 · Imagenette respond 25.0% more strongly on average than those of "
        f"{weaker}-18 · Imagenette: 1.250 compared with 1.000."
    )


def test_two_lines_of_one_family_are_told_apart() -> None:
    lines = [(title, "residual", [("conv1", 3)] * 55, [1.0] * 55) for title in ("ResNet-56", "ResNet-56, again")]
    figure = response_lines(lines, ("layer", "deviation"))
    looks = [(line.line.color, line.line.dash, line.marker.symbol) for line in figure.data]
    assert looks == [("#6366f1", "solid", "circle"), ("#0891b2", "dash", "square")]
    assert figure.layout.xaxis.dtick is None  # 55 numbers would run into each other


def test_two_networks_share_what_is_equal_and_stack_what_differs() -> None:
    table = pair_table("en", (blocks("resnet18"), blocks("plain18")))
    rows = {row.split("</code>")[0]: row for row in table.split("<code>")[1:]}
    assert "A = B" in rows["conv1"] and "differs" not in rows["conv1"] and rows["conv1"].count("9,536") == 1
    assert '<td class="sides"><span>A</span><span>B</span></td>' in rows["layer2.0"]
    both = '<td><span class="differs">230,144</span><span class="differs">221,696</span></td>'
    assert both in rows["layer2.0"] and rows["layer2.0"].count("128×28×28") == 1
    missing = pair_table("en", (blocks("resnet34"), blocks("resnet18")))
    assert '<span class="differs">73,984</span><span class="differs">–</span>' in missing


# ------------------------------------------------------------------------------------------------ words


def test_numbers_in_words() -> None:
    assert [mebibytes(count) for count in (2**20, 3 * 2**19, 2**11, 2000 * 2**20)] == [
        "1.00",
        "1.50",
        "0.00195",
        "2,000",
    ]
    assert crosses("3x3 max pool, stride 2; [1x1, 64] x 3") == "3×3 max pool, stride 2; [1×1, 64] × 3"
    assert [inside_steps.number(value) for value in (-1.5, -0.0, 1234567.0)] == ["−1.5", "0", "1.23457 × 10⁶"]
    assert [inside_steps.small(value) for value in (0.0, 2.7e-7, 1e-5)] == ["0", "2.7 × 10⁻⁷", "1.0 × 10⁻⁵"]
