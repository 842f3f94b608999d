"""Numbers as a person writes them, on every tab."""

import math

import pytest

from resnet_demo.kit.format import card_line, number, power

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("value", "two", "three"),
    [
        (1.26, "1.3", "1.26"),
        (0.0123, "0.012", "0.0123"),
        (15.4, "15", "15.4"),
        (1072.4, "1,100", "1,070"),
        (99_999, "100,000", "100,000"),
        (999_499, "1.0 × 10⁶", "999,000"),
        (999_999, "1.0 × 10⁶", "1.00 × 10⁶"),
        (0.000107, "0.00011", "0.000107"),
        (0.0000107, "1.1 × 10⁻⁵", "1.07 × 10⁻⁵"),
        (3.3e-9, "3.3 × 10⁻⁹", "3.30 × 10⁻⁹"),
        (-1.5e-7, "−1.5 × 10⁻⁷", "−1.50 × 10⁻⁷"),
        (-2140.0, "−2,100", "−2,140"),
        (0.996, "1.0", "0.996"),
        (9.97, "10", "9.97"),
        (0, "0", "0"),
        (1, "1.0", "1.00"),
        (math.inf, "∞", "∞"),
        (-math.inf, "−∞", "−∞"),
        (math.nan, "NaN", "NaN"),
    ],
)
def test_two_or_three_digits(value: float, two: str, three: str) -> None:
    assert (number(value), number(value, 3)) == (two, three)


@pytest.mark.parametrize(
    ("written", "said"), [("2.7e-07", "2.7 × 10⁻⁷"), ("-1e+06", "−1 × 10⁶"), ("-0.5", "−0.5"), ("12", "12")]
)
def test_powers_of_ten(written: str, said: str) -> None:
    assert power(written) == said


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        (
            "en",
            "88.0% accuracy on 3,530 test images (95% interval 86.9–89.0%)",
            "; mean of 3 training runs with different random seeds: 88.3 ± 0.4%",
        ),
        (
            "zh",
            "在 3,530 张测试图片上的准确率为 88.0%（95% 置信区间 86.9–89.0%）",
            "；用 3 个随机种子（seed）各训练一次，均值为 88.3 ± 0.4%",
        ),
    ],
)
def test_how_good_a_network_is(language: str, one: str, several: str) -> None:
    card = {"accuracy": {"top1": 0.88, "count": 3530, "half": "test"}}
    assert card_line(language, card) == one
    assert card_line(language, card | {"seeds": {"runs": [{}] * 3, "mean": 0.883, "std": 0.004}}) == one + several


@pytest.mark.parametrize(("language", "said"), [("en", "accuracy not measured"), ("zh", "未测准确率")])
def test_a_card_need_not_say_how_good_a_network_is(language: str, said: str) -> None:
    assert said in card_line(language, {})
