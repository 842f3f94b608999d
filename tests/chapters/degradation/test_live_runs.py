"""Runs to watch: within limits, gone when nobody listens, recorded once, and compared by their numbers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from resnet_demo.chapters.degradation import live_runs, live_training
from resnet_demo.chapters.degradation.live_runs import FIRST, LiveRun, data_choices, effect, follow, recorded
from resnet_demo.chapters.degradation.live_training import Point, Settings
from resnet_demo.chapters.degradation.pages import live_training as page
from resnet_demo.chapters.degradation.pages.live_training import PAGE, Shown, compute, draw
from resnet_demo.errors import DemoError
from resnet_demo.kit.layout import shown
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.text import LANGUAGES, catalogue

SETTINGS = Settings((8, 14), 4, 1, 0.05, pictures=320, device="cpu")
CHOSEN: dict[str, Any] = {one.name: one.value for one in PAGE.controls}
NETWORKS = SimpleNamespace(device="cpu")
each_language = pytest.mark.parametrize("language", LANGUAGES)


def settings(**changed: Any) -> Settings:
    return page._settings(NETWORKS, **{**CHOSEN, **changed})  # type: ignore[arg-type]


def test_the_first_values_are_the_first_run() -> None:
    assert settings() == replace(FIRST, device="cpu")
    assert settings(data="cifar10").data_dir == str(live_runs.DATA.resolve())
    assert settings(shallow=44, deep=8, seed=3, augment=False) == replace(FIRST, device="cpu", seed=3, augment=False)


@each_language
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"deep": 8}, {"en": "Choose two different depths", "zh": "请选择两个不同的层数"}),
        ({"deep": 9}, {"en": "Choose two different depths", "zh": "请选择两个不同的层数"}),
        (
            {"width": 64},
            {
                "en": "Channels in the first stage = 64: it must be a whole number from 4 to 32.",
                "zh": "第一阶段的通道数 = 64 无效：应为 4 到 32",
            },
        ),
        (
            {"epochs": 6.7},
            {
                "en": "Epochs = 6.7: it must be a whole number from 1 to 30.",
                "zh": "训练轮数 = 6.7 无效：应为 1 到 30 之间的整数",
            },
        ),
        ({"epochs": None}, {"en": "Epochs is empty: enter a whole number from 1 to 30.", "zh": "训练轮数 没有填写"}),
        ({"seed": 10}, {"en": "Seed = 10: it must be a whole number from 0 to 9.", "zh": "随机种子 = 10 无效"}),
        (
            {"shallow": 44, "deep": 56, "width": 32, "epochs": 30},
            {
                "en": "this run would take about 126 minutes; the limit is 15. Choose 3 epochs or fewer",
                "zh": "大约需要 126 分钟，上限是 15 分钟。请把训练轮数减到 3 或更少",
            },
        ),
        (
            {"rate": 0},
            {"en": "Learning rate = 0: it must be a number from 0.001 to 1.", "zh": "学习率 = 0 超出范围"},
        ),
    ],
)
def test_settings_out_of_range_are_refused(language: str, changed: dict[str, Any], said: dict[str, str]) -> None:
    """What the visitor has finished stays."""
    site: Any = SimpleNamespace(initial=language, networks=NETWORKS)
    answer, *others, finished = shown(PAGE, "degradation", site, (), *{**CHOSEN, **changed}.values())
    assert said[language] in answer and "notice" in answer
    assert others == [None] * 3 and finished == gr.skip()


def test_the_bound_on_work() -> None:
    assert live_runs.work(FIRST) == 39_936  # less than a minute
    assert settings(shallow=44, deep=56, epochs=30).epochs == 30
    assert settings(shallow=20, deep=56, width=16, epochs=18).epochs == 18  # 700,416
    with pytest.raises(DemoError, match="would take about 16 minutes; the limit is 15. Choose 18 epochs or fewer"):
        settings(shallow=20, deep=56, width=16, epochs=19)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that are started; their runs are told at once."""
    processes: list[Any] = []

    def start(settings: Settings) -> Any:
        processes.append(live_training.start(settings))
        return processes[-1]

    monkeypatch.setattr(live_runs, "REDRAW", 0.0)
    monkeypatch.setattr(live_runs, "start", start)
    return processes


def test_a_run_is_told_until_its_end_and_leaves_nothing(started: list[Any]) -> None:
    told = list(follow(SETTINGS))
    assert [run.finished for run in told] == [False] * (len(told) - 1) + [True]
    assert list(told[-1].outcomes) == ["plain8", "resnet8", "plain14", "resnet14"]
    assert len(told) > 1 and [process.poll() for process in started] == [0]


