"""The heat maps' tab, called directly: plain values in, numbers and sentences out."""

import base64
import hashlib
import json
from collections.abc import Iterator
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
from resnet_demo.chapters.gradcam.endpoint import endpoint
from resnet_demo.chapters.gradcam.pages import checks as cam_checks_page
from resnet_demo.chapters.gradcam.pages import checks_in_words as cam_verdicts
from resnet_demo.chapters.gradcam.pages import choices as cam_choices
from resnet_demo.chapters.gradcam.pages import drawing as cam_view
from resnet_demo.chapters.gradcam.pages import exports as cam_record
from resnet_demo.chapters.gradcam.pages import gallery as cam_gallery
from resnet_demo.chapters.gradcam.pages import maps as cam_maps
from resnet_demo.chapters.gradcam.pages import maps_in_words as cam_words
from resnet_demo.chapters.gradcam.pages import measured_checks as cam_checks
from resnet_demo.chapters.gradcam.pages import measured_maps as cam_looks
from resnet_demo.chapters.gradcam.pages import question as cam_question
from resnet_demo.chapters.gradcam.pages.agreement import agreed, reading
from resnet_demo.chapters.gradcam.pages.measured_checks import CHECKS, Checked, Ordered, Unchecked, checked, measured
from resnet_demo.chapters.gradcam.pages.measured_maps import Asked, Look, Looked
from resnet_demo.data.examples import examples
from resnet_demo.explain import METHODS, SLOW, Explanation
from resnet_demo.explain.comparison import Agreement
from resnet_demo.explain.explanation import heatmap
from resnet_demo.explain.faithfulness import Confidence, Curves, Randomised
from resnet_demo.explain.record import Named
from resnet_demo.kit.controls import Photo
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.steps_in_thread import Step
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


def asked(picture: str | None, left: str = PAIR[0], right: str = PAIR[1], **wishes: Any) -> dict[str, Any]:
    """What a page of the chapter is given: the first values of all controls but those in `wishes`."""
    first = {"target": "own", "layer": ["layer4"], "method": "gradcam", "against": "none", "counterfactual": False}
    assert wishes.keys() <= first.keys()
    return {"photo": picture, "left": left, "right": right, **first, **wishes}


def ask(networks: Networks, *who: Any, **wishes: Any) -> Any:
    """What the page of the maps computes."""
    return attempt(cam_maps.compute, networks, **asked(*who, **wishes))


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
        found = endpoint(networks, picture, *PAIR, "own", layer, method, "en")
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
    (found,) = endpoint(
        networks, picture, CONTROL, "none", "n03888257", ["layer3", "layer4.0"], "xgradcam", language, "n03028079", True
    )
    assert found["network"] == "resnet18" and found["weights"] == "random"
    assert found["class"] == {"id": "n03888257", "name": {"en": "parachute", "zh": "降落伞"}[language]}
    assert found["against"] == {"id": "n03028079", "name": {"en": "church", "zh": "教堂"}[language]}
    assert found["layer"] == "layer3 + layer4.0" and np.shape(found["map"]) == (10, 10)
    assert found["counterfactual"] and found["agreement"] is None


def test_a_pair_is_compared(networks: Networks, picture: str) -> None:
    same = endpoint(networks, picture, PAIR[0], PAIR[0], "own", "layer3", "layercam", "en")
    assert [item["agreement"] for item in same] == 2 * [{"rank_correlation": pytest.approx(1), "overlap": 1}]
    other = endpoint(networks, picture, *PAIR, "own", "layer3", "layercam", "en")
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
        endpoint(networks, picture, *PAIR, *given.values(), language)
    assert caught.value.message.startswith(sentences[language])


# ------------------------------------------------------------------------------------------------ networks


