"""One photograph analysed once: every further map is the one that a fresh explanation gives."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import ArchitectureError
from resnet_demo.explain import METHODS, SLOW, Analysis, Explanation, classify, explain
from resnet_demo.explain.analysis import shortcut
from resnet_demo.explain.forward import Forward

Make = Callable[..., Classifier]


def alike(one: Explanation, other: Explanation) -> bool:
    facts = [(e.method, e.layers, e.target, e.against, e.counterfactual) for e in (one, other)]
    near = np.allclose(one.map, other.map, rtol=0, atol=1e-4 * float(other.map.max()) + 1e-5)
    return facts[0] == facts[1] and near and abs(one.score - other.score) < 1e-4


@pytest.mark.parametrize("method", METHODS)
def test_each_further_map_is_that_of_a_fresh_explanation(method: str, make: Make, picture: Image.Image) -> None:
    classifier = make("narrow_resnet18")
    analysis = Analysis(classifier, picture)
    for layer, target, against in (("layer4", None, None), ("layer2", 3, None), (["layer1.0", "layer3"], 1, 4)):
        found = analysis.explain(method, layer, target, against=against)
        assert alike(found, explain(classifier, picture, method, layer, target, against=against))
        assert found.prediction is analysis.prediction


def test_the_prediction_is_the_network_s(make: Make, picture: Image.Image) -> None:
    prediction = Analysis(make("resnet18"), picture).prediction
    expected = classify(make("resnet18"), picture)
    assert prediction.logits == pytest.approx(expected.logits, rel=1e-5)
    assert prediction.top[0].index == expected.top[0].index
    assert prediction.crop.tobytes() == expected.crop.tobytes()


def test_the_picture_goes_through_the_network_once(
    make: Make, picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = make("narrow_resnet18")
    analysis = Analysis(classifier, picture)
    monkeypatch.setattr(type(classifier.network), "stem", None)
    monkeypatch.setattr(type(classifier.network), "forward", None)
    for method in set(METHODS) - {"scorecam", "fullgrad"}:
        for layer in ("layer1", "layer4"):
            analysis.explain(method, layer, 2, against=0)


def test_a_layer_further_up_costs_no_gradient(
    make: Make, picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was carried down to a layer passed every layer after it."""
    analysis = Analysis(make("narrow_resnet18"), picture)
    expected = {layer: analysis.explain("layercam", layer, 1).map for layer in ("layer1", "layer2.0", "layer4")}
    monkeypatch.setattr("torch.autograd.grad", None)
    for layer, map in expected.items():
        assert np.array_equal(analysis.explain("layercam", layer, 1).map, map)


@pytest.mark.parametrize("layer", ["layer4", "layer2.1", ["layer3", "layer4"]])
@pytest.mark.parametrize("method", METHODS)
def test_all_classes_at_once(method: str, layer: str | list[str], make: Make, picture: Image.Image) -> None:
    analysis = Analysis(make("narrow_resnet18"), picture)
    every = analysis.every_class(method, layer)
    assert [found.target for found in every] == list(range(5))
    assert all(alike(found, analysis.explain(method, layer, found.target)) for found in every)


def test_all_classes_at_once_carry_one_gradient(
    make: Make, picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    one = Forward.every_gradient
    monkeypatch.setattr(Forward, "gradients", None)
    monkeypatch.setattr(Forward, "every_gradient", lambda self, tap: calls.append(tap) or one(self, tap))
    Analysis(make("narrow_resnet18"), picture).every_class("gradcam", "layer4")
    assert calls == ["layer4.1"]


def test_a_head_with_a_relu_is_given_an_exact_map(make: Make, picture: Image.Image) -> None:
    """V2's head begins with BatchNorm and ReLU: what rounding pushes over zero would switch a gradient."""
    names = ("layer3",)
    assert shortcut(make("resnet20", 32), "gradcam", names) == "layer3.2"
    assert shortcut(make("resnet20", 32, preactivation=True), "gradcam", names) is None
    assert shortcut(make("resnet20", 32, preactivation=True), "scorecam", names) == "layer3.2"


def test_what_is_handed_out_may_be_written_to(make: Make, picture: Image.Image) -> None:
    classifier = make("narrow_resnet18")
    before = classifier.preprocess(picture).clone()
    classifier.preprocess(picture).zero_()
    assert torch.equal(classifier.preprocess(picture), before)


def test_unknown_choices_are_refused_after_the_analysis_too(make: Make, picture: Image.Image) -> None:
    analysis = Analysis(make("narrow_resnet18"), picture)
    for choice in ({"method": "cam"}, {"layer": "layer5"}, {"layer": ["layer4", "fc"]}, {"target": 5}, {"against": -1}):
        with pytest.raises(ArchitectureError):
            analysis.explain(**choice)  # type: ignore[arg-type]
    with pytest.raises(ArchitectureError):
        analysis.every_class("gradcam", "layer5")


def test_the_slow_ones_are_those_that_report_progress(make: Make, picture: Image.Image) -> None:
    reporting = set()
    for method in METHODS:
        explain(make("narrow_resnet18"), picture, method, progress=lambda *_: reporting.add(method))  # noqa: B023
    assert reporting == SLOW
