"""One photograph in several networks: what each predicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain import Prediction, classify


@dataclass(frozen=True)
class Answer:
    """What one network predicts, with what is shown of the network itself."""

    key: str
    name: str
    blocks: int
    parameters: int
    card: dict[str, Any]
    prediction: Prediction


def predict(classifiers: Mapping[str, Classifier], image: Image.Image) -> list[Answer]:
    """Each network's answer, by its key."""
    return [
        Answer(
            key,
            classifier.name,
            len(classifier.network.blocks),
            sum(p.numel() for p in classifier.network.parameters()),
            classifier.card,
            classify(classifier, image),
        )
        for key, classifier in classifiers.items()
    ]
