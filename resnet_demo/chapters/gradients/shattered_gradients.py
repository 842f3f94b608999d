"""Shattered gradients: how alike are the gradients of two pictures that are almost the same?

D. Balduzzi et al. 2017, "The Shattered Gradients Problem", arXiv 1702.08591: in deep plain networks at initialisation
the gradient with respect to the input becomes like white noise; shortcuts keep it correlated. Its size says nothing
about that. BatchNorm has a part in it: without it the correlation falls far less.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from resnet_demo.models.resnet import ResNet

CHANGES = (0.0001, 0.001, 0.01, 0.1)
"""Sizes of the change, as parts of the pictures' root mean square."""


@dataclass(frozen=True)
class Shattering:
    """Correlation of a network's input gradients before and after a change, for each size of `changes`."""

    network: str
    changes: tuple[float, ...]
    correlations: tuple[float, ...]


def shattering(
    network: ResNet, pictures: Tensor, labels: Tensor, direction: Tensor, changes: tuple[float, ...] = CHANGES
) -> Shattering:
    """How alike the gradient stays when each picture x moves to x + change · rms · direction.

    rms is the root mean square of the whole batch. The gradient is that of the labels' logits with respect to the
    pictures (B, 3, H, W); alike is the cosine of both gradients, averaged over the pictures: 1 for the same direction,
    0 for unrelated ones. `direction` has the pictures' shape and unit mean square; BatchNorm uses the batch's
    statistics. A private copy of the network runs.
    """
    before, *after = input_gradients(network, pictures, labels, direction, (0.0, *changes))
    alike = [float(functional.cosine_similarity(before, gradient, dim=1).mean()) for gradient in after]
    return Shattering(network.architecture.name, changes, tuple(alike))


def walk(
    network: ResNet, pictures: Tensor, labels: Tensor, direction: Tensor, changes: tuple[float, ...]
) -> tuple[float, ...]:
    """One number of the gradient, that of the first picture's middle pixel (red), at each change.

    In units of its own root mean square over the walk, so that two networks can be drawn on one axis.
    """
    middle = pictures[0, 0].numel() // 2 + pictures.shape[-1] // 2
    found = torch.stack([g[0, middle] for g in input_gradients(network, pictures, labels, direction, changes)])
    return tuple((found / found.square().mean().sqrt()).tolist())


def input_gradients(
    network: ResNet, pictures: Tensor, labels: Tensor, direction: Tensor, changes: tuple[float, ...]
) -> Iterator[Tensor]:
    """d(mean of the labels' logits)/dx at each change, (B, 3·H·W) in float64."""
    copy = deepcopy(network).train().requires_grad_(False)
    step = direction * pictures.square().mean().sqrt()
    for change in changes:
        x = (pictures + change * step).requires_grad_()
        with torch.enable_grad():
            logit = copy(x).gather(1, labels[:, None]).mean()
        (gradient,) = torch.autograd.grad(logit, x)
        yield gradient.flatten(1).cpu().double()