def test_the_control_is_the_same_network_untrained(networks: Networks) -> None:
    trained, control = networks.get(PAIR[0]), networks.get(CONTROL)
    assert [*networks.controls.values()][:2] == ["resnet18-random", "plain18-random"]
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
    updates = cam_question.options(networks, language, *PAIR, "own", ["layer4"], "none")
    assert not any("value" in update for update in updates)  # what stays is not sent again
    target, layer, against = (update["choices"] for update in updates)
    assert target[0] == (text(language, "own"), "own") and against[0] == (text(language, "no_rival"), "none")
    church = ({"en": "church", "zh": "教堂"}[language], "n03028079")
    assert church in target and church in against
    assert layer[0] == ({"en": "Stage 4", "zh": "第 4 阶段"}[language], "layer4")
    assert layer[4] == ({"en": "Stage 4, block 1", "zh": "第 4 阶段第 1 个块"}[language], "layer4.0")
    assert [update["value"] for update in cam_question.options(networks, language, *PAIR, "x", ["y"], "z")] == [
        "own",
        ["layer4"],
        "none",
    ]


def test_a_network_that_is_gone_is_said_and_moves_nothing(networks: Networks, picture: str) -> None:
    """A page may be older than the folder of networks."""
    gone = ("resnet99-imagenette", "none")
    assert cam_question.options(networks, "en", *gone, "own", ["layer4"], "none") == 3 * (gr.skip(),)
    steps = cam_maps.run(networks, **asked(picture, *gone, method="scorecam"))
    for found in (last(steps), ask(networks, picture, *gone)):
        assert isinstance(found, Problem) and found.key == "network_missing"
        assert found.values["wanted"] == "resnet99-imagenette"


# ------------------------------------------------------------------------------------------------ methods


@each_language
def test_every_method_has_its_hint_and_the_slow_ones_say_so(language: str) -> None:
    assert len({method.title for method in METHODS.values()}) == len(METHODS) == 10
    hints = {
        method: str(cam_words.method_in_words(language, Asked(None, PAIR, layers=("layer4",), method=method)))
        for method in METHODS
    }
    assert len(set(hints.values())) == 10
    assert {method for method, hint in hints.items() if text(language, "slow_mark") in hint} == set(SLOW)
    assert all(text(language, "method_source", source=METHODS[method].source) in hint for method, hint in hints.items())


@each_language
def test_without_a_layer_it_is_said_which_one_is_shown(networks: Networks, picture: str, language: str) -> None:
    said = text(language, "no_layer")
    for method, layer, expected in (
        ("gradcam", None, True),
        ("scorecam", [], True),
        ("gradcam", ["layer3"], False),
        ("fullgrad", [], False),
    ):
        found = ask(networks, picture, method=method, layer=layer)
        assert (said in cam_maps.draw(found, language)[2]) == expected
    assert {item.explanation.layers for item in ask(networks, picture, layer=None).looks} == {("layer4",)}


@each_language
def test_a_slow_method_waits_and_says_what_it_takes(networks: Networks, picture: str, language: str) -> None:
    found = ask(networks, picture, method="scorecam", layer=["layer3", "layer4"])
    assert found.passes == (256 + 512, 256 + 512)
    answer, maps, _ = cam_maps.draw(found, language)
    assert "Score-CAM" in answer and "768 + 768" in answer and "cam-waiting" in answer and maps is None
    assert "cam-waiting" not in cam_maps.draw(ask(networks, picture), language)[0]


def test_a_slow_method_tells_its_steps_and_stops(networks: Networks, tmp_path: Path) -> None:
    path = tmp_path / "slow.png"
    photograph(seed=11).save(path)
    slow = asked(str(path), method="ablationcam")
    stopped = cam_maps.run(networks, **slow)
    next(stopped)
    stopped.close()  # type: ignore[attr-defined]
    assert list(stopped) == []
    told = list(cam_maps.run(networks, **slow))
    assert isinstance(told[-1], Looked) and [look.key for look in told[-1].looks] == list(PAIR)
    shares = [step.done / step.total for step in told[:-1] if isinstance(step, Step)]
    assert len(shares) == len(told) - 1 > 4 and shares == sorted(shares) and shares[-1] == 1
    (again,) = cam_maps.run(networks, **slow)  # it is kept, for the checks of it
    assert isinstance(again, Looked) and again.looks == told[-1].looks


