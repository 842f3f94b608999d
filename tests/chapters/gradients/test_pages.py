"""The gradient tab's handlers: numbers in no language, sentences in each, files, and nothing measured twice."""

import base64
import csv
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import gradio as gr
import pytest
import torch

from resnet_demo.chapters.gradients import endpoint as gradients
from resnet_demo.chapters.gradients.claims import CLAIMS, TRAINED, Verdict, trained_verdict, verdict
from resnet_demo.chapters.gradients.flow import measure
from resnet_demo.chapters.gradients.gradient_curves import QUANTITIES, BlockInput, Convolution, Curve, Flow, curve
from resnet_demo.chapters.gradients.pages import claims, flow, measurements, shattered_gradients
from resnet_demo.chapters.gradients.pages.charts import COLOURS, flow_chart
from resnet_demo.chapters.gradients.pages.exports import csv_file, json_file
from resnet_demo.chapters.gradients.pages.flow_in_words import change, chart_words, conditions
from resnet_demo.chapters.gradients.pages.measurements import Run, Setting
from resnet_demo.chapters.gradients.shattered_gradients import Shattering
from resnet_demo.errors import CheckpointError
from resnet_demo.kit import long_runs
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import number
from resnet_demo.kit.long_runs import Turn, want, while_wanted
from resnet_demo.kit.messages import Problem
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.text import LANGUAGES, t
from tests.helpers import pages

NETWORKS = Networks("cpu")
SETTING = ("initialisation", "activation", "version", "batch")
DEFAULTS = ("kaiming", "relu", "v1", "pictures")
each_language = pytest.mark.parametrize("language", LANGUAGES)
HAN = re.compile(r"[\u4e00-\u9fff]")


def run(pair: str = "cifar-8", norm: str = "batch", *rest: str, seeds: int = 1) -> Run:
    """What is measured at the end."""
    *_, last = measured_flow(pair, norm, *(rest or DEFAULTS), seeds)
    return last["shown"].run


def named(pair: str, norm: str, *rest: Any) -> dict[str, Any]:
    return dict(zip(("twins", "norm", *SETTING, "seeds"), (pair, norm, *rest), strict=False))


def measured_flow(*arguments: Any) -> list[dict[str, Any]]:
    return pages.measure("gradients", flow.PAGE, "en", NETWORKS, **named(*arguments))


def show(run: Run, quantity: str, language: str, axis: str = "log") -> tuple[str, Any, str]:
    """Its sentence, its chart and its note."""
    return flow.draw(flow.Shown((run.current.setting, 1), run, quantity, axis), language)[:3]


