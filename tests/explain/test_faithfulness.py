"""The checks of a map: worked out by hand on a network whose every number can be followed."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import convolve1d

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import ArchitectureError, DemoError
from resnet_demo.explain import Explanation, explain
from resnet_demo.explain.faithfulness import STEPS, Confidence, aggregate, average_drop, deletion_insertion

Make = Callable[..., Classifier]


def with_heat(found: Explanation, heat: np.ndarray) -> Explanation:
    return replace(found, heatmap=heat.astype(np.float32))


def softmax(*logits: float) -> float:
    """Probability of the first."""
    return float(torch.tensor(logits, dtype=torch.float64).softmax(0)[0])


def test_deletion_by_hand(tiny: Classifier) -> None:
    """One red pixel of sixteen, the hottest: while it is there, class 0 has 2 / 16 and class 1 has -2 / 16."""
    image = Image.new("RGB", (4, 4))
    image.putpixel((2, 1), (255, 0, 0))
    found = deletion_insertion(tiny, explain(tiny, image, layer="layer1", target=0))
    assert found.fractions == pytest.approx([step / 16 for step in np.rint(np.linspace(0, 16, 33))])
    there, gone = softmax(0.125, -0.125, 0), 1 / 3
    expected = [there if fraction < 1 / 16 else gone for fraction in found.fractions]
    assert found.deletion == pytest.approx(expected, abs=1e-6)
    assert found.insertion[-1] == pytest.approx(there, abs=1e-6)
    assert found.insertion[-1] == found.deletion[0]
    assert found.deletion_area == pytest.approx(gone + (there - gone) / 16 * 0.5, abs=1e-6)


def test_insertion_starts_from_the_blurred_picture(tiny: Classifier, red_and_green: Image.Image) -> None:
    found = deletion_insertion(tiny, explain(tiny, red_and_green, layer="layer1", target=0))
    x = np.asarray(red_and_green, dtype=np.float64) / 255
    weights = np.exp(-((np.arange(-5, 6) / 5) ** 2) / 2)
    weights /= weights.sum()
    red, green = (
        convolve1d(convolve1d(x[:, :, i], weights, 0, mode="constant"), weights, 1, mode="constant") for i in (0, 1)
    )
    expected = softmax(2 * red.mean() - green.mean(), -2 * red.mean(), 4 * green.mean())
    assert found.insertion[0] == pytest.approx(expected, abs=1e-5)


def test_both_curves_are_probabilities_between_the_same_ends(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18")
    found = explain(classifier, picture, "layercam", "layer3")
    right = deletion_insertion(classifier, found)
    wrong = deletion_insertion(classifier, with_heat(found, 1 - found.heatmap))
    assert right.deletion[0] == pytest.approx(wrong.deletion[0])
    assert right.deletion[-1] == pytest.approx(wrong.deletion[-1])
    assert right.deletion_area != wrong.deletion_area
    for curves in (right, wrong):
        assert len(curves.fractions) == len(curves.deletion) == len(curves.insertion) == STEPS + 1
        for curve, area in ((curves.deletion, curves.deletion_area), (curves.insertion, curves.insertion_area)):
            assert all(0 <= value <= 1 for value in curve)
            halves = curve[0] / 2 + sum(curve[1:-1]) + curve[-1] / 2
            assert area == pytest.approx(halves / STEPS, abs=1e-2)  # RISE's own formula, for equal steps


def test_red_pixels_carry_the_class_that_counts_red(tiny: Classifier, red_and_green: Image.Image) -> None:
    found = explain(tiny, red_and_green, layer="layer1", target=0)
    opposite = with_heat(found, 1 - found.heatmap)
    right, wrong = deletion_insertion(tiny, found), deletion_insertion(tiny, opposite)
    assert right.deletion_area < wrong.deletion_area
    assert right.insertion_area > wrong.insertion_area


def test_average_drop_by_hand(tiny: Classifier, red_and_green: Image.Image) -> None:
    found = explain(tiny, red_and_green, layer="layer1", target=0)
    # Whole: means of A 0.625 (red), 0.25 (green): logits 0.5, -0.625, 0.5.
    before = softmax(0.5, -0.625, 0.5)
    # The map is 1 on red, half on yellow, 0 on green: red mean (4 + 0.5) / 8, green mean 0.5 / 8.
    after = softmax(0.5625 - 0.03125, -0.5625, 0.125)
    assert after > before
    assert average_drop(tiny, found) == Confidence(
        pytest.approx(before, abs=1e-6), pytest.approx(after, abs=1e-6), 0, 1, 1
    )
    nothing = np.zeros((4, 4))
    nothing[2, 2] = 1  # only black is left: all logits 0
    dropped = average_drop(tiny, with_heat(found, nothing))
    assert dropped.drop == pytest.approx((before - 1 / 3) / before, abs=1e-6)
    assert dropped.increase == 0


def test_what_was_explained_is_what_is_measured(tiny: Classifier, red_and_green: Image.Image) -> None:
    """Whole: logits 0.5, -0.625, 0.5. Red, where class 1 loses, is what speaks against it."""
    against = explain(tiny, red_and_green, layer="layer1", target=1, counterfactual=True)
    rather = explain(tiny, red_and_green, layer="layer1", target=0, against=1)
    neither = replace(rather, counterfactual=True)
    expected = {against: 1 - softmax(-0.625, 0.5, 0.5), rather: softmax(0.5, -0.625), neither: softmax(-0.625, 0.5)}
    for found, before in expected.items():
        assert average_drop(tiny, found).before == pytest.approx(before, abs=1e-6)
        assert deletion_insertion(tiny, found).deletion[0] == pytest.approx(before, abs=1e-6)
    # Red alone (yellow whole): red mean 5 / 8, and green stays where it is yellow: 1 / 8.
    only_red = with_heat(against, np.array([[1, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]))
    assert average_drop(tiny, only_red).after == pytest.approx(1 - softmax(-0.625, 0.5625, 0.25), abs=1e-6)
    right, wrong = (deletion_insertion(tiny, one) for one in (against, with_heat(against, 1 - against.heatmap)))
    assert right.deletion_area < wrong.deletion_area and right.insertion_area > wrong.insertion_area


def test_over_several_pictures_the_means() -> None:
    one, other = Confidence(0.8, 0.4, 0.5, 0.0), Confidence(0.5, 0.6, 0.0, 1.0)
    both = aggregate([one, other])
    assert both == Confidence(pytest.approx(0.65), pytest.approx(0.5), 0.25, 0.5, 2)
    three = aggregate([both, one])
    assert (three.drop, three.increase, three.pictures) == (pytest.approx(1 / 3), pytest.approx(1 / 3), 3)


def test_a_flat_map_has_nothing_to_check(tiny: Classifier) -> None:
    found = explain(tiny, Image.new("RGB", (4, 4), "white"), layer="layer1", target=2)
    for check in (deletion_insertion, average_drop):
        with pytest.raises(ArchitectureError) as caught:
            check(tiny, found)
        assert str(caught.value) == (
            "The map of layer1 is the same everywhere, so there is nothing to check. "
            "Choose another class, layer or method."
        )


@pytest.mark.parametrize(
    "asked", [{"target": 0}, {"target": 1, "counterfactual": True}, {"target": 0, "against": 1}], ids=str
)
def test_a_probability_of_nothing_cannot_fall(
    tiny: Classifier, red_and_green: Image.Image, asked: dict[str, int]
) -> None:
    """A thousand logits behind: the softmax is exactly 0, and no part of it can be lost."""
    tiny.network.fc.bias.copy_(torch.tensor([0.0, 1000.0, 0.0]))
    found = with_heat(explain(tiny, red_and_green, layer="layer1", **asked), np.eye(4))
    for check in (deletion_insertion, average_drop):
        with pytest.raises(DemoError) as caught:
            check(tiny, found)
        assert (caught.value.key, caught.value.values) == ("check_nothing_to_fall", {"network": "tiny"})


def test_progress_counts_the_pictures(make: Make, picture: Image.Image) -> None:
    seen: list[tuple[int, int]] = []
    classifier = make("narrow_resnet18")
    found = explain(classifier, picture, "layercam", "layer2")
    deletion_insertion(classifier, found, lambda *step: seen.append(step))
    assert seen == [(16, 66), (32, 66), (48, 66), (64, 66), (66, 66)]


def test_the_same_twice(make: Make, picture: Image.Image) -> None:
    classifier = make("narrow_resnet18")
    found = explain(classifier, picture, "layercam", "layer2")
    assert deletion_insertion(classifier, found) == deletion_insertion(classifier, found)