@each_language
def test_blocks_and_means_in_words(networks: Networks, picture: str, language: str) -> None:
    found = ask(networks, picture, layer=["layer3.0", "layer4"])
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
        turned = ask(networks, picture, target=item.target.class_id, right="none", counterfactual=True).looks[0]
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
        found = ask(networks, picture, target="n03028079", against="n03888257", counterfactual=opposite)
        for item in found.looks:
            sentence = cam_words.question(language, item)
            assert church in sentence and parachute in sentence
            logits = item.explanation.prediction.logits
            difference = logits[item.explanation.target] - logits[item.explanation.against]
            assert item.explanation.score == pytest.approx(-difference if opposite else difference, abs=1e-4)
    seen = {
        cam_words.question(language, ask(networks, picture, counterfactual=flag).looks[0]) for flag in (False, True)
    }
    assert len(seen) == 2


@each_language
@pytest.mark.parametrize("method", QUICK)
def test_a_method_that_the_question_cannot_move_says_so(
    networks: Networks, picture: str, language: str, method: str
) -> None:
    """For and against give one map by three methods: there, and nowhere else, the page says so."""
    question: dict[str, Any] = {"right": "none", "target": "n03028079", "method": method, "layer": ["layer3"]}
    found, turned = (ask(networks, picture, counterfactual=flag, **question).looks[0] for flag in (False, True))
    same = np.allclose(found.explanation.map, turned.explanation.map, rtol=1e-3, atol=1e-6)
    assert same == (method in ("eigencam", "eigengradcam", "fullgrad"))
    said = dict(cam_words.facts(language, turned))
    words = text(language, f"unmoved.{'class' if method == 'eigencam' else 'sign'}", method=METHODS[method].title)
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
    kind, words = cam_words.agreement(language, replace(looked, agreement=found))
    assert kind == READINGS[numbers] and words.startswith(text(language, f"agree.{kind}"))
    how = cam_words.numbers(language, found)
    assert bool(how) == (numbers[0] is not None)
    if numbers[0] is not None:
        assert f"{numbers[0]:.2f}".replace("-", "−") in how and f"{100 * (numbers[1] or 0):.1f}%" in how
        assert all(limit in how for limit in ("0.6", "50%", "0.2", "15%"))


@each_language
def test_agreement_minds_what_cannot_be_compared(looked: Looked, language: str) -> None:
    left, right = looked.looks
    one = cam_words.answer(language, replace(looked, looks=(with_map(left, np.eye(5)[:, ::-1]),)))
    place = {"en": "brightest here: upper right.", "zh": "热力图最亮的位置是右上。"}[language]
    assert "ResNet-18" in one and place in one
    nothing = cam_words.answer(language, replace(looked, looks=(with_map(left, np.zeros((5, 5)), blank="opposite"),)))
    assert text(language, "blank.opposite") in nothing
    other = replace(right, target=Named("n03888257", "parachute"))
    church = Named("n03028079", "church")
    _, words = cam_words.agreement(language, replace(looked, looks=(replace(left, target=church), other)))
    assert {"en": "“church”", "zh": "“教堂”"}[language] in words
    crops = [left.preprocessing, replace(left.preprocessing, resize=256, size=224)]
    assert agreed([left.explanation, right.explanation], crops) is None
    kind, words = cam_words.agreement(language, replace(looked, agreement=None))
    assert kind == "crops" and words.startswith(text(language, "agree.crops"))
    assert cam_words.numbers(language, None) == ""


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
    found = ask(networks, picture, target="n03888257", layer=["layer3"], method="hirescam")
    _, view, _ = cam_maps.draw(found, language)
    assert view is not None
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
    found = ask(networks, picture, key, "none", target="n03888257", against="n03028079", layer=["layer3", "layer4"])
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
    found = ask(networks, path, PAIR[1], "none", layer=["layer3"])
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
    wishes = {"target": "n03888257", "against": "n03028079", "layer": ["layer3", "layer4"], "counterfactual": True}
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