def said(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


# ------------------------------------------------------------------------------------------------ words


def values(*means: float) -> Curve:
    places = tuple(map(str, range(len(means))))
    return Curve(places, tuple(range(len(means))), means, means, means)


@pytest.mark.parametrize(
    ("found", "backward", "words"),
    [
        (values(200.0, 1.0), True, "grows by a factor of 200"),
        (values(200.0, 1.0), False, "shrinks by a factor of 200"),
        (values(1.5, 1.0), True, "stays about the same (× 1.5)"),
        (values(0.0, 0.0, 1.0), True, "is exactly 0 in 2 of 3 places"),
        (values(math.inf, 1.0), True, "is infinite or NaN"),
        (values(1.0, math.nan), False, "is infinite or NaN"),
    ],
)
def test_changes_in_words(found, backward, words):
    assert change("en", found, backward) == words


@each_language
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_sentence_holds_the_measured_numbers(language, quantity):
    measured = run("cifar-20")
    html, chart, note = show(measured, quantity, language)
    words = said(html)
    assert "ResNet-20" in words and "PlainNet-20" in words
    for kind in ("residual", "plain"):
        found = curve([getattr(measured.current.twins[0], kind)], quantity)
        factor = found.towards_input if quantity in ("weights", "inputs") else found.towards_output
        assert number(factor if factor > 1 / 3 else 1 / factor) in words
        assert f'class="gradients-name {kind}"' in html
    assert {"en": "32 crops", "zh": "32 张"}[language] in said(note) and "1902.08129" in said(note)
    assert len(chart.data) == 2


@each_language
def test_with_batchnorm_the_page_says_that_nothing_vanishes_and_what_explodes(language):
    html, _, _ = show(run("cifar-56"), "inputs", language)
    assert t(language, "gradients.none_vanishes") in said(html)
    assert t(language, "gradients.explodes", name="PlainNet-56", far="100") in said(html)
    assert t(language, "gradients.explodes", name="ResNet-56", far="100") not in said(html)


@each_language
@pytest.mark.parametrize(
    ("residual", "plain", "vanishes", "explode"),
    [
        ((9.0, 2.0, 1.0), (99.0, 2.0, 1.0), False, []),
        ((9.0, 2.0, 1.0), (101.0, 2.0, 1.0), False, ["PlainNet-8"]),
        ((101.0, 2.0, 1.0), (1.0, 101.0, 1.0), False, ["ResNet-8", "PlainNet-8"]),
        ((9.0, 2.0, 1.0), (9.0, 0.011, 1.0), False, []),
        ((9.0, 2.0, 1.0), (9.0, 0.009, 1.0), True, []),
    ],
)
def test_the_curves_are_judged_by_the_claims_threshold(language, residual, plain, vanishes, explode):
    one = (Convolution("conv1", 1, False, 1.0, 1.0),)
    members = measurements.Twins(
        0, replace(fed("resnet8", *residual), convolutions=one), replace(fed("plain8", *plain), convolutions=one)
    )
    measured = replace(run("cifar-8"), depths=(replace(run("cifar-8").current, twins=(members,)),))
    html, _, note = show(measured, "inputs", language)
    assert (t(language, "gradients.none_vanishes") not in said(html)) == vanishes
    for name in ("ResNet-8", "PlainNet-8"):
        assert (t(language, "gradients.explodes", name=name, far="100") in said(html)) == (name in explode)
    assert {"en": "beyond a factor of 100", "zh": "放大超过 100 倍算爆炸"}[language] in said(note)


@each_language
def test_where_the_plain_gradients_do_vanish_the_page_does_not_deny_it(language):
    """Xavier, no norm: each weight's gradient is alike small, so their ratio alone would look healthy."""
    html, _, _ = show(run("cifar-56", "none", "xavier", "relu", "v1", "noise"), "weights", language)
    assert t(language, "gradients.none_vanishes") not in said(html)
    assert {
        "en": "At every layer, the gradient of PlainNet-56 is at least",
        "zh": "在每一层，PlainNet-56 的梯度都不超过",
    }[language] in said(html)


# ------------------------------------------------------------------------------------------------ measuring


def test_the_page_shows_what_anatomy_measures():
    """The first seed, measured again by hand from the tab's own batch."""
    setting = Setting("cifar-14", "none", "xavier", "tanh", "v2", "noise")
    twins = measurements.twins_of(NETWORKS, setting, 3)
    for architecture, found in zip(measurements.architectures(setting), (twins.residual, twins.plain), strict=True):
        network = measurements.random_network(architecture, "xavier", "tanh", 3)
        pictures = measurements.batch("noise", 32, measurements.Preprocessing(32, 32), 3)
        labels = torch.randint(0, 10, (32,), generator=torch.Generator().manual_seed(measurements.BATCH_SEED + 3))
        assert measure(network, pictures, labels) == found


def test_seeds_come_one_after_the_other_and_repeat():
    asked = named("cifar-8", "batch", *DEFAULTS, 3)

    def steps() -> list[Any]:
        return list(flow.compute(NETWORKS, None, quantity="weights", axis="log", **asked))

    first = steps()
    assert first[::2] == [Step(1, 3), Step(2, 3), Step(3, 3)]
    assert [len(shown.run.current.twins) for shown in first[1::2]] == [1, 2, 3]
    assert [twins.seed for twins in first[-1].run.current.twins] == [0, 1, 2]
    assert len({twins.residual for twins in first[-1].run.current.twins}) == 3
    measurements.untrained_flow.cache_clear()
    assert steps() == first


def test_changing_the_axis_or_asking_again_measures_nothing(monkeypatch):
    first = run("cifar-8")
    monkeypatch.setattr(measurements, "measure", lambda *_: pytest.fail("measured again"))
    for axis in ("log", "linear"):
        for quantity in QUANTITIES:
            show(first, quantity, "en", axis)
    assert run("cifar-8") == first


def test_a_growing_network_shows_every_depth_until_another_pair_is_chosen(monkeypatch):
    monkeypatch.setattr(measurements, "GROWTH", {"cifar": (8, 14), "imagenet": (18,)})
    monkeypatch.setattr(flow, "PACE", 0.0)
    asked = {"twins": "cifar-56", "norm": "batch"}
    steps = pages.run("gradients", flow.PAGE, "en", NETWORKS, **asked)
    grown = [step["shown"].run for step in steps]
    assert [[m.setting.pair for m in one.depths] for one in grown] == [["cifar-8"], ["cifar-8", "cifar-14"]]
    last = steps[-1]
    assert "PlainNet-14" in said(last["answer"])
    assert "Shown at 14 layers" in said(last["answer"])  # while the control still says 56
    faint = [trace for trace in last["chart"].data if trace.opacity]
    assert len(faint) == 2 and len(faint[0].x) == 7 and len(last["chart"].data) == 4
    (again,) = pages.measure("gradients", flow.PAGE, "en", NETWORKS, **asked, shown=last["shown"], axis="linear")
    assert again["shown"].run == last["shown"].run and again["chart"].layout.yaxis.type is None
    (other,) = pages.measure("gradients", flow.PAGE, "en", NETWORKS, twins="cifar-8", shown=last["shown"])
    assert other["shown"].run == run("cifar-8")


def test_a_trained_pair_grows_untrained(monkeypatch):
    monkeypatch.setattr(measurements, "GROWTH", {"cifar": (8,), "imagenet": (18,)})
    (step,) = pages.run("gradients", flow.PAGE, "en", NETWORKS, twins="imagenette-18")
    assert "Shown at 8 layers" in said(step["answer"]) and "Before training" in said(step["conditions"])


def test_a_new_question_ends_the_measurement_before_its_next_result():
    turn, begun = Turn(), []

    def counting(last: int, wanted: int) -> Iterator[Any]:
        for i in range(last):
            begun.append(i)
            if i == wanted:
                want(turn)
            yield Step(i, last)
            yield (i,)

    assert list(while_wanted(counting, turn, 10, 2)) == [] and begun == [0, 1, 2]  # what came at once is not drawn
    assert list(while_wanted(counting, turn, 3, 9)) == [(2,)]


def test_slow_results_are_drawn_each_and_quick_ones_at_the_end(monkeypatch):
    monkeypatch.setattr(long_runs, "QUICK", -1.0)
    made = [Step(1, 2), ("one",), Step(2, 2), ("two",)]
    assert list(while_wanted(lambda: iter(made), Turn())) == made
    monkeypatch.setattr(long_runs, "QUICK", 60.0)
    assert list(while_wanted(lambda: iter(made), Turn())) == [("two",)]


def test_trained_pairs_are_those_in_weights():
    pairs = measurements.trained_pairs(NETWORKS)
    assert pairs["imagenette-18"] == ("resnet18-imagenette", "plain18-imagenette")
    for key, (residual, twin) in pairs.items():
        assert {residual, twin} <= set(NETWORKS.keys) and key.rsplit("-", 1)[1] in residual


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (
            "cifar-8",
            {"en": "ResNet-8 and PlainNet-8, CIFAR stem. Before", "zh": "ResNet-8 与 PlainNet-8，CIFAR 版起始层。训练"},
        ),
        ("imagenette-18", {"en": "PlainNet-18, trained on Imagenette. This", "zh": "已在 Imagenette 上训练。使用"}),
    ],
)
def test_the_note_names_the_pair_that_is_shown(pair, words):
    for language in LANGUAGES:
        assert words[language] in said(show(run(pair), "weights", language)[2])


