"""What the shipped ResNet-18 says about the example pictures."""

import pytest
from PIL import Image, ImageOps

from resnet_demo.data.examples import Example, examples
from resnet_demo.explain import classify
from resnet_demo.models import Classifier, load

KNOWN = tuple(example for example in examples() if example.wnid)


@pytest.fixture(scope="module")
def resnet18() -> Classifier:
    return load("resnet18")


def named(classifier: Classifier, image: Image.Image) -> str:
    return classify(classifier, image).top[0].class_id


def test_the_classes_claimed_are_classes_of_the_network(resnet18: Classifier) -> None:
    assert {example.wnid for example in KNOWN} <= set(resnet18.class_ids)


@pytest.mark.parametrize("example", KNOWN, ids=lambda example: example.key)
def test_names_each_drawn_scene_rightly(resnet18: Classifier, example: Example) -> None:
    assert named(resnet18, example.open()) == example.wnid


def test_names_most_scenes_rightly_in_a_mirror_and_cut_closer_too(resnet18: Classifier) -> None:
    right = [
        named(resnet18, view) == example.wnid
        for example in KNOWN
        for view in (ImageOps.mirror(example.open()), ImageOps.crop(example.open(), 24))
    ]
    assert sum(right) >= 0.75 * len(right)
