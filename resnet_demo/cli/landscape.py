"""`landscape`: loss and accuracy around trained weights and on the line from the initial ones, resumable row by row."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import torch
from tqdm import tqdm

from resnet_demo.chapters.degradation.landscape import Plane, along_line
from resnet_demo.chapters.degradation.landscape_study import LINE, axis
from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.cli.output import emit
from resnet_demo.cli.resumable import Entry, Kinds, measure_all
from resnet_demo.data.datasets import Pictures, find_classes, sample
from resnet_demo.models.resnet import ResNet, build
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
    """The line; then loss and accuracy, one list for each row from the lowest y. `asked`: logits of the classes."""
    found = before or {"loss": [], "accuracy": []}
    inputs = classifier.preprocessing.batch(pictures.images.to(classifier.device))
    labels = torch.tensor(asked, device=classifier.device)[pictures.labels.to(classifier.device)]
    if "line" not in found:
        found["line"] = None
        if start := initial(classifier):
            found["line"] = rounded(*along_line(start, classifier.network, LINE, inputs, labels))
        yield found
    plane = Plane(classifier.network, settings["seed"], inputs, labels)
    places = axis(settings["points"], settings["span"])
    missing = places[len(found["loss"]) :]
    for y in tqdm(missing, desc=classifier.name, unit="row", leave=False, disable=None):
        for kind, values in rounded(*plane.row(places, y)).items():
            found[kind].append(values)
        yield found


def initial(classifier: Classifier) -> ResNet | None:
    """The random weights that the training began with, drawn again from the card's seed; None where it has none."""
    card = classifier.card
    if "recipe" not in card or "start" in card:
        return None
    torch.manual_seed(card["seed"])
    return build(card["model"], len(card["classes"]), **card["options"])


def rounded(losses: list[float], accuracies: list[float]) -> Entry:
    """Four digits of each, as they are stored."""
    return {"loss": [float(f"{loss:.4g}") for loss in losses], "accuracy": [round(one, 4) for one in accuracies]}


def table(result: dict[str, Any]) -> str:
    """The loss at the trained weights, and the greatest in the plane; for a network left unfinished, how far it is."""
    points = result["points"]
    middle = points // 2
    return "\n".join(
        f"{name}: loss {found['loss'][middle][middle]:.4g}, up to {max(map(max, found['loss'])):.4g}"
        if len(found["loss"]) == points
        else f"{name}: {len(found['loss'])} of {points} rows"
        for name, found in result["networks"].items()
    )