@each_language
def test_a_trained_pair_says_that_it_is_trained(language):
    measured = run("imagenette-18")
    _, chart, note = show(measured, "weights", language)
    assert t(language, "gradients.conditions.trained") in said(note)
    assert len(chart.data) == 3  # two curves, and the projections
    assert measured.current.twins[0].plain.loss < 1.5  # true labels where a class is known: it has learnt them


def test_no_two_pictures_of_a_batch_are_the_same():
    pictures = measurements.batch("pictures", 32, measurements.Preprocessing(32, 32), 0)
    assert pictures.shape == (32, 3, 32, 32)
    assert len({tensor.numpy().tobytes() for tensor in pictures}) == 32


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cifar-9", "batch", *DEFAULTS, 1), "There is no pair of networks named cifar-9."),
        (("cifar-8", "layer", *DEFAULTS, 1), "Normalisation = layer: it must be one of batch, none."),
        (("cifar-8", "batch", "kaiming", "relu", "v3", "noise", 1), "Block version = v3: it must be one of v1, v2."),
        (("cifar-8", "batch", "kaiming", "relu", "v1", "cats", 1), "Input = cats: it must be one of pictures, noise."),
        (("cifar-8", "none", "zero_gamma", "relu", "v1", "noise", 1), "zero_gamma needs a residual branch"),
        (("cifar-8", "batch", *DEFAULTS, 11), "The nearest is 10."),
        (("cifar-8", "batch", *DEFAULTS, 0), "The nearest is 1."),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(arguments, words):
    (refused,) = measured_flow(*arguments)
    assert 'class="notice"' in refused["answer"] and words in said(refused["answer"])
    assert (refused["chart"], refused["conditions"]) == (None, None)
    (refused,) = pages.measure("gradients", flow.PAGE, "zh", NETWORKS, **named(*arguments))
    assert HAN.search(refused["answer"])