def last(steps: Iterator[Any]) -> Any:
    *_, result = steps
    assert not isinstance(result, Step)
    return result


def test_a_blank_map_cannot_be_checked(networks: Networks, looked: Looked) -> None:
    blank = replace(looked, looks=(with_map(looked.looks[0], np.zeros((5, 5))),))
    for check in CHECKS:
        problem = attempt(checked, networks, check, blank)
        assert isinstance(problem, Problem)
        assert (problem.key, problem.values) == ("check_flat", {"network": "ResNet-18"})


def test_one_check_comes_at_once_and_the_others_wait(networks: Networks, picture: str) -> None:
    """A slow method's map is not there yet, so that it cannot be checked at once."""
    confidence = cam_checks_page.compute(networks, "confidence", **asked(picture))
    assert isinstance(confidence, Checked) and len(confidence.found) == 2 and confidence.examples == ()
    for check, method in (("curves", "gradcam"), ("randomised", "gradcam"), ("confidence", "scorecam")):
        assert cam_checks_page.compute(networks, check, **asked(picture, method=method)) == Unchecked(check)
    answer, figure, _ = cam_checks_page.PAGE.draw(Unchecked("curves"), "en")
    assert text("en", "check.curves.look") in unescape(answer) and figure is None
    for check in CHECKS:
        refused = attempt(cam_checks_page.compute, networks, check, **asked(None))
        assert isinstance(refused, Problem) and refused.key == "picture_none"


def test_a_check_is_of_the_map_that_is_asked_for(networks: Networks, picture: str) -> None:
    """A check cannot take the map of another question, whatever was shown before."""
    question = asked(picture, right="none", method="layercam", layer=["layer3"], target="n03888257")
    (item,) = last(cam_checks_page.run(networks, "confidence", **question)).looked.looks
    found = cam_maps.compute(networks, **question)
    assert isinstance(found, Looked)
    (expected,) = found.looks
    assert (item.explanation.method, item.explanation.layers) == ("layercam", ("layer3",))
    assert item.target == expected.target and np.array_equal(item.explanation.map, expected.explanation.map)


def test_checks_tell_their_steps(networks: Networks, picture: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cam_checks, "DRAWS", 1)
    for check in CHECKS:
        steps = list(measured(networks, check, Asked(picture, PAIR[:1])))
        shares = [step.done / step.total for step in steps if isinstance(step, Step)]
        assert shares and max(shares) <= 1 and len(last(iter(steps)).found) == 1


def verdict(
    language: str, check: str, looked: Looked, *found: Any, examples: tuple[Any, ...] = ()
) -> tuple[str, str, Any]:
    """The sentences on as many networks as were found something of, how it was measured, and the figure."""
    one = Checked(check, replace(looked, looks=looked.looks[: len(found)]), found, examples)
    answer, figure, details = cam_verdicts.verdict(one, language)
    assert figure is not None
    return unescape(answer), unescape(details), figure


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
    ordered = Ordered(curves, (chance_deletion,), (chance_insertion,))
    answer, details, figure = verdict(language, "curves", looked, ordered)
    assert [len(line.x) for line in figure.data] == [4, 4]
    assert text(language, f"check.curves.{name}") in answer
    assert text(language, "check.curves.halved", share="50%") in details
    assert all(f"{number:.2f}" in details for number in CURVES[name])


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
    _, details, _ = verdict(language, "curves", found, ordered, ordered)
    assert "5 × 5" in details and "2 × 2" in details
    assert text(language, "check.curves.how", draws=2, margin=0.05, strong=0.2) in details


