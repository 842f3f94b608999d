"""Checkpoints with cards, without the minutes of training."""

from pathlib import Path
from typing import Any

import torch

from resnet_demo.checkpoints.card import Lines
from resnet_demo.data.datasets import Pictures
from resnet_demo.models import build
from resnet_demo.training.findings import Published
from resnet_demo.training.history import Epoch
from resnet_demo.training.machine import made
from resnet_demo.training.publish import Training, publish
from resnet_demo.training.recipe import Recipe
from tests.helpers.generated import pictures

RECIPE = Recipe(2, 16, 0.1, 32, 32, 32, "pad-crop")
HISTORY = [
    Epoch(1, RECIPE.rate(0), 32, 1.1, 0.3, 1.0, 0.5, 2.0),
    Epoch(2, RECIPE.rate(1), 32, 0.9, 0.4, 0.8, 0.5, 3.0),
]


def publish_untrained(
    folder: Path, model: str = "resnet20", dataset: str = "cifar10", test: Pictures | None = None, **options: object
) -> dict[str, Any]:
    """Publishes random weights with a made-up history, measured on `test` or on made-up pictures; returns the card."""
    folder.mkdir(exist_ok=True)
    torch.manual_seed(0)
    training = Training(dataset, RECIPE, HISTORY, made(torch.device("cpu")), "python -m resnet_demo train", "a remark")
    return publish(build(model, 3, **options), training, test or pictures(24, first=900), folder)


def lines(schema: type[Lines] = Published, before: str = "") -> list[str]:
    """The lines that a card must have, such as "seed" and "accuracy.top1"."""
    found = []
    for name, field in schema.model_fields.items():
        inner: Any = field.annotation if name in ("accuracy", "golden") else None
        if inner:
            found += lines(inner, f"{name}.")
        elif field.is_required():
            found.append(f"{before}{name}")
    return found
