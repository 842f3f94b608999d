"""Class activation maps: against the published libraries, numbers worked out by hand, and known identities."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from PIL import Image
from torch import Tensor, nn

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import ArchitectureError
from resnet_demo.explain import METHODS, SLOW, classify, explain, layers
from resnet_demo.explain.explanation import heatmap
from resnet_demo.models.architectures import Architecture
from resnet_demo.models.resnet import ResNet, build
from tests.helpers.witness import Difference, library_map, telling, with_gradients

Make = Callable[..., Classifier]
SIZE = 96  # layer4 has 3 x 3 cells

GRADIENT = [name for name in METHODS if name not in SLOW and name != "fullgrad"]
"""The methods that need no more than activations and gradients."""
WEIGHTED = [name for name in GRADIENT if "eigen" not in name]
"""Those whose map is blank where nothing speaks for the class."""

every_method = pytest.mark.parametrize("method", METHODS)
gradient_method = pytest.mark.parametrize("method", GRADIENT)


def features(network: ResNet, x: Tensor) -> Tensor:
    """The map that the head takes."""
    x = network.stem(x)
    for stage in network.stages.values():
        x = stage(x)
    return x


# ---------------------------------------------------------------------------------------- against other software


@gradient_method
@pytest.mark.parametrize("name", ["resnet18", "plain18", "resnet50"])
def test_equals_pytorch_grad_cam_on_the_whole_network(name: str, method: str, make: Make, picture: Image.Image) -> None:
    classifier = make(name, SIZE)
    x = classifier.preprocess(picture)
    for layer in ("layer4", "layer3", "layer2.0"):
        found = telling(classifier, picture, method, layer)
        expected = library_map(method, with_gradients(classifier), x, [layer], found.target)
        np.testing.assert_allclose(found.heatmap, expected, atol=1e-4, err_msg=layer)


@pytest.mark.parametrize("layer", ["layer4", "layer3", "layer2.0"])
@pytest.mark.parametrize("name", ["resnet18", "plain18", "resnet50"])
def test_equals_captum_before_any_normalisation(name: str, layer: str, make: Make, picture: Image.Image) -> None:
    classifier = make(name, SIZE)
    network = with_gradients(classifier)
    captum = LayerGradCam(network, network.get_submodule(layer))
    found = telling(classifier, picture, "gradcam", layer)
    result = captum.attribute(classifier.preprocess(picture), target=found.target, relu_attributions=True)
    expected = result[0, 0].detach().numpy()
    assert found.map.shape == expected.shape
    np.testing.assert_allclose(found.map, expected, atol=1e-4 * expected.max())


@gradient_method
@pytest.mark.parametrize(
    ("name", "size", "options"),
    [
        ("resnet18", 64, {"preactivation": True}),
        ("resnet20", 32, {}),
        ("plain20", 32, {}),
        ("resnet20", 32, {"preactivation": True, "shortcut": "B"}),
        ("resnet18", 64, {"replace_stride_with_dilation": (False, True, True)}),
    ],
    ids=["V2", "CIFAR", "CIFAR plain", "CIFAR V2", "dilated"],
)
def test_other_families_equal_pytorch_grad_cam_too(
    name: str, size: int, options: dict[str, Any], method: str, make: Make, picture: Image.Image
) -> None:
    classifier = make(name, size, **options)
    layer = layers(classifier.network)[-1]
    found = telling(classifier, picture, method, layer)
    x = classifier.preprocess(picture)
    expected = library_map(method, with_gradients(classifier), x, [layer], found.target)
    assert found.heatmap.shape == (size, size)
    # Few cells of near-equal value: scaling them to [0, 1] magnifies their rounding.
    np.testing.assert_allclose(found.heatmap, expected, atol=1e-3)


@pytest.mark.parametrize("method", ["gradcam", "layercam", "eigencam"])
def test_several_layers_are_averaged_as_by_pytorch_grad_cam(method: str, make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18", SIZE)
    chosen = ["layer2.0", "layer4", "layer3"]
    found = explain(classifier, picture, method, chosen, 2)
    expected = library_map(method, with_gradients(classifier), classifier.preprocess(picture), chosen, 2)
    np.testing.assert_allclose(found.heatmap, expected, atol=1e-4)
    assert (found.layers, found.layer) == (tuple(chosen), "layer2.0 + layer4 + layer3")
    assert found.map.shape == (12, 12)
    assert 0 <= found.map.min() < found.map.max() <= 1


@gradient_method
@pytest.mark.parametrize("sign", [1, -1])
def test_a_rather_than_b_equals_pytorch_grad_cam(method: str, sign: int, make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18", SIZE)
    found = explain(classifier, picture, method, "layer3", 1, against=3, counterfactual=sign < 0)
    target = Difference(1, 3, sign)
    expected = library_map(method, with_gradients(classifier), classifier.preprocess(picture), ["layer3"], target)
    np.testing.assert_allclose(found.heatmap, expected, atol=1e-4)


def test_memory_format_makes_no_difference(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18", SIZE)
    expected = explain(classifier, picture, target=0).map
    assert expected.max() > 0
    network = copy.deepcopy(classifier.network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    other = Classifier(
        network, classifier.classes, classifier.class_ids, {}, classifier.device, classifier.preprocessing
    )
    np.testing.assert_allclose(explain(other, picture, target=0).map, expected, atol=1e-4 * expected.max())


# --------------------------------------------------------------------------------------------------- by hand

# A pixel of A is 2 where there is colour. With Z = 16, class 0 has gradients 1/16 (red) and -0.5/16 (green).
# Grad-CAM++: g = 1/16, sum of A = 10: alpha = g^2 / (2 g^2 + 10 g^3) = 1 / 2.625; weight = 16 g alpha = 0.380952.
# Score-CAM: what red lets through scores 0.625 - 0.0625, green 0.125 - 0.125: softmax 0.637031 and 0.362969.
# Ablation-CAM: the score 0.5 falls by 0.625 without red, and rises by 0.125 without green.
# FullGrad: there are no biases; |x g| of red and of green, each scaled to 1.
BY_HAND = {  # method: red, yellow, green, black
    "gradcam": (0.125, 0.0625, 0, 0),
    "xgradcam": (0.125, 0.0625, 0, 0),
    "hirescam": (0.125, 0.0625, 0, 0),
    "layercam": (0.125, 0.125, 0, 0),
    "gradcam++": (0.761905, 0.761905, 0, 0),
    "scorecam": (1.274063, 2, 0.725937, 0),
    "ablationcam": (1.25, 1, 0, 0),
    "fullgrad": (1, 2, 1, 0),
}


@pytest.mark.parametrize("method", BY_HAND)
def test_literal_maps(method: str, tiny: Classifier, red_and_green: Image.Image) -> None:
    red, yellow, green, black = BY_HAND[method]
    found = explain(tiny, red_and_green, method, "layer1", target=0)
    expected: Any = np.array([[red] * 4, [yellow, black, black, black], [black] * 4, [black, black, black, green]])
    np.testing.assert_allclose(found.map, expected, rtol=1e-3, atol=1e-6)  # Grad-CAM++ adds 1e-6 to a denominator
    np.testing.assert_allclose(found.heatmap, expected / expected.max(), rtol=1e-3, atol=1e-6)
    assert found.map.dtype == found.heatmap.dtype == np.float32


# A's channels scatter by 13.75, 7 and (both) 1.5 about their means 0.625 and 0.25: v = (0.978216, 0.207591), the
# eigenvector of 14.0683. Those of A G by 13.75, 1.75 and -0.75 in 256ths: v = (0.998068, -0.062137).
EIGEN = {  # method: the projections of red, yellow, green, black; their sign is LAPACK's, and means nothing
    "eigencam": (1.293149, 1.708332, -0.248100, -0.663283),
    "eigengradcam": (0.085286, 0.089170, -0.035589, -0.039472),
}


@pytest.mark.parametrize("method", EIGEN)
def test_literal_principal_components(method: str, tiny: Classifier, red_and_green: Image.Image) -> None:
    """pytorch-grad-cam cuts what is negative off a component whose sign is arbitrary: object or background is shown."""
    found = explain(tiny, red_and_green, method, "layer1", target=0)
    cells = [found.map[0, 2], found.map[1, 0], found.map[3, 3], found.map[2, 2]]
    either = [[max(sign * value, 0) for value in EIGEN[method]] for sign in (1, -1)]
    assert any(cells == pytest.approx(one, abs=1e-5) for one in either)
    network = with_gradients(tiny)
    expected = library_map(method, network, tiny.preprocess(red_and_green), ["layer1"], 0)
    np.testing.assert_allclose(found.heatmap, expected, atol=1e-4)


# Against class 1 (1 and -0.5 less -1 and 0) the gradients are 2/16 and -0.5/16.
def test_literal_map_of_a_rather_than_b(tiny: Classifier, red_and_green: Image.Image) -> None:
    found = explain(tiny, red_and_green, layer="layer1", target=0, against=1)
    assert [found.map[0, 3], found.map[1, 0], found.map[3, 3], found.map[2, 2]] == [0.25, 0.1875, 0, 0]
    assert found.score == pytest.approx(0.5 + 0.625)
    assert (found.target, found.against, found.counterfactual) == (0, 1, False)


def test_literal_counterfactual(tiny: Classifier, red_and_green: Image.Image) -> None:
    found = explain(tiny, red_and_green, layer="layer1", target=0, counterfactual=True)
    assert [found.map[0, 3], found.map[1, 0], found.map[3, 3], found.map[2, 2]] == [0, 0, 0.0625, 0]
    assert found.score == pytest.approx(-0.5)
    assert found.counterfactual
    swapped = explain(tiny, red_and_green, layer="layer1", target=0, against=1, counterfactual=True)
    assert np.array_equal(swapped.map, explain(tiny, red_and_green, layer="layer1", target=1, against=0).map)


def test_everything_beside_the_map(tiny: Classifier, red_and_green: Image.Image) -> None:
    found = explain(tiny, red_and_green, layer="layer1", target=1)
    assert (found.layer, found.target, found.blank) == ("layer1", 1, True)
    assert found.score == pytest.approx(-0.625)
    assert found.probability == pytest.approx(0.139656, abs=1e-6)
    assert found.prediction.logits == pytest.approx((0.5, -0.625, 0.5))
    assert found.crop is found.prediction.crop
    assert np.array_equal(np.asarray(found.crop), np.asarray(red_and_green))


# ------------------------------------------------------------------------------------------------- identities


@pytest.mark.parametrize("name", ["resnet18", "plain18", "resnet50"])
@pytest.mark.parametrize("target", [0, 3])
def test_grad_cam_is_cam_at_the_last_block(name: str, target: int, make: Make, picture: Image.Image) -> None:
    classifier = make(name, SIZE)
    with torch.no_grad():
        last = features(classifier.network, classifier.preprocess(picture))[0]  # (C, 3, 3)
    cam = torch.einsum("k,khw->hw", classifier.network.fc.weight[target], last).relu().numpy()
    assert cam.max() > 0
    found = explain(classifier, picture, target=target).map
    np.testing.assert_allclose(9 * found, cam, atol=1e-4 * cam.max())  # alpha_k = w_k / Z
    hirescam = explain(classifier, picture, "hirescam", target=target).map
    np.testing.assert_allclose(hirescam, found, atol=1e-4 * found.max())


def test_with_a_flatten_head_the_three_part(make: Make, picture: Image.Image) -> None:
    """Without global average pooling a channel's gradient differs from cell to cell.

    CAM has no weights to use, HiResCAM is what each cell adds to the logit, and Grad-CAM is not.
    """
    trained = make("resnet18", SIZE)
    network = copy.deepcopy(trained.network)
    network.avgpool = nn.Identity()
    network.fc = nn.Linear(512 * 9, 5).requires_grad_(False)
    draw = np.random.default_rng(5)
    network.fc.weight.copy_(torch.from_numpy(draw.normal(0, 0.05, (5, 512 * 9))))
    network.fc.bias.zero_()
    classifier = replace(trained, network=network.eval())
    with torch.no_grad():
        last = features(network, classifier.preprocess(picture))[0]  # (C, 3, 3)
    weights = network.fc.weight.view(5, 512, 3, 3)
    target = classify(classifier, picture).top[0].index
    hirescam = explain(classifier, picture, "hirescam", target=target)
    each = (weights[target] * last).sum(0).numpy()
    np.testing.assert_allclose(hirescam.map, np.maximum(each, 0), atol=1e-4 * each.max())
    assert each.sum() == pytest.approx(hirescam.score, rel=1e-4)
    gradcam = explain(classifier, picture, target=target)
    assert np.abs(gradcam.heatmap - hirescam.heatmap).max() > 0.2


def test_hirescam_is_not_grad_cam_further_down(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18", SIZE)
    pair = [explain(classifier, picture, method, "layer3", 0).heatmap for method in ("gradcam", "hirescam")]
    assert np.abs(pair[0] - pair[1]).max() > 0.1


@pytest.mark.parametrize("layer", ["layer4", "layer3"])
def test_other_weights_give_another_map(layer: str, make: Make, picture: Image.Image) -> None:
    """Adebayo et al., arXiv 1810.03292: a map that survives this looks at the picture alone."""
    trained = make("resnet18", SIZE)
    found = telling(trained, picture, "gradcam", layer)
    before = found.heatmap
    network = copy.deepcopy(trained.network)
    randomised = Classifier(network, trained.classes, trained.class_ids, {}, trained.device, trained.preprocessing)
    torch.manual_seed(7)
    for module in (network.fc, *network.layer4.modules()):  # type: ignore[union-attr]
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            nn.init.normal_(module.weight, std=float(module.weight.std()))
    assert np.abs(explain(randomised, picture, layer=layer, target=found.target).heatmap - before).max() > 0.2


# ---------------------------------------------------------------------------------------------- blank and flat


@pytest.mark.parametrize("method", [*WEIGHTED, "ablationcam"])
def test_a_blank_map_is_said_to_be_blank(method: str, tiny: Classifier, red_and_green: Image.Image) -> None:
    found = explain(tiny, red_and_green, method, "layer1", target=1)  # class 1 has no positive weight
    assert found.blank
    assert not found.map.any()
    assert not found.heatmap.any()
    assert found.heatmap.shape == (4, 4)


@every_method
def test_why_a_class_rather_than_itself_is_blank(method: str, tiny: Classifier, red_and_green: Image.Image) -> None:
    """Nothing is asked. Eigen-CAM asks for no class in any case, so its map stays."""
    found = explain(tiny, red_and_green, method, "layer1", target=0, against=0)
    assert found.score == 0 and found.blank == (method != "eigencam")


@pytest.mark.filterwarnings("error")
@every_method
@pytest.mark.parametrize("colour", ["black", "white", (17, 90, 3)])
def test_a_flat_map_has_an_empty_heatmap(method: str, colour: str | tuple[int, ...], tiny: Classifier) -> None:
    found = explain(tiny, Image.new("RGB", (9, 7), colour), method, "layer1", target=2)
    assert np.ptp(found.map) <= 1e-6 * found.map.max()
    if method in WEIGHTED:
        assert found.blank == (colour == "black")
    assert np.array_equal(found.heatmap, np.zeros((4, 4)))


def test_rounding_is_not_blown_up_to_a_pattern() -> None:
    raw = np.full((7, 7), 0.1, np.float32)
    raw[3, 3] = np.nextafter(raw[3, 3], np.float32(1))
    assert not heatmap(raw, 224, 224).any()
    raw[3, 3] = 0.1001
    assert heatmap(raw, 224, 224).max() == 1


# ------------------------------------------------------------------------------------------- over the picture


@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 5), (6, 3)])
def test_a_single_cell_peaks_in_its_own_square_of_the_crop(row: int, column: int) -> None:
    raw = np.zeros((7, 7), np.float32)
    raw[row, column] = 3
    large = heatmap(raw, 224, 224)
    assert large.shape == (224, 224)
    assert (large.min(), large.max()) == (0, 1)
    inside = large[row * 32 : row * 32 + 32, column * 32 : column * 32 + 32]
    assert inside.max() == 1
    assert inside.sum() > 0.5 * large.sum()
    far = [(y, x) for y in range(7) for x in range(7) if max(abs(y - row), abs(x - column)) > 1]
    assert not any(large[y * 32 + 16, x * 32 + 16] for y, x in far)


def test_interpolation_is_bilinear_between_the_centres_of_cells() -> None:
    large = heatmap(np.array([[0, 1]], np.float32), 2, 8)
    assert large.tolist() == [[0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1]] * 2


def pyramid() -> Classifier:
    """Hand-set weights and three stages: cell (i, j) of the last map is pixel (4i, 4j) of the crop, (1, 1, 8, 8)."""
    architecture = Architecture("pyramid", "basic", (1, 1, 1), (1, 1, 1), "cifar", False, norm="none", num_classes=1)
    network = ResNet(architecture).eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.zero_()
            module.weight[0, 0, 1, 1] = 1
    network.fc.weight.fill_(1)
    preprocessing = Preprocessing(32, 32, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Classifier(network, ("bright",), ("n",), {}, torch.device("cpu"), preprocessing)


@pytest.mark.parametrize("size", [(32, 32), (64, 32), (32, 64)], ids=["square", "landscape", "portrait"])
@pytest.mark.parametrize(("row", "column"), [(2, 5), (7, 0)])
def test_the_map_lies_over_the_object_in_the_crop(size: tuple[int, int], row: int, column: int) -> None:
    image = Image.new("RGB", size)
    left, top = (size[0] - 32) // 2 + 4 * column, (size[1] - 32) // 2 + 4 * row
    image.paste("white", (left, top, left + 4, top + 4))
    found = explain(pyramid(), image, layer="layer3")
    assert np.argwhere(found.map).tolist() == [[row, column]]
    assert found.map[row, column] == pytest.approx(1 / 64)
    y, x = np.unravel_index(found.heatmap.argmax(), found.heatmap.shape)
    assert found.crop.getpixel((int(x), int(y))) == (255, 255, 255)
    assert found.heatmap[4 * row : 4 * row + 4, 4 * column : 4 * column + 4].max() == 1


@gradient_method
def test_shapes_and_ranges(method: str, make: Make, picture: Image.Image) -> None:
    for layer, side in {"layer1": 24, "layer2": 12, "layer3.0": 6, "layer4": 3}.items():
        found = telling(make("resnet18", SIZE), picture, method, layer)
        assert found.map.shape == (side, side)
        assert found.map.min() >= 0
        assert (found.heatmap.shape, found.crop.size) == ((SIZE, SIZE), (SIZE, SIZE))
        assert (found.heatmap.min(), found.heatmap.max()) == (0, 1)


# ---------------------------------------------------------------------------------------------------- choices


def test_without_a_target_the_likeliest_class_is_explained(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18", SIZE)
    prediction = classify(classifier, picture)
    chosen = explain(classifier, picture)
    assert chosen.target == prediction.top[0].index == int(np.argmax(prediction.logits))
    assert chosen.probability == pytest.approx(prediction.top[0].probability, abs=1e-5)
    assert chosen.prediction.logits == pytest.approx(prediction.logits, rel=1e-5)
    assert np.array_equal(chosen.map, explain(classifier, picture, target=chosen.target).map)
    assert 0 < chosen.prediction.milliseconds < 60_000


def test_each_target_has_its_own_map(make: Make, picture: Image.Image) -> None:
    maps = [explain(make("resnet18", SIZE), picture, target=target).map for target in range(5)]
    assert all(np.abs(maps[i] - maps[j]).max() > 1e-3 for i in range(5) for j in range(i))


def test_layers_are_named_by_stage_and_block(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18", SIZE)
    assert layers(classifier.network) == ("layer1", "layer2", "layer3", "layer4")
    assert layers(build("resnet20")) == ("layer1", "layer2", "layer3")
    for stage in layers(classifier.network):
        whole, block = explain(classifier, picture, layer=stage), explain(classifier, picture, layer=f"{stage}.1")
        assert np.array_equal(whole.map, block.map)
        assert (whole.layer, block.layer) == (stage, f"{stage}.1")


@pytest.mark.parametrize(
    ("choice", "key", "message"),
    [
        (
            {"method": "smoothgrad"},
            "method_unknown",
            "There is no method smoothgrad. Choose one of: gradcam, gradcam++, hirescam, layercam, xgradcam, eigencam, "
            "eigengradcam, scorecam, ablationcam, fullgrad.",
        ),
        (
            {"layer": "layer9"},
            "layer_unknown",
            "resnet18 has no layer layer9. Choose one of: layer1, layer2, layer3, layer4, "
            + "layer1.0, layer1.1, layer2.0, layer2.1, layer3.0, layer3.1, layer4.0, layer4.1.",
        ),
        ({"layer": []}, "layers_none", "No layer selected. Choose at least one, such as layer4."),
        ({"target": 5}, "target_unknown", "There is no class 5: the classes are numbered 0 to 4."),
        ({"target": -1}, "target_unknown", "There is no class -1: the classes are numbered 0 to 4."),
        ({"against": 7}, "target_unknown", "There is no class 7: the classes are numbered 0 to 4."),
    ],
)
def test_unknown_choices(choice: dict[str, Any], key: str, message: str, make: Make, picture: Image.Image) -> None:
    with pytest.raises(ArchitectureError) as caught:
        explain(make("resnet18", SIZE), picture, **choice)
    assert (caught.value.key, str(caught.value)) == (key, message)