def test_a_run_ends_when_nobody_listens(started: list[Any]) -> None:
    listened = follow(replace(SETTINGS, epochs=30))
    next(listened)
    assert [process.poll() for process in started] == [None]
    listened.close()  # type: ignore[attr-defined]
    assert started[0].poll() not in (None, 0)


def test_a_run_that_ends_by_itself_has_failed(started: list[Any]) -> None:
    """As by the kernel, when memory is short."""
    listened = follow(replace(SETTINGS, epochs=30))
    next(listened)
    started[0].kill()
    with pytest.raises(DemoError, match="Try again with fewer layers or channels"):
        list(listened)


def test_an_expected_error_of_the_process_is_raised() -> None:
    with pytest.raises(DemoError, match="nowhere"):
        list(follow(replace(SETTINGS, device="nowhere")))


def test_cifar_is_offered_only_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_runs, "DATA", tmp_path)
    assert data_choices() == ("shapes",)
    (tmp_path / "cifar10").mkdir()
    assert data_choices() == ("shapes", "cifar10")


# ------------------------------------------------------------------------------------------------ compared


def run_with(test: float, training: float, **changed: Any) -> LiveRun:
    """A finished run in which all four networks have these errors."""
    points = tuple(Point(model, 6.0, training, test, 1.0, test) for model in FIRST.models)
    earlier = tuple(Point(model, 5.5, training, None, 0.9) for model in FIRST.models)
    return LiveRun(replace(FIRST, **changed), earlier + points)


def test_the_outcome_is_that_of_the_kept_epoch() -> None:
    """The second epoch is the best on the held-out part; its training error is 0.5 · 0.4 + 0.5 · 0.2."""
    curve = [(1.0, 0.8, 0.5), (1.5, 0.4, None), (2.0, 0.2, 0.3), (3.0, 0.1, 0.4)]
    points = tuple(Point("plain8", *point, 0.5) for point in curve)
    points = (*points[:-1], replace(points[-1], test=0.35))
    held_out = LiveRun(replace(FIRST, held_out="best"), points).outcomes["plain8"]
    assert (held_out.test, held_out.epochs) == (0.35, 3) and held_out.training == pytest.approx(0.3)
    assert LiveRun(FIRST, points).outcomes["plain8"].training == pytest.approx(0.1)  # the last epoch
    assert not LiveRun(FIRST, points).finished and run_with(0.2, 0.1).finished


def test_an_effect_is_beyond_chance_only_if_larger_than_another_seed_s() -> None:
    first, reseeded = run_with(0.20, 0.10), run_with(0.22, 0.10, seed=1)
    larger = effect(run_with(0.26, 0.04, augment=False), first, reseeded)
    assert larger.test == pytest.approx((0.20, 0.26)) and larger.training == pytest.approx((0.10, 0.04))
    assert larger.seed == pytest.approx(0.02) and larger.chance == "beyond"
    assert effect(run_with(0.19, 0.10, augment=False), first, reseeded).chance == "within"
    assert effect(run_with(0.26, 0.04, augment=False), first, None).chance == "unknown"


