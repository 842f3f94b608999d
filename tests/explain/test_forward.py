"""The kept pass: gradients carried from block to block are autograd's, in any order, alone or together."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain.forward import Forward
from resnet_demo.explain.layers import block_of

Make = Callable[..., Classifier]

FAMILIES = pytest.mark.parametrize(
    ("name", "size", "options"),
    [
        ("resnet18", 64, {}),
        ("plain18", 64, {}),
        ("resnet50", 64, {}),
        ("plain50", 64, {}),
        ("resnet18", 64, {"preactivation": True}),
        ("resnet50", 64, {"preactivation": True}),
        ("resnet18", 64, {"shortcut": "C"}),
        ("resnet20", 32, {}),
        ("resnet20", 32, {"norm": "none"}),
        ("resnet20", 32, {"preactivation": True, "shortcut": "B"}),
        ("resnext50_32x4d", 64, {"replace_stride_with_dilation": (False, True, True)}),
    ],
    ids=lambda value: str(value),
)


@FAMILIES
def test_every_block_and_its_gradient_are_autograd_s(
    name: str, size: int, options: dict[str, object], make: Make, picture: Image.Image
) -> None:
    classifier = make(name, size, **options)
    x = classifier.preprocess(picture)
    forward = Forward(classifier.network, x)
    a, kept = classifier.network.stem(x.requires_grad_()), {}
    for tap, block in classifier.network.blocks.items():
        a = kept[tap] = block(a)
    directions = torch.tensor([[1.0, 0, -1, 0, 0]])
    expected = torch.autograd.grad(classifier.network.head(a), list(kept.values()), directions)
    assert list(forward.activations) == list(kept)
    for tap, gradient in zip(kept, expected, strict=True):
        assert torch.equal(forward.activations[tap], kept[tap].detach())
        scale = float(gradient.abs().max())
        torch.testing.assert_close(forward.gradients(tap, directions), gradient, rtol=0, atol=1e-4 * scale)


def test_gradients_are_the_same_in_whatever_order_they_are_asked_for(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18")
    x, directions = classifier.preprocess(picture), torch.eye(5)[1:2]
    down, up = Forward(classifier.network, x), Forward(classifier.network, x)
    taps = list(down.activations)
    first = {tap: down.gradients(tap, directions) for tap in taps}
    second = {tap: up.gradients(tap, directions) for tap in reversed(taps)}
    assert all(torch.equal(first[tap], second[tap]) for tap in taps)


def test_the_gradients_of_every_class_are_each_class_s(make: Make, picture: Image.Image) -> None:
    forward = Forward(make("resnet18").network, make("resnet18").preprocess(picture))
    for tap in ("layer4.1", "layer3.0", "layer1.1"):
        every = forward.every_gradient(tap)
        assert len(every) == 5
        for k in range(5):
            one = forward.gradients(tap, torch.eye(5)[k : k + 1])[0]
            torch.testing.assert_close(every[k], one, rtol=0, atol=1e-4 * float(one.abs().max()))


def test_a_pass_may_keep_only_what_lies_after_a_block(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18")
    x, directions = classifier.preprocess(picture), torch.eye(5)[1:2]
    whole, part = Forward(classifier.network, x), Forward(classifier.network, x, since="layer3.1")
    assert list(part.activations) == ["layer3.1", "layer4.0", "layer4.1"]
    torch.testing.assert_close(part.logits, whole.logits)
    for tap in part.activations:
        torch.testing.assert_close(part.gradients(tap, directions), whole.gradients(tap, directions))


def test_the_parts_make_the_whole(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18")
    forward = Forward(classifier.network, classifier.preprocess(picture))
    with torch.no_grad():
        for layer in ("layer1.0", "layer1", "layer2.0", "layer3", "layer4.0", "layer4"):
            tap = block_of(classifier.network, layer)
            torch.testing.assert_close(
                forward.rest(tap, forward.activations[tap]), forward.logits, rtol=1e-5, atol=1e-4
            )


def test_pictures_of_a_batch_do_not_meet(make: Make) -> None:
    classifier = make("resnet18")
    draw = np.random.default_rng(1)
    x = torch.from_numpy(draw.normal(size=(3, 3, 64, 64)).astype(np.float32))
    directions = torch.eye(5)[[0, 3, 1]]
    together = Forward(classifier.network, x)
    for i in range(3):
        alone = Forward(classifier.network, x[i : i + 1])
        torch.testing.assert_close(together.logits[i], alone.logits[0], rtol=1e-5, atol=1e-4)
        for tap in ("layer4.1", "layer2.1"):
            one = alone.gradients(tap, directions[i : i + 1])[0]
            assert (together.gradients(tap, directions)[i] - one).norm() <= 1e-3 * one.norm()
