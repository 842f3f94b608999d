"""Classifies an image: classes with probabilities."""

from dataclasses import dataclass
from html import escape
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
    """A network's prediction for an image.

    Attributes:
        top: the most probable classes, best first.
        logits: one value per class.
        crop: the image that the network received, before normalisation.
        milliseconds: duration of the forward pass, without preprocessing, which several networks share.
    """

    top: tuple[Guess, ...]
    logits: tuple[float, ...]
    crop: Image.Image
    milliseconds: float

    def _repr_html_(self) -> str:
        """As a notebook shows it: the most probable classes with bars."""
        rows = "".join(
            f"<tr><td>{escape(guess.name)}</td><td>{guess.probability:.1%}</td>"
            f'<td><div style="width:{200 * guess.probability:.0f}px;height:0.8em;background:#4f46e5"></div></td></tr>'
            for guess in self.top
        )
        return f"<table><tr><th>class</th><th>probability</th><th></th></tr>{rows}</table>"


def classify(classifier: Classifier, image: Image.Image, top: int = 5) -> Prediction:
    """The `top` most probable classes of an RGB image."""
    crop = classifier.preprocessing.crop(image)
    x = classifier.preprocessing.tensor(crop).to(classifier.device)  # (1, 3, H, W)
    started = perf_counter()
    with torch.inference_mode():
        logits = classifier.network(x)  # (1, K)
    return predict(classifier, logits, crop, started, top)


def predict(classifier: Classifier, logits: Tensor, crop: Image.Image, started: float, top: int = 5) -> Prediction:
    """The prediction from logits (1, K), by softmax. `started`: the `perf_counter` before the forward pass."""
    scores = logits[0].float().cpu()  # (K,)
    milliseconds = 1000 * (perf_counter() - started)
    probabilities = scores.softmax(0)
    best = scores.topk(min(top, len(scores))).indices.tolist()
    guesses = tuple(
        Guess(index, classifier.class_ids[index], classifier.classes[index], float(probabilities[index]))
        for index in best
    )
    return Prediction(guesses, tuple(scores.tolist()), crop, milliseconds)
