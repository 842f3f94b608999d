"""How a network is trained, as one frozen record that becomes part of its model card."""

import math
from dataclasses import asdict, dataclass, fields, replace
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
    "ema": (0, 0.99999),
    "last_size": (0, 4096),
    "last_crop_scale": (0.01, 1),
}
"""The smallest and the largest value of each number. BatchNorm needs two images in a batch."""
LATER = {"mixing", "ema", "last_size", "last_crop_scale", "watch"}
"""The fields that recipes did not have when the first cards were written."""


Augmentation = Literal["none", "resized-crop", "pad-crop"]
Schedule = Literal["cosine", "step"]
Mixing = Literal["none", "cutmix", "mixup"]
Watch = Literal["test", "training"]
WATCHED: dict[Watch, str] = {"test": "test", "training": "training sample"}


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
            "pad-crop" (zero padding of 4 px, then a random crop); both flip half of the images. "none" trains on the
            images as they are.
        first_size, size: pixels per side at the start, and from 60% of the epochs on; it grows in steps of 16.
        test_size: pixels per side for validation, test and app.
        valid_ratio: fraction of each training class held out to choose the best epoch. 0 holds nothing out:
            every epoch is measured on `watch`, and the last one is kept regardless.
        patience: epochs after the best one (the latest of ties) at which training stops; 0 never stops early.
        seed: for the weights, the held-out part, the order and the augmentation.
        mixing: how half of the batches are mixed, except in the last 15 % of the epochs: "cutmix" pastes a box from
            another image (Yun et al. 2019, arXiv 1905.04899), "mixup" blends two (Zhang et al. 2017, 1710.09412).
        ema: decay per step of the exponential moving average of the weights, which is then measured and kept; 0 keeps
            the weights themselves.
        last_size: pixels per side in the last tenth of the epochs (one at least), where "resized-crop" keeps
            `last_crop_scale` of the area at least; 0 changes nothing there.
        watch: with `valid_ratio` 0, what measures every epoch: the test half, as in the papers, or a fixed sample of
            the training images, so that the test half is read only once.
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
    mixing: Mixing = "none"
    ema: float = 0.0
    last_size: int = 0
    last_crop_scale: float = 0.7
    watch: Watch = "test"

    def __post_init__(self) -> None:
        for option, (low, high) in LIMITS.items():
            value = getattr(self, option)
            if not low <= value <= high:
                raise DemoError("recipe_range", option=option, value=value, low=low, high=high)

    @property
    def watched(self) -> str:
        """What every epoch is measured on."""
        return "validation" if self.valid_ratio else WATCHED[self.watch]

    def as_dict(self) -> dict[str, Any]:
        """For cards and state files. Where all `LATER` fields have their defaults, they are left out, so that files
        from before they existed stay comparable."""
        later = {field.name: field.default for field in fields(self) if field.name in LATER}
        used = any(getattr(self, name) != default for name, default in later.items())
        return {name: value for name, value in asdict(self).items() if used or name not in later}

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
        if self.last_size and self._is_late(epoch):
            return self.last_size
        progress = min(epoch / (0.6 * self.epochs), 1.0)
        return self.first_size + 16 * int(progress * (self.size - self.first_size) / 16)

    def crop_scale_at(self, epoch: int) -> float:
        """The smallest part of the area that "resized-crop" keeps in an epoch."""
        return self.last_crop_scale if self.last_size and self._is_late(epoch) else self.crop_scale

    def mixes_at(self, epoch: int) -> bool:
        """Whether half of the batches are mixed in an epoch."""
        return self.mixing != "none" and epoch < 0.85 * self.epochs

    def _is_late(self, epoch: int) -> bool:
        return epoch >= self.epochs - max(1, self.epochs // 10)


RECIPES = {
    "imagenette": Recipe(40, 64, 0.05, 96, 128, 160, "resized-crop", weight_decay=1e-3),
    "stl10": Recipe(60, 64, 0.05, 96, 96, 96, "resized-crop", weight_decay=1e-3),
    "cifar10": Recipe(30, 128, 0.1, 32, 32, 32, "pad-crop"),
}


def recipe_for(dataset: str) -> Recipe:
    """The recipe of a dataset; an image folder of one's own is trained on as Imagenette is."""
    return RECIPES.get(dataset, RECIPES["imagenette"])


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
