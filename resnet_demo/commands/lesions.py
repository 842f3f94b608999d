"""`lesions`: test accuracy of trained networks with parts cut out."""

import random
from argparse import Namespace
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
    result: dict[str, Any] = {"count": len(test), "draws": args.draws, "seed": args.seed}
    result |= {"machine": machine(classifiers[0].device), "versions": versions(), "networks": {}}
    for classifier in classifiers:
        result["networks"][classifier.name] = measure(classifier, test, args.draws, args.seed)
    write_json(args.out, result)
    emit(args.json, result, table(result))
    return 0


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
