"""The heat maps' tab, called directly: plain values in, numbers and sentences out."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from resnet_demo.__main__ import main
from resnet_demo.chapters.gradcam import tab
from resnet_demo.chapters.gradcam.pages import checks as cam_checks
from resnet_demo.chapters.gradcam.pages import checks_in_words as cam_verdicts
from resnet_demo.chapters.gradcam.pages import choices as cam_choices
from resnet_demo.chapters.gradcam.pages import controls as cam_question
from resnet_demo.chapters.gradcam.pages import drawing as cam_view
from resnet_demo.chapters.gradcam.pages import exports as cam_record
from resnet_demo.chapters.gradcam.pages import gallery as cam_gallery
from resnet_demo.chapters.gradcam.pages import maps as cam_looks
from resnet_demo.chapters.gradcam.pages import maps_in_words as cam_words
from resnet_demo.chapters.gradcam.pages import pages as cam_pages
from resnet_demo.chapters.gradcam.pages import runs as cam_runs
from resnet_demo.chapters.gradcam.pages.agreement import agreed, reading
from resnet_demo.chapters.gradcam.pages.checks import CHECKS, Checked, Ordered, Unchecked, measured
from resnet_demo.chapters.gradcam.pages.maps import Asked, Look, Looked, Waiting
from resnet_demo.data.examples import examples
from resnet_demo.explain import METHODS, SLOW, Explanation
from resnet_demo.explain.comparison import Agreement
from resnet_demo.explain.explanation import heatmap
from resnet_demo.explain.faithfulness import Confidence, Curves, Randomised
from resnet_demo.explain.methods import SOURCES
from resnet_demo.explain.record import Named
from resnet_demo.kit import display_names as proper
from resnet_demo.kit.assets import asset
from resnet_demo.kit.controls import Photo
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.messages import Problem
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.steps_in_thread import Result, Step
from resnet_demo.kit.text import LANGUAGES, catalogue
from resnet_demo.models.resnet import build
from tests.helpers.refused import photograph

PAIR = ("resnet18-imagenette", "plain18-imagenette")
CONTROL = "resnet18-random"
SIDES = {"layer1": 40, "layer2": 20, "layer3": 10, "layer4": 5}
QUICK = [method for method in METHODS if method not in SLOW]
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def looked(networks: Networks, picture: str) -> Looked:
    return cam_looks.maps(networks, Asked(picture, PAIR))


def ask(networks: Networks, picture: str | None, left: str = PAIR[0], right: str = PAIR[1], **wishes: Any) -> Any:
    """`update` with the first values of all controls but those in `wishes`."""
    given = {"target": "own", "layers": ["layer4"], "method": "gradcam", "against": "none", "opposite": False} | wishes
    return tab.update(networks, picture, left, right, *given.values())


def with_map(item: Look, raw: Any, **others: Any) -> Look:
    """A look with another map."""
    values = np.asarray(raw, np.float32)
    explanation = replace(item.explanation, map=values, heatmap=heatmap(values, 160, 160))
    return replace(item, explanation=explanation, **others)


def text(language: str, key: str, **values: object) -> str:
    return catalogue(language)[f"gradcam.{key}"].format(**values)


# ------------------------------------------------------------------------------------------------ scripts


@pytest.mark.parametrize("layer", SIDES)
def test_maps_have_the_layers_resolution(networks: Networks, picture: str, layer: str) -> None:
    for method in ("gradcam", "layercam", "eigencam"):
        found = tab.endpoint(networks, picture, *PAIR, "own", layer, method, "en")
        assert json.loads(json.dumps(found, allow_nan=False)) == found
        assert [item["network"] for item in found] == ["resnet18", "plain18"]
        for item in found:
            raw = np.array(item["map"])
            assert raw.shape == (SIDES[layer], SIDES[layer]) and (raw >= 0).all()
            assert item["layer"] == layer and item["method"] == method and 0 <= item["probability"] <= 1
            assert item["peak"]["value"] == raw.max()
            row, column = np.unravel_index(raw.argmax(), raw.shape)
            assert item["peak"]["across"] == pytest.approx((column + 0.5) / SIDES[layer])
            assert item["peak"]["down"] == pytest.approx((row + 0.5) / SIDES[layer])


@each_language
def test_a_script_may_ask_for_all_that_the_page_offers(networks: Networks, picture: str, language: str) -> None:
    (found,) = tab.endpoint(
        networks, picture, CONTROL, "none", "n03888257", ["layer3", "layer4.0"], "xgradcam", language, "n03028079", True
    )
    assert found["network"] == "resnet18" and found["weights"] == "random"
    assert found["class"] == {"id": "n03888257", "name": {"en": "parachute", "zh": "降落伞"}[language]}
    assert found["against"] == {"id": "n03028079", "name": {"en": "church", "zh": "教堂"}[language]}
    assert found["layer"] == "layer3 + layer4.0" and np.shape(found["map"]) == (10, 10)
    assert found["counterfactual"] and found["agreement"] is None


def test_a_pair_is_compared(networks: Networks, picture: str) -> None:
    same = tab.endpoint(networks, picture, PAIR[0], PAIR[0], "own", "layer3", "layercam", "en")
    assert [item["agreement"] for item in same] == 2 * [{"rank_correlation": pytest.approx(1), "overlap": 1}]
    other = tab.endpoint(networks, picture, *PAIR, "own", "layer3", "layercam", "en")
    assert other[0]["agreement"] == other[1]["agreement"] and other[0]["agreement"]["rank_correlation"] < 0.999


REFUSED = {
    "target": (
        "n00000000",
        {"en": "resnet18 does not know the class n00000000: ", "zh": "resnet18 不认识类别 n00000000："},
    ),
    "layer": (
        "layer9",
        {"en": "resnet18 has no layer layer9. Choose one of: layer1, ", "zh": "resnet18 没有名为 layer9 的层。"},
    ),
    "method": ("guess", {"en": "There is no method guess. Choose one of: ", "zh": "没有方法 guess。可选："}),
}


@each_language
@pytest.mark.parametrize("wrong", REFUSED)
def test_a_script_is_told_what_is_wrong(networks: Networks, picture: str, language: str, wrong: str) -> None:
    value, sentences = REFUSED[wrong]
    given = {"target": "own", "layer": "layer4", "method": "gradcam", wrong: value}
    with pytest.raises(gr.Error) as caught:
        tab.endpoint(networks, picture, *PAIR, *given.values(), language)
    assert caught.value.message.startswith(sentences[language])


# ------------------------------------------------------------------------------------------------ networks


def test_the_control_is_the_same_network_untrained(networks: Networks) -> None:
    trained, control = networks.get(PAIR[0]), networks.get(CONTROL)
    assert networks.controls[:2] == ("resnet18-random", "plain18-random")
    assert len(networks.controls) == len(networks.keys)
    assert control.classes == trained.classes and control.preprocessing == trained.preprocessing
    assert networks.get(CONTROL) is control and not control.network.training
    state = torch.get_rng_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        expected = build("resnet18", 10)
    assert torch.equal(torch.get_rng_state(), state)
    for mine, theirs, learnt in zip(
        control.network.parameters(), expected.parameters(), trained.network.parameters(), strict=True
    ):
        assert torch.equal(mine.cpu(), theirs)
        assert not torch.equal(mine, learnt) or learnt.ndim < 2
    assert control.card["weights"] == "random" and control.card["sha256"] is None
    assert trained.card["sha256"] is not None and "weights" not in trained.card


@each_language
def test_networks_to_choose_from(networks: Networks, language: str) -> None:
    words = {"en": "random weights", "zh": "随机权重"}[language]
    offered = dict(cam_choices.networks_of(networks, language))
    assert offered["ResNet-18 · Imagenette"] == PAIR[0]
    assert offered[f"ResNet-18 · {words}"] == CONTROL
    assert cam_choices.networks_or_none(networks, language)[-1] == (text(language, "alone"), "none")
    assert words in cam_view.weights_of(language, CONTROL) and text(language, "control", weights=words) != words


def of(**depths: tuple[int, ...]) -> Any:
    """Networks of which only depth and classes count."""

    class Few(Networks):
        def get(self, key: str) -> Any:
            network = type("Network", (), {"architecture": type("Shape", (), {"depths": depths[key]})})
            known = ("a", "b") if key == "small" else ("b", "c")
            return type("Known", (), {"network": network, "class_ids": known, "classes": known})

    return Few("cpu")


def test_layers_and_classes_are_those_that_both_have() -> None:
    networks = of(small=(1, 2, 1), large=(3, 1, 2, 2))
    stages = {"layer3": None, "layer2": None, "layer1": None}
    blocks = {"layer3.0": 0, "layer2.0": 0, "layer1.0": 0}
    assert cam_choices.shared_layers(networks, ["small", "large"]) == stages | blocks
    assert cam_choices.shared_layers(networks, ["small"]) == stages | blocks | {"layer2.1": 1}
    assert cam_choices.shared_classes(networks, ["small", "large"]) == {"b": "b"}
    asked = Asked(None, ("small", "large"), "a", ("layer4", "layer2", "layer2.1"), against="c")
    kept = cam_choices.fitted(networks, asked)
    assert (kept.target, kept.layers, kept.against) == ("own", ("layer2",), "none")
    assert cam_choices.fitted(networks, replace(asked, layers=("layer4",))).layers == ("layer3",)
    still = replace(asked, target="b", layers=("layer1.0",), against="b")
    assert cam_choices.fitted(networks, still) == still


@each_language
def test_choices_follow_networks_and_language(networks: Networks, language: str) -> None:
    updates = cam_question.options(networks, *PAIR, "own", ["layer4"], "none", language)
    assert not any("value" in update for update in updates)  # what stays is not sent again
    target, layer, against = (update["choices"] for update in updates)
    assert target[0] == (text(language, "own"), "own") and against[0] == (text(language, "no_rival"), "none")
    church = ({"en": "church", "zh": "教堂"}[language], "n03028079")
    assert church in target and church in against
    assert layer[0] == ({"en": "Stage 4", "zh": "第 4 阶段"}[language], "layer4")
    assert layer[4] == ({"en": "Stage 4, block 1", "zh": "第 4 阶段第 1 个块"}[language], "layer4.0")
    assert [update["value"] for update in cam_question.options(networks, *PAIR, "x", ["y"], "z", language)] == [
        "own",
        ["layer4"],
        "none",
    ]


def test_a_network_that_is_gone_is_said_and_moves_nothing(networks: Networks, picture: str) -> None:
    """A page may be older than the folder of networks."""
    gone = ("resnet99-imagenette", "none")
    assert cam_question.options(networks, *gone, "own", ["layer4"], "none", "en") == 3 * (gr.skip(),)
    steps = tab.search(networks, picture, *gone, "own", ["layer4"], "scorecam", "none", False)
    for found in (last(steps), ask(networks, picture, *gone)):
        assert isinstance(found, Problem) and found.key == "network_missing"
        assert found.values["wanted"] == "resnet99-imagenette"


# ------------------------------------------------------------------------------------------------ methods


@each_language
def test_every_method_has_its_hint_and_the_slow_ones_say_so(language: str) -> None:
    assert set(proper.METHODS) == set(METHODS) and len(METHODS) == 10
    hints = {method: cam_question.hint(method, ["layer4"], language) for method in METHODS}
    assert len(set(hints.values())) == 10
    assert {method for method, hint in hints.items() if text(language, "slow_mark") in hint} == set(SLOW)
    assert all(text(language, "method_source", source=SOURCES[method]) in hint for method, hint in hints.items())


@each_language
def test_without_a_layer_it_is_said_which_one_is_shown(language: str) -> None:
    said = text(language, "no_layer")
    assert said in cam_question.hint("gradcam", None, language) and said in cam_question.hint("eigencam", [], language)
    assert said not in cam_question.hint("gradcam", ["layer3"], language)
    assert said not in cam_question.hint("fullgrad", [], language)


@each_language
def test_a_slow_method_waits_and_says_what_it_takes(networks: Networks, picture: str, language: str) -> None:
    found = ask(networks, picture, method="scorecam", layers=["layer3", "layer4"])
    assert found.passes == (256 + 512, 256 + 512)
    drawn, box = tab.render(found, language)
    assert "Score-CAM" in drawn["instead"] and "768 + 768" in drawn["instead"] and box.visible
    assert tab.render(ask(networks, picture), language)[1].visible is False


def test_a_slow_method_tells_its_steps_and_stops(networks: Networks, picture: str) -> None:
    steps = tab.search(networks, picture, *PAIR, "own", ["layer4"], "ablationcam", "none", False)
    told = list(steps)
    assert isinstance(told[-1], Result) and [look.key for look in told[-1].value.looks] == list(PAIR)
    shares = [step.done / step.total for step in told[:-1] if isinstance(step, Step)]
    assert len(shares) == len(told) - 1 > 4 and shares == sorted(shares) and shares[-1] == 1
    stopped = tab.search(networks, picture, *PAIR, "own", ["layer4"], "ablationcam", "none", False)
    next(stopped)
    stopped.close()  # type: ignore[attr-defined]
    assert list(stopped) == []


def test_the_progress_is_said_in_every_language() -> None:
    """The stylesheet shows the page's own, so that it follows a change of language in the middle of a run."""
    begun, half = cam_runs.bar(Step(0, 4), 0.0), cam_runs.bar(Step(1, 4), 3.0)
    shown = '<span lang="(..)" role="progressbar" .*? aria-label="(.*?)" aria-valuetext="(.*?)">(.*?)</span>'
    words = [("en", "Progress", "Starting …"), ("zh", "进度", "正在开始……")]
    assert re.findall(shown, begun) == [(*each, each[-1]) for each in words]
    words = [("en", "Progress", "25% · about 9 s left"), ("zh", "进度", "25% · 约剩 9 秒")]
    assert re.findall(shown, half) == [(*each, each[-1]) for each in words] and half.count('aria-valuenow="25"') == 2
    waits = json.loads(cam_runs.waiting()[len("() => [") :].partition(", {")[0])
    assert [each[-1] for each in re.findall(shown, waits)] == ["Waiting for its turn …", "正在排队……"]
    css = asset("chapters/gradcam/pages/gradcam.css")
    assert all(f".cam-progress span:lang({one}):is(:root:lang({one}) *)" in css for one in LANGUAGES)


