"""A block opened: its values are those of the network itself, seen by hooks on one whole forward pass."""

import threading

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from resnet_demo.chapters.blocks.activations import BlockValues, open_block
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.examples import examples
from resnet_demo.errors import ArchitectureError
from resnet_demo.models import load
from resnet_demo.models.resnet import Block, blocks_of
from tests.chapters.blocks.conftest import Make

NETWORKS = [
    {},
    {"block": "bottleneck"},
    {"stem": "cifar", "shortcut": "A"},
    {"shortcut": "C"},
    {"residual": False},
    {"preactivation": True},
    {"block": "bottleneck", "preactivation": True, "shortcut": "C"},
    {"preactivation": True, "residual": False},
    {"norm": "none"},
    {"norm": "none", "preactivation": True},
]


def seen(classifier: Classifier, image: Image.Image, block: str) -> dict[str, np.ndarray]:
    """Copies of what hooks on the original network see inside a block, in one whole forward pass."""
    found: dict[str, np.ndarray] = {}
    handles = []
    for name, module in blocks_of(classifier.network)[block].named_modules():

        def keep(_: nn.Module, inputs: tuple[torch.Tensor], out: torch.Tensor, name: str = name) -> None:
            number = sum(key.startswith("relu") for key in found) + 1
            found[f"relu{number}" if name == "relu" else name] = out[0].numpy().copy()
            if name == "":
                found["x"] = inputs[0][0].numpy().copy()

        handles.append(module.register_forward_hook(keep))
    with torch.inference_mode():
        classifier.network(classifier.preprocess(image))
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("options", NETWORKS, ids=str)
@pytest.mark.parametrize("block", ["layer1.0", "layer1.1", "layer2.0", "layer3.1"])
def test_values_are_those_of_a_whole_forward_pass(
    make: Make, smooth_image: Image.Image, options: dict[str, object], block: str
) -> None:
    classifier = make(**options)
    values, hooked = open_block(classifier, smooth_image, block), seen(classifier, smooth_image, block)
    assert np.array_equal(values.x, hooked["x"])
    assert np.array_equal(values.output, hooked[""])
    for name, inside in values.inside.items():
        assert np.array_equal(inside, hooked[name]), name
    assert np.array_equal(values.residual, hooked[branch_end(classifier, block)])
    if classifier.network.architecture.residual:
        assert np.array_equal(values.shortcut, hooked["downsample"])
        assert np.array_equal(values.residual + values.shortcut, values.total)
    else:
        assert values.shortcut is None
        assert np.array_equal(values.residual, values.total)
    closed = values.total if classifier.network.architecture.preactivation else np.maximum(values.total, 0)
    assert np.array_equal(closed, values.output)
    assert values.gap == 0.0


def branch_end(classifier: Classifier, block: str) -> str:
    """The last layer of F in the block."""
    a = classifier.network.architecture
    count = 2 if a.block == "basic" else 3
    return f"conv{count}" if a.preactivation else f"bn{count}"


def test_the_parts_of_the_block_say_the_same(make: Make, smooth_image: Image.Image) -> None:
    """F(x) and the shortcut as the block's own methods compute them."""
    classifier = make("bottleneck", preactivation=True)
    values, block = open_block(classifier, smooth_image, "layer2.0"), blocks_of(classifier.network)["layer2.0"]
    x = torch.from_numpy(values.x)[None]
    with torch.inference_mode():
        assert np.allclose(block.residual(x)[0].numpy(), values.residual, atol=1e-6)
        assert np.allclose(block.shortcut(x)[0].numpy(), values.shortcut, atol=1e-6)
    assert set(values.inside) == {
        *("bn1", "relu1", "conv1", "bn2", "relu2", "conv2", "bn3", "relu3", "conv3"),
        *("downsample.0", "downsample"),
    }


@pytest.mark.parametrize("name", ["resnet18", "plain18"])
def test_a_trained_network(name: str) -> None:
    classifier = load(name)
    image = examples()[0].open()
    values = open_block(classifier, image, "layer4.0")
    assert values.x.shape == (256, 10, 10) and values.output.shape == (512, 5, 5)
    assert values.crop.size == (160, 160)
    assert values.gap == 0.0
    assert (values.shortcut is None) == (name == "plain18")
    assert np.array_equal(values.output, seen(classifier, image, "layer4.0")[""])


def test_an_unknown_block_is_refused(make: Make, smooth_image: Image.Image) -> None:
    with pytest.raises(ArchitectureError) as caught:
        open_block(make(), smooth_image, "layer2.2")
    assert str(caught.value) == (
        "small has no block layer2.2. Choose one of: layer1.0, layer1.1, layer2.0, layer2.1, layer3.0, layer3.1."
    )


# --- what would falsify a value is seen, and nothing is left behind ---


def with_relu_in_place(classifier: Classifier) -> None:
    for module in classifier.network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = True


def with_sum_in_place(self: Block, x: torch.Tensor) -> torch.Tensor:
    out = self.branch(self.entry(x))
    out += self.shortcut(x)
    return self.relu(out)


@pytest.fixture
def own(smooth_image: Image.Image) -> Classifier:
    """A trained network that a test may spoil."""
    return load("resnet18")


def open_last(classifier: Classifier, smooth_image: Image.Image) -> BlockValues:
    return open_block(classifier, smooth_image, "layer2.1")


def test_a_sum_in_place_is_seen(own: Classifier, smooth_image: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_last(own, smooth_image).gap == 0.0
    monkeypatch.setattr(Block, "forward", with_sum_in_place)
    assert open_last(own, smooth_image).gap > 0.1


def test_a_relu_in_place_is_seen(own: Classifier, smooth_image: Image.Image) -> None:
    with_relu_in_place(own)
    assert open_last(own, smooth_image).gap > 0.1  # `total` was overwritten by its own ReLU


def test_no_hook_and_no_change_is_left(make: Make, smooth_image: Image.Image) -> None:
    classifier = make()
    before = {key: value.clone() for key, value in classifier.network.state_dict().items()}
    open_block(classifier, smooth_image, "layer1.0")
    with pytest.raises(ArchitectureError):
        open_block(classifier, smooth_image, "layer9.0")
    assert all(not module._forward_hooks for module in classifier.network.modules())
    assert all(torch.equal(value, before[key]) for key, value in classifier.network.state_dict().items())
    assert not classifier.network.training


def test_two_visitors_open_blocks_of_one_network_at_once(make: Make, smooth_image: Image.Image) -> None:
    classifier = make()
    pictures = [smooth_image, smooth_image.rotate(90)] * 4
    alone = [open_block(classifier, image, "layer2.0") for image in pictures[:2]]
    together: dict[int, BlockValues] = {}

    def visit(index: int) -> None:
        together[index] = open_block(classifier, pictures[index], "layer2.0")

    threads = [threading.Thread(target=visit, args=(index,)) for index in range(len(pictures))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(together) == len(pictures)
    for index, values in together.items():
        assert np.array_equal(values.output, alone[index % 2].output)
        assert values.gap == 0.0
