"""From a picture to classes with probabilities."""

from dataclasses import dataclass
from time import perf_counter

import torch
from PIL import Image
from torch import Tensor

from resnet_demo.checkpoints.load import Classifier


@dataclass(frozen=True)
class Guess:
    """One class: its index among the logits, its id, its English name and its probability."""

    index: int
    class_id: str
    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """What a network says about a picture.

    Attributes:
        top: the likeliest classes, best first.
        logits: one value per class.
        crop: the picture that the network saw, before normalisation.
        milliseconds: of the forward pass. Not of preprocessing, which networks that look at one picture share.
    """

    top: tuple[Guess, ...]
    logits: tuple[float, ...]
    crop: Image.Image
    milliseconds: float


def classify(classifier: Classifier, image: Image.Image, top: int = 5) -> Prediction:
    """The `top` likeliest classes of an RGB picture."""
    crop = classifier.preprocessing.crop(image)
    x = classifier.preprocessing.tensor(crop).to(classifier.device)  # (1, 3, H, W)
    started = perf_counter()
    with torch.inference_mode():
        logits = classifier.network(x)  # (1, K)
    return predict(classifier, logits, crop, started, top)


def predict(classifier: Classifier, logits: Tensor, crop: Image.Image, started: float, top: int = 5) -> Prediction:
    """What logits (1, K) say: probabilities by softmax. `started`: the `perf_counter` when the forward pass began."""
    scores = logits[0].float().cpu()  # (K,)
    milliseconds = 1000 * (perf_counter() - started)
    probabilities = scores.softmax(0)
    best = scores.topk(min(top, len(scores))).indices.tolist()
    guesses = tuple(
        Guess(index, classifier.class_ids[index], classifier.classes[index], float(probabilities[index]))
        for index in best
    )
    return Prediction(guesses, tuple(scores.tolist()), crop, milliseconds)
