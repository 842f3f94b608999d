"""One image in one network: the network runs once, and each map costs only the computation after the chosen layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import ArchitectureError
from resnet_demo.explain.common import Map, Progress, portion
from resnet_demo.explain.explanation import Explanation, average
from resnet_demo.explain.forward import Forward
from resnet_demo.explain.layers import block_of
from resnet_demo.explain.methods import METHODS, SLOW, check_method, combine
from resnet_demo.explain.prediction import Prediction, predict


@dataclass(frozen=True)
class Question:
    """What is explained: logit[target], minus logit[against] if given; negated in a counterfactual."""

    target: int
    against: int | None
    counterfactual: bool

    def direction(self, classes: int) -> Tensor:
        """(K,): its dot product with the logits is the score."""
        found = [0.0] * classes
        found[self.target] += self._sign
        if self.against is not None:
            found[self.against] -= self._sign
        return torch.tensor(found)

    def score(self, logits: Sequence[float]) -> float:
        against = 0.0 if self.against is None else logits[self.against]
        return self._sign * (logits[self.target] - against)

    @property
    def _sign(self) -> float:
        return -1.0 if self.counterfactual else 1.0


class Analysis:
    """A network's forward pass for an RGB image, kept so that each further map is cheap. Threads may share it."""

    @torch.inference_mode(False)  # independent of the caller's mode: gradients will be needed
    def __init__(self, classifier: Classifier, image: Image.Image, only: str | None = None) -> None:
        """`only`: a faster pass, for maps at the last block, or by the methods of `SLOW` from the block `only` on."""
        self.classifier = classifier
        crop = classifier.preprocessing.crop(image)
        x = classifier.preprocessing.tensor(crop).to(classifier.device)  # (1, 3, H, W)
        started = perf_counter()
        self._forward = Forward(classifier.network, x, only, exact=only is None)
        self.prediction: Prediction = predict(classifier, self._forward.logits, crop, started)

    @property
    def most_bytes(self) -> int:
        """The memory that this may come to hold, the network aside."""
        return self._forward.most_bytes

    @torch.inference_mode(False)
    def explain(
        self,
        method: str = "gradcam",
        layer: str | Sequence[str] = "layer4",
        target: int | None = None,
        *,
        against: int | None = None,
        counterfactual: bool = False,
        progress: Progress | None = None,
    ) -> Explanation:
        """The map for class `target`, or for the most probable class; see `explain`."""
        names = check(self.classifier, method, layer, target, against)
        question = Question(self.prediction.top[0].index if target is None else target, against, counterfactual)
        if whole := METHODS[method].whole:
            maps = [whole(self.classifier.network, self._forward.x, self._directions(question))]
        else:
            maps = [self._map(method, name, question, portion(progress, i, len(names))) for i, name in enumerate(names)]
        return assemble(self.prediction, method, names, question, maps)

    @torch.inference_mode(False)
    def every_class(self, method: str = "gradcam", layer: str | Sequence[str] = "layer4") -> tuple[Explanation, ...]:
        """One map for each class of the network."""
        names = check(self.classifier, method, layer, None, None)
        targets = range(len(self.classifier.classes))
        if not METHODS[method].combine:
            return tuple(self.explain(method, names, target) for target in targets)
        found = [self._every_map(method, block_of(self.classifier.network, name)) for name in names]
        questions = [Question(target, None, False) for target in targets]
        return tuple(
            assemble(self.prediction, method, names, question, [maps[question.target] for maps in found])
            for question in questions
        )

    def _every_map(self, method: str, tap: str) -> Map:
        """(K, h, w)."""
        gradients = self._forward.every_gradient(tap).cpu().numpy()  # (K, C, h, w)
        activations = self._forward.activations[tap].cpu().numpy()
        return combine(method, np.broadcast_to(activations, gradients.shape), gradients)

    def _map(self, method: str, layer: str, question: Question, progress: Progress | None) -> Map:
        tap = block_of(self.classifier.network, layer)
        directions = self._directions(question)
        if perturb := METHODS[method].perturb:
            return perturb(self._forward, tap, directions, progress)
        gradients = self._forward.gradients(tap, directions)
        return combine(method, self._forward.activations[tap].cpu().numpy(), gradients.cpu().numpy())[0]

    def _directions(self, question: Question) -> Tensor:
        return question.direction(len(self.classifier.classes))[None].to(self.classifier.device)


def explain(
    classifier: Classifier,
    image: Image.Image,
    method: str = "gradcam",
    layer: str | Sequence[str] = "layer4",
    target: int | None = None,
    *,
    against: int | None = None,
    counterfactual: bool = False,
    progress: Progress | None = None,
) -> Explanation:
    """The class activation map of an RGB image for class `target`, or for the most probable class.

    Grad-CAM (arXiv 1610.02391): relu(sum_k alpha_k A_k) where alpha_k is the mean of G_k over the map.
    `layer`: a stage or block, or several, whose maps are averaged. `against`: explains logit[target] -
    logit[against]. `counterfactual`: explains the evidence against. `progress(done, total)` is called by slow methods
    between batches; an exception it raises ends the run. Raises ArchitectureError for an unknown method, layer or
    class.
    """
    only = shortcut(classifier, method, check(classifier, method, layer, target, against))
    return Analysis(classifier, image, only).explain(
        method, layer, target, against=against, counterfactual=counterfactual, progress=progress
    )


def shortcut(classifier: Classifier, method: str, names: Sequence[str]) -> str | None:
    """The first block whose output is needed, if no gradient will pass a ReLU; otherwise None."""
    order = list(classifier.network.blocks)
    first = min((block_of(classifier.network, name) for name in names), key=order.index)
    linear = first == order[-1] and not classifier.network.architecture.preactivation  # V2's head begins with a ReLU
    return first if method in SLOW or linear else None


def check(
    classifier: Classifier, method: str, layer: str | Sequence[str], target: int | None, against: int | None
) -> tuple[str, ...]:
    """The layers by name. Raises ArchitectureError for an unknown method, layer or class, and if no layer is given."""
    check_method(method)
    names = (layer,) if isinstance(layer, str) else tuple(layer)
    if not names:
        raise ArchitectureError("layers_none")
    for name in names:
        block_of(classifier.network, name)
    for index in (target, against):
        if index is not None and not 0 <= index < len(classifier.classes):
            raise ArchitectureError("target_unknown", target=index, last=len(classifier.classes) - 1)
    return names


def assemble(
    prediction: Prediction, method: str, layers: tuple[str, ...], question: Question, maps: Sequence[Map]
) -> Explanation:
    """The explanation made from these raw maps of its layers."""
    return Explanation(
        *average(maps, prediction.crop.height, prediction.crop.width),
        method,
        layers,
        question.target,
        question.against,
        question.counterfactual,
        question.score(prediction.logits),
        float(torch.tensor(prediction.logits).softmax(0)[question.target]),
        prediction,
    )
