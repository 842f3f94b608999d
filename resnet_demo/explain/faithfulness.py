"""Can a map be trusted? Compares it with the network's output when the marked pixels are removed, restored or kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad
from torchvision.transforms.v2 import functional

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import ArchitectureError, DemoError
from resnet_demo.explain.common import Progress
from resnet_demo.explain.explanation import Explanation
from resnet_demo.explain.onednn import packed
from resnet_demo.explain.randomisation import Randomised, randomisation
from resnet_demo.models.device import in_parts

__all__ = [
    "Confidence",
    "Curves",
    "Randomised",
    "aggregate",
    "average_drop",
    "deletion_insertion",
    "randomisation",
    "shaped",
]

STEPS = 32
PICTURES = 16
"""Images in one pass."""
KERNEL, SIGMA = 11, 5.0
"""RISE's blur, in pixels."""


@dataclass(frozen=True)
class Curves:
    """Probability of what was explained while pixels are removed, and while they are restored, most important first.

    Attributes:
        fractions: fraction of the pixels removed or restored, 0 to 1.
        deletion, insertion: probability at each fraction.
        deletion_area, insertion_area: areas under the curves, 0 to 1; for a faithful map the first is small and the
            second large.
    """

    fractions: tuple[float, ...]
    deletion: tuple[float, ...]
    insertion: tuple[float, ...]
    deletion_area: float
    insertion_area: float


@dataclass(frozen=True)
class Confidence:
    """The probability that remains when only the highlighted part of an image is kept; means for several images.

    Attributes:
        before, after: probability of what was explained, for the whole and for the masked image.
        drop: max(0, before - after) / before; "average drop" over several images.
        increase: 1 if after > before, else 0; "increase in confidence" over several images.
        pictures: number of images.
    """

    before: float
    after: float
    drop: float
    increase: float
    pictures: int = 1


def deletion_insertion(classifier: Classifier, explanation: Explanation, progress: Progress | None = None) -> Curves:
    """Deletion and insertion curves (RISE, Petsiuk et al., arXiv 1806.07421, section 4.2), in 32 equal steps.

    Deletion sets pixels to the mean colour (0 after normalisation); insertion starts from the crop blurred by a
    Gaussian (11 x 11, sigma 5 pixels). Pixels of equal heat are taken in a fixed random order, so that no corner is
    preferred. Raises ArchitectureError for a flat map, which does not rank pixels, and DemoError for a probability
    of 0.
    """
    heat = shaped(explanation).ravel()
    shuffled = np.random.default_rng(0).permutation(heat.size)
    order = shuffled[np.argsort(-heat[shuffled], kind="stable")]
    rank = torch.from_numpy(np.argsort(order)).view(explanation.heatmap.shape).to(classifier.device)  # (H, W), 0 first
    counts = np.rint(np.linspace(0, heat.size, STEPS + 1)).astype(int).tolist()
    x = classifier.preprocessing.tensor(explanation.crop).to(classifier.device)
    starts = (x, _blurred(x))
    ends = (torch.zeros_like(x), x)

    def picture(step: int) -> Tensor:
        curve, count = divmod(step, len(counts))
        return torch.where(rank < counts[count], ends[curve], starts[curve])

    found = _probabilities(classifier, explanation, picture, 2 * len(counts), progress)
    deletion, insertion = found[: len(counts)], found[len(counts) :]
    _can_fall(deletion[0], classifier)
    fractions = [count / heat.size for count in counts]
    areas = [float(np.trapezoid(curve, fractions)) for curve in (deletion, insertion)]
    return Curves(tuple(fractions), tuple(deletion), tuple(insertion), *areas)


def average_drop(classifier: Classifier, explanation: Explanation) -> Confidence:
    """Average drop and increase in confidence (Grad-CAM++, arXiv 1710.11063, section 5.1) of one image.

    The normalised image is multiplied by the heat map: areas where the map is 0 become the mean colour. The paper
    reports 100 times these numbers. Raises ArchitectureError for a flat map, DemoError for a probability of 0.
    """
    heat = torch.from_numpy(shaped(explanation)).to(classifier.device)
    x = classifier.preprocessing.tensor(explanation.crop).to(classifier.device)
    pictures = (x, x * heat)
    before, after = _probabilities(classifier, explanation, pictures.__getitem__, 2, None)
    _can_fall(before, classifier)
    return Confidence(before, after, max(0.0, before - after) / before, float(after > before))


def aggregate(found: Iterable[Confidence]) -> Confidence:
    """Average drop and increase in confidence over one or more images."""
    every = list(found)
    count = sum(one.pictures for one in every)

    def mean(name: str) -> float:
        return sum(one.pictures * getattr(one, name) for one in every) / count

    return Confidence(mean("before"), mean("after"), mean("drop"), mean("increase"), count)


def _blurred(x: Tensor) -> Tensor:
    """Blurs (1, 3, H, W), with the mean colour beyond the border."""
    edge = KERNEL // 2
    padded = functional.gaussian_blur(pad(x, (edge,) * 4), [KERNEL, KERNEL], [SIGMA, SIGMA])
    return padded[:, :, edge:-edge, edge:-edge]


def shaped(explanation: Explanation) -> NDArray[np.float32]:
    """The heat map. Raises ArchitectureError if it is flat."""
    if not explanation.heatmap.any():
        raise ArchitectureError("map_flat", layer=explanation.layer)
    return explanation.heatmap


def _can_fall(before: float, classifier: Classifier) -> None:
    """Raises DemoError for a probability of exactly 0, as for a class some 750 logits below another."""
    if not before:
        raise DemoError("check_nothing_to_fall", network=classifier.name)


def _probabilities(
    classifier: Classifier,
    explanation: Explanation,
    picture: Callable[[int], Tensor],
    count: int,
    progress: Progress | None,
) -> list[float]:
    """Probability of what was explained for `count` pictures (1, 3, H, W)."""
    network = packed(classifier.network)
    found: list[float] = []

    def batch(steps: range) -> list[float]:
        pictures = torch.cat([picture(i) for i in steps])
        with torch.no_grad():
            logits = network(pictures.contiguous(memory_format=torch.channels_last))
        on_cpu = logits.cpu().double()  # Apple's GPUs have no float64
        probabilities: list[float] = _probability(on_cpu, explanation).tolist()
        return probabilities

    for some in in_parts(batch, range(count), PICTURES):
        found += some
        if progress:
            progress(len(found), count)
    return found


def _probability(logits: Tensor, explanation: Explanation) -> Tensor:
    """(B,): softmax over all classes, or over the two compared classes; 1 - p in a counterfactual."""
    if explanation.against is not None:
        difference = logits[:, explanation.target] - logits[:, explanation.against]
        return (-difference if explanation.counterfactual else difference).sigmoid()
    shares = logits.softmax(1)
    if not explanation.counterfactual:
        return shares[:, explanation.target]
    # The sum of the others: 1 - p would round them away when the class is nearly certain.
    return shares[:, [index for index in range(shares.shape[1]) if index != explanation.target]].sum(1)
