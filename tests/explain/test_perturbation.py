"""Score-CAM and Ablation-CAM: against pytorch-grad-cam, where it goes wrong against the papers, and as they proceed."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain import explain
from resnet_demo.explain.forward import Forward
from resnet_demo.explain.perturbation import CHANNELS, PICTURES
from tests.helpers.witness import Difference, library_map, telling, with_gradients

Make = Callable[..., Classifier]
NAMES = ["narrow_resnet18", "narrow_plain18", "narrow_resnet50"]


@pytest.mark.parametrize("method", ["scorecam", "ablationcam"])
@pytest.mark.parametrize("name", NAMES)
def test_equals_pytorch_grad_cam(name: str, method: str, make: Make, picture: Image.Image) -> None:
    classifier = make(name)
    x = classifier.preprocess(picture)
    for layer in ("layer4", "layer3", "layer2.0"):
        found = telling(classifier, picture, method, layer)
        expected = library_map(method, with_gradients(classifier), x, [layer], found.target)
        np.testing.assert_allclose(found.heatmap, expected, atol=3e-4, err_msg=layer)


@pytest.mark.parametrize("method", ["scorecam", "ablationcam"])
def test_a_rather_than_b_over_two_layers_equals_pytorch_grad_cam(method: str, make: Make, picture: Image.Image) -> None:
    classifier = make("narrow_resnet18")
    x, chosen = classifier.preprocess(picture), ["layer3", "layer4"]
    target, against = np.argsort(classifier_logits(classifier, picture))[[-1, 0]].tolist()
    found = explain(classifier, picture, method, chosen, target, against=against)
    expected = library_map(method, with_gradients(classifier), x, chosen, Difference(target, against, 1))
    np.testing.assert_allclose(found.heatmap, expected, atol=1e-4)


def classifier_logits(classifier: Classifier, picture: Image.Image) -> list[float]:
    return list(explain(classifier, picture).prediction.logits)


def test_at_the_last_block_ablation_has_a_closed_form(make: Make, picture: Image.Image) -> None:
    """Without channel k, the logit loses w_k times the mean of A_k."""
    classifier = make("resnet18")
    forward = Forward(classifier.network, classifier.preprocess(picture))
    last = forward.activations["layer4.1"][0]
    weights = classifier.network.fc.weight[2] * last.mean((1, 2))
    expected = torch.einsum("k,khw->hw", weights, last).relu().numpy()
    found = explain(classifier, picture, "ablationcam", target=2).map
    np.testing.assert_allclose(found, expected, atol=1e-3 * expected.max())


def ablated_one_by_one(classifier: Classifier, picture: Image.Image, tap: str, target: int) -> np.ndarray:
    """The paper's definition, by itself: one forward pass for each channel set to zero."""
    forward = Forward(classifier.network, classifier.preprocess(picture))
    a = forward.activations[tap]
    found = torch.zeros(a.shape[-2:])
    with torch.no_grad():
        for k in range(a.shape[1]):
            without = a.clone()
            without[0, k] = 0
            found += (forward.logits[0, target] - forward.rest(tap, without)[0, target]) * a[0, k]
    return found.relu().numpy()


def test_negative_maps_are_ablated_to_zero_and_not_to_ten_million_below(make: Make, picture: Image.Image) -> None:
    """pytorch-grad-cam 1.5.7 sets a channel to min(A) - 1e7 where no cell is exactly 0, and again 1e7 lower for each
    further channel of its batch. The blocks of a V2 network have no ReLU at their end, so that is how it ends there."""
    classifier = make("resnet20", 32, preactivation=True)
    found = telling(classifier, picture, "ablationcam", "layer3")
    assert Forward(classifier.network, classifier.preprocess(picture)).activations["layer3.2"].min() < 0
    expected = ablated_one_by_one(classifier, picture, "layer3.2", found.target)
    np.testing.assert_allclose(found.map, expected, atol=1e-4 * expected.max())
    x = classifier.preprocess(picture)
    theirs = library_map("ablationcam", with_gradients(classifier), x, ["layer3"], found.target)
    assert np.abs(theirs - found.heatmap).max() > 0.1


def test_a_negative_logit_does_not_turn_the_map_round(make: Make, picture: Image.Image) -> None:
    """The paper divides the fall of the score by the score; where that is negative, evidence for becomes against."""
    classifier = make("narrow_resnet18")
    logits = classifier_logits(classifier, picture)
    target, against = int(np.argmin(logits)), int(np.argmax(logits))
    found = explain(classifier, picture, "ablationcam", "layer3", target, against=against)
    assert found.score < 0
    x = classifier.preprocess(picture)
    theirs = library_map("ablationcam", with_gradients(classifier), x, ["layer3"], Difference(target, against, 1))
    opposite = explain(classifier, picture, "ablationcam", "layer3", target, against=against, counterfactual=True)
    np.testing.assert_allclose(opposite.heatmap, theirs, atol=1e-4)
    assert np.abs(found.heatmap - theirs).max() > 0.2


@pytest.mark.parametrize(("method", "batch"), [("scorecam", PICTURES), ("ablationcam", CHANNELS)])
def test_progress_counts_the_channels_that_take_a_pass(
    method: str, batch: int, make: Make, picture: Image.Image
) -> None:
    classifier = make("narrow_resnet50")
    seen: list[tuple[int, int]] = []
    explain(classifier, picture, method, ["layer4", "layer3"], progress=lambda *step: seen.append(step))
    fractions = [done / total for done, total in seen]
    assert len(seen) >= 2
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert max(total for _, total in seen) <= 2 * 64


@pytest.mark.parametrize("method", ["scorecam", "ablationcam"])
def test_dead_channels_take_no_pass(method: str, tiny: Classifier) -> None:
    """Green is nowhere in the picture: one channel is left."""
    image = Image.new("RGB", (4, 4))
    image.putpixel((1, 2), (255, 0, 0))
    seen: list[tuple[int, int]] = []
    found = explain(tiny, image, method, "layer1", 0, progress=lambda *step: seen.append(step))
    assert seen == [(1, 1)]
    assert np.argwhere(found.map).tolist() == [[2, 1]]
