"""The degradation tab: cuts, and words that the numbers choose."""

import json
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from resnet_demo.chapters.degradation import endpoint, imagenette_twins
from resnet_demo.chapters.degradation.ablation_study import Cut, Cuts
from resnet_demo.chapters.degradation.pages import ablation as degradation_lesions
from resnet_demo.chapters.degradation.pages import ablation_study
from resnet_demo.chapters.degradation.pages import imagenette_twins as degradation_photographs
from resnet_demo.chapters.degradation.pages import study as degradation_study
from resnet_demo.chapters.degradation.pages.charts import error_curves, live_curves, several_cuts, single_cuts
from resnet_demo.chapters.degradation.pages.study import finding
from resnet_demo.chapters.degradation.study import RESULTS, Curve, Final, Finding, Run, Study, study
from resnet_demo.checkpoints.card import over_seeds
from resnet_demo.errors import DemoError
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.text import LANGUAGES, catalogue, t
from resnet_demo.training import recipe
from tests.helpers.refused import photograph

each_language = pytest.mark.parametrize("language", LANGUAGES)


# ------------------------------------------------------------------------------------------------ charts

WORDS = {key: key for key in ("epoch", "error", "training", "test", "validation", "comma", "where", "count")}
FOUR = ["plain20", "resnet20", "plain56", "resnet56"]


def curves_of(models: list[str], second: str = "test") -> Any:
    shown = [
        Curve(model, half, (9.0, 8.0), (9.0, 8.0), (9.0, 8.0)) for model in models for half in ("training", second)
    ]
    return error_curves(shown, {model: model for model in models}, WORDS, 90)


CHARTS = {
    "pair": curves_of(["resnet18", "plain18"], "validation"),
    "study": curves_of([f"plain{depth}" for depth in recipe.DEPTHS]),
    "other depths": curves_of(["resnet18", "resnet34"]),
    "live": live_curves(
        {model: [(0.5, 0.9)] for model in FOUR},
        {model: [(1, 0.8)] for model in FOUR},
        {model: model for model in FOUR},
        WORDS,
        1,
    ),
    "single cuts": single_cuts({model: {"a": 1.0} for model in FOUR}, dict.fromkeys(FOUR, 1.0), WORDS),
    "several cuts": several_cuts({model: {1: (1.0, 2.0)} for model in FOUR}, WORDS),
}


@pytest.mark.parametrize("figure", CHARTS.values(), ids=CHARTS)
def test_no_two_lines_of_a_chart_look_alike(figure: Any) -> None:
    named = [trace for trace in figure.data if trace.name]
    looks = {(trace.line.color, trace.line.dash, trace.line.width) for trace in named}
    assert len(named) >= 4 and len(looks) == len(named)


def test_a_line_looks_the_same_before_the_others_begin() -> None:
    names = {model: model for model in FOUR}
    early = live_curves({"plain20": [(0.5, 0.9)]}, {}, names, WORDS, 1)
    assert early.data[0].line == CHARTS["live"].data[0].line


def test_no_shipped_curve_is_cut_off() -> None:
    drawn = [
        *degradation_study.draw(degradation_study.compute(["20", "56"]), "en")[1:3],
        *degradation_photographs.draw("en")[:-1],
    ]
    for figure in drawn:
        assert max(max(trace.y) for trace in figure.data) <= figure.layout.yaxis.range[1] == 90


def test_it_is_said_how_a_training_error_is_measured() -> None:
    assert "averaged over each epoch, while the weights still change" in catalogue("en")["degradation.study.look"]
    assert "训练误差是整轮训练的平均值" in catalogue("zh")["degradation.study.look"]


@each_language
def test_the_networks_of_photographs(language: str) -> None:
    """A chart for each depth, and under them what the cards' numbers say."""
    *charts, words = degradation_photographs.draw(language)
    halves = {"en": (", training", ", validation"), "zh": ("，训练", "，验证")}[language]
    for depth, figure in zip((18, 50), charts, strict=True):
        drawn = {trace.name: trace for trace in figure.data}
        assert list(drawn) == [f"{name}-{depth}{half}" for name in ("ResNet", "PlainNet") for half in halves]
        assert {name.partition("-")[0]: trace.line.color for name, trace in drawn.items()} == {
            "ResNet": "#6366f1",
            "PlainNet": "#d97706",
        }
    assert [round(trace.y[-1], 2) for trace in charts[0].data] == [6.1, 9.89, 9.53, 12.84]
    for line in imagenette_twins.table(imagenette_twins.pairs()):
        assert f"{line.test_error:.2f}" in words and f"{line.parameters:,}" in words
    assert {"en": "the residual network misclassifies 11.95% of", "zh": "残差网络的错误率为 11.95%"}[language] in words
    assert {"en": "The difference of 40 photos exceeds", "zh": "相差 40 张，超过"}[language] in words  # 150 - 110


