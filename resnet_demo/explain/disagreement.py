"""Whether two networks disagree about an image."""

from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain.prediction import classify


def disagree(first: Classifier, second: Classifier, image: Image.Image) -> bool:
    """Whether they predict different classes, by the classes' ids."""
    return classify(first, image, 1).top[0].class_id != classify(second, image, 1).top[0].class_id
