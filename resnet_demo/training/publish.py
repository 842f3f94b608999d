"""Publishes a trained network as two files: weights in half precision and the model card that describes them."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch.nn import functional

from resnet_demo.checkpoints.card import mask
from resnet_demo.checkpoints.load import GOLDEN_TOLERANCE, Classifier, golden_input, load
from resnet_demo.data.datasets import Pictures
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.data.sources import info_of
from resnet_demo.errors import DemoError
from resnet_demo.models.architectures import ARCHITECTURES, Architecture
from resnet_demo.models.options import OPTIONS
from resnet_demo.models.resnet import ResNet
from resnet_demo.training.evaluation import answers
from resnet_demo.training.history import Epoch, as_rows, kept, write_atomically, write_json
from resnet_demo.training.recipe import Recipe
from resnet_demo.training.start import RANDOM, Start

GOLDEN_INPUT = "2 sin(0.37 i), where i counts the values of (1, 3, {size}, {size}) from 0"


@dataclass(frozen=True)
class Training:
    """What a model card says about the training of the weights.

    `made` is the machine and the versions (see `machine.made`), `how` the command that repeats the run, `note` a remark
    for the card or "", and `start` the initial weights.
    """

    dataset: str
    recipe: Recipe
    history: Sequence[Epoch]
    made: Mapping[str, Any]
    how: str
    note: str
    start: Start = RANDOM


def publish(network: ResNet, training: Training, test: Pictures, folder: Path) -> dict[str, Any]:
    """Writes `<model>-<dataset>.safetensors` and its card, `.json`, into `folder`; returns the card.

    The card's measurements are made with the file as written, in float32 on the CPU. Raises DemoError for numbers
    beyond the range of float16.
    """
    stem = f"{network.architecture.name}-{training.dataset}"
    content = save(_half(network, training.recipe.learning_rate))
    with _staging(folder / f".{stem}.partial") as staging:
        weights = staging / f"{stem}.safetensors"
        card = _card(network.architecture, training, test.classes, hashlib.sha256(content).hexdigest())
        write_atomically(weights, content)
        write_json(weights.with_suffix(".json"), card)
        card |= measure(load(network.architecture.name, str(weights), "cpu"), training.dataset, test)
    write_atomically(folder / f"{stem}.safetensors", content)
    write_json(folder / f"{stem}.json", card)
    return card


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """An empty folder until the block ends. Its name is fixed, so the next run clears what a killed run left there."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def measure(classifier: Classifier, dataset: str, test: Pictures) -> dict[str, Any]:
    """The measured entries of a card."""
    return {
        "accuracy": measure_accuracy(classifier, dataset, test),
        "parameters": parameters(classifier.network),
        "golden": {
            "input": GOLDEN_INPUT.format(size=classifier.preprocessing.size),
            "logits": golden_logits(classifier),
            "tolerance": GOLDEN_TOLERANCE,
        },
    }


def measure_accuracy(classifier: Classifier, dataset: str, test: Pictures) -> dict[str, Any]:
    """Top-1 accuracy (a fraction) and cross-entropy (nats) on the test half, a description of that half, and which
    images the network misclassifies, so that two networks can be compared image by image."""
    logits = answers(classifier.network, test, classifier.preprocessing, classifier.device)
    right = logits.argmax(1) == test.labels
    count = len(right)
    return {
        "top1": right.double().mean().item(),
        "loss": functional.cross_entropy(logits, test.labels).item(),
        "count": count,
        "half": "test",
        "data": measured_on(dataset, count),
        "wrong": mask(~right.numpy()),
    }


def measured_on(dataset: str, count: int) -> str:
    """The test half in words."""
    return f"{info_of(dataset).title} {info_of(dataset).side} px, {count:,} test photographs"


def parameters(network: ResNet) -> int:
    """The number of learnt parameters, without BatchNorm's running statistics."""
    return sum(parameter.numel() for parameter in network.parameters())


def golden_logits(classifier: Classifier) -> list[float]:
    """Logits of `golden_input`."""
    with torch.inference_mode():
        x = golden_input(classifier.preprocessing).to(classifier.device)
        logits: list[float] = classifier.network(x)[0].tolist()
    return logits


def _half(network: ResNet, rate: float) -> dict[str, torch.Tensor]:
    """The state in float16, contiguous, without BatchNorm's batch counters, which are never used.

    Raises DemoError when training at that learning rate produced numbers beyond the range of float16.
    """
    state = network.state_dict().items()
    found = {key: value.half().contiguous() for key, value in state if not key.endswith("num_batches_tracked")}
    beyond = next((key for key, value in found.items() if not value.isfinite().all()), None)
    if beyond:
        raise DemoError("weights_overflow", name=beyond, model=network.architecture.name, rate=rate)
    return found


def _card(architecture: Architecture, training: Training, classes: Mapping[str, str], sha256: str) -> dict[str, Any]:
    """The entries of a card that are known without running the network."""
    recipe = training.recipe
    stock = ARCHITECTURES[architecture.name]
    options = {name: getattr(architecture, name) for name in OPTIONS if name != "num_classes"}
    start = training.start.lines(architecture.name)
    card: dict[str, Any] = {
        "title": title(architecture.name, training.dataset, start),
        "model": architecture.name,
        "options": {name: value for name, value in options.items() if value != getattr(stock, name)},
        "dataset": training.dataset,
        "classes": [{"id": key, "name": name} for key, name in classes.items()],
        "preprocessing": preprocessing(recipe).as_dict(),
        "sha256": sha256,
        "dtype": "float16",
        "terms": info_of(training.dataset).terms,
        "how": training.how,
        "recipe": recipe.as_dict(),
        "seed": recipe.seed,
        "best_epoch": kept(training.history, recipe).epoch,
        "seconds": sum(row.seconds for row in training.history),
        "machine": training.made["machine"],
        "versions": training.made["versions"],
        "history": as_rows(training.history),
    }
    return card | ({"start": start} if start else {}) | ({"note": training.note} if training.note else {})


def title(model: str, dataset: str, start: Mapping[str, str]) -> str:
    """The card's title; `start` is its entry on the initial weights."""
    return f"{model}, trained on {info_of(dataset).title} from {start.get('weights', 'random weights')}"


def preprocessing(recipe: Recipe) -> Preprocessing:
    """How images are prepared for a network of this recipe."""
    return Preprocessing(recipe.test_size, recipe.test_size)
