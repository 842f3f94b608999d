"""Two networks disagree where they predict different classes, whatever place these have among their logits."""

import torch
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain.disagreement import disagree
from resnet_demo.models import build


def predicting(place: int, ids: tuple[str, ...]) -> Classifier:
    """A network whose largest logit is always the one at `place`."""
    network = build("resnet20", len(ids)).eval().requires_grad_(False)
    network.fc.weight.zero_()
    network.fc.bias.copy_(torch.eye(len(ids))[place])
    return Classifier(network, ids, ids, {}, torch.device("cpu"), Preprocessing(32, 32))


def test_it_is_the_class_that_counts() -> None:
    image = Image.new("RGB", (40, 40), "red")
    cat = predicting(0, ("cat", "dog"))
    assert not disagree(cat, cat, image)
    assert disagree(cat, predicting(1, ("cat", "dog")), image)
    assert not disagree(cat, predicting(1, ("dog", "cat")), image)
    assert disagree(cat, predicting(0, ("dog", "cat")), image)
