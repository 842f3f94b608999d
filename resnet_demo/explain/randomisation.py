"""The sanity check by randomisation: a map that does not change with the weights depends only on the image."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image
from torch import nn

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain.analysis import explain
from resnet_demo.explain.common import Progress, portion
from resnet_demo.explain.comparison import rank_correlation
from resnet_demo.explain.explanation import Explanation
from resnet_demo.models.resnet import ResNet


@dataclass(frozen=True)
class Randomised:
    """One step of the cascade: everything from the classifier down to `stage` has random weights.

    Attributes:
        stage: "fc", "layer4", ..., "layer1", "stem".
        rank_correlation: Spearman's rho between the map and the original one; None if one of them is blank.
    """

    stage: str
    rank_correlation: float | None


def randomisation(
    classifier: Classifier,
    image: Image.Image,
    explanation: Explanation,
    progress: Progress | None = None,
    seed: int = 0,
) -> tuple[Randomised, ...]:
    """Cascading randomisation of a copy, from the classifier downward (Adebayo et al., arXiv 1810.03292, section 3).

    Weights are drawn as for an untrained network (Kaiming normal; BatchNorm in its initial state), by numpy, so that a
    seed gives the same weights on every machine. The map of the same class, method and layers is made after each step.
    """
    draw = np.random.default_rng(seed)
    network = copy.deepcopy(classifier.network)
    blank = replace(classifier, network=network)
    found = []
    steps = list(_downward(network))
    for done, (stage, modules) in enumerate(steps):
        for module in modules:
            for part in module.modules():
                _draw(part, draw)
        again = explain(
            blank,
            image,
            explanation.method,
            explanation.layers,
            explanation.target,
            against=explanation.against,
            counterfactual=explanation.counterfactual,
            progress=portion(progress, done, len(steps)),
        )
        found.append(Randomised(stage, rank_correlation(again.heatmap, explanation.heatmap)))
        if progress:
            progress(done + 1, len(steps))
    return tuple(found)


def _downward(network: ResNet) -> Iterator[tuple[str, list[nn.Module]]]:
    """The network's parts from the classifier to the picture."""
    children = dict(network.named_children())
    top = [name for name in ("fc", "bn_last") if name in children]
    yield "fc", [children.pop(name) for name in top]
    for name in reversed(network.stages):
        yield name, [children.pop(name)]
    yield "stem", list(children.values())


def _draw(module: nn.Module, draw: np.random.Generator) -> None:
    if isinstance(module, nn.BatchNorm2d):
        module.reset_running_stats()
        nn.init.ones_(module.weight)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Conv2d | nn.Linear):
        fan_out = module.weight[:, 0].numel() // getattr(module, "groups", 1)
        values = draw.normal(0, math.sqrt(2 / fan_out), tuple(module.weight.shape))
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(values))
            if module.bias is not None:
                module.bias.zero_()