def line(model: str, training: float, test: float, seeds: int = 1) -> Final:
    return Final(model, int(model[-2:]), 11, seeds, 7.5, training, test, None, None)


@each_language
@pytest.mark.parametrize("degraded", [True, False])
def test_where_the_kind_of_block_changes_with_the_depth_nothing_is_called_degradation(
    language: str, degraded: bool
) -> None:
    """Basic blocks with 18 layers and bottlenecks with 50, whatever their errors; 34 layers are basic, too."""
    worse, better = (34.5, 9.5) if degraded else (9.5, 34.5)
    lines = [line("resnet18", 8.0, 11.0, 3), line("plain18", better, 13.0, 3)]
    mixed = degradation_photographs._over_depth(
        language, (*lines, line("resnet50", 6.0, 12.0), line("plain50", worse, 31.0))
    )
    words = {"en": ["degradation", "degradation"], "zh": ["这就是退化", "没有显示出退化"]}[language]
    assert len(mixed) == 4 and not any(word in one for one in mixed[:3] for word in words)
    assert mixed[3] == t(language, "degradation.imagenette_twins.mixed", study=t(language, "degradation.study.title"))
    for part in {
        "en": ("bottleneck blocks; seeds: 1", "basic blocks; seeds: 3"),
        "zh": ("瓶颈块，种子数 1", "基本块，种子数 3"),
    }[language]:
        assert part in mixed[0]
    assert f"{worse:.2f}%" in mixed[0] and f"{better:.2f}%" in mixed[0]
    alike = degradation_photographs._over_depth(
        language, (*lines, line("resnet34", 6.0, 12.0), line("plain34", worse, 31.0))
    )
    assert len(alike) == 3 and ({"en": ": degradation.", "zh": "这就是退化"}[language] in alike[0]) == degraded


@each_language
def test_what_several_seeds_come_to_is_said_where_they_were_trained(language: str) -> None:
    runs = [{"seed": 0, "top1": top1, "train_accuracy": 0.9, "best_epoch": 40, "seconds": 5} for top1 in (0.88, 0.9)]
    seeds = over_seeds(runs)
    cards = tuple(
        card | ({"seeds": seeds} if card["model"].endswith("18") else {}) for card in imagenette_twins.pairs()
    )
    words = degradation_photographs.draw(language, cards)[-1]
    said = {
        "en": "With 2 seeds, the error is 11.00 ± 1.41% (residual) and 11.00 ± 1.41% (plain)",
        "zh": "用 2 个随机种子各训练一次，错误率（均值 ± 标准差）为：残差网络 11.00 ± 1.41%",
    }[language]
    assert words.count(said) == 1
    assert words.count("<td>11.00 ± 1.41%</td>") == 2
    with_one = degradation_photographs.draw(language, imagenette_twins.pairs()[2:])[-1]
    assert "±" not in with_one.partition("<table")[2].partition("</table>")[0]


@each_language
@pytest.mark.parametrize(
    ("residual", "plain", "alone", "said"),
    [
        (
            12.0,
            13.0,
            (150, 185),
            {
                "en": "The difference of 35 photos is within two standard errors (36.6",
                "zh": "相差 35 张，在两倍标准误（36.6 张）之内",
            },
        ),
        (10.0, 40.0, (0, 1059), {"en": "The difference of 1,059 photos exceeds", "zh": "相差 1,059 张，超过"}),
        (
            40.0,
            10.0,
            (1059, 0),
            {"en": "here the plain network does better. It misclassifies 10.00%", "zh": "普通网络反而更好"},
        ),
    ],
)
def test_twins_are_told_apart_as_far_as_chance_allows(
    language: str, residual: float, plain: float, alone: tuple[int, int], said: dict[str, str]
) -> None:
    assert said[language] in degradation_photographs._gap(
        language, imagenette_twins.Gap(18, residual, plain, 3530, *alone)
    )


