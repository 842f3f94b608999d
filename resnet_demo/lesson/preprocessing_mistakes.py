"""Preprocessing that differs from training: what it does to an image, and to the accuracy on the whole test split.

Measured by `python -m resnet_demo.lesson.preprocessing_mistakes DATA_DIR`, which writes the JSON beside this module.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional

from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.data.datasets import Pictures, find_classes, read
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.models.device import in_parts
from resnet_demo.training.evaluation import BATCH, columns

RESULTS = Path(__file__).with_suffix(".json")
NETWORK, DATASET = "resnet18", "imagenette"


@dataclass(frozen=True)
class Mistake:
    """One mistake: other constants, another size (as a multiple), or channels in the order blue, green, red."""

    mean: float | None = None
    std: float | None = None
    scale: float = 1.0
    bgr: bool = False

    def prepare(self, images: Tensor, right: Preprocessing) -> Tensor:
        """The network's input for (B, 3, H, W) uint8 RGB images, prepared wrongly."""
        resize, size = (round(self.scale * side) for side in (right.resize, right.size))
        mean = right.mean if self.mean is None else (self.mean,) * 3
        std = right.std if self.std is None else (self.std,) * 3
        wrong = replace(right, resize=resize, size=size, mean=mean, std=std)
        return wrong.batch(images.flip(1) if self.bgr else images)


MISTAKES = {
    "none": Mistake(),
    "small": Mistake(scale=0.5),
    "bgr": Mistake(bgr=True),
    "unnormalised": Mistake(mean=0.0, std=1.0),
    "half": Mistake(mean=0.5, std=0.5),
}


def seen(mistake: Mistake, image: Image.Image, right: Preprocessing) -> Image.Image:
    """The image that would have led to this input, had the preprocessing been right: what the network "sees"."""
    crop = functional.pil_to_tensor(right.crop(image))[None]
    x = mistake.prepare(crop, right)[0]
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (right.mean, right.std))
    return Image.fromarray(((x * std + mean).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())


@cache
def measured(path: Path = RESULTS) -> dict[str, Any]:
    """The shipped measurement: "count" photographs, and "accuracy" as a fraction by the mistake's name."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def accuracy(classifier: Classifier, mistake: Mistake, test: Pictures, wanted: list[int]) -> float:
    """Top-1 accuracy as a fraction; `wanted` are the logits of the dataset's classes."""

    def logits(images: Tensor) -> Tensor:
        x = mistake.prepare(images, classifier.preprocessing).contiguous(memory_format=torch.channels_last)
        answer: Tensor = classifier.network(x)[:, wanted].cpu()
        return answer

    with torch.inference_mode():
        found = torch.cat(list(in_parts(logits, test.images, BATCH)))
    return float((found.argmax(1) == test.labels).double().mean())


def measure(data_dir: str) -> Iterator[dict[str, Any]]:
    """One mistake after the other on the whole test split. Raises DatasetError."""
    classifier = load(NETWORK, DATASET, "cpu")
    wanted = columns(classifier, find_classes(DATASET, data_dir, ("test",)), DATASET, DATASET)
    test = read(DATASET, data_dir, "test")
    about = {"network": NETWORK, "sha256": classifier.card["sha256"], "count": len(test)}
    found: dict[str, float] = {}
    for name, mistake in MISTAKES.items():
        found[name] = round(accuracy(classifier, mistake, test, wanted), 4)
        yield {**about, "accuracy": found}


if __name__ == "__main__":
    for result in measure(sys.argv[1]):
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
