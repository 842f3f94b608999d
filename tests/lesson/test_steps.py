"""The lesson's steps: what is right is what the numbers on the page say, and opposite numbers say the opposite."""

from dataclasses import replace
from html import unescape

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from resnet_demo import shell
from resnet_demo.chapters.blocks.activations import BlockValues
from resnet_demo.chapters.degradation.ablation import Lesion
from resnet_demo.chapters.degradation.early_exit_study import EarlyExits
from resnet_demo.chapters.gradients.gradient_curves import BlockInput, Flow
from resnet_demo.explain import Explanation, Guess, Prediction
from resnet_demo.kit.text import LANGUAGES, t
from resnet_demo.lesson import STEPS
from resnet_demo.lesson.frame import invitation, minutes, navigation, steps
from resnet_demo.lesson.pages import ablation, block, cheap, gradients, idea, maps, meet, puzzle
from resnet_demo.lesson.step import draw

CROP = Image.new("RGB", (32, 32))


def prediction(class_id: str, name: str) -> Prediction:
    return Prediction((Guess(0, class_id, name, 0.75),), (1.0, 0.0), CROP, 1.0)


CHURCH, TENCH = prediction("n03028079", "church"), prediction("n01440764", "tench")
LEFT, RIGHT = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)
LEFT[1, 0] = RIGHT[1, 3] = 1.0


def explanation(map: np.ndarray) -> Explanation:
    return Explanation(map, map, "gradcam", ("layer4",), 0, None, False, 1.0, 0.75, CHURCH)


def inside(x: float, branch: float) -> block.Inside:
    full = np.ones((2, 4, 4), np.float32)
    values = BlockValues("layer1.0", CROP, x * full, branch * full, None, (x + branch) * full, (x + branch) * full, {})
    return block.Inside(values, 0)


def flow(*inputs: float) -> Flow:
    return Flow("plain8", 1.0, (), tuple(BlockInput(str(i), i, value, 1.0) for i, value in enumerate(inputs)), ())


def ablated(name: str, kept: int) -> ablation.Ablated:
    parts = tuple(Lesion(f"layer1.{i}", 0.5, int(i >= kept), i < kept) for i in range(4))
    return ablation.Ablated(name, "n03028079", "church", 0.75, parts)


def twins(plain: meet.Prediction) -> meet.Twins:
    return meet.Twins(("resnet18", "plain18"), 8, (CHURCH, plain))


DEPTHS = puzzle.Depths("training", 50_000, 20, 56, (13.0, 27.0), (11.0, 7.0))
PAIR = ("resnet18", "plain18")
CASES = [
    (meet.STEP, twins(CHURCH), "same", ["75%"]),
    (meet.STEP, twins(TENCH), "different", ["75%"]),
    (puzzle.STEP, DEPTHS, "worse", ["13.0%", "27.0%", "11.0%", "7.0%"]),
    (puzzle.STEP, replace(DEPTHS, plain=(27.0, 13.0)), "better", ["27.0%"]),
    (puzzle.STEP, replace(DEPTHS, plain=(27.0, 27.5)), "same", ["27.5%"]),
    (idea.STEP, idea.compute(-0.1), "with", ["1.9", "0.0"]),
    (idea.STEP, idea.compute(0.0), "with", ["2.0"]),
    (idea.STEP, idea.compute(1.0), "same", ["3.0", "1.0"]),
    (block.STEP, inside(2.0, 1.0), "carried", ["2.0", "1.0", "2 × 4 × 4"]),
    (block.STEP, inside(1.0, 2.0), "branch", ["2.0", "1.0"]),
    (block.STEP, inside(1.0, 1.05), "same", ["1.0"]),
    (maps.STEP, maps.Maps(PAIR, (explanation(LEFT), explanation(LEFT))), "same", ["100%"]),
    (maps.STEP, maps.Maps(PAIR, (explanation(LEFT), explanation(RIGHT))), "different", ["0%"]),
    (maps.STEP, maps.Maps(PAIR, (explanation(LEFT), explanation(0 * LEFT))), "blank", []),
    (gradients.STEP, gradients.Gradients(8, flow(1.0, 1.0, 1.0), flow(1e-3, 0.1, 1.0)), "vanishes", ["0.001"]),
    (gradients.STEP, gradients.Gradients(8, flow(1.0, 1.0, 1.0), flow(2.0, 1.0, 1.0)), "in_range", ["2.0"]),
    (gradients.STEP, gradients.Gradients(8, flow(1.0, 1.0, 1.0), flow(1e3, 9.0, 1.0)), "explodes", ["1,000"]),
    (gradients.STEP, gradients.Gradients(8, flow(1.0, 1.0, 1.0), flow(1e3, 1e-3, 1.0)), "both", ["1,000"]),
    (ablation.STEP, (ablated("resnet18", 4), ablated("plain18", 1)), "residual", ["4", "1"]),
    (ablation.STEP, (ablated("resnet18", 1), ablated("plain18", 4)), "plain", ["4", "1"]),
    (ablation.STEP, (ablated("resnet18", 3), ablated("plain18", 3)), "both", ["3"]),
    (ablation.STEP, (ablated("resnet18", 2), ablated("plain18", 0)), "neither", ["2", "0"]),
    (cheap.STEP, cheap.compute(256), "tenth", ["1,180,160", "70,400", "94%"]),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("step", "result", "right", "numbers"), CASES, ids=lambda one: getattr(one, "name", ""))
