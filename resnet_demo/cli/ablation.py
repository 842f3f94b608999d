"""`lesions`: test error of trained networks with parts removed, resumable network by network."""

import json
import random
from argparse import Namespace
from pathlib import Path
from statistics import median
from typing import Any

from tqdm import tqdm

from resnet_demo.chapters.degradation.ablation import parts, without
from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.cli.output import emit
from resnet_demo.data.datasets import Pictures, find_classes, read
from resnet_demo.data.locks import writing
from resnet_demo.errors import DemoError
from resnet_demo.models.architectures import ARCHITECTURES, depth_of
from resnet_demo.training.evaluation import answers, columns
from resnet_demo.training.history import write_json
from resnet_demo.training.machine import machine, versions

COUNTS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20)
"""How many parts are removed together; numbers that would leave a network without any part are skipped."""
DATASET = "cifar10"
LINES = {"count": int, "draws": int, "seed": int, "networks": dict}
EACH: dict[str, type | tuple[type, ...]] = {"sha256": str, "error": (int, float), "parts": dict, "several": dict}
"""The entries that an earlier file and each of its networks must have to be continued."""


def run(args: Namespace) -> int:
    """Measures the networks that the file lacks. Its "machine" and "versions" are those of the latest run."""
    classes = find_classes(DATASET, args.data_dir)
    sources = {name: _weights(args.weights, name) for name in args.model}
    classifiers = {name: load(name, source, args.device) for name, source in sources.items()}
    asked = {name: columns(classifiers[name], classes, DATASET, source) for name, source in sources.items()}
    test = read(DATASET, args.data_dir, "test")
    settings = {"count": len(test), "draws": args.draws, "seed": args.seed}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    device = classifiers[args.model[0]].device
    result: dict[str, Any] = {**settings, "machine": machine(device), "versions": versions()}
    with writing(args.out):
        networks = earlier(args.out, settings)
        for name, classifier in classifiers.items():
            if networks.get(name, {}).get("sha256") != classifier.card["sha256"]:
                networks[name] = measure(classifier, asked[name], test, args.draws, args.seed)
            result["networks"] = {one: networks[one] for one in sorted(networks, key=_place)}
            write_json(args.out, result)
    emit(args.json, result, table(result))
    return 0


def _weights(folder: Path | None, name: str) -> str:
    """The weights for `load`: the file written by `degradation`, or the shipped ones."""
    return str(folder / f"{name}-{DATASET}.safetensors") if folder else DATASET


def _place(name: str) -> tuple[int, bool]:
    """Sort key: shallow networks first, and a plain network before its residual twin."""
    return depth_of(name), name.startswith("resnet")


def earlier(out: Path, settings: dict[str, int]) -> dict[str, Any]:
    """Earlier results in the file, network by network. Raises DemoError for another file or other settings."""
    if not out.exists():
        return {}
    try:
        before = json.loads(out.read_text("utf-8"))
        reason = _fault(before)
    except ValueError as error:
        reason = f"it is not JSON: {error}"
    if reason:
        raise DemoError("lesions_damaged", path=str(out), reason=reason)
    for setting, value in settings.items():
        if before[setting] != value:
            raise DemoError("lesions_mismatch", path=str(out), setting=setting, before=before[setting], value=value)
    networks: dict[str, Any] = before["networks"]
    return networks


def _fault(content: Any) -> str:
    """Why an earlier file cannot be continued, "" if it can."""
    if not isinstance(content, dict):
        return "it is not a JSON object"
    missing = [line for line, kind in LINES.items() if not isinstance(content.get(line), kind)]
    if missing:
        return f"it lacks {', '.join(missing)}"
    for name, found in content["networks"].items():
        if name not in ARCHITECTURES:
            return f"{name} is not a network"
        if not isinstance(found, dict) or not all(isinstance(found.get(line), kind) for line, kind in EACH.items()):
            return f"{name} is incomplete"
    return ""


def measure(classifier: Classifier, asked: list[int], test: Pictures, draws: int, seed: int) -> dict[str, Any]:
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
            "sha256": classifier.card["sha256"],
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