@each_language
@pytest.mark.parametrize(
    ("page", "values"),
    [
        (flow.PAGE, named("cifar-8", "batch", *DEFAULTS, 3)),
        (claims.PAGE, {"depth": 56}),
        (shattered_gradients.PAGE, {}),
    ],
)
def test_what_fails_on_the_way_is_said_in_place_of_the_results(monkeypatch, language, page, values):
    """Weights, for example, whose file has gone since the page was opened."""

    def refuse(*_):
        raise CheckpointError("network_missing", wanted="plain8", there="none")

    for module, name in (
        (measurements, "untrained_flow"),
        (claims, "untrained_flow"),
        (shattered_gradients, "correlations"),
    ):
        monkeypatch.setattr(module, name, refuse)
    (shown,) = pages.measure("gradients", page, language, NETWORKS, **values)
    said_so = shown.pop("answer")
    shown.pop("shown", None)  # a state stays as it was
    assert 'class="notice"' in said_so and "plain8" in said_so and not any(shown.values())


def test_problems_differ_by_their_words_so_that_the_page_notices():
    first, again = Problem("a", {"name": "x"}), Problem("a", {"name": "x"})
    assert hash(first) == hash(again) != hash(Problem("a", {"name": "y"}))


# ------------------------------------------------------------------------------------------------ charts


