"""`degradation`: the paper's study of depth on CIFAR-10."""

from argparse import Namespace
from collections import defaultdict
from dataclasses import replace
from statistics import mean
from typing import Any

from resnet_demo.cli.output import emit
from resnet_demo.models.device import choose_device
from resnet_demo.training.recipe import PRESETS
from resnet_demo.training.study import Study, conduct


def run(args: Namespace) -> int:
    recipe = PRESETS[args.preset]
    if args.epochs is not None:
        recipe = replace(recipe, epochs=args.epochs)
    study = Study(
        args.data_dir,
        tuple(args.depths),
        tuple(args.seeds),
        recipe,
        choose_device(args.device),
        args.out,
        args.jobs,
        _how(args),
        args.note,
    )
    result = conduct(study)
    emit(args.json, result, table(result))
    return 0


def table(result: dict[str, Any]) -> str:
    """Final training and test error of each network, in percent, averaged over the seeds."""
    runs = defaultdict(list)
    for item in result["runs"]:
        runs[item["model"]].append(item)
    lines = [f"{'network':10}{'seeds':>6}{'parameters':>12}{'training error':>16}{'test error':>12}{'seconds':>9}"]
    for model, items in runs.items():
        last = [item["history"][-1] for item in items]
        training = 100 * (1 - mean(row["train_accuracy"] for row in last))
        test = 100 * (1 - mean(row["valid_accuracy"] for row in last))
        seconds = mean(item["seconds"] for item in items)
        lines.append(
            f"{model:10}{len(items):>6}{items[0]['parameters']:>12,}{training:>15.2f}%{test:>11.2f}%{seconds:>9,.0f}"
        )
    return "\n".join(lines)


def _how(args: Namespace) -> str:
    """The command that repeats the study, without paths of this machine."""
    words = ["python -m resnet_demo degradation --data-dir <folder> --depths", *map(str, args.depths)]
    words += ["--seeds", *map(str, args.seeds), "--preset", args.preset]
    return " ".join(words + (["--epochs", str(args.epochs)] if args.epochs is not None else []))