@each_language
def test_blocks_and_means_in_words(networks: Networks, picture: str, language: str) -> None:
    found = ask(networks, picture, layers=["layer3.0", "layer4"])
    words = dict(cam_words.facts(language, found.looks[0]))[text(language, "term.how")]
    assert "(layer3.0)" in words and "(layer4)" in words and "10 × 10" in words


# ------------------------------------------------------------------------------------------------ words

PLACES = {
    (0, 0): ("upper left", "左上", "17%", "17%"),
    (1, 1): ("centre", "中央", "50%", "50%"),
    (0, 2): ("upper right", "右上", "83%", "17%"),
    (2, 1): ("bottom", "下方", "50%", "83%"),
    (1, 0): ("left", "左侧", "17%", "50%"),
}


@each_language
@pytest.mark.parametrize("cell", PLACES)
def test_where_the_peak_is(looked: Looked, language: str, cell: tuple[int, int]) -> None:
    raw = np.full((3, 3), 0.5)
    raw[cell] = 4
    sentence = cam_words.place(language, with_map(looked.looks[0], raw).explanation)
    english, chinese, across, down = PLACES[cell]
    expected = {
        "en": f"{english}: {across} from the left, {down} from the top; value 4.00",
        "zh": f"{chinese}：距左边 {across}，距上边 {down}；数值 4.00",
    }
    assert sentence == expected[language]


