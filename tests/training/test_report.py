"""Class by class, confusion and calibration: by hand, against scikit-learn, and for any answers."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import fontManager
from PIL import Image
from sklearn.metrics import confusion_matrix, log_loss

from resnet_demo.training.lettering import lacking
from resnet_demo.training.report import Bin, draw, report
from tests.helpers.saved import keep_saved


def logits(*rows: tuple[float, ...]) -> torch.Tensor:
    """Logits whose softmax is each row."""
    return torch.tensor(rows, dtype=torch.float64).log()


def test_four_answers_by_hand() -> None:
    said = logits((0.8, 0.1, 0.1), (0.9, 0.05, 0.05), (0.3, 0.6, 0.1), (0.2, 0.6, 0.2))
    found = report(said, torch.tensor([0, 1, 1, 1]))
    assert found.accuracy == 0.75
    assert found.confusion == ((1, 0, 0), (1, 2, 0), (0, 0, 0))
    assert found.per_class == (1.0, pytest.approx(2 / 3), None)
    assert found.loss == pytest.approx(-(np.log(0.8) + np.log(0.05) + 2 * np.log(0.6)) / 4)
    # Three bins of 15: 0.6 twice, both right; 0.8, right; 0.9, wrong.
    assert found.bins == (
        Bin(pytest.approx(0.6), 1.0, 2),
        Bin(pytest.approx(0.8), 1.0, 1),
        Bin(pytest.approx(0.9), 0.0, 1),
    )
    assert found.calibration_error == pytest.approx((2 * 0.4 + 0.2 + 0.9) / 4)


def test_confidence_that_is_what_it_says_has_no_error() -> None:
    """Of ten answers with confidence 0.7, seven are right."""
    said = logits(*[(0.7, 0.3)] * 10)
    assert report(said, torch.tensor([0] * 7 + [1] * 3)).calibration_error == pytest.approx(0, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(1, 200))
def test_against_scikit_learn_and_within_bounds(seed: int, classes: int, count: int) -> None:
    draws = np.random.default_rng(seed)
    said = torch.from_numpy(draws.normal(size=(count, classes)) * 4)
    labels = torch.from_numpy(draws.integers(0, classes, count))
    found = report(said, labels)
    witness = confusion_matrix(labels, said.argmax(1), labels=range(classes))
    assert np.array_equal(found.confusion, witness)
    assert found.accuracy == pytest.approx(np.trace(witness) / count)
    assert found.loss == pytest.approx(log_loss(labels, said.softmax(1), labels=range(classes)))
    assert sum(b.count for b in found.bins) == count
    assert 0 <= found.calibration_error <= 1
    confident = sum(b.confidence * b.count for b in found.bins) / count
    assert found.calibration_error >= abs(found.accuracy - confident) - 1e-9  # the triangle inequality over bins
    ordered = [b.confidence for b in found.bins]
    assert ordered == sorted(ordered)


def test_what_the_picture_shows_of_four_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = keep_saved(monkeypatch)
    said = logits((0.8, 0.1, 0.1), (0.9, 0.05, 0.05), (0.3, 0.6, 0.1), (0.2, 0.6, 0.2))
    draw(report(said, torch.tensor([0, 1, 1, 1])), ["cat", "dog", "ship"], "resnet20", tmp_path / "a.png")
    left, right = saved[0].axes
    assert saved[0].get_suptitle().startswith("resnet20: 75.00% of 4 correct, loss ")
    cells = {(text.get_position(), text.get_text()) for text in left.texts}
    assert cells == {((0, 0), "1"), ((0, 1), "1"), ((1, 1), "2")}  # column, row
    shares = left.images[0].get_array()
    assert shares is not None
    assert shares.tolist() == [[1, 0, 0], [pytest.approx(1 / 3), pytest.approx(2 / 3), 0], [0, 0, 0]]
    assert [label.get_text() for label in left.get_xticklabels()] == ["cat", "dog", "ship"]
    assert [label.get_text() for label in left.get_yticklabels()] == ["cat  100.0%", "dog  66.7%", "ship  -"]
    diagonal, curve = (line.get_xydata() for line in right.lines)
    bins = [[pytest.approx(0.6), 1], [pytest.approx(0.8), 1], [pytest.approx(0.9), 0]]
    assert diagonal.tolist() == [[0, 0], [1, 1]]
    assert curve.tolist() == bins
    (points,) = right.collections
    assert np.asarray(points.get_offsets()).tolist() == bins
    assert np.asarray(points.get_sizes()).tolist() == [220, 120, 120]  # 20 and 400 for all: two, one and one of four


@pytest.mark.parametrize("classes", [3, 1000])
def test_the_picture_is_a_png_for_few_classes_and_for_many(tmp_path: Path, classes: int) -> None:
    said = torch.from_numpy(np.random.default_rng(0).normal(size=(50, classes)))
    draw(report(said, torch.arange(50) % classes), [f"class {i}" for i in range(classes)], "a", tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert (image.format, image.size) == ("PNG", (1560, 720))


def one_glyph(folder: Path, character: str) -> Path:
    """A font that has a box for one character and for nothing else."""
    pen = TTGlyphPen(None)
    for step, point in enumerate([(0, 0), (0, 700), (700, 700), (700, 0)]):
        (pen.lineTo if step else pen.moveTo)(point)
    pen.closePath()
    box = pen.glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "box"])
    font.setupCharacterMap({ord(character): "box"})
    font.setupGlyf({".notdef": box, "box": box})
    font.setupHorizontalMetrics({".notdef": (800, 0), "box": (800, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "One Glyph", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    font.setupPost()
    font.save(folder / "one.ttf")
    return folder / "one.ttf"


def test_names_are_drawn_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a font for the one Chinese name, and escapes for a character that no font has; never as a formula."""
    saved = keep_saved(monkeypatch)
    own = [entry for entry in fontManager.ttflist if entry.name == "DejaVu Sans"]
    monkeypatch.setattr(fontManager, "ttflist", own.copy())
    classes = ["猫", "$x_1$ $", "a\nb"]
    few = report(logits((0.8, 0.1, 0.1)), torch.tensor([0]))
    assert lacking(classes) == "猫"
    draw(few, classes, "$W$", tmp_path / "without.png")
    fontManager.addfont(one_glyph(tmp_path, "猫"))
    assert lacking(classes) == ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Matplotlib's for a character that is drawn as an empty box
        draw(few, classes, "$W$", tmp_path / "with.png")
    shown = [[label.get_text() for label in figure.axes[0].get_xticklabels()] for figure in saved]
    assert shown == [["\\u732b", "$x_1$ $", "a\\nb"], ["猫", "$x_1$ $", "a\\nb"]]
    labels = [*saved[1].axes[0].get_xticklabels(), *saved[1].axes[0].get_yticklabels()]
    assert not any(label.get_parse_math() for label in labels)
