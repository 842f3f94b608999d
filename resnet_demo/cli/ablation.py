"""`ablation`: test error of trained networks with parts removed, resumable network by network."""

import random
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tqdm import tqdm

from resnet_demo.chapters.degradation.ablation import parts, without
from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.cli.output import emit
from resnet_demo.cli.resumable import Entry, Kinds, measure_all
from resnet_demo.data.datasets import Pictures, find_classes, read
from resnet_demo.training.evaluation import answers, columns

COUNTS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20)
"""How many parts are removed together; numbers that would leave a network without any part are skipped."""
DATASET = "cifar10"
KINDS: Kinds = {"error": (int, float), "parts": dict, "several": dict}


def run(args: Namespace) -> int:
    """Measures the networks that the file lacks."""
    classes = find_classes(DATASET, args.data_dir)
    sources = {name: _weights(args.weights, name) for name in args.model}
    classifiers = {name: load(name, source, args.device) for name, source in sources.items()}
    asked = {name: columns(classifiers[name], classes, DATASET, source) for name, source in sources.items()}
    test = read(DATASET, args.data_dir, "test")

    def once(classifier: Classifier, before: Entry | None) -> Iterator[Entry]:
        if before is None:
            yield measure(classifier, asked[classifier.name], test, args.draws, args.seed)

    settings = {"count": len(test), "draws": args.draws, "seed": args.seed}
    result = measure_all(args, classifiers, settings, KINDS, once)
    emit(args.json, result, table(result))
    return 0


def _weights(folder: Path | None, name: str) -> str:
    """The weights for `load`: the file written by `degradation`, or the shipped ones."""
    return str(folder / f"{name}-{DATASET}.safetensors") if folder else DATASET


def measure(classifier: Classifier, asked: list[int], test: Pictures, draws: int, seed: int) -> Entry:
    """Test errors (fractions) of the intact network, without each part, and without several parts drawn at random.

    `asked` are the logit indices of the dataset's classes.
    """
    known = parts(classifier.network)
    draw = random.Random(seed)
    several = {count: [draw.sample(known, count) for _ in range(draws)] for count in COUNTS if count < len(known)}
    with tqdm(total=1 + len(known) + draws * len(several), desc=classifier.name, leave=False, disable=None) as bar:

        def error(cut: list[str]) -> float:
            network = without(classifier.network, cut)
            logits = answers(network, test, classifier.preprocessing, classifier.device)[:, asked]
            bar.update()
            return round(1 - (logits.argmax(1) == test.labels).double().mean().item(), 6)

        return {
            "error": error([]),
            "parts": {part: error([part]) for part in known},
            "several": {str(count): [error(cut) for cut in cuts] for count, cuts in several.items()},
        }


def table(result: dict[str, Any]) -> str:
    """Errors in percent: intact, median and worst with one part removed, and the mean with several removed."""
    lines = []
    for name, found in result["networks"].items():
        single = found["parts"].values()
        lines.append(
            f"{name}: {100 * found['error']:.2f}% error when intact; with one of {len(single)} parts removed: "
            f"median {100 * median(single):.2f}%, worst {100 * max(single):.2f}%"
        )
        lines += [
            f"  {count} parts removed at random: {100 * sum(errors) / len(errors):.2f}%"
            for count, errors in found["several"].items()
        ]
    return "\n".join(lines)