@each_language
def test_a_large_peak_is_written_without_an_exponent(looked: Looked, language: str) -> None:
    explanation = with_map(looked.looks[0], np.array([[0.5, 1072.4]])).explanation
    assert {"en": "; value 1,070", "zh": "；数值 1,070"}[language] in cam_words.place(language, explanation)


@each_language
def test_how_much_lies_above_half(looked: Looked, language: str) -> None:
    """Literal maps over the crop: 1/64, 1/8, 1/2 and 7/8 of it are hot."""
    for columns, rows, share, name, limits in (
        (20, 20, "1.6%", "spot", (0, 8)),
        (160, 20, "12.5%", "part", (8, 25)),
        (160, 80, "50.0%", "large", (25, 60)),
        (160, 140, "87.5%", "everywhere", (60, 100)),
    ):
        heat = np.zeros((160, 160), np.float32)
        heat[:rows, :columns] = 1
        reading = text(language, f"spread.{name}")
        said = text(language, "spread", share=share, reading=reading, least=limits[0], most=limits[1])
        assert cam_words.spread(language, with_map(looked.looks[0], heat).explanation) == said
    high = cam_words.spread(language, with_map(looked.looks[0], [[0.6, 0.8], [0.7, 1]]).explanation)
    everywhere = text(language, "spread.everywhere")
    assert high == text(language, "spread", share="100.0%", reading=everywhere, least=60, most=100)


