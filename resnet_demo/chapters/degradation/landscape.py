"""The loss around trained weights, in a plane of two random directions. Li et al. 2018 (arXiv 1712.09913), section 4.

Each direction is normalised filter by filter: a filter of the direction has the norm of the network's own filter, so
that one unit means the same change for every network. Only the weights of convolutions and of the linear layer move;
BatchNorm is in evaluation mode. Twins get the same random numbers, because their main paths have the same weights.

The line from the initial to the trained weights is the one of Goodfellow et al. 2015 (arXiv 1412.6544).
"""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from resnet_demo.explain.onednn import packed
from resnet_demo.models.resnet import ResNet

Direction = dict[str, Tensor]
BATCH = 16
"""Images in one pass: their feature maps stay in the processor's cache."""


def directions(network: ResNet, seed: int) -> tuple[Direction, Direction]:
    """Two random directions in the space of the weights, normalised filter by filter."""
    draw = torch.Generator().manual_seed(seed)
    first, second = (
        {name: _like(weight, draw) for name, weight in network.named_parameters() if weight.dim() > 1} for _ in range(2)
    )
    return first, second


def _like(weight: Tensor, draw: torch.Generator) -> Tensor:
    """Random numbers with the norms of the filters of `weight` (N, ...)."""
    random = torch.randn(weight.shape, generator=draw).to(weight.device)
    norms, own = (values.flatten(1).norm(dim=1) for values in (random, weight))
    return random * (own / norms).view(-1, *[1] * (weight.dim() - 1))


class Plane:
    """The network at points of the plane; the network itself does not change.

    `inputs` (B, 3, H, W) are the preprocessed images, `labels` (B,) the logit indices of their classes.
    """

    def __init__(self, network: ResNet, seed: int, inputs: Tensor, labels: Tensor) -> None:
        self.at = copy.deepcopy(network).eval().requires_grad_(False)
        self.weights = {name: weight.clone() for name, weight in self.at.named_parameters()}
        self.first, self.second = directions(network, seed)
        self.inputs, self.labels = inputs, labels

    @torch.no_grad()
    def measure(self, x: float, y: float) -> tuple[float, float]:
        """Mean cross-entropy and top-1 accuracy at the trained weights + x · first + y · second."""
        for name, weight in self.at.named_parameters():
            if name in self.first:
                weight.copy_(self.weights[name] + x * self.first[name] + y * self.second[name])
        network = packed(self.at)  # two thirds of the time, the same numbers up to rounding
        logits = torch.cat([network(batch) for batch in self.inputs.split(BATCH)])
        right = (logits.argmax(1) == self.labels).double().mean()
        return float(functional.cross_entropy(logits, self.labels)), float(right)

    def row(self, xs: Sequence[float], y: float) -> tuple[list[float], list[float]]:
        """Losses and accuracies along one row of the grid."""
        losses, accuracies = zip(*(self.measure(x, y) for x in xs), strict=True)
        return list(losses), list(accuracies)


@torch.no_grad()
def along_line(
    start: ResNet, trained: ResNet, shares: Sequence[float], inputs: Tensor, labels: Tensor
) -> tuple[list[float], list[float]]:
    """Losses and accuracies at start + share · (trained - start), for all weights, one pair for each share.

    BatchNorm normalises with the statistics of `inputs`: the running ones belong to no weights in between.
    """
    between = copy.deepcopy(trained).train()
    weights, first, last = (dict(network.named_parameters()) for network in (between, start, trained))
    losses, accuracies = [], []
    for share in shares:
        for name, weight in weights.items():
            weight.copy_(torch.lerp(first[name].to(weight.device), last[name], share))
        logits = between(inputs)
        losses.append(float(functional.cross_entropy(logits, labels)))
        accuracies.append(float((logits.argmax(1) == labels).double().mean()))
    return losses, accuracies
