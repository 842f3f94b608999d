"""The methods that need many forward passes: scores for images masked by one channel, or without a channel."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resnet_demo.explain.common import Map, Progress
from resnet_demo.explain.forward import Forward
from resnet_demo.models.device import in_parts

PICTURES = 16
"""Masked images in one pass through the whole network."""
CHANNELS = 64
"""Ablated feature maps in one pass through the rest of the network."""


def score_cam(forward: Forward, tap: str, directions: Tensor, progress: Progress | None) -> Map:
    """Score-CAM (arXiv 1910.01279): relu(sum_k alpha_k A_k), alpha the softmax over channels of the scores of x * M_k.

    M_k is A_k resized to the image and scaled to [0, 1]; x is the normalised image, so masked areas become the mean
    colour. Flat channels mask everything and share one pass. Returns a map (h, w), which is zero when a class is
    compared with itself: equal scores would otherwise give the mean of all channels.
    """
    a = forward.activations[tap]  # (1, C, h, w)
    if not directions.any():
        return np.zeros(a.shape[2:], np.float32)
    side = forward.x.shape[-2:]

    def masked(channels: Tensor) -> Tensor:
        # Corners aligned, as in pytorch-grad-cam's UpsamplingBilinear2d.
        large = functional.interpolate(a[0, channels, None], side, mode="bilinear", align_corners=True)  # (n, 1, H, W)
        low, high = large.amin((2, 3), keepdim=True), large.amax((2, 3), keepdim=True)
        return forward.network(forward.x * ((large - low) / (high - low + 1e-8)))

    with torch.no_grad():
        shaped = a.amax((0, 2, 3)) > a.amin((0, 2, 3))
        scores = (forward.network(torch.zeros_like(forward.x)) @ directions.T)[0].repeat(len(shaped))  # (C,)
        _in_batches(shaped.nonzero()[:, 0], PICTURES, lambda some: masked(some) @ directions.T, scores, progress)
        return torch.einsum("k,khw->hw", scores.softmax(0), a[0]).relu().cpu().numpy()


def ablation_cam(forward: Forward, tap: str, directions: Tensor, progress: Progress | None) -> Map:
    """Ablation-CAM (Desai and Ramaswamy, WACV 2020): relu(sum_k w_k A_k), w_k the drop of the score when A_k is zero.

    The paper divides w_k by the score. That only scales the map if the score is positive, and inverts it if the score
    is negative, so it is omitted: w_k is in logits. Only the rest of the network is run. Returns a map (h, w).
    """
    a = forward.activations[tap]  # (1, C, h, w)

    def ablated(channels: Tensor) -> Tensor:
        batch = a.repeat(len(channels), 1, 1, 1)
        batch[torch.arange(len(channels)), channels] = 0
        return forward.rest(tap, batch)

    with torch.no_grad():
        whole = (forward.logits @ directions.T)[0]
        scores = whole.repeat(a.shape[1])  # (C,): removing a channel of zeros changes nothing
        alive = a.abs().amax((0, 2, 3)).nonzero()[:, 0]
        _in_batches(alive, CHANNELS, lambda some: ablated(some) @ directions.T, scores, progress)
        return torch.einsum("k,khw->hw", whole - scores, a[0]).relu().cpu().numpy()


def _in_batches(
    channels: Tensor, size: int, score: Callable[[Tensor], Tensor], scores: Tensor, progress: Progress | None
) -> None:
    """Writes the scores (n, 1) of the `channels` into `scores` (C,)."""
    done = 0

    def part(some: Tensor) -> int:
        scores[some] = score(some)[:, 0]
        return len(some)

    for count in in_parts(part, channels, size):
        done += count
        if progress:
            progress(done, len(channels))
