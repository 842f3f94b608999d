"""BatchNorm by hand and Kaiming's formula as pages: the numbers on them, and sentences that follow the numbers."""

import re
from typing import Any

import pytest
import torch
from torch import nn

from resnet_demo.chapters.gradients.pages import batch_norm, kaiming
from resnet_demo.errors import CountError

FIRST = {"x1": 1, "x2": 2, "x3": 3, "x4": 6, "gamma": 1, "beta": 0, "seen": 0}


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_the_first_batch_by_hand() -> None:
    """Mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5; running: 0.9 · 0 + 0.1 · 3, and 0.9 · 1 + 0.1 · 14 / 3."""
    answer, values, statistics, _, identity = map(text, map(str, batch_norm.draw(batch_norm.compute(**FIRST), "en")))
    assert answer.startswith("x₁ becomes −1.07 in training and 1.00 in evaluation: after 0 batches")
    assert answer.endswith("outputs differ by up to 4.4.")  # 6 against (6 - 3) / √3.5 = 1.60
    assert values.endswith("6.00 1.60 → 1.60 6.00 → 6.00")
    assert "of this batch, used in training 3.00 3.50" in statistics
    assert "running, used in evaluation 0 1.00" in statistics
    assert statistics.endswith("running, after this batch in training 0.300 1.37")
    assert "γ = 1.87 and β = 3.00 give x back" in identity


@pytest.mark.parametrize("seen", [0, 7, 50])
def test_both_modes_agree_with_torch(seen: int) -> None:
    values = FIRST | {"gamma": -1.5, "beta": 0.5, "seen": seen}
    modes = batch_norm.compute(**values)
    norm = nn.BatchNorm1d(1, dtype=torch.float64)
    nn.init.constant_(norm.weight, -1.5)
    nn.init.constant_(norm.bias, 0.5)
    x = torch.tensor([[1.0], [2.0], [3.0], [6.0]], dtype=torch.float64)
    for _ in range(seen):
        norm(x)
    evaluation = norm.eval()(x).flatten().tolist()
    training = norm.train()(x).flatten().tolist()
    assert modes.evaluation.out == pytest.approx(evaluation, abs=1e-12)
    assert modes.training.out == pytest.approx(training, abs=1e-12)
    assert modes.training.running.variance == pytest.approx(float(norm.running_var), abs=1e-12)


def test_the_answer_says_when_the_modes_agree() -> None:
    """A batch whose mean is 0 and whose variance over n - 1 is 1 leaves the running statistics where they start."""
    side = 0.75**0.5
    same = FIRST | {"x1": -side, "x2": -side, "x3": side, "x4": side, "gamma": 0.01, "seen": 50}
    assert "practically those of the batch" in str(batch_norm.draw(batch_norm.compute(**same), "en")[0])


@pytest.mark.parametrize("wrong", [None, float("nan"), 1e300])
def test_a_batch_needs_numbers(wrong: Any) -> None:
    with pytest.raises(CountError):
        batch_norm.compute(**FIRST | {"x2": wrong})


@pytest.mark.parametrize(
    ("initialisation", "factor", "says"),
    [
        ("kaiming", 1.0, "Kaiming keeps the signal: each layer multiplies its mean square by 1.00."),
        ("xavier", 0.5, "the signal dies away: each layer multiplies its mean square by 0.500."),
        ("small", 0.0288, "the signal dies away"),
        ("large", 2.25, "the signal grows out of bounds: each layer multiplies its mean square by 2.25."),
    ],
)
def test_what_becomes_of_the_signal(initialisation: str, factor: float, says: str) -> None:
    stack = kaiming.compute(initialisation, 20, 0)
    answer, figure, weights = kaiming.draw(stack, "en")
    assert stack.factor == pytest.approx(factor)
    assert says in str(answer)
    by_formula, signal = figure.data[0].y, figure.data[1].y
    assert len(signal) == 20 and by_formula[-1] == pytest.approx(2 * factor**20)
    assert all(1 / 2 < found / expected < 2 for found, expected in zip(signal, by_formula, strict=True))
    assert str(weights).count('<th scope="row">') == 19  # 6n + 1 convolutions


def test_a_signal_that_is_kept_in_one_layer_only_is_said_of_that_layer() -> None:
    """One layer of Xavier's halves the signal, which is still in range; twenty do not."""
    assert "keeps the signal" in str(kaiming.draw(kaiming.compute("xavier", 1, 0), "en")[0])


@pytest.mark.parametrize("seen", [0.5, -1, 51, "many", None])
def test_batches_are_counted_in_whole_numbers(seen: Any) -> None:
    with pytest.raises(CountError, match="seen"):
        batch_norm.compute(**FIRST | {"seen": seen})
