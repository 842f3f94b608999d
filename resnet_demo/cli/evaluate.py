"""`evaluate`: the accuracy of weights on the test half, class by class."""

import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.cli.output import emit
from resnet_demo.cli.resumable import same_measurement
from resnet_demo.data.datasets import find_classes, read
from resnet_demo.data.sources import dataset_name, info_of
from resnet_demo.training.evaluation import answers, columns
from resnet_demo.training.history import write_json
from resnet_demo.training.lettering import lacking
from resnet_demo.training.report import Report, draw, report


def run(args: Namespace) -> int:
    dataset = dataset_name(args.dataset)
    weights = args.weights or dataset
    about: dict[str, Any] = {"model": args.model, "weights": weights, "dataset": dataset, "half": "test"}
    if args.out:
        same_measurement(args.verb, args.out / "evaluation.json", about, {})
    classifier = load(args.model, weights, args.device)
    classes = find_classes(dataset, args.data_dir, ("test",))
    asked = columns(classifier, classes, dataset, weights)
    test = read(dataset, args.data_dir, "test")
    logits = answers(classifier.network, test, classifier.preprocessing, classifier.device)[:, asked]
    found = report(logits, test.labels)
    names = list(classes.values())
    title = f"{args.model}, {weights}"
    value = {**about, "classes": names, "known_classes": len(classifier.classes), **asdict(found)}
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        write_json(args.out / "evaluation.json", value)
        draw(found, names, f"{title} on {info_of(dataset).title}", args.out / "evaluation.png")
        if missing := lacking([*names, title]):
            print(
                f"evaluation.png has escapes for {missing}, which no font of this machine has. Install one for that "
                "script, such as Noto Sans CJK, and evaluate again.",
                file=sys.stderr,
            )
    emit(args.json, value, _text(found, names, title, classifier, args.out))
    return 0


def _text(found: Report, classes: list[str], title: str, classifier: Classifier, out: Path | None) -> str:
    lines = [f"{title}: top-1 accuracy {found.accuracy:.2%}, loss {found.loss:.4f} nats, on {found.count:,} images"]
    if len(classifier.classes) > len(classes):
        lines.append(
            f"among the {len(classes)} classes of the dataset, out of the {len(classifier.classes):,} of the network"
        )
    lines.append(f"expected calibration error {found.calibration_error:.4f}")
    width = max(map(len, classes))
    for name, part, row in zip(classes, found.per_class, found.confusion, strict=True):
        shown = "no images" if part is None else f"{part:7.2%}"
        confused = [(count, other) for other, count in zip(classes, row, strict=True) if other != name and count]
        count, other = max(confused, default=(0, ""))
        lines.append(f"  {name:{width}}  {shown}" + (f"  most often taken for {other} ({count})" if other else ""))
    return "\n".join(lines + ([f"written to {out / 'evaluation.json'} and evaluation.png"] if out else []))
