"""What stands beside the lesson's steps: self-check, misconceptions, plans, sheet, glossary."""

import re
from random import Random

import pytest
import torch
from PIL import Image

from resnet_demo.checkpoints.card import WEIGHTS, cards
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain.faithfulness import Confidence
from resnet_demo.kit.glossary import WORDS, as_script, entries
from resnet_demo.kit.text import LANGUAGES, t
from resnet_demo.lesson import misconceptions, questions
from resnet_demo.lesson.pages import check, teacher
from resnet_demo.lesson.preprocessing_mistakes import MISTAKES, measured, seen
from tests.lesson.test_steps import flow

SETS = range(1, 40)


def first(make, **wanted):
    """A question by `make` with these values."""
    made = (make(Random(seed)) for seed in range(500))
    return next(one for one in made if wanted.items() <= one.values.items())


@pytest.mark.parametrize(
    ("question", "right"),
    [
        (first(questions.shape, size=224, stage="layer3", name="ResNet-18"), "256 × 14 × 14"),
        (first(questions.shape, size=96, stage="layer4", name="ResNet-50"), "2048 × 3 × 3"),
        (first(questions.projection, before=64, after=64, stride=1), "lesson.check.option.no"),
        (first(questions.projection, before=64, after=64, stride=2), "lesson.check.option.yes"),
        (first(questions.projection, before=64, after=128, stride=1), "lesson.check.option.yes"),
        (first(questions.convolution, kernel=1, before=256, after=64), "16,384"),
        (first(questions.bottleneck, channels=256), "70,400"),
        (first(questions.classifier, classes=1000), "2,049,000"),
        (first(questions.by_hand, x=2, w1=0.5, w2=-0.1), "1.90"),
        (first(questions.factors, blocks=2, slope=0.1), "1.21"),
        (first(questions.map_side, size=224, stage="layer4"), "7"),
        (first(questions.cell, stage="layer4"), "32"),
        (first(questions.depth, blocks=9), "56"),
        (first(questions.iterations, epochs=20, batch=128), "7,800"),
        (first(questions.product, factor=0.5, layers=10), "0.00098"),
        (first(questions.in_range, share="0.0030"), "lesson.check.option.vanished"),
        (first(questions.in_range, share="70"), "lesson.check.option.in_range"),
        (first(questions.in_range, share="800"), "lesson.check.option.exploded"),
        (first(questions.softmax, apart=1), "73.1%"),
    ],
    ids=lambda one: one.key if isinstance(one, questions.Question) else one,
)
def test_what_is_right_is_known_from_outside(question, right):
    assert question.right == right
    assert question.options.count(right) == 1 and len(set(question.options)) == len(question.options) >= 2


def test_a_diagnosis_follows_from_both_errors():
    for seed in range(200):
        one = questions.diagnosis(Random(seed))
        train, test = (one.values[f"deep_{half}"] - one.values[half] for half in ("train", "test"))
        wanted = "degradation" if train > 0 and test > 0 else "overfitting" if test > 0 else "neither"
        assert one.right.endswith(wanted)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", questions.QUESTIONS)
def test_three_questions_with_fresh_numbers_in_each_set(chapter, language):
    pages = [check.draw(check.compute(chapter, number), language)[0] for number in SETS]
    assert all(page.count('data-choice="right"') == 3 and "{" not in page for page in pages)
    assert len(set(pages)) > len(SETS) // 2
    assert check.draw(check.compute(chapter, 7), language)[0] == pages[6]


@pytest.mark.parametrize(
    ("claim", "refuted"),
    [
        (misconceptions.vanishing(flow(0.5, 2.0, 1.0)), True),
        (misconceptions.vanishing(flow(1e-3, 2.0, 1.0)), False),
        (misconceptions.heat_map(Confidence(0.8, 0.2, 0.75, 0.0)), True),
        (misconceptions.heat_map(Confidence(0.8, 0.9, 0.0, 1.0)), False),
    ],
)
def test_a_claim_is_refuted_by_its_numbers_alone(claim, refuted):
    assert claim.refuted is refuted
    for language in LANGUAGES:
        words = t(language, f"lesson.misconceptions.{claim.key}.measured", **claim.values)
        assert [value for value in claim.values.values() if value not in words] == []


def test_the_shipped_measurements_refute_their_claims():
    claims = [*misconceptions.from_study(), misconceptions.at_eighteen_layers(), misconceptions.preprocessing()]
    assert {claim.key: claim.refuted for claim in claims} == {
        "overfitting": True,
        "deeper": True,
        "always_helps": True,
        "preprocessing": True,
    }


def test_every_mistake_was_measured_on_the_photographs_of_the_networks_card():
    found, card = measured(), next(card for card in cards(WEIGHTS) if card["sha256"] == measured()["sha256"])
    assert found["count"] == card["accuracy"]["count"]
    assert found["accuracy"]["none"] == pytest.approx(card["accuracy"]["top1"], abs=1e-3)
    assert list(found["accuracy"]) == list(MISTAKES)
    assert max(found["accuracy"], key=found["accuracy"].get) == "none"


def test_a_mistake_is_what_it_says():
    right = Preprocessing(32, 32)
    image = Image.new("RGB", (32, 32), (200, 100, 50))
    assert seen(MISTAKES["none"], image, right).getpixel((5, 5)) == (200, 100, 50)
    assert seen(MISTAKES["bgr"], image, right).getpixel((5, 5)) == (50, 100, 200)
    assert seen(MISTAKES["small"], image, right).size == (16, 16)
    pixels = torch.full((1, 3, 32, 32), 255, dtype=torch.uint8)
    assert MISTAKES["unnormalised"].prepare(pixels, right).unique().tolist() == [1.0]
    assert MISTAKES["half"].prepare(0 * pixels, right).unique().tolist() == [-1.0]


def test_plans_fill_the_lesson():
    assert {minutes: sum(each for _, each in plan) for minutes, plan in teacher.plans().items()} == {
        20: 20,
        45: 45,
        90: 90,
    }


def test_every_term_is_spelt_as_its_own_words():
    """The name of a term in each language contains a spelling that opens it."""
    assert len(WORDS) >= 25
    for entry in entries():
        for language, spelt in zip(LANGUAGES, WORDS[entry["key"]], strict=True):
            assert re.search(spelt, entry["name"][language], re.IGNORECASE), entry["key"]
            assert entry["text"][language].endswith({"en": ".", "zh": "。"}[language])
    assert "<" not in as_script()
