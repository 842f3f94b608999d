"""How a network is trained, as one frozen record that becomes part of its model card."""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

from resnet_demo.errors import DemoError

LIMITS: dict[str, tuple[float, float]] = {
    "epochs": (1, 10_000),
    "batch_size": (2, 65_536),
    "learning_rate": (1e-6, 100),
    "warmup": (0, 10_000),
    "first_size": (1, 4096),
    "size": (1, 4096),
    "test_size": (1, 4096),
    "momentum": (0, 0.999),
    "weight_decay": (0, 1),
    "label_smoothing": (0, 0.999),
    "crop_scale": (0.01, 1),
    "valid_ratio": (0, 0.5),
    "patience": (0, 10_000),
    "seed": (0, 2**31 - 1),
}
"""The smallest and the largest value of each number. BatchNorm needs two images in a batch."""


Augmentation = Literal["resized-crop", "pad-crop"]
Schedule = Literal["cosine", "step"]


@dataclass(frozen=True)
class Recipe:
    """SGD with momentum, a schedule, and augmentation of the training images. Raises DemoError outside `LIMITS`.

    Attributes:
        epochs, batch_size: as named.
        learning_rate: its peak; `schedule` "cosine" falls to 0, "step" divides by ten after 1/2 and 3/4 of the epochs.
        warmup: epochs in which the rate rises linearly from 0; at most a quarter of all epochs.
        momentum, weight_decay: of SGD with Nesterov momentum; BatchNorm and biases are not decayed.
        label_smoothing: probability taken from the label and spread over all classes.
        augmentation: "resized-crop" (a random crop of at least `crop_scale` of the area, resized) or
            "pad-crop" (zero padding of 4 px, then a random crop); both flip half of the images.
        first_size, size: pixels per side at the start, and from 60% of the epochs on; it grows in steps of 16.
        test_size: pixels per side for validation, test and app.
        valid_ratio: fraction of each training class held out to choose the best epoch. 0 holds nothing out:
            every epoch is measured on the test half, as in the papers, and the last one is kept regardless.
        patience: epochs after the best one (the latest of ties) at which training stops; 0 never stops early.
        seed: for the weights, the held-out part, the order and the augmentation.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    first_size: int
    size: int
    test_size: int
    augmentation: Augmentation
    schedule: Schedule = "cosine"
    warmup: float = 2.0
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    crop_scale: float = 0.25
    valid_ratio: float = 0.05
    patience: int = 15
    seed: int = 0

    def __post_init__(self) -> None:
        for option, (low, high) in LIMITS.items():
            value = getattr(self, option)
            if not low <= value <= high:
                raise DemoError("recipe_range", option=option, value=value, low=low, high=high)

    @property
    def watched(self) -> str:
        """The part on which every epoch is measured."""
        return "validation" if self.valid_ratio else "test"

    def rate(self, epoch: float) -> float:
        """The learning rate at a time in training, in epochs: 2.5 is halfway through the third."""
        warmup = min(self.warmup, self.epochs / 4)
        if epoch < warmup:
            return self.learning_rate * epoch / warmup
        if self.schedule == "cosine":
            progress = (epoch - warmup) / (self.epochs - warmup)
            return self.learning_rate * (1 + math.cos(math.pi * progress)) / 2
        progress = epoch / self.epochs
        return self.learning_rate * (1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01)

    def size_at(self, epoch: int) -> int:
        """Training image size in pixels per side in an epoch; starting small saves time."""
        progress = min(epoch / (0.6 * self.epochs), 1.0)
        return self.first_size + 16 * int(progress * (self.size - self.first_size) / 16)


RECIPES = {
    "imagenette": Recipe(40, 64, 0.05, 96, 128, 160, "resized-crop", weight_decay=1e-3),
    "stl10": Recipe(60, 64, 0.05, 96, 96, 96, "resized-crop", weight_decay=1e-3),
    "cifar10": Recipe(30, 128, 0.1, 32, 32, 32, "pad-crop"),
}
FINE_TUNING: dict[str, Any] = {"epochs": 10, "learning_rate": 0.01}
"""Replaces the recipe's own rate when a trained network is fine-tuned: large steps would destroy what it has learnt."""

_SHORT = Recipe(
    20,
    128,
    0.1,
    32,
    32,
    32,
    "pad-crop",
    weight_decay=1e-4,
    label_smoothing=0.0,
    valid_ratio=0.0,
    patience=0,
)
PRESETS = {"short": _SHORT, "paper": replace(_SHORT, epochs=164, schedule="step", warmup=0.0)}
"""The paper's 64,000 iterations are 164 epochs of 50,000 images in batches of 128; its rate drops at 1/2 and 3/4."""
DEPTHS = (20, 32, 44, 56, 110)
"""Depths of the study: 6n + 2 layers."""
