"""Many photographs at once: each is explained as it would be alone."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import ArchitectureError
from resnet_demo.explain import METHODS, explain, explain_all
from tests.helpers.refused import photograph

Make = Callable[..., Classifier]


@pytest.mark.parametrize("method", METHODS)
def test_each_picture_is_explained_as_alone(method: str, make: Make) -> None:
    classifier = make("narrow_resnet18")
    pictures = [photograph(80, 64, seed) for seed in range(3)]
    for layer, target, against in (("layer4", None, None), (["layer2", "layer3.0"], 2, 4)):
        found = explain_all(classifier, pictures, method, layer, target, against=against)
        assert len(found) == 3
        for picture, one in zip(pictures, found, strict=True):
            alone = explain(classifier, picture, method, layer, target, against=against)
            assert (one.target, one.layers, one.against) == (alone.target, alone.layers, alone.against)
            assert one.crop.tobytes() == alone.crop.tobytes()
            assert one.score == pytest.approx(alone.score, abs=1e-4)
            np.testing.assert_allclose(one.map, alone.map, atol=1e-4 * alone.map.max() + 1e-5)


def test_each_picture_has_its_own_prediction(make: Make) -> None:
    classifier = make("resnet18")
    pictures = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue", "white", "black")]
    found = explain_all(classifier, pictures, counterfactual=True)
    for picture, one in zip(pictures, found, strict=True):
        assert one.prediction.logits == pytest.approx(explain(classifier, picture).prediction.logits, rel=1e-4)
        assert one.target == one.prediction.top[0].index
        assert one.counterfactual
        assert 0 < one.prediction.milliseconds < 60_000


def test_unknown_choices_are_refused(make: Make) -> None:
    with pytest.raises(ArchitectureError):
        explain_all(make("narrow_resnet18"), [photograph()], layer="layer9")
