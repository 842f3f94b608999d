"""The pages "Stop early" and "Landscape": sentences that follow the numbers, and verdicts from the shipped ones."""

import json
from dataclasses import replace
from math import log
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from resnet_demo.chapters.degradation import endpoint
from resnet_demo.chapters.degradation.early_exit import Exit
from resnet_demo.chapters.degradation.early_exit_study import EarlyExits, early_exits, of_pair, verdict
from resnet_demo.chapters.degradation.landscape_study import LINE, Landscape, Line, landscapes
from resnet_demo.chapters.degradation.pages import early_exit, landscape
from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.data.examples import examples
from resnet_demo.kit.display_names import title
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.text import LANGUAGES

each_language = pytest.mark.parametrize("language", LANGUAGES)


def stopped(name: str, *tops: int) -> early_exit.Stopped:
    """A network that predicts these classes, block by block."""
    classes = ("cat", "dog", "ship")
    seen = tuple(Exit(f"layer3.{i}", top, 0.5, 0.25, None, None, None) for i, top in enumerate(tops))
    return early_exit.Stopped(name, seen, tuple((classes[top], classes[top]) for top in tops), ())


@pytest.mark.parametrize(
    ("tops", "settled", "said"),
    [
        ((2, 0, 0), 2, "has settled on “cat” from block 2 of 3 on."),
        ((0, 2, 0), 3, "predicts “cat” only after block 3 of 3, its last one."),
        ((0, 0, 0), 1, "predicts “cat” after each of the 3 blocks"),
        ((1, 1, 0), 3, "predicts “cat” only after block 3 of 3"),
    ],
)
def test_where_a_network_settles(tops: tuple[int, ...], settled: int, said: str) -> None:
    one = stopped("resnet56", *tops)
    assert one.settled == settled
    words = early_exit.answer("en", early_exit.Pair((one, stopped("plain56", 1, 2)), None))
    assert said in words and "PlainNet-56 predicts “ship” only after block 2 of 2" in words


def measured(model: str, *accuracy: float) -> EarlyExits:
    return EarlyExits(model, "cifar10", 10_000, accuracy)


@pytest.mark.parametrize(
    ("residual", "plain", "key", "said"),
    [
        (
            (30, 60, 85),
            (11, 9, 83),
            "holds",
            {"en": "The residual network refines one answer", "zh": "逐块完善同一个答案"},
        ),
        (
            (30, 60, 85),
            (11, 40, 83),
            "both",
            {"en": "both networks have an answer", "zh": "两个网络在最后一个块之前都已有答案"},
        ),
        (
            (11, 9, 85),
            (11, 9, 83),
            "neither",
            {"en": "neither network has an answer", "zh": "两个网络在最后一个块之前都没有答案"},
        ),
        (
            (11, 9, 85),
            (11, 40, 83),
            "plain_only",
            {"en": "only the plain network has", "zh": "只有普通网络在最后一个块之前已有答案"},
        ),
    ],
)
def test_the_verdict_follows_the_numbers(
    residual: tuple[float, ...], plain: tuple[float, ...], key: str, said: dict[str, str]
) -> None:
    pair = measured("resnet20", *residual), measured("plain20", *plain)
    assert verdict(*pair) == key
    networks = stopped("resnet20", 0, 0, 0), stopped("plain20", 1, 1, 0)
    for language, words in said.items():
        assert words in early_exit.measured(language, early_exit.Pair(networks, pair))


def test_a_last_block_that_adds_nothing_is_said() -> None:
    pair = measured("resnet50", 87, 86, 86), measured("plain50", 7, 12, 62)
    networks = stopped("resnet50", 0, 0, 0), stopped("plain50", 1, 1, 0)
    words = "The last block of ResNet-50 adds nothing"
    assert words in early_exit.measured("en", early_exit.Pair(networks, pair))
    better = measured("resnet50", 87, 86, 86.1), pair[1]
    assert words not in early_exit.measured("en", early_exit.Pair(networks, better))