def test_the_right_answer_is_computed_from_what_is_shown(step, result, right, numbers, language):
    (page,) = map(unescape, draw(step, result, language))
    assert f'data-step="{step.name}" data-right="{right}"' in page
    _, answer = page.split('<div class="answer">')
    said = answer.split('<p class="why">')[0]
    assert [number for number in numbers if number not in said and number not in page.split("</svg>")[-1]] == []
    for option in step.options:
        assert f'data-guess="{option}"' in page


@pytest.mark.parametrize(("half", "n"), [("training", "50,000"), ("test", "10,000")])
def test_the_puzzle_says_how_sure_its_errors_are(half: str, n: str) -> None:
    """At 26.8% of 50,000 images the 95% interval reaches 0.39 points, of 10,000 it reaches 0.87."""
    (page,) = map(unescape, draw(puzzle.STEP, puzzle.compute(half), "en"))
    assert f"at most ±{'0.4' if half == 'training' else '0.9'} percentage points (n = {n})" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("plain", [(9.0, 12.0, 74.0), (9.0, 71.0, 74.0)])
def test_stopping_early_is_told_by_its_numbers(language: str, plain: tuple[float, ...]) -> None:
    """Both networks one block before the end, and at the end."""
    pair = tuple(
        EarlyExits(name, "cifar10", 10_000, accuracy)
        for name, accuracy in (("resnet56", (38.0, 83.0, 86.0)), ("plain56", plain))
    )
    words = ablation.stopped_early(language, pair)
    assert [
        one for one in ("83.0%", "86.0%", f"{plain[1]:.1f}%", "74.0%", "10,000", "ResNet-56") if one not in words
    ] == []
    assert ablation.stopped_early(language, None) == ""


def test_a_share_of_the_bottleneck_is_told_by_its_size():
    costs = cheap.compute(256)
    assert [replace(costs, vgg=replace(costs.vgg, terms=costs.bottleneck.terms * n)).right for n in (2, 4, 10)] == [
        "half",
        "quarter",
        "tenth",
    ]


def test_eight_steps_take_twenty_one_minutes():
    assert [step.name for step in steps()] == list(STEPS) and len(STEPS) == 8
    assert minutes() == 21


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_steps_names_all_of_them(language):
    words = navigation(language)
    assert [name for name in STEPS if f"?tab=lesson&show={name}" not in words.replace("&amp;", "&")] == []
    assert t(language, "lesson.place", number=8, count=8, minutes=2) in words


def test_every_step_leads_to_a_page_that_is_there():
    demo: gr.Blocks = shell.build("cpu")
    places = {component["props"].get("elem_id") for component in demo.config["components"]}
    for step in steps():
        chapter, show = step.deeper
        assert f"tab-{chapter}" in places
        assert not show or f"{chapter}-page-{show}" in places


def test_a_chapter_says_which_steps_use_it():
    assert "steps, about 21 minutes" in invitation("en", "classify")
    assert "step 2, 7" in invitation("en", "degradation") and 'data-go="lesson/puzzle"' in invitation(
        "en", "degradation"
    )