@each_language
def test_a_blank_map_is_called_blank_with_its_reason(networks: Networks, picture: str, language: str) -> None:
    """No class differs from itself. What else is blank is so because its opposite is not, or because both are."""
    found = ask(networks, picture, target="n03028079", against="n03028079")
    assert [item.blank for item in found.looks] == ["same", "same"]
    panel = cam_view.view(found, language)["networks"][0]
    blank = [text(language, "term.blank"), text(language, "blank.same")]
    assert blank in [list(fact) for fact in panel["facts"]] and blank[1] in panel["alt"] and panel["maximum"] == 0
    every = [ask(networks, picture, target=key, right="none").looks[0] for key in networks.get(PAIR[0]).class_ids]
    empty = [item for item in every if item.explanation.blank]
    for item in empty:
        turned = ask(networks, picture, target=item.target.class_id, right="none", opposite=True).looks[0]
        assert item.blank == ("none" if turned.explanation.blank else "opposite")
    assert all((item.blank is None) == bool(item.explanation.map.any()) for item in every)
    flat = with_map(every[0], np.ones((5, 5)))
    assert text(language, "blank.flat") in dict(cam_words.facts(language, flat)).values()


@each_language
def test_what_is_explained(networks: Networks, picture: str, language: str) -> None:
    church, parachute = (
        {"en": words[0], "zh": words[1]}[language] for words in (("church", "教堂"), ("parachute", "降落伞"))
    )
    for opposite in (False, True):
        found = ask(networks, picture, target="n03028079", against="n03888257", opposite=opposite)
        for item in found.looks:
            sentence = cam_words.question(language, item)
            assert church in sentence and parachute in sentence
            logits = item.explanation.prediction.logits
            difference = logits[item.explanation.target] - logits[item.explanation.against]
            assert item.explanation.score == pytest.approx(-difference if opposite else difference, abs=1e-4)
    seen = {cam_words.question(language, ask(networks, picture, opposite=flag).looks[0]) for flag in (False, True)}
    assert len(seen) == 2


@each_language
@pytest.mark.parametrize("method", QUICK)
def test_a_method_that_the_question_cannot_move_says_so(
    networks: Networks, picture: str, language: str, method: str
) -> None:
    """For and against give one map by three methods: there, and nowhere else, the page says so."""
    question: dict[str, Any] = {"right": "none", "target": "n03028079", "method": method, "layers": ["layer3"]}
    found, turned = (ask(networks, picture, opposite=flag, **question).looks[0] for flag in (False, True))
    same = np.allclose(found.explanation.map, turned.explanation.map, rtol=1e-3, atol=1e-6)
    assert same == (method in ("eigencam", "eigengradcam", "fullgrad"))
    said = dict(cam_words.facts(language, turned))
    words = text(language, f"unmoved.{'class' if method == 'eigencam' else 'sign'}", method=proper.METHODS[method])
    assert (said.get(text(language, "term.unmoved")) == words) == same
    assert (text(language, "term.unmoved") in dict(cam_words.facts(language, found))) == (method == "eigencam")


READINGS = {
    (0.9, 0.8): "same",
    (0.6, 0.5): "same",
    (0.9, 0.3): "partly",
    (0.2, 0.15): "partly",
    (0.9, 0.1): "apart",
    (-0.5, 0.6): "apart",
    (None, None): "blank",
}


@each_language
@pytest.mark.parametrize("numbers", READINGS)
def test_whether_two_maps_agree(looked: Looked, language: str, numbers: tuple[float | None, float | None]) -> None:
    found = Agreement(*numbers)
    assert reading(found) == READINGS[numbers]
    said = cam_words.agreement(language, replace(looked, agreement=found))
    assert said is not None and said["kind"] == READINGS[numbers]
    assert said["says"].startswith(text(language, f"agree.{READINGS[numbers]}"))
    if numbers[0] is not None:
        assert f"{numbers[0]:.2f}".replace("-", "−") in said["how"] and f"{100 * (numbers[1] or 0):.1f}%" in said["how"]
        assert all(limit in said["how"] for limit in ("0.6", "50%", "0.2", "15%"))


@each_language
def test_agreement_minds_what_cannot_be_compared(looked: Looked, language: str) -> None:
    assert cam_words.agreement(language, replace(looked, looks=looked.looks[:1])) is None
    left, right = looked.looks
    other = replace(right, target=Named("n03888257", "parachute"))
    church = Named("n03028079", "church")
    said = cam_words.agreement(language, replace(looked, looks=(replace(left, target=church), other)))
    assert said and {"en": "“church”", "zh": "“教堂”"}[language] in said["says"]
    crops = [left.preprocessing, replace(left.preprocessing, resize=256, size=224)]
    assert agreed([left.explanation, right.explanation], crops) is None
    cropped = cam_words.agreement(language, replace(looked, agreement=None))
    assert cropped and cropped["says"].startswith(text(language, "agree.crops"))


def test_maps_of_different_sizes_are_compared_over_the_crop(looked: Looked) -> None:
    large, ways = looked.looks[0], np.random.default_rng(0).random((5, 5), np.float32)
    small = replace(large.explanation.prediction, crop=Image.new("RGB", (32, 32)))
    one = with_map(large, ways).explanation
    other: Explanation = replace(one, heatmap=heatmap(ways, 32, 32), prediction=small)
    found = agreed([one, other], [large.preprocessing, replace(large.preprocessing, resize=32, size=32)])
    assert found and found.rank_correlation is not None and found.rank_correlation > 0.99


# ------------------------------------------------------------------------------------------------ the browser