def test_shipped_accuracies_and_their_verdict() -> None:
    """From the file itself: whole test sets, the last accuracy that of the network's card, the shipped weights."""
    shipped = json.loads((WEIGHTS / "early_exit.json").read_text("utf-8"))["networks"]
    assert shipped.keys() >= {f"{family}{depth}-cifar10" for family in ("plain", "resnet") for depth in (20, 56)}
    for key, entry in shipped.items():
        card = json.loads((WEIGHTS / f"{key}.json").read_text("utf-8"))
        assert entry["sha256"] == card["sha256"]
        assert entry["count"] == card["accuracy"]["count"]
        assert entry["accuracy"][-1] == pytest.approx(card["accuracy"]["top1"], abs=0.0005)
    networks, _ = early_exits()
    for depth in (20, 56):
        pair = of_pair(networks, f"resnet{depth}-cifar10")
        assert pair is not None
        rises = shipped[f"resnet{depth}-cifar10"]["accuracy"]
        flat = shipped[f"plain{depth}-cifar10"]["accuracy"]
        assert rises == sorted(rises) and max(flat[:-1]) < 0.2 < max(rises[:-1])
        assert verdict(*pair) == "holds"


@each_language
def test_a_photo_is_stopped_and_drawn(language: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    examples()[0].open().save(path)
    pair = early_exit.compute(str(path), Networks("cpu"), "resnet20-cifar10")
    answer, bars, _, curves, maps, table = early_exit.draw(pair, language)
    assert [len(one.exits) for one in pair.networks] == [3, 3] and pair.measured is not None
    assert bars.count("<li ") == 6 and 'max="3"' in bars and maps.count("data:image/jpeg") == 6
    assert [len(trace.y) for trace in curves.data] == [3] * 4
    assert list(curves.data[0].y) == pytest.approx([100 * one.winner for one in pair.networks[0].exits])
    assert "ResNet-20" in answer and table.count("<tr>") == 7
    found = endpoint.early_exit(Networks("cpu"), str(path), "resnet20-cifar10", language)
    assert [one["settled"] for one in found["networks"]] == [one.settled for one in pair.networks]
    assert json.loads(json.dumps(found))["measured"][0]["accuracy"] == list(pair.measured[0].accuracy)


def bowl(model: str, steepness: float) -> Landscape:
    axis = (-1.0, 0.0, 1.0)
    loss = tuple(tuple(1 + steepness * (x * x + y * y) for x in axis) for y in axis)
    return Landscape(model, axis, loss, tuple(tuple(1 / one for one in row) for row in loss))


@each_language
def test_the_flatter_valley_is_named_whichever_it_is(language: str) -> None:
    """Losses of 2 and 3 beside the middle, or of 3 and 5: five of nine points below 2.3, or one."""
    flat, steep = bowl("resnet20", 1), bowl("plain20", 2)
    assert (flat.below_chance, steep.below_chance) == (pytest.approx(5 / 9), pytest.approx(1 / 9))
    assert landscape.verdict(flat, steep) == "residual" and landscape.verdict(steep, flat) == "plain"
    assert landscape.verdict(replace(flat, loss=bowl("x", 0.1).loss), flat) == "residual"
    shown = landscape.Shown((flat, steep), 2, 1, "contour")
    one = landscape.flatness(language, shown)
    assert "56%" in one and "11%" in one
    assert {
        "en": "ResNet-20 at (1.00, 0.00): accuracy 50.0%, loss 2",
        "zh": "ResNet-20 在 (1.00, 0.00) 处：准确率 50.0%，损失 2",
    }[language] in landscape.points(language, shown)
    other = landscape.flatness(
        language, landscape.Shown((replace(flat, loss=bowl("x", 3).loss), flat), 1, 1, "contour")
    )
    assert {"en": "Here the plain network lies in the flatter valley", "zh": "这里普通网络处在更平坦的谷中"}[
        language
    ] in other


@each_language
def test_valleys_are_counted_and_compared(language: str) -> None:
    """A bowl, and a slope with two dips of which one lies at the rim, where it does not count."""
    axis = (-1.0, -0.5, 0.0, 0.5, 1.0)
    dips = {(1, 1): 1.0, (3, 3): 2.0, (4, 0): 0.0}
    loss = tuple(tuple(dips.get((row, column), 9.0) for column in range(5)) for row in range(5))
    one, two = bowl("resnet20", 1), Landscape("plain20", axis, loss, loss)
    assert (one.valleys, two.valleys) == (1, 2)
    assert [landscape.roughness(*pair) for pair in ((one, two), (two, one), (one, one))] == [
        "rougher",
        "smoother",
        "even",
    ]
    said = landscape.answer(language, landscape.Shown((one, two), 1, 1, "contour"))
    assert {
        "en": "PlainNet-20 has 2 valleys, that of ResNet-20 1.",
        "zh": "PlainNet-20 的平面上有 2 个谷，ResNet-20 有 1 个。",
    }[language] in said


def test_shipped_landscapes_and_their_verdict() -> None:
    """Both measures from the file itself, point by point."""
    shipped = json.loads((WEIGHTS / "landscape.json").read_text("utf-8"))
    points, count = shipped["points"], shipped["count"]
    assert points >= 31 and points % 2 == 1 and count == 512
    middle, step = points // 2, 2 * shipped["span"] / (points - 1)
    measures = {}
    for model, entry in shipped["networks"].items():
        card = json.loads((WEIGHTS / f"{model}-cifar10.json").read_text("utf-8"))
        assert entry["sha256"] == card["sha256"]
        rows = entry["loss"]
        assert {len(row) for row in rows} == {points} and len(rows) == points
        around = (
            rows[middle][middle - 1] + rows[middle][middle + 1] + rows[middle - 1][middle] + rows[middle + 1][middle]
        )
        below = sum(loss < log(10) for row in rows for loss in row) / points**2
        measures[model] = below, (around - 4 * rows[middle][middle]) / 2 / step**2
        assert {len(values) for values in entry["line"].values()} == {len(LINE)}
    for depth in landscapes().depths:
        residual, plain = landscapes().twins(depth)
        for one in (residual, plain):
            assert (one.below_chance, one.curvature) == pytest.approx(measures[one.model])
            grid = torch.tensor(one.loss)
            lowest = -functional.max_pool2d(-grid[None], kernel_size=3, stride=1)
            assert one.valleys == int((grid[1:-1, 1:-1] == lowest).sum())
        (ours, bends), (theirs, other) = measures[residual.model], measures[plain.model]
        expected = {(True, True): "residual", (False, False): "plain"}.get((ours > theirs, bends < other), "mixed")
        assert landscape.verdict(residual, plain) == expected


@each_language
def test_each_course_of_a_line_has_its_sentence(language: str) -> None:
    """Losses of 3 at the start, 4 at most and 1 at the trained weights, which are the twenty-first place."""
    flat, hump = [3 - 0.1 * i for i in range(25)], [3, *[4.0] * 19, 1, 1, 1, 1, 1]
    told = [landscape.course(language, "plain20", Line(tuple(loss), ())) for loss in (flat, hump, [3, *[1.0] * 24])]
    assert (
        told
        == {
            "en": [
                "On the straight line from its initial to its trained weights, the loss of PlainNet-20 "
                "falls all the way, from 3 to 1.",
                "On the straight line from its initial to its trained weights, the loss of PlainNet-20 first climbs: "
                "from 3 up to 4, then down to 1.",
                "On the straight line from its initial to its trained weights, the loss of PlainNet-20 "
                "goes from 3 to 1, but not downhill all the way.",
            ],
            "zh": [
                "沿着从初始权重到训练好的权重的直线，PlainNet-20 的损失一路下降，从 3 降到 1。",
                "沿着从初始权重到训练好的权重的直线，PlainNet-20 的损失先升后降：从 3 升到 4，再降到 1。",
                "沿着从初始权重到训练好的权重的直线，PlainNet-20 的损失从 3 变到 1，但并非一路下降。",
            ],
        }[language]
    )


@pytest.mark.parametrize(("view", "kinds"), [("contour", ["contour", "scatter"] * 2), ("surface", ["surface"] * 2)])
def test_both_drawings_of_the_twins(view: str, kinds: list[str]) -> None:
    depth = landscapes().depths[0]
    shown = landscape.compute(depth, 0.21, -1, view)
    assert shown.networks[0].axis[shown.column] == pytest.approx(0.2) and shown.row == 0
    _, figure, _, courses, line, _ = landscape.draw(shown, "en")
    assert [trace.type for trace in figure.data] == kinds
    assert [(trace.name, trace.y) for trace in line.data] == [
        (title(one.model), one.line.loss) for one in shown.networks if one.line
    ]
    assert courses.count("<p>") == 2 and all(title(one.model) in courses for one in shown.networks)
    assert endpoint.landscape()["networks"][0]["axis"][0] == -1