def test_endpoint() -> None:
    """Seed 0 by literal numbers; the table from the file that is shipped."""
    found = endpoint.degradation()
    assert json.loads(json.dumps(found, allow_nan=False)).keys() == {"about", "runs", "table", "findings"}
    last = {
        run["model"]: (run["parameters"], round(run["training_error"][-1], 2), round(run["test_error"][-1], 2))
        for run in found["runs"]
        if run["seed"] == 0 and len(run["training_error"]) == len(run["test_error"]) == 20
    }
    assert last == {
        "plain20": (269_722, 13.02, 17.18),
        "resnet20": (269_722, 10.83, 15.32),
        "plain56": (853_018, 24.7, 25.8),
        "resnet56": (853_018, 7.31, 13.74),
    }
    shipped = json.loads(RESULTS.read_text("utf-8"))
    ends = {model: [run["history"][-1] for run in shipped["runs"] if run["model"] == model] for model in last}
    papers = {"plain20": None, "resnet20": 8.75, "plain56": None, "resnet56": 6.97}
    assert {row["model"]: (row["seeds"], row["paper"]) for row in found["table"]} == {
        model: (len(ends[model]), paper) for model, paper in papers.items()
    }
    for line in found["table"]:
        for half, key in (("training_error", "train_accuracy"), ("test_error", "valid_accuracy")):
            assert line[half] == pytest.approx(mean(100 * (1 - row[key]) for row in ends[line["model"]]))
    assert [(one["key"], one["depth"], one["holds"]) for one in found["findings"]] == [
        ("plain_training", 56, True),
        ("plain_test", 56, True),
        ("residual_training", 56, True),
        ("residual_not_worse", 20, True),
        ("residual_not_worse", 56, True),
    ]


# ------------------------------------------------------------------------------------------------ words


def study_in_words(language: str) -> str:
    """The answer of the study's page, and what is folded below it."""
    answer, _, _, more, *_ = degradation_study.draw(degradation_study.compute(["20", "56"]), language)
    return str(answer + more)


@each_language
@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("key", ["plain_training", "plain_test", "residual_training", "residual_not_worse"])
def test_every_finding_has_words_for_both_outcomes(language: str, key: str, holds: bool) -> None:
    worse, better = (12.5, 10.25) if holds else (10.25, 12.5)
    said = finding(language, Finding(key, worse, better, 56, 20))
    assert "12.5" in said and "10.25" in said
    assert said != finding(language, Finding(key, better, worse, 56, 20))


@each_language
@pytest.mark.parametrize("degraded", [True, False])
def test_the_words_fit_a_study_without_degradation_as_well(
    monkeypatch: pytest.MonkeyPatch, language: str, degraded: bool
) -> None:
    """The deep plain network errs more on the test pictures in both studies: in one of them it is overfitted."""
    ends = {"plain20": (10.0, 12.0), "resnet20": (9.0, 11.0), "plain56": (20.0 if degraded else 5.0, 22.0)}
    runs = [
        Run(model, 0, 1, 1.0, (error,), (test,)) for model, (error, test) in {**ends, "resnet56": (4.0, 9.0)}.items()
    ]
    monkeypatch.setattr(degradation_study, "study", lambda: Study(tuple(runs), study().about))
    words = study_in_words(language)
    overfitting = catalogue(language)["degradation.study.overfitting_question"]
    none = {"en": "These runs show no degradation.", "zh": "没有显示出退化"}[language]
    assert (overfitting in words, none in words) == (degraded, not degraded)
    assert "22.00" in words and not any(word in words for word in ("too", "turns round", "也随之", "反过来"))


@each_language
@pytest.mark.parametrize(
    ("plain", "residual", "remedied"),
    [((10.0, 20.0), (9.0, 4.0), True), ((20.0, 10.0), (9.0, 4.0), False), ((10.0, 20.0), (4.0, 9.0), False)],
)
def test_that_shortcuts_remedy_it_is_said_only_where_it_was_measured(
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    plain: tuple[float, float],
    residual: tuple[float, float],
    remedied: bool,
) -> None:
    ends = dict(zip(("plain20", "plain56", "resnet20", "resnet56"), (*plain, *residual), strict=True))
    runs = tuple(Run(model, 0, 1, 1.0, (error,), (error,)) for model, error in ends.items())
    monkeypatch.setattr(degradation_study, "study", lambda: Study(runs, study().about))
    rest = study_in_words(language)
    assert (t(language, "degradation.study.remedied", depth=56, shallow=20) in rest) == remedied
    assert "1712.09913" in rest