@each_language
def test_what_the_browser_draws(networks: Networks, picture: str, language: str) -> None:
    found = ask(networks, picture, target="n03888257", layers=["layer3"], method="hirescam")
    view, _ = tab.render(found, language)
    assert json.loads(json.dumps(view, allow_nan=False))["networks"]
    assert [panel["title"] for panel in view["networks"]] == ["ResNet-18", "PlainNet-18"]
    assert [panel["family"] for panel in view["networks"]] == ["residual", "plain"]
    for panel, item in zip(view["networks"], found.looks, strict=True):
        assert panel["crop"].startswith("data:image/png;base64,")
        values = np.frombuffer(base64.b64decode(panel["map"]["values"]), "<f4")
        assert np.array_equal(values.reshape(panel["map"]["rows"], panel["map"]["columns"]), item.explanation.map)
        assert panel["maximum"] == item.explanation.map.max()
        assert {"en": "parachute", "zh": "降落伞"}[language] in panel["alt"]
    assert view["texts"]["opacity"] == {"en": "Opacity", "zh": "不透明度"}[language]
    assert "{value}" in view["texts"]["value"] and "{share}" in view["texts"]["value"]


@pytest.mark.parametrize("key", [PAIR[0], CONTROL])
def test_the_record_makes_the_map_again(
    networks: Networks, picture: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ask(networks, picture, key, "none", target="n03888257", against="n03028079", layers=["layer3", "layer4"])
    (item,) = found.looks
    record = json.loads(json.dumps(cam_record.record(found.picture, item), allow_nan=False))
    assert record["picture"]["file"] == "photo.png" and len(record["picture"]["sha256"]) == 64
    assert record["network"]["weights"] == key.rpartition("-")[2]
    assert (record["network"]["sha256"] is None) == (key == CONTROL) == (record["network"]["seed"] == 0)
    assert record["target"] == {"index": 9, "id": "n03888257", "name": "parachute"}
    assert record["against"]["id"] == "n03028079" and record["layers"] == ["layer3", "layer4"]
    assert record["map"]["shape"] == [10, 10] and record["versions"]["torch"] == torch.__version__.partition("+")[0]
    monkeypatch.chdir(Path(picture).parent)
    scope: dict[str, Any] = {}
    exec("\n".join(record["program"]), scope)
    assert np.allclose(scope["found"].map, item.explanation.map, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("key", ["golf_ball_drawn", "cheetah"])
def test_the_record_of_an_example_makes_the_map_again_without_a_file(
    networks: Networks, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The example goes to the page and comes back as a file of the server's, as in the app."""
    control = Photo(image_mode=None, format="png", type="filepath")
    sent = control.postprocess(opened(key))
    path = control.preprocess(sent)
    found = ask(networks, path, PAIR[1], "none", layers=["layer3"])
    (item,) = found.looks
    record = json.loads(json.dumps(cam_record.record(found.picture, item), allow_nan=False))
    image = next(one for one in examples() if one.key == key).open()
    assert record["picture"] == {"example": key, "pixels_sha256": hashlib.sha256(image.tobytes()).hexdigest()}
    assert str(path) not in json.dumps(record) and Path(str(path)).name not in json.dumps(record)
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {}
    exec("\n".join(record["program"]), scope)
    assert np.allclose(scope["found"].map, item.explanation.map, rtol=1e-3, atol=1e-5)
    changed = opened(key).copy()
    changed.putpixel((0, 0), (1, 2, 3))
    changed.save(tmp_path / "mine.png")
    assert cam_looks.picture(str(tmp_path / "mine.png")).example is None


def values(record: Any, path: str = "") -> dict[str, Any]:
    """The leaves of nested records by their path."""
    if isinstance(record, dict | list):
        entries = record.items() if isinstance(record, dict) else enumerate(record)
        return {name: leaf for key, one in entries for name, leaf in values(one, f"{path}/{key}").items()}
    return {path: record}


def test_the_command_writes_the_same_record(networks: Networks, picture: str, tmp_path: Path) -> None:
    wishes = {"target": "n03888257", "against": "n03028079", "layers": ["layer3", "layer4"], "opposite": True}
    found = ask(networks, picture, PAIR[0], "none", **wishes)
    app = json.loads(json.dumps(cam_record.record(found.picture, found.looks[0])))
    asked = ["--target", "parachute", "--against", "n03028079", "--layer", "layer3", "--layer", "layer4"]
    out = ["--counterfactual", "--out", str(tmp_path)]
    assert main(["explain", picture, "--model", "resnet18", *asked, *out]) == 0
    command = json.loads((tmp_path / "photo.png-resnet18-imagenette.json").read_text("utf-8"))
    assert (app.keys() - command.keys(), command.keys() - app.keys()) == (
        {"program"},
        {"question", "files", "drawing"},
    )
    one, other = ({key: value[key] for key in app if key != "program"} for value in (app, command))
    one_by_path, other_by_path = values(one), values(other)
    assert list(one_by_path) == list(other_by_path)
    for path, value in one_by_path.items():
        expected = pytest.approx(value, rel=1e-3, abs=1e-5) if isinstance(value, float) else value
        assert other_by_path[path] == expected, path
    assert one_by_path["/network/weights"] == "imagenette" and one_by_path["/prediction/0/name"]


def test_a_photograph_is_analysed_once(networks: Networks, picture: str, tmp_path: Path) -> None:
    first = cam_looks.analysis(cam_looks.picture(picture), PAIR[0], networks)
    copy = tmp_path / "copy.png"
    copy.write_bytes(Path(picture).read_bytes())
    assert cam_looks.analysis(cam_looks.picture(str(copy)), PAIR[0], networks) is first
    photograph(seed=9).save(copy)
    assert cam_looks.analysis(cam_looks.picture(str(copy)), PAIR[0], networks) is not first


# ------------------------------------------------------------------------------------------------ checks


def last(steps: Iterator[Step | Result[Any]]) -> Any:
    *_, result = steps
    assert isinstance(result, Result)
    return result.value


@each_language
def test_a_check_needs_a_map(networks: Networks, looked: Looked, language: str) -> None:
    for nothing in (None, Waiting(looked.asked, (512,)), Problem("picture_none", {})):
        problem = last(measured(networks, "curves", nothing))
        html, figure = cam_verdicts.verdict("curves", problem, language)
        assert unescape(html).count(catalogue(language)["error.check_none"]) == 1 and figure is None
    blank = replace(looked, looks=(with_map(looked.looks[0], np.zeros((5, 5))),))
    for check in CHECKS:
        problem = last(measured(networks, check, blank))
        assert (problem.key, problem.values) == ("check_flat", {"network": "ResNet-18"})


def test_a_check_of_another_map_than_is_asked_for_is_refused(networks: Networks, picture: str, tmp_path: Path) -> None:
    """The page still holds the last map while the new one is made."""
    controls = (picture, PAIR[0], "none", "own", ["layer4"], "gradcam", "none", False)
    found, check = tab.update(networks, *controls), cam_pages._measure("confidence")
    moved, other = tmp_path / "moved.png", tmp_path / "other.png"
    moved.write_bytes(Path(picture).read_bytes())
    photograph(seed=9).save(other)
    assert last(check(networks, found, str(moved), *controls[1:])).looked is found
    for changed in ((*controls[:5], "layercam", *controls[6:]), (str(other), *controls[1:])):
        assert list(check(networks, found, *changed)) == [Result(Problem("check_early", {}))]
    assert last(check(networks, None, *controls)).key == "check_none"


def test_checks_tell_their_steps(networks: Networks, looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cam_checks, "DRAWS", 1)
    one = replace(looked, looks=looked.looks[:1])
    for check in CHECKS:
        steps = list(measured(networks, check, one))
        shares = [step.done / step.total for step in steps if isinstance(step, Step)]
        assert shares and max(shares) <= 1 and len(last(iter(steps)).found) == 1


def checked(looked: Looked, *found: Any, examples: tuple[Any, ...] = ()) -> Checked:
    return Checked(replace(looked, looks=looked.looks[: len(found)]), found, examples)


CURVES: dict[str, tuple[float, float, float, float]] = {  # deletion, insertion, and the means of chance
    "strong": (0.2, 0.9, 0.4, 0.8),
    "weak": (0.35, 0.85, 0.4, 0.8),
    "chance": (0.4, 0.8, 0.4, 0.8),
    "worse": (0.6, 0.7, 0.4, 0.8),
}


@each_language
@pytest.mark.parametrize("name", CURVES)
def test_curves_in_words(looked: Looked, language: str, name: str) -> None:
    deletion, insertion, chance_deletion, chance_insertion = CURVES[name]
    curves = Curves((0, 0.25, 0.5, 1), (0.8, 0.5, 0.3, 0.1), (0.1, 0.7, 0.8, 0.8), deletion, insertion)
    html, figure = cam_verdicts.verdict(
        "curves", checked(looked, Ordered(curves, (chance_deletion,), (chance_insertion,))), language
    )
    assert figure is not None and [len(line.x) for line in figure.data] == [4, 4]
    assert text(language, f"check.curves.{name}") in html
    assert text(language, "check.curves.halved", share="50%") in html
    assert all(f"{number:.2f}" in html for number in CURVES[name])


GAINS = {0.40: "strong", 0.39: "weak", 0.21: "chance", 0.1: "chance", -0.04: "chance", -0.06: "worse"}


@pytest.mark.parametrize("own", GAINS)
def test_a_map_is_better_or_worse_than_every_draw_of_chance(own: float) -> None:
    """Insertion less deletion: 0 in one draw, a little less than 0.2 in the other."""
    curves = Curves((0, 1), (0.5, 0.1), (0.1, 0.5), 0.5, 0.5 + own)
    assert cam_verdicts._gain(Ordered(curves, (0.5, 0.5), (0.5, 0.6999))) == GAINS[own]


@each_language
def test_both_grids_and_the_draws_are_said(looked: Looked, language: str) -> None:
    left, right = looked.looks
    found = replace(looked, looks=(left, with_map(right, np.eye(2))))
    ordered = Ordered(Curves((0, 1), (0.5, 0.1), (0.1, 0.5), 0.3, 0.3), (0.3, 0.3), (0.3, 0.3))
    html, _ = cam_verdicts.verdict("curves", Checked(found, (ordered, ordered)), language)
    assert "5 × 5" in html and "2 × 2" in html
    assert text(language, "check.curves.how", draws=2, margin=0.05, strong=0.2) in unescape(html)


@each_language
def test_every_check_prints_its_thresholds_and_what_masking_may_do(looked: Looked, language: str) -> None:
    """Masked photographs are none that the network was trained on (ROAR); random weights mask nothing."""
    curves = Curves((0, 1), (0.5, 0.1), (0.1, 0.5), 0.3, 0.3)
    found = {
        "curves": Ordered(curves, (0.3,), (0.3,)),
        "confidence": Confidence(0.8, 0.2, 0.75, 0.0),
        "randomised": (Randomised("fc", 0.6),),
    }
    html = {check: cam_verdicts.verdict(check, checked(looked, one), language)[0] for check, one in found.items()}
    assert {check: "1806.10758" in words for check, words in html.items()} == {
        "curves": True,
        "confidence": True,
        "randomised": False,
    }
    for check, printed in (("curves", ("0.05", "0.2")), ("confidence", ("20%", "60%"))):
        assert all(number in html[check].rpartition("hint")[2] for number in printed)
    assert all(number in html["randomised"].rpartition("hint")[2] for number in ("0.3", "0.7"))


@each_language
def test_confidence_in_words(looked: Looked, language: str) -> None:
    found = checked(
        looked,
        Confidence(0.8, 0.2, 0.75, 0.0),
        Confidence(0.5, 0.9, 0.0, 1.0),
        examples=(Confidence(0.7, 0.6, 0.125, 0.25, 8), Confidence(0.6, 0.6, 0.1, 0.5, 8)),
    )
    html, figure = cam_verdicts.verdict("confidence", found, language)
    assert "80.0%" in html and "75.0%" in html and "12.5%" in html and "25.0%" in html
    assert text(language, "check.confidence.lost") in html and text(language, "check.confidence.held") in html
    assert figure is not None and [list(bar.y) for bar in figure.data] == [
        [80, 70],
        [20, 60],
        [50, 60],
        [90, 60],
    ]
    assert figure.layout.yaxis.ticksuffix == "%"
    alone, figure = cam_verdicts.verdict("confidence", checked(looked, Confidence(0.8, 0.5, 0.375, 0.0)), language)
    assert text(language, "check.confidence.part") in alone and figure is not None and len(figure.data[0].x) == 1


ASKED: dict[str, tuple[str, bool]] = {
    "for": ("none", False),
    "against": ("none", True),
    "for_rather": ("n03888257", False),
    "against_rather": ("n03888257", True),
}


@each_language
@pytest.mark.parametrize("kind", ASKED)
def test_a_verdict_names_the_whole_question(networks: Networks, picture: str, language: str, kind: str) -> None:
    against, opposite = ASKED[kind]
    found = ask(networks, picture, right="none", target="n03028079", against=against, opposite=opposite)
    curves = Curves((0, 1), (0.5, 0.1), (0.1, 0.5), 0.3, 0.3)
    html, figure = cam_verdicts.verdict("curves", checked(found, Ordered(curves, (0.3,), (0.3,))), language)
    assert cam_words.question(language, found.looks[0]) in unescape(html)
    church, parachute = {"en": ("church", "parachute"), "zh": ("教堂", "降落伞")}[language]
    note = "" if kind == "for" else text(language, f"check.measured.{kind}", name=church, other=parachute)
    assert note in unescape(html) and figure is not None
    axis = text(language, "check.curves.y" if kind == "for" else "check.measured")
    assert figure.layout.yaxis.title.text == axis


def test_the_examples_answer_the_same_question_or_none(networks: Networks, picture: str) -> None:
    ways = np.random.default_rng(0).random((5, 5))
    for against, count in (("n03888257", 0), ("none", 1)):
        found = ask(networks, picture, right="none", against=against)
        found = replace(found, looks=(with_map(found.looks[0], ways),))
        assert len(last(measured(networks, "confidence", found)).examples) == count


def test_a_flat_example_does_not_count(networks: Networks, looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three examples, the second has a flat map; then every one has."""
    one = replace(looked, looks=(with_map(looked.looks[0], np.eye(5)),))
    shaped, flat = (with_map(looked.looks[0], raw).explanation for raw in (np.eye(5), np.ones((5, 5))))
    monkeypatch.setattr(cam_checks, "examples", lambda: [each for each in examples() if each.wnid][:3])
    for maps, pictures in (([shaped, flat, shaped], [2]), ([flat, flat, flat], [None])):
        given = iter(maps)
        seen = type("Seen", (), {"__init__": lambda *_: None, "explain": lambda *_, **__: next(given)})  # noqa: B023
        monkeypatch.setattr(cam_checks, "Analysis", seen)
        found = last(measured(networks, "confidence", one))
        assert [mean and mean.pictures for mean in found.examples] == pictures
        html, figure = cam_verdicts.verdict("confidence", found, "en")
        assert ("Over 2 example images" in html) == (pictures == [2])
        assert figure is not None and len(figure.data[0].x) == 1 + (pictures == [2])


@each_language
@pytest.mark.parametrize(("value", "name"), [(0.1, "depends"), (-0.5, "partly"), (0.9, "ignores"), (-0.8, "reversed")])
def test_randomisation_in_words(looked: Looked, language: str, value: float, name: str) -> None:
    stages = (Randomised("fc", 0.6), Randomised("layer4", None), Randomised("stem", value))
    html, figure = cam_verdicts.verdict("randomised", checked(looked, stages), language)
    assert text(language, f"check.randomised.{name}") in html and "0.60" in html
    assert figure is not None and list(figure.data[0].y) == [1.0, 0.6, None, value]
    places = {"en": ["classifier (fc)", "Stage 4", "stem"], "zh": ["分类层（fc）", "第 4 阶段", "起始层（stem）"]}[
        language
    ]
    assert list(figure.data[0].x)[1:] == places and places[2] in html and "layer4" not in html.partition("hint")[2]
    nothing = (Randomised("fc", None),)
    assert (
        text(language, "check.randomised.blank")
        in cam_verdicts.verdict("randomised", checked(looked, nothing), language)[0]
    )


@each_language
def test_another_map_forgets_the_checks_of_the_last(language: str) -> None:
    parts = cam_pages.forget(language)
    assert len(parts) == 3 * len(CHECKS) and parts[0] == Unchecked()
    assert text(language, "check.curves.look") in unescape(parts[1]) and parts[2].visible is False


# ------------------------------------------------------------------------------------------------ gallery


@each_language
def test_all_classes(networks: Networks, picture: str, language: str) -> None:
    view = cam_gallery.view(cam_gallery.gather(networks, "classes", Asked(picture, PAIR)), language)
    assert [section["title"] for section in view["sections"]] == ["ResNet-18", "PlainNet-18"]
    for section in view["sections"]:
        assert [item["title"] for item in section["items"]] == [
            catalogue(language)[f"class.{key}"] for key in networks.get(PAIR[0]).class_ids
        ]
        assert sum(item["chosen"] for item in section["items"]) == 1
        assert section["crop"].startswith("data:image/png") and not any(item["crop"] for item in section["items"])
        for item in section["items"]:
            blank = text(language, "gallery.blank") in item["peak"]
            assert blank == (item["maximum"] == 0) and item["alt"].startswith(item["title"])
            said = {"en": "; this is the network's prediction", "zh": "；这是网络的预测"}[language]
            assert item["alt"].endswith(said) == item["chosen"]


@each_language
def test_all_stages_and_all_networks(networks: Networks, picture: str, language: str) -> None:
    asked = Asked(picture, PAIR, target="n03028079")
    stages = cam_gallery.view(cam_gallery.gather(networks, "stages", asked), language)["sections"]
    assert [[item["map"]["rows"] for item in section["items"]] for section in stages] == 2 * [[40, 20, 10, 5]]
    whole = cam_gallery.view(cam_gallery.gather(networks, "stages", replace(asked, method="fullgrad")), language)
    assert [[item["title"] for item in section["items"]] for section in whole["sections"]] == 2 * [
        [text(language, "all_layers")]
    ]
    assert (whole["says"], whole["how"]) == (text(language, "gallery.stages.whole", method="FullGrad"), "")
    whole = cam_gallery.view(cam_gallery.gather(networks, "networks", replace(asked, method="fullgrad")), language)
    assert whole["says"] == text(language, "gallery.networks.whole", method="FullGrad") and whole["how"]
    (row,) = cam_gallery.gather(networks, "networks", asked).rows
    assert [small.key for small in row] == [*(key for key in networks.keys if key.endswith("-imagenette")), CONTROL]
    assert {small.target.class_id for small in row} == {"n03028079"}
    own = cam_gallery.gather(networks, "networks", Asked(picture, PAIR)).rows[0]
    assert len({small.target.class_id for small in own}) == 1


@each_language
def test_a_slow_method_is_replaced_in_the_gallery_and_that_is_said(
    networks: Networks, picture: str, language: str
) -> None:
    found = cam_gallery.gather(networks, "stages", Asked(picture, PAIR[:1], method="scorecam"))
    assert {small.explanation.method for row in found.rows for small in row} == {"gradcam"}
    assert (
        text(language, "gallery.slow", slow="Score-CAM", method="Grad-CAM") in cam_gallery.view(found, language)["says"]
    )


@each_language
@pytest.mark.parametrize("kind", ["stages", "networks"])
def test_the_gallery_asks_the_whole_question(networks: Networks, picture: str, language: str, kind: str) -> None:
    asked = Asked(picture, PAIR, "n03028079", method="layercam", against="n03888257", counterfactual=True)
    found = cam_gallery.gather(networks, kind, asked)
    for item in (item for row in found.rows for item in row):
        explanation = item.explanation
        expected = cam_looks.maps(networks, replace(asked, keys=(item.key,), layers=explanation.layers))
        assert np.array_equal(explanation.map, expected.looks[0].explanation.map)
        assert explanation.counterfactual and item.against == Named("n03888257", "parachute")
    view = cam_gallery.view(found, language)
    title = {"en": "parachute rather than church", "zh": "是降落伞而不是教堂"}[language]
    assert all(title in section["title"] + section["weights"] for section in view["sections"])
    assert text(language, "gallery.classes.plain") not in view["says"]
    same = cam_gallery.gather(networks, kind, replace(asked, method="fullgrad", keys=PAIR[:1]))
    assert cam_gallery.view(same, language)["unmoved"] == text(language, "unmoved.sign", method="FullGrad")
    assert view["unmoved"] == ""


@each_language
def test_the_gallery_of_classes_says_what_it_leaves_out(
    networks: Networks, picture: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(**others: Any) -> str:
        found = cam_gallery.gather(networks, "classes", Asked(picture, PAIR[:1], **others))
        return str(cam_gallery.view(found, language)["says"])

    every, plain = text(language, "gallery.classes.says", method="Grad-CAM"), text(language, "gallery.classes.plain")
    assert (says(), says(counterfactual=True), says(against="n03888257")) == (every, every + plain, every + plain)
    monkeypatch.setattr(cam_gallery, "MOST", 3)
    assert says() == text(language, "gallery.classes.likeliest", method="Grad-CAM", count=3)


@each_language
def test_the_untrained_control_is_named_only_where_it_is_shown(networks: Networks, picture: str, language: str) -> None:
    found = cam_gallery.gather(networks, "networks", Asked(picture, PAIR))
    assert cam_gallery.view(found, language)["how"] == text(language, "gallery.networks.how")
    trained = replace(found, rows=(found.rows[0][:-1],))
    assert cam_gallery.view(trained, language)["how"] == text(language, "gallery.networks.trained")


def test_the_gallery_is_made_only_while_somebody_looks(networks: Networks, picture: str) -> None:
    controls = (picture, *PAIR, "own", ["layer4"], "gradcam", "none", False)
    assert cam_pages.fill(networks, False, "classes", *controls) == gr.skip()
    assert cam_pages.fill(networks, True, "classes", *controls).kind == "classes"
    assert cam_pages.fill(networks, True, "classes", None, *controls[1:]).key == "picture_none"
    opens: Callable[[int], bool] = lambda index: cam_pages.opened(gr.EventData(None, {"index": index}))  # noqa: E731
    assert [opens(0), opens(1), opens(2)] == [False, False, True]