def test_zeros_are_marked_where_a_log_axis_has_no_place_for_them():
    measured = run("cifar-56", "none", "small", "relu", "v1", "noise")
    words = chart_words("en", "weights")
    log, linear = (flow_chart(measured, "weights", on, words) for on in (True, False))
    marks = [trace for trace in log.data if trace.name == "PlainNet-56: exactly 0"]
    assert len(marks) == 1 and len(marks[0].x) == 55
    curves = {trace.name: trace for trace in log.data}
    assert set(curves["PlainNet-56"].y) == {None}
    assert min(marks[0].y) < min(curves["ResNet-56"].y)
    assert set({trace.name: trace for trace in linear.data}["PlainNet-56"].y) == {0.0}


def test_the_band_reaches_from_the_smallest_to_the_largest_seed():
    measured = run("cifar-8", seeds=3)
    chart = flow_chart(measured, "inputs", True, chart_words("en", "inputs"))
    found = curve([twins.plain for twins in measured.current.twins], "inputs")
    low, high = [trace for trace in chart.data if trace.hoverinfo == "skip"][2:]
    assert (tuple(low.y), tuple(high.y)) == (found.lows, found.highs) and high.fill == "tonexty"


def test_curves_have_the_colours_of_their_family():
    chart = flow_chart(run("cifar-8"), "weights", False, chart_words("en", "weights"))
    assert {trace.name: trace.line.color for trace in chart.data} == {
        "ResNet-8": COLOURS["residual"],
        "PlainNet-8": COLOURS["plain"],
    }


# ------------------------------------------------------------------------------------------------ claims


@pytest.fixture(scope="module")
def claimed() -> claims.Claimed:
    *_, last = claims.compute(NETWORKS, 56)
    return last


@each_language
@pytest.mark.parametrize("claim", CLAIMS)
def test_every_verdict_on_the_shipped_settings_says_its_numbers(claimed, claim, language):
    """The page's own depth, batch and seed: the sentence is made of numbers measured a moment ago."""
    flows = dict(claimed.flows)
    found = verdict(claim, flows)
    assert found is not None and found.holds == (claim != "plain_with_norm")
    words = said(claims.said(language, claim, flows))
    assert t(language, f"gradients.verdict.{'holds' if found.holds else 'fails'}") in words
    for name, value in found.numbers.items():
        assert number(1 / value if name == "shrinks" else value) in words, name
    assert ("ResNet-56" if claim == "residual" else "PlainNet-56") in words
    if claim == "plain_with_norm":
        trained = trained_verdict(flows)
        assert trained is not None and trained.holds and (words.count("✗"), words.count("✓")) == (1, 1)
        assert all(number(value) in words for value in trained.numbers.values())
        assert "28.54%" in words and "1902.08129" in words


@each_language
def test_a_claim_that_does_not_show_says_so(language):
    *_, last = claims.compute(NETWORKS, 8)
    flows = dict(last.flows)
    words = said(claims.said(language, "plain_without_norm", flows))
    assert t(language, "gradients.verdict.fails") in words


RESIDUAL = {
    "strongest": 9.0,
    "weakest": 0.5,
    "quietest": 0.8,
    "loudest": 2.0,
    "alone": 0.7,
    "alone_signal": 3.0,
}


@each_language
@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            Verdict("plain_without_norm", False, {"shrinks": 1.2, "keeps": 1.0, "grows": 0.8}),
            {
                "en": "changes by a factor of 1.2 with Xavier initialisation and 0.80 with",
                "zh": "梯度变为 0.80 倍",
            },
        ),
        (
            Verdict("residual", True, RESIDUAL),
            {
                "en": "the signal stays between 0.80 and 2.0 times the first block's input",
                "zh": "始终是第一个块输入处的 0.80 到 2.0 倍",
            },
        ),
        (
            Verdict("residual", False, RESIDUAL | {"strongest": 200.0}),
            {"en": "More than a factor of 100, up or down, is out of range", "zh": "放大或缩小超过 100 倍，即超出"},
        ),
    ],
)
def test_a_factor_below_one_is_not_called_growth(monkeypatch, claimed, language, found, words):
    monkeypatch.setattr(claims, "verdict", lambda *_: found)
    told = said(claims.said(language, found.claim, dict(claimed.flows)))
    assert words[language] in told
    assert not re.search(r"(grow|shrink)s by a factor of 0\.|放大到 0\.", told)