@each_language
@pytest.mark.parametrize(
    ("epochs", "share"), [(20, "12%"), (82, "50%"), (164, None)], ids=["short", "half of it", "the paper's"]
)
def test_a_schedule_shorter_than_the_papers_is_said_with_what_it_means(
    monkeypatch: pytest.MonkeyPatch, language: str, epochs: int, share: str | None
) -> None:
    about = study().about | {"recipe": study().about["recipe"] | {"epochs": epochs}}
    short = Study(study().runs, about)
    assert short.iterations == epochs * 390  # 50,000 pictures in whole batches of 128
    monkeypatch.setattr(degradation_study, "study", lambda: short)
    words = study_in_words(language)
    assert ({"en": "slow convergence", "zh": "收敛慢"}[language] in words) == (share is not None)
    assert (share or "") in words


def test_without_a_depth_the_page_asks_for_one() -> None:
    with pytest.raises(DemoError, match="Choose at least one depth."):
        degradation_study.compute([])


# ------------------------------------------------------------------------------------------------ cuts


@each_language
@pytest.mark.parametrize(
    ("pair", "parts"),
    [
        ("resnet18-imagenette", [("resnet18", 8), ("plain18", 13)]),
        ("resnet20-cifar10", [("resnet20", 9), ("plain20", 16)]),
    ],
)
def test_the_matched_pair_is_cut(language: str, pair: str, parts: list[tuple[str, int]], tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    photograph().save(path)
    found = degradation_lesions.compute(str(path), pair, Networks("cpu"))
    assert [(item.name, len(item.found)) for item in found] == parts
    words = degradation_lesions.draw(found, language)[2]
    assert all(str(item.survived) in words for item in found)


def test_without_a_photograph_nothing_is_cut() -> None:
    with pytest.raises(DemoError) as caught:
        degradation_lesions.compute(None, "resnet18-imagenette", Networks("cpu"))
    assert caught.value.key == "picture_none"


def test_without_a_pair_the_page_says_what_is_missing() -> None:
    with pytest.raises(DemoError, match="weights does not contain a residual network together with its plain twin."):
        degradation_lesions.compute(None, None, Networks("cpu"))


ABOUT = {
    "count": 10_000,
    "draws": 1,
    "seed": 0,
    "machine": {"processor": "a processor", "threads": 2},
    "versions": {"torch": "2.11.0"},
}
RESIDUAL = Cut("resnet56", 10.0, {"layer1.0": 11.0, "layer1.1": 30.0, "layer1.2": 12.5}, {1: (11.0,), 2: (20.0,)})
PLAIN = Cut("plain56", 20.0, {"layer1.0.conv1": 90.0, "layer1.0.conv2": 85.0}, {1: (90.0,), 2: (89.0,)})
SAID = {
    "en": ("by 2.5 percentage points", "its plain twin by 67.5", "30.0%, without layer1.1", "10,000"),
    "zh": (
        "错误率上升 2.5 个百分点",
        "错误率上升 67.5 个百分点",
        "影响最大的是 layer1.1，切除后错误率 30.0%",
        "10,000",
    ),
}


@each_language
def test_the_measured_cuts_in_words_and_charts(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(ablation_study, "cuts", lambda: Cuts((PLAIN, RESIDUAL), ABOUT))
    answer, single, several, details = ablation_study.draw(language)
    html = answer + details
    assert all(words in html for words in SAID[language])
    assert {trace.name: tuple(trace.y) for trace in single.data} == {
        "PlainNet-56": (90.0, 85.0),
        "ResNet-56": (11.0, 30.0, 12.5),
    }
    assert [tuple(trace.y) for trace in several.data if trace.name == "ResNet-56"] == [(11.0, 20.0)]


@each_language
def test_the_verdict_on_cuts_is_the_numbers(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    frail = replace(RESIDUAL, single={"layer1.0": 90.0})
    monkeypatch.setattr(ablation_study, "cuts", lambda: Cuts((PLAIN, frail), ABOUT))
    html = "".join(ablation_study.draw(language)[::3])
    said = {"en": "suffers no less: its error rises by 80.0", "zh": "并不比普通网络更经得起切除：错误率上升 80.0"}
    assert said[language] in html


@each_language
def test_a_rise_is_the_difference_of_the_errors_as_they_are_shown(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """13.74 and 16.26 are shown as 13.7 and 16.3: 2.6 and not 2.5."""
    uneven = replace(RESIDUAL, whole=13.74, single={"layer1.0": 16.26})
    monkeypatch.setattr(ablation_study, "cuts", lambda: Cuts((PLAIN, uneven), ABOUT))
    html = "".join(ablation_study.draw(language)[::3])
    assert all(one in html for one in ("13.7", "16.3", "2.6")) and "2.5" not in html