@each_language
def test_networks_at_different_epochs_are_not_ranked(language: str) -> None:
    """Two networks have finished, two have not: no number is said, and the table keeps to finished runs."""
    halfway = LiveRun(FIRST, run_with(0.2, 0.1).points[:-2])
    assert len(halfway.outcomes) == 2 and not halfway.finished
    answer, figure, table, *_ = draw(Shown(halfway, ()), language)
    assert answer == f'<p class="summary">{catalogue(language)["degradation.live_training.training"]}</p>'
    assert figure is not None and table.count('<th scope="row">') == len(recorded()[0])


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded runs of known numbers: the first, and one with another seed."""
    runs = (run_with(0.20, 0.10), run_with(0.22, 0.10, seed=1))
    monkeypatch.setattr(page, "recorded", lambda: (runs, recorded()[1]))


@each_language
@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("test", "said"),
    [(0.27, {"en": "which is less", "zh": "小于上述变化"}), (0.21, {"en": "may be chance", "zh": "可能只是偶然"})],
)
def test_a_run_says_what_its_setting_changed(language: str, test: float, said: dict[str, str]) -> None:
    own = run_with(test, 0.05, augment=False)
    answer, figure, table, _, finished = draw(Shown(own, (own,)), language)
    assert said[language] in answer and "20.0%" in answer and f"{100 * test:.1f}%" in answer and "2.0" in answer
    assert {"en": "no augmentation", "zh": "无数据增强"}[language] in answer
    assert {"en": "your run 1: no augmentation", "zh": "你的第 1 次训练：无数据增强"}[language] in table
    assert table.count("<tr>") == 4 and f"{100 * test:.1f}% (5.0%)" in table and "24 / 24" in table
    assert figure is not None and len(figure.data) == 8 and finished == (own,)


@each_language
@pytest.mark.parametrize(("deep", "said"), [(0.5, ("degradation.", "这就是退化")), (0.01, ("no degradation", "没有"))])
def test_depth_is_judged_by_the_training_error(language: str, deep: float, said: tuple[str, str]) -> None:
    outcomes = {"plain8": 0.1, "resnet8": 0.1, "plain44": deep, "resnet44": 0.05}
    points = tuple(Point(model, 1.0, error, error, 1.0, error) for model, error in outcomes.items())
    answer, *_ = draw(Shown(LiveRun(replace(FIRST, epochs=1), points), ()), language)
    assert said[list(LANGUAGES).index(language)] in answer


def test_the_latest_run_with_the_settings_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    networks: Any = NETWORKS
    own = run_with(0.3, 0.1, seed=1)
    assert compute(networks, (), **CHOSEN).run == recorded()[0][0]
    assert compute(networks, (own,), **{**CHOSEN, "seed": 1}).run is own
    assert "Compared with the first run (seed 1)" in draw(Shown(own, (own,)), "en")[0]
    nothing = compute(networks, (own,), **{**CHOSEN, "seed": 2})
    assert nothing.run is None and nothing.finished == (own,)
    answer, figure, *_ = draw(nothing, "en")
    assert "Press “Train”" in answer and figure is None

    def followed(_: Settings) -> Iterator[LiveRun]:
        yield LiveRun(FIRST, (Point("plain8", 0.5, 0.9, None, 0.25),))
        yield own

    monkeypatch.setattr(page, "follow", followed)
    first, half, last, whole = page.work(networks, (), **CHOSEN)
    assert first == Step(2_500, 10_000) and isinstance(half, Shown) and half.finished == ()
    assert last == Step(10_000, 10_000) and isinstance(whole, Shown) and whole.finished == (own,)
    assert "trained in turn" in draw(half, "en")[0]


# ------------------------------------------------------------------------------------------------ recorded


def test_the_recorded_runs_are_whole() -> None:
    """Of all networks, at every epoch; only early stopping may end before."""
    runs, about = recorded()
    assert runs[0].settings == FIRST and [run.differs for run in runs] == [*live_runs.SWITCHED]
    assert about["machine"]["threads"] == 1 and about["versions"]["torch"]
    for run in runs:
        assert run.finished
        epochs = {model: one.epochs for model, one in run.outcomes.items()}
        assert run.settings.held_out == "stop" or {*epochs.values()} == {6}
        assert len(run.points) == sum(epochs.values())
    assert live_runs.RECORDED.stat().st_size < 20_000


def test_only_what_is_missing_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_runs, "RECORDED", tmp_path / "runs.json")
    monkeypatch.setattr(live_runs, "SWITCHED", ({}, {"seed": 1}))
    monkeypatch.setattr(live_training, "INTERVAL", 0.5)
    asked: list[Settings] = []

    def trained(settings: Settings) -> Iterator[Point]:
        asked.append(settings)
        return iter(run_with(0.2, 0.1, seed=settings.seed).points)

    monkeypatch.setattr(live_runs, "train", trained)
    live_runs.record()
    live_runs.record()
    assert [one.seed for one in asked] == [0, 1]
    recorded.cache_clear()
    assert [run.differs for run in recorded()[0]] == [{}, {"seed": 1}]
    recorded.cache_clear()


@pytest.mark.long
def test_a_recorded_run_repeats_on_its_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere rounding differs, and with it the training: there the first epoch must be close."""
    run = recorded()[0][0]
    monkeypatch.setattr(live_training, "INTERVAL", float("inf"))
    points = live_training.train(replace(run.settings, device="cpu"))
    first = [next(points) for _ in range(2)]
    for found, expected in zip(first, run.points, strict=False):
        assert found.model == expected.model and found.training == pytest.approx(expected.training, abs=0.05)
