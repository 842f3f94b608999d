"""`landscape`: loss and accuracy around trained weights in a plane of two random directions, resumable row by row."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import torch
from tqdm import tqdm

from resnet_demo.chapters.degradation.landscape import Plane
from resnet_demo.chapters.degradation.landscape_study import axis
from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.cli.output import emit
from resnet_demo.cli.resumable import Entry, Kinds, measure_all
from resnet_demo.data.datasets import Pictures, find_classes, sample
from resnet_demo.training.evaluation import columns

DATASET = "cifar10"
KINDS: Kinds = {"loss": list, "accuracy": list}


def run(args: Namespace) -> int:
    """Measures the rows that the file lacks. The twins share images, directions and scale."""
    classes = find_classes(DATASET, args.data_dir)
    classifiers = {name: load(name, DATASET, args.device) for name in args.model}
    asked = {name: columns(classifier, classes, DATASET, DATASET) for name, classifier in classifiers.items()}
    draw = torch.Generator().manual_seed(args.seed)
    pictures = sample(DATASET, args.data_dir, "train", args.count, draw)
    settings = {"points": args.points, "span": args.span, "count": len(pictures), "seed": args.seed}

    def rows(classifier: Classifier, before: Entry | None) -> Iterator[Entry]:
        return measure(classifier, asked[classifier.name], pictures, settings, before)

    result = measure_all(args, classifiers, settings, KINDS, rows)
    emit(args.json, result, table(result))
    return 0


def measure(
    classifier: Classifier, asked: list[int], pictures: Pictures, settings: dict[str, Any], before: Entry | None
) -> Iterator[Entry]:
    """Loss and accuracy, one list for each row from the lowest y; `asked` are the logits of the dataset's classes."""
    found = before or {"loss": [], "accuracy": []}
    inputs = classifier.preprocessing.batch(pictures.images.to(classifier.device))
    labels = torch.tensor(asked, device=classifier.device)[pictures.labels.to(classifier.device)]
    plane = Plane(classifier.network, settings["seed"], inputs, labels)
    places = axis(settings["points"], settings["span"])
    missing = places[len(found["loss"]) :]
    for y in tqdm(missing, desc=classifier.name, unit="row", leave=False, disable=None):
        losses, accuracies = plane.row(places, y)
        found["loss"].append([float(f"{loss:.4g}") for loss in losses])
        found["accuracy"].append([round(one, 4) for one in accuracies])
        yield found


def table(result: dict[str, Any]) -> str:
    """The loss at the trained weights, and the greatest in the plane."""
    middle = result["points"] // 2
    return "\n".join(
        f"{name}: loss {found['loss'][middle][middle]:.4g}, up to {max(map(max, found['loss'])):.4g}"
        for name, found in result["networks"].items()
    )
