"""From a picture to classes: which pixels the network sees, and what is made of its logits."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain import Guess, classify
from resnet_demo.explain.prediction import predict

Make = Callable[..., Classifier]


def numbered(width: int, height: int) -> Image.Image:
    """Each pixel says where it is: red its column, green its row, blue 200."""
    rows, columns = np.mgrid[:height, :width]
    return Image.fromarray(np.stack([columns, rows, np.full_like(rows, 200)], axis=2).astype(np.uint8))


@pytest.mark.parametrize(
    ("size", "preprocessing", "left", "top"),
    [
        ((12, 8), Preprocessing(8, 8), 2, 0),
        ((8, 12), Preprocessing(8, 8), 0, 2),
        ((8, 8), Preprocessing(8, 8), 0, 0),
        ((13, 8), Preprocessing(8, 8), 2, 0),
        ((12, 8), Preprocessing(8, 4), 4, 2),
        ((8, 12), Preprocessing(8, 4), 2, 4),
        ((60, 8), Preprocessing(8, 8), 26, 0),
    ],
    ids=["landscape", "portrait", "square", "odd", "landscape inside", "portrait inside", "panorama"],
)
def test_the_crop_is_the_centre(size: tuple[int, int], preprocessing: Preprocessing, left: int, top: int) -> None:
    crop = preprocessing.crop(numbered(*size))
    last = preprocessing.size - 1
    assert crop.size == (preprocessing.size, preprocessing.size)
    assert crop.getpixel((0, 0)) == (left, top, 200)
    assert crop.getpixel((last, 0)) == (left + last, top, 200)
    assert crop.getpixel((0, last)) == (left, top + last, 200)
    assert crop.getpixel((last, last)) == (left + last, top + last, 200)


def test_a_larger_picture_is_scaled_before_it_is_cropped() -> None:
    image = Image.new("RGB", (400, 200), "black")
    image.paste("white", (100, 0, 300, 200))  # the centre square
    crop = np.asarray(Preprocessing(20, 20).crop(image))
    assert crop[:, 1:-1].min() == 255
    assert 128 < crop[:, [0, -1]].min() == crop[:, [0, -1]].max() < 255  # averaged with what lies just outside
    assert np.asarray(Preprocessing(40, 20).crop(image)).min() == 255  # half of the square, twice as close


def test_the_network_sees_red_green_blue_in_this_order(make: Make) -> None:
    seen = make("resnet18").preprocess(Image.new("RGB", (64, 64), (255, 0, 128)))
    assert seen.shape == (1, 3, 64, 64)
    assert seen.dtype == torch.float32
    # (1 - 0.485) / 0.229, (0 - 0.456) / 0.224, (128 / 255 - 0.406) / 0.225
    assert seen[0, :, 0, 0].tolist() == pytest.approx([2.248908, -2.035714, 0.426492], abs=1e-5)


def test_the_crop_of_a_prediction_keeps_its_colours(make: Make) -> None:
    crop = classify(make("resnet18"), Image.new("RGB", (90, 70), (200, 30, 60))).crop
    assert (crop.mode, crop.size, crop.getpixel((5, 60))) == ("RGB", (64, 64), (200, 30, 60))


def test_literal_probabilities(tiny: Classifier, red_and_green: Image.Image) -> None:
    prediction = classify(tiny, red_and_green)
    # Five red and two green of sixteen pixels, doubled: means 0.625 and 0.25.
    assert prediction.logits == pytest.approx((0.5, -0.625, 0.5))
    # exp: 1.648721, 0.535261, 1.648721; their sum 3.832704
    assert [guess.probability for guess in prediction.top] == pytest.approx([0.430172, 0.430172, 0.139656], abs=1e-6)
    assert prediction.top[2] == Guess(1, "n01", "class 1", prediction.top[2].probability)


def test_the_likeliest_come_first_and_as_many_as_asked(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18")
    prediction = classify(classifier, picture, top=3)
    order = np.argsort(prediction.logits)[::-1][:3]
    assert [guess.index for guess in prediction.top] == order.tolist()
    assert [guess.name for guess in prediction.top] == [f"class {i}" for i in order]
    assert len(classify(classifier, picture, top=99).top) == 5
    assert sum(guess.probability for guess in classify(classifier, picture).top) == pytest.approx(1, abs=1e-6)


def test_logits_are_the_network_s_own(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet50")
    with torch.no_grad():
        expected = classifier.network(classifier.preprocess(picture))[0]
    assert classify(classifier, picture).logits == pytest.approx(expected.tolist(), abs=1e-5)


def test_the_order_is_that_of_the_logits_where_probabilities_saturate(tiny: Classifier) -> None:
    prediction = predict(tiny, torch.tensor([[-300.0, 500.0, -200.0]]), Image.new("RGB", (4, 4)), 0.0)
    assert [(guess.index, guess.probability) for guess in prediction.top] == [(1, 1.0), (2, 0.0), (0, 0.0)]


def test_it_takes_time_and_leaves_the_picture_alone(make: Make, picture: Image.Image) -> None:
    before = picture.tobytes()
    assert 0 < classify(make("resnet18"), picture).milliseconds < 60_000
    assert picture.tobytes() == before


def test_the_first_of_two_networks_is_not_charged_for_the_picture(
    make: Make, picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second finds the crop and its tensor made."""
    passed: list[float] = []
    monkeypatch.setattr("resnet_demo.explain.prediction.perf_counter", lambda: sum(passed))
    monkeypatch.setattr(Preprocessing, "_cut", lambda self, image: passed.append(10) or image.resize((32, 32)))
    monkeypatch.setattr(Preprocessing, "_tensor", lambda self, crop: passed.append(10) or torch.zeros(1, 3, 32, 32))
    assert classify(make("resnet18"), picture.copy()).milliseconds == 0
    assert passed == [10, 10]
