"""`lesions`: test accuracy of trained networks with parts cut out, resumable network by network."""

import json
import random
from argparse import Namespace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from resnet_demo.commands.output import emit
from resnet_demo.data.datasets import Pictures, read
from resnet_demo.explain.lesions import parts, without
from resnet_demo.models.checkpoints import Classifier, load
from resnet_demo.training.evaluation import evaluate
from resnet_demo.training.history import write_json
from resnet_demo.training.publish import machine, versions

COUNTS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20)
"""How many parts are cut together; those that leave a network without one are left out."""


def run(args: Namespace) -> int:
    test = read("cifar10", args.data_dir, "test")
    classifiers = [load(name, "cifar10", args.device) for name in args.model]
    settings = {"count": len(test), "draws": args.draws, "seed": args.seed}
    result: dict[str, Any] = {**settings, "machine": machine(classifiers[0].device), "versions": versions()}
    networks = finished(args.out, settings, classifiers)
    for classifier in classifiers:
        if classifier.name not in networks:
            networks[classifier.name] = measure(classifier, test, args.draws, args.seed)
        write_json(args.out, result | {"networks": networks})
    result["networks"] = {name: networks[name] for name in args.model}
    write_json(args.out, result)
    emit(args.json, result, table(result))
    return 0


def finished(out: Path, settings: dict[str, int], classifiers: list[Classifier]) -> dict[str, Any]:
    """What an earlier run with the same settings and weights left in its file, network by network."""
    if not out.exists():
        return {}
    before = json.loads(out.read_text("utf-8"))
    if any(before.get(key) != value for key, value in settings.items()):
        return {}
    networks = before["networks"]
    return {
        one.name: networks[one.name]
        for one in classifiers
        if networks.get(one.name, {}).get("sha256") == one.card["sha256"]
    }


def measure(classifier: Classifier, test: Pictures, draws: int, seed: int) -> dict[str, Any]:
    """Test errors (fractions): of the whole network, without each part, and without several drawn at random."""
    known = parts(classifier.network)
    draw = random.Random(seed)
    several = {count: [draw.sample(known, count) for _ in range(draws)] for count in COUNTS if count < len(known)}
    with tqdm(total=1 + len(known) + draws * len(several), desc=classifier.name, leave=False, disable=None) as bar:

        def error(cut: list[str]) -> float:
            found = evaluate(without(classifier.network, cut), test, classifier.preprocessing, classifier.device)
            bar.update()
            return round(1 - found.accuracy, 6)

        return {
            "sha256": classifier.card["sha256"],
            "error": error([]),
            "parts": {part: error([part]) for part in known},
            "several": {str(count): [error(cut) for cut in cuts] for count, cuts in several.items()},
        }


def table(result: dict[str, Any]) -> str:
    """The errors in percent: whole, the median and the worst single cut, and several at once as a mean."""
    lines = []
    for name, found in result["networks"].items():
        single = sorted(found["parts"].values())
        lines.append(
            f"{name}: whole {100 * found['error']:.2f} %; one of {len(single)} parts cut: "
            f"median {100 * single[len(single) // 2]:.2f} %, worst {100 * single[-1]:.2f} %"
        )
        lines += [
            f"  {count} cut at random: {100 * sum(errors) / len(errors):.2f} %"
            for count, errors in found["several"].items()
        ]
    return "\n".join(lines)
