"""FullGrad: against pytorch-grad-cam where it pairs biases and gradients rightly, and against the definition."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain import explain
from resnet_demo.explain.fullgrad import full_gradient
from tests.helpers.witness import library_map, with_gradients

Make = Callable[..., Classifier]
SIZE = 96


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_equals_pytorch_grad_cam_on_torchvision_s_network(name: str, make: Make, picture: Image.Image) -> None:
    """torchvision defines the layers of a block in the order in which they run, as the library takes for granted."""
    classifier = make(name, SIZE)
    network = torchvision.models.get_model(name, weights=None, num_classes=5).eval()
    network.load_state_dict(classifier.network.state_dict())
    found = explain(classifier, picture, "fullgrad", target=1)
    expected = library_map("fullgrad", network, classifier.preprocess(picture), [], 1)
    np.testing.assert_allclose(found.heatmap, expected, atol=1e-4)


@pytest.mark.parametrize("name", ["plain18", "plain50"])
def test_equals_pytorch_grad_cam_on_a_plain_network(name: str, make: Make, picture: Image.Image) -> None:
    classifier = make(name, SIZE)
    found = explain(classifier, picture, "fullgrad", target=1)
    expected = library_map("fullgrad", with_gradients(classifier), classifier.preprocess(picture), [], 1)
    np.testing.assert_allclose(found.heatmap, expected, atol=1e-4)


def test_the_library_pairs_by_order_of_definition(make: Make, picture: Image.Image) -> None:
    """Our blocks define the projection before the convolutions, and run it after them.

    So in the library its bias meets another's gradient. That fails where they differ in channels. Where they do not it
    makes no difference, for each channel is scaled by itself: a bias of any size counts alike.
    """
    x = make("resnet18", SIZE).preprocess(picture)
    with pytest.raises(ValueError, match="broadcast"):
        library_map("fullgrad", with_gradients(make("resnet50", SIZE)), x, [], 1)
    found = explain(make("resnet18", SIZE), picture, "fullgrad", target=1).heatmap
    theirs = library_map("fullgrad", with_gradients(make("resnet18", SIZE)), x, [], 1)
    np.testing.assert_allclose(found, theirs, atol=1e-4)


@pytest.mark.parametrize(
    "options",
    [{}, {"preactivation": True}, {"preactivation": True, "shortcut": "B"}, {"norm": "none"}],
    ids=["V1", "V2", "V2 with projections", "no norm"],
)
def test_input_and_biases_make_up_the_whole_logit(
    options: dict[str, object], make: Make, picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Completeness (arXiv 1905.00780, Proposition 1): without the absolute values and the scaling, with the linear
    layer's bias, the parts add up to the logit. So no bias is missed, and none is taken twice."""
    classifier = make("resnet20", 32, **options)
    x = classifier.preprocess(picture)
    parts: list[float] = []

    def add_up(part: torch.Tensor, height: int, width: int) -> torch.Tensor:
        parts.append(float(part.sum()))
        return torch.zeros(height, width)

    monkeypatch.setattr("resnet_demo.explain.fullgrad._psi", add_up)
    full_gradient(classifier.network, x, torch.eye(5)[2:3])
    assert len(parts) >= 20
    total = sum(parts) + float(classifier.network.fc.bias[2])
    assert total == pytest.approx(float(classifier.network(x)[0, 2]), rel=1e-3)


def test_the_layer_is_of_no_account(make: Make, picture: Image.Image) -> None:
    classifier = make("plain20", 32)
    maps = [explain(classifier, picture, "fullgrad", layer, 1).map for layer in ("layer1", "layer3")]
    assert maps[0].shape == (32, 32)
    assert np.array_equal(*maps)