def test_all_claims_share_one_axis(claimed):
    _, *charts, _, _ = claims.draw(claimed, "en")
    assert len({tuple(chart.layout.yaxis.range) for chart in charts}) == 1
    low, high = charts[0].layout.yaxis.range
    every = [v for _, found in claimed.flows for v in curve([found], "inputs").means]
    assert 10**low <= min(every) and max(every) <= 10**high
    assert [len(chart.data) for chart in charts] == [3, 2, 2]


def fed(network: str, *gradients: float) -> Flow:
    """A flow of as many blocks and, last, the head."""
    places = [BlockInput(f"layer1.{i}", 1 + 2 * i, gradient, 1.0) for i, gradient in enumerate(gradients)]
    return Flow(network, 2.3, (), tuple(places), ())


@each_language
@pytest.mark.parametrize(
    ("untrained", "trained", "marks", "keys", "absent"),
    [
        ((7000.0, 2.0, 1.0), (9.0, 0.5, 1.0), "✗✓", ["explodes", "cause", "so", "debated", "in_range"], ["vanishes"]),
        ((21.0, 2.0, 1.0), (9.0, 0.5, 1.0), "✓✓", ["in_range", "so"], ["cause", "debated", "explodes"]),
        ((0.9, 0.004, 1.0), (9.0, 0.5, 1.0), "✗✓", ["vanishes", "in_range"], ["so", "cause", "debated", "explodes"]),
        ((7000.0, 2.0, 1.0), (9.0, 0.005, 1.0), "✗✗", ["explodes", "cause", "vanishes"], ["so", "debated"]),
        ((7000.0, 0.004, 1.0), (300.0, 0.5, 1.0), "✗✗", ["both", "explodes"], ["so", "cause", "debated", "in_range"]),
    ],
)
def test_the_second_claim_says_the_opposite_with_opposite_numbers(language, untrained, trained, marks, keys, absent):
    flows = {"plain_norm": fed("plain56", *untrained), TRAINED: fed("plain20", *trained)}
    told = said(claims.said(language, "plain_with_norm", flows))
    assert "".join(re.findall("[✓✗]", told)) == marks and "28.54%" in told
    for key in {*keys, *absent}:
        sentences = [
            t(
                language,
                f"gradients.claim.plain_with_norm.{key}",
                name=name,
                weakest=number(min(inputs)),
                strongest=number(max(inputs)),
                far="100",
                shattered=t(language, "gradients.shattered_gradients.title"),
            ).strip()
            for name, inputs in (("PlainNet-56", untrained[:-1]), ("PlainNet-20", trained[:-1]))
        ]
        assert any(sentence in told for sentence in sentences) == (key in keys), key
    alone = said(claims.said(language, "plain_with_norm", {"plain_norm": flows["plain_norm"]}))
    assert "PlainNet-20" not in alone and re.findall("[✓✗]", alone) == [marks[0]]


@each_language
@pytest.mark.parametrize("alone", [0.001, 60.0, 600.0])
def test_shortcuts_alone_are_judged_by_the_same_yardstick(language, alone):
    flows = {"residual_norm": fed("resnet56", 9.0, 1.0), "residual_alone": fed("resnet56", alone, 1.0)}
    told = said(claims.said(language, "residual", flows))
    assert number(alone) in told and "25.03%" in told and "7.93%" in told
    assert ({"en": "shortcuts alone are not enough", "zh": "还不够"}[language] in told) == (alone != 60.0)
    assert ("1901.09321" in told) == (alone != 60.0)