@each_language
def test_every_check_prints_its_thresholds_and_what_masking_may_do(looked: Looked, language: str) -> None:
    """Masked photographs are none that the network was trained on (ROAR); random weights mask nothing."""
    curves = Curves((0, 1), (0.5, 0.1), (0.1, 0.5), 0.3, 0.3)
    found = {
        "curves": Ordered(curves, (0.3,), (0.3,)),
        "confidence": Confidence(0.8, 0.2, 0.75, 0.0),
        "randomised": (Randomised("fc", 0.6),),
    }
    details = {check: verdict(language, check, looked, one)[1] for check, one in found.items()}
    assert {check: "1806.10758" in words for check, words in details.items()} == {
        "curves": True,
        "confidence": True,
        "randomised": False,
    }
    for check, printed in (("curves", ("0.05", "0.2")), ("confidence", ("20%", "60%"))):
        assert all(number in details[check].split("hint")[3] for number in printed)
    assert all(number in details["randomised"].split("hint")[3] for number in ("0.3", "0.7"))


@each_language
def test_confidence_in_words(looked: Looked, language: str) -> None:
    answer, details, figure = verdict(
        language,
        "confidence",
        looked,
        Confidence(0.8, 0.2, 0.75, 0.0),
        Confidence(0.5, 0.9, 0.0, 1.0),
        examples=(Confidence(0.7, 0.6, 0.125, 0.25, 8), Confidence(0.6, 0.6, 0.1, 0.5, 8)),
    )
    assert all(number in details for number in ("80.0%", "75.0%", "12.5%", "25.0%"))
    assert text(language, "check.confidence.lost") in answer and text(language, "check.confidence.held") in answer
    assert [list(bar.y) for bar in figure.data] == [[80, 70], [20, 60], [50, 60], [90, 60]]
    assert figure.layout.yaxis.ticksuffix == "%"
    alone, _, figure = verdict(language, "confidence", looked, Confidence(0.8, 0.5, 0.375, 0.0))
    assert text(language, "check.confidence.part") in alone and len(figure.data[0].x) == 1


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
    found = ask(networks, picture, right="none", target="n03028079", against=against, counterfactual=opposite)
    curves = Curves((0, 1), (0.5, 0.1), (0.1, 0.5), 0.3, 0.3)
    _, details, figure = verdict(language, "curves", found, Ordered(curves, (0.3,), (0.3,)))
    assert cam_words.question(language, found.looks[0]) in details
    church, parachute = {"en": ("church", "parachute"), "zh": ("教堂", "降落伞")}[language]
    note = "" if kind == "for" else text(language, f"check.measured.{kind}", name=church, other=parachute)
    assert note in details
    axis = text(language, "check.curves.y" if kind == "for" else "check.measured")
    assert figure.layout.yaxis.title.text == axis


def test_the_examples_answer_the_same_question_or_none(networks: Networks, picture: str) -> None:
    for against, count in (("n03888257", 0), ("none", 1)):
        question = asked(picture, right="none", method="layercam", layer=["layer2"], against=against)
        assert len(last(cam_checks_page.run(networks, "confidence", **question)).examples) == count


