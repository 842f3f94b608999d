"""Layer responses: against hooks on the network itself, and a BN whose output is known."""

import pytest
import torch
from PIL import Image
from torch import nn

from resnet_demo.chapters.blocks.responses import responses
from resnet_demo.data.examples import examples
from resnet_demo.errors import ArchitectureError
from resnet_demo.models import load
from tests.chapters.blocks.conftest import Make


def hooked(network: nn.Module, batch: torch.Tensor) -> dict[str, float]:
    """Standard deviation of what each BN puts out, by hooks, before anything else sees it."""
    found: dict[str, float] = {}
    handles = [
        module.register_forward_hook(lambda _, __, out, name=name: found.update({name: float(out.std(correction=0))}))
        for name, module in network.named_modules()
        if isinstance(module, nn.BatchNorm2d)
    ]
    with torch.inference_mode():
        network(batch)
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("name", ["resnet18", "plain18"])
def test_trained_networks(name: str) -> None:
    classifier = load(name)
    images = [example.open() for example in examples()[:3]]
    found = responses(classifier, images)
    batch = torch.cat([classifier.preprocess(image) for image in images])
    expected = hooked(classifier.network, batch)
    assert (found.name, found.pictures, len(found.layers)) == (name, 3, 17)
    for response in found.layers:
        assert response.std == pytest.approx(expected[response.layer.replace("conv", "bn")], rel=1e-4)
    assert [response.kernel for response in found.layers] == [7] + [3] * 16
    assert all(module._forward_hooks == {} for module in classifier.network.modules())


def test_bottlenecks_name_their_kernels(make: Make, smooth_image: Image.Image) -> None:
    found = responses(make("bottleneck"), [smooth_image, smooth_image.rotate(180)])
    assert [(response.layer, response.kernel) for response in found.layers[:4]] == [
        ("conv1", 7),
        ("layer1.0.conv1", 1),
        ("layer1.0.conv2", 3),
        ("layer1.0.conv3", 1),
    ]
    assert not any("downsample" in response.layer for response in found.layers)


def test_sorted_is_largest_first(make: Make, smooth_image: Image.Image) -> None:
    found = responses(make(), [smooth_image])
    stds = [response.std for response in found.sorted]
    assert stds == sorted(stds, reverse=True)
    assert set(found.sorted) == set(found.layers)


def test_a_response_by_hand(smooth_image: Image.Image) -> None:
    """With gamma = 0 a BN puts out its beta: 1 and -1 in turn have a standard deviation of 1."""
    classifier = load("resnet18")
    norm = classifier.network.get_submodule("layer1.0.bn2")
    with torch.no_grad():
        norm.get_parameter("weight").zero_()
        norm.get_parameter("bias").copy_(torch.tensor([1.0, -1.0]).repeat(32))
    found = {response.layer: response.std for response in responses(classifier, [smooth_image]).layers}
    assert found["layer1.0.conv2"] == 1.0


@pytest.mark.parametrize("options", [{"preactivation": True}, {"norm": "none"}])
def test_networks_without_bn_after_each_convolution_are_refused(
    make: Make, smooth_image: Image.Image, options: dict[str, object]
) -> None:
    with pytest.raises(ArchitectureError) as caught:
        responses(make(**options), [smooth_image])
    assert str(caught.value) == (
        "small does not have BatchNorm after each convolution, so there is nothing to measure. "
        "Choose a network with norm=batch and preactivation=False."
    )