def test_the_middle_of_the_way_counts_for_the_signal():
    """Back at the head to what it was, though a hundredfold between."""
    places = [BlockInput(f"layer1.{i}", i, 1.0, deviation) for i, deviation in enumerate((1.0, 150.0, 0.5, 1.0))]
    flows = {"residual_norm": Flow("resnet8", 2.3, (), tuple(places), ()), "residual_alone": fed("resnet8", 1.0, 1.0)}
    told = said(claims.said("en", "residual", flows))
    assert "✗" in told and "the signal is between 0.50 and 150 times the first block's input" in told


@each_language
def test_growth_towards_the_picture_is_explained_only_where_it_was_measured(language):
    measured = run("cifar-8").current
    flat = replace(measured, twins=(measurements.Twins(0, fed("resnet8", 1.0, 1.0), fed("plain8", 2.0, 1.0)),))
    steep = replace(measured, twins=(measurements.Twins(0, fed("resnet8", 1.0, 1.0), fed("plain8", 9.0, 1.0)),))
    assert "1902.08129" in conditions(language, steep) and "1902.08129" not in conditions(language, flat)


def test_verdicts_appear_when_their_networks_are_measured():
    steps = list(claims.compute(NETWORKS, 8))
    assert steps[:-1:2] == [Step(done, 7) for done in range(1, 7)]
    shown = [claims.draw(step, "en") for step in steps if isinstance(step, claims.Claimed)]
    marks = [answer.count("gradients-mark") for answer, *_ in shown]
    assert marks == [0, 0, 1, 2, 2, 3, 4]
    assert [verdicts.count('class="verdict"') for *_, verdicts, _ in shown] == marks
    assert all(answer.count('class="summary"') == 3 for answer, *_ in shown)
    assert 'data-go="degradation"' in shown[-1][-2]


# ------------------------------------------------------------------------------------------------ shattered


@each_language
def test_shattered_gradients_in_a_sentence(monkeypatch, language):
    monkeypatch.setattr(shattered_gradients, "DEPTHS", (8, 20))
    monkeypatch.setattr(shattered_gradients, "SHOWN", 20)
    monkeypatch.setattr(shattered_gradients, "STEPS", (0.0, 0.01))
    shattered_gradients.walked.cache_clear()
    steps = list(shattered_gradients.compute(NETWORKS, "batch", 0.01))
    shattered_gradients.walked.cache_clear()
    assert steps[::2] == [Step(1, 3), Step(2, 3), steps[-1]]
    words, chart, walk, numbers = shattered_gradients.draw(steps[-1], language)
    residual, plain_one = steps[-1].pairs[1]
    assert residual.correlations[2] > plain_one.correlations[2] + 0.1
    for found in (residual, plain_one):
        assert f"{found.correlations[2]:.2f}" in said(words)
    assert [list(trace.x) for trace in chart.data] == [[8, 20]] * 2 and len(walk.data) == 2
    assert len(json.loads(files(numbers)["resnet-shattered.json"])) == 2 * 2 * 4 + 2 * 2
    _, _, *nothing = shattered_gradients.draw(steps[1], language)
    assert not any(nothing)


# ------------------------------------------------------------------------------------------------ files, endpoint


def files(html: str) -> dict[str, str]:
    """What the download links carry, by file name."""
    links = re.findall(r'download="([^"]+)" href="data:[^;]+;base64,([^"]+)"', html)
    return {name: base64.b64decode(content).decode("utf-8") for name, content in links}