def test_a_flat_example_does_not_count(
    networks: Networks, looked: Looked, picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three examples, the second has a flat map; then every one has."""
    shaped, flat = (with_map(looked.looks[0], raw).explanation for raw in (np.eye(5), np.ones((5, 5))))
    monkeypatch.setattr(cam_checks, "examples", lambda: [each for each in examples() if each.wnid][:3])
    for maps, pictures in (([shaped, flat, shaped], [2]), ([flat, flat, flat], [None])):
        given = iter(maps)
        seen = type("Seen", (), {"__init__": lambda *_: None, "explain": lambda *_, **__: next(given)})  # noqa: B023
        monkeypatch.setattr(cam_checks, "Analysis", seen)
        found = last(cam_checks_page.run(networks, "confidence", **asked(picture, right="none")))
        assert [mean and mean.pictures for mean in found.examples] == pictures
        _, details, figure = verdict("en", "confidence", looked, *found.found, examples=found.examples)
        assert ("Over 2 example images" in details) == (pictures == [2])
        assert len(figure.data[0].x) == 1 + (pictures == [2])


@each_language
@pytest.mark.parametrize(("value", "name"), [(0.1, "depends"), (-0.5, "partly"), (0.9, "ignores"), (-0.8, "reversed")])
def test_randomisation_in_words(looked: Looked, language: str, value: float, name: str) -> None:
    stages = (Randomised("fc", 0.6), Randomised("layer4", None), Randomised("stem", value))
    answer, details, figure = verdict(language, "randomised", looked, stages)
    assert text(language, f"check.randomised.{name}") in answer and "0.60" in details
    assert list(figure.data[0].y) == [1.0, 0.6, None, value]
    places = {"en": ["classifier (fc)", "Stage 4", "stem"], "zh": ["分类层（fc）", "第 4 阶段", "起始层（stem）"]}[
        language
    ]
    assert list(figure.data[0].x)[1:] == places and places[2] in details
    assert text(language, "check.randomised.gaps", stages=places[1]) in details, "the gap in the line is explained"
    blank, _, _ = verdict(language, "randomised", looked, (Randomised("fc", None),))
    assert text(language, "check.randomised.blank") in blank


# ------------------------------------------------------------------------------------------------ gallery


def gallery(language: str, networks: Networks, kind: str, asked: Asked) -> tuple[str, dict[str, Any]]:
    """What the page shows: its answer, and what the browser draws."""
    return cam_gallery.draw(cam_gallery.gather(networks, kind, asked), language)


@each_language
def test_all_classes(networks: Networks, picture: str, language: str) -> None:
    _, view = gallery(language, networks, "classes", Asked(picture, PAIR))
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
    stages = gallery(language, networks, "stages", asked)[1]["sections"]
    assert [[item["map"]["rows"] for item in section["items"]] for section in stages] == 2 * [[40, 20, 10, 5]]
    says, whole = gallery(language, networks, "stages", replace(asked, method="fullgrad"))
    assert [[item["title"] for item in section["items"]] for section in whole["sections"]] == 2 * [
        [text(language, "all_layers")]
    ]
    assert text(language, "gallery.stages.whole", method="FullGrad") in says and whole["how"] == ""
    says, whole = gallery(language, networks, "networks", replace(asked, method="fullgrad"))
    assert text(language, "gallery.networks.whole", method="FullGrad") in says and whole["how"]
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
    answer, _ = cam_gallery.draw(found, language)
    assert text(language, "gallery.slow", slow="Score-CAM", method="Grad-CAM") in answer


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
    answer, view = cam_gallery.draw(found, language)
    title = {"en": "parachute rather than church", "zh": "是降落伞而不是教堂"}[language]
    assert all(title in section["title"] + section["weights"] for section in view["sections"])
    assert text(language, "gallery.classes.plain") not in answer
    same, _ = gallery(language, networks, kind, replace(asked, method="fullgrad", keys=PAIR[:1]))
    assert text(language, "unmoved.sign", method="FullGrad") in same
    assert text(language, "unmoved.sign", method="LayerCAM") not in answer


@each_language
def test_the_gallery_of_classes_says_what_it_leaves_out(
    networks: Networks, picture: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(**others: Any) -> str:
        return unescape(gallery(language, networks, "classes", Asked(picture, PAIR[:1], **others))[0])

    every, plain = text(language, "gallery.classes.says", method="Grad-CAM"), text(language, "gallery.classes.plain")
    assert every in says() and plain not in says()
    assert every + plain in says(counterfactual=True) and every + plain in says(against="n03888257")
    monkeypatch.setattr(cam_gallery, "MOST", 3)
    assert text(language, "gallery.classes.likeliest", method="Grad-CAM", count=3) in says()


@each_language
def test_the_untrained_control_is_named_only_where_it_is_shown(networks: Networks, picture: str, language: str) -> None:
    found = cam_gallery.gather(networks, "networks", Asked(picture, PAIR))
    assert cam_gallery.draw(found, language)[1]["how"] == text(language, "gallery.networks.how")
    trained = replace(found, rows=(found.rows[0][:-1],))
    assert cam_gallery.draw(trained, language)[1]["how"] == text(language, "gallery.networks.trained")