def test_the_claims_as_files():
    place, head = BlockInput("layer1.0", 1, 0.25, 1.5), BlockInput("head", 2, 2.0, math.inf)
    one = Flow("plain8", 2.3, (), (place, head), ())
    found = claims.Claimed(8, (("plain_xavier", one), (TRAINED, one)))
    written = files(downloads("en", "claims-8", claims.rows(found)))
    assert written["resnet-claims-8.csv"].splitlines() == [
        "network,norm,initialisation,layer,position,input_gradient,input_deviation",
        "plain8,none,xavier,layer1.0,1,0.25,1.5",
        "plain8,none,xavier,head,2,2.0,inf",
        "plain8,batch,trained,layer1.0,1,0.25,1.5",
        "plain8,batch,trained,head,2,2.0,inf",
    ]
    assert json.loads(written["resnet-claims-8.json"])[1]["input_deviation"] == "inf"


def test_the_page_offers_the_claims(claimed):
    assert files(claims.draw(claimed, "en")[-1]) == files(downloads("en", "claims-56", claims.rows(claimed)))


def test_shattered_gradients_as_files(monkeypatch):
    monkeypatch.setattr(shattered_gradients, "STEPS", (0.0, 0.5))
    pair = Shattering("resnet56", (0.01, 0.1), (0.9, 0.5)), Shattering("plain56", (0.01, 0.1), (0.1, 0.0))
    found = shattered_gradients.Shattered("batch", 0.01, (pair,), ((1.0, 0.75), (-1.0, 1.25)))
    written = files(downloads("zh", "shattered", shattered_gradients.rows(found)))
    assert written["resnet-shattered.csv"].splitlines() == [
        "network,norm,quantity,change,value",
        "resnet56,batch,correlation,0.01,0.9",
        "resnet56,batch,correlation,0.1,0.5",
        "plain56,batch,correlation,0.01,0.1",
        "plain56,batch,correlation,0.1,0.0",
        "resnet56,batch,gradient_component,0.0,1.0",
        "resnet56,batch,gradient_component,0.5,0.75",
        "plain56,batch,gradient_component,0.0,-1.0",
        "plain56,batch,gradient_component,0.5,1.25",
    ]


def test_the_csv_holds_every_number():
    file = csv_file(run("cifar-8", seeds=2))
    assert file["file"] == "gradients-cifar-8.csv"
    table = list(csv.DictReader(io.StringIO(file["text"])))
    assert len(table) == 2 * 2 * (7 * 2 + 4 * 2)  # seeds, networks; 7 convolutions, 3 blocks and the head
    (found,) = [
        row
        for row in table
        if (row["network"], row["seed"], row["layer"], row["quantity"]) == ("plain8", "1", "conv1", "weight_gradient")
    ]
    assert float(found["value"]) == run("cifar-8", seeds=2).current.twins[1].plain.convolutions[0].gradient


def test_the_json_is_what_the_endpoint_answers():
    file = json_file(run("cifar-8"))
    answered = gradients.endpoint(NETWORKS, "cifar-8", "batch", *DEFAULTS, 1, "en")
    assert json.loads(file["text"]) == [json.loads(json.dumps(answered, allow_nan=False))]
    network = answered["seeds"][0]["plain"]
    assert [c["name"] for c in network["convolutions"]][:2] == ["conv1", "layer1.0.conv1"]
    assert set(network["parameters"]) > {"fc.weight", "conv1.weight", "layer3.0.bn2.bias"}


def test_the_files_do_not_tell_how_to_reach_a_visitors_network():
    token, measured = "~" + "0123456789abcdef" * 2, run("cifar-8").current
    own = Run((replace(measured, setting=replace(measured.setting, pair=f"birds{token}-8")),))
    for file in (json_file(own), csv_file(own)):
        assert file["file"].startswith("gradients-birds-8.") and token not in file["text"]
    assert json.loads(json_file(own)["text"])[0]["setting"]["pair"] == "birds-8"


def test_nothing_is_written_where_nothing_was_measured():
    assert flow.written(csv_file, None) == gr.skip()


def test_the_endpoint_refuses_in_the_language():
    with pytest.raises(Exception, match="没有名为 cifar-9 的网络对"):
        gradients.endpoint(NETWORKS, "cifar-9", "batch", *DEFAULTS, 1, "zh")
