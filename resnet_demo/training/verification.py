"""Checks model cards against the weights that they describe: every entry that can be recomputed is recomputed.

There is no second record of `how`, `machine`, `versions`, `start`, `note`, the option `zero_gamma`, other seeds' runs,
the seconds, losses and accuracies of `history`, and the parts of the recipe that leave no trace in it (augmentation,
smoothing, batch, momentum, decay): these only have to be possible.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

from safetensors.torch import load_file

from resnet_demo.checkpoints.card import mistakes, one_run, over_seeds, parse_json
from resnet_demo.checkpoints.load import GOLDEN_TOLERANCE, Classifier, load
from resnet_demo.data.datasets import Pictures
from resnet_demo.data.sources import info_of
from resnet_demo.errors import DemoError
from resnet_demo.training.findings import Finding, agree, compare, incomplete
from resnet_demo.training.history import Epoch, finished, kept
from resnet_demo.training.publish import (
    GOLDEN_INPUT,
    golden_logits,
    measure_accuracy,
    measured_on,
    parameters,
    preprocessing,
    title,
)
from resnet_demo.training.recipe import Augmentation, Mixing, Recipe, Schedule, Watch

ACCURACY_TOLERANCE = 1e-3
"""Tolerance between two machines: rounding can change the prediction for images on which two classes almost tie."""


def verify(card: Path, test: Callable[[str], Pictures | None]) -> list[Finding]:
    """Every entry of `card` that is missing or wrong about the weights beside it; [] if all are right.

    `test` returns the test half of a dataset by its name, for measuring the accuracy, or None if it is not available.
    """
    weights = card.with_suffix(".safetensors")
    if not card.is_file() or not weights.is_file():
        missing = weights if card.is_file() else card
        return [Finding("(all)", "both files are there", f"no file {missing.name}")]
    try:
        says = parse_json(card.read_text("utf-8"))
    except ValueError as error:
        return [Finding("(all)", "valid JSON", error)]
    wrong = incomplete(says) or _other_file(says, weights)
    if wrong:
        return wrong
    try:
        classifier = load(says["model"], str(weights), "cpu")
    except (DemoError, KeyError, TypeError) as error:
        return [Finding("model, options, classes or preprocessing", "a network that loads", error)]
    wrong = _network(says, classifier, weights)
    of_training = _training(says)
    wrong += of_training or _seeds(says)
    pictures = test(says["dataset"])
    return wrong + (_accuracy(says, classifier, pictures) if pictures else _mistakes(says))


def nowhere(dataset: str) -> None:
    """No images available: the accuracy is not measured."""


def _other_file(says: dict[str, Any], weights: Path) -> list[Finding]:
    """A finding if the card belongs to another file."""
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    model, _, dataset = weights.stem.rpartition("-")
    return compare(says, {"model": model, "dataset": dataset, "sha256": sha256})


def _network(says: dict[str, Any], classifier: Classifier, weights: Path) -> list[Finding]:
    """Findings from the tensors and one forward pass."""
    kinds = {str(tensor.dtype).removeprefix("torch.") for tensor in load_file(weights).values()}
    found = {
        "dtype": ", ".join(sorted(kinds)),
        "parameters": parameters(classifier.network),
        "golden.input": GOLDEN_INPUT.format(size=classifier.preprocessing.size),
        "golden.tolerance": GOLDEN_TOLERANCE,
    }
    wrong = compare(says, found)
    logits = golden_logits(classifier)
    claimed = says["golden"]["logits"]
    close = len(claimed) == len(logits) and all(map(_within(GOLDEN_TOLERANCE), claimed, logits))
    return wrong if close else [*wrong, Finding("golden.logits", claimed, logits)]


def _training(says: dict[str, Any]) -> list[Finding]:
    """Findings where the entries on training and data contradict each other or what is known about the dataset."""
    try:
        history = [Epoch(**row) for row in says["history"]]
        recipe = Recipe(**says["recipe"])
    except (TypeError, DemoError) as error:
        return [Finding("history or recipe", "what is none", error)]
    named = {
        "augmentation": (recipe.augmentation, Augmentation),
        "schedule": (recipe.schedule, Schedule),
        "mixing": (recipe.mixing, Mixing),
        "watch": (recipe.watch, Watch),
    }
    odd = [
        Finding(f"recipe.{line}", value, "none")
        for line, (value, kinds) in named.items()
        if value not in get_args(kinds)
    ]
    if odd:
        return odd
    if not 0 < len(history) <= recipe.epochs:
        return [Finding("history", f"{len(history)} epochs", f"a recipe of {recipe.epochs}")]
    dataset = info_of(says["dataset"])
    known = dataset.classes
    classes = [{"id": one["id"], "name": known.get(one["id"], one["id"])} for one in says["classes"]]
    found = {
        "title": title(says["model"], says["dataset"], says.get("start", {})),
        "terms": dataset.terms,
        "classes": classes if known else says["classes"],  # nothing is known of an image folder of one's own
        "seed": recipe.seed,
        "best_epoch": kept(history, recipe).epoch,
        "seconds": sum(row.seconds for row in history),
    }
    found |= {f"preprocessing.{name}": value for name, value in preprocessing(recipe).as_dict().items()}
    return compare(says, found) + _history(history, recipe)


def _seeds(says: dict[str, Any]) -> list[Finding]:
    """Findings where the runs with other seeds contradict the stated mean, or this network's run is not the first."""
    if "seeds" not in says:
        return []
    runs = says["seeds"]["runs"]
    found = over_seeds([one_run(says), *runs[1:]])
    wrong = compare(says, {f"seeds.{line}": value for line, value in found.items()})
    if len({run["seed"] for run in runs}) < len(runs):
        wrong.append(Finding("seeds.runs", runs, "a seed twice"))
    return wrong + [
        Finding(f"seeds.runs[{i}]", run, "what cannot be") for i, run in enumerate(runs) if not _ran(run, says)
    ]


def _ran(run: dict[str, Any], says: dict[str, Any]) -> bool:
    """Whether this recipe can have led to this run."""
    told = run["seed"] >= 0 and 1 <= run["best_epoch"] <= says["recipe"]["epochs"]
    return told and run["seconds"] >= 0 and all(0 <= run[line] <= 1 for line in ("top1", "train_accuracy"))


def _mistakes(says: dict[str, Any]) -> list[Finding]:
    """Findings where the images marked as wrong contradict the accuracy or the size of the test half."""
    accuracy = says["accuracy"]
    of = {"accuracy.half": "test", "accuracy.data": measured_on(says["dataset"], accuracy["count"])}
    wrong = compare(says, of)
    try:
        found = 1 - mistakes(accuracy).mean()
    except ValueError as error:
        return [*wrong, Finding("accuracy.wrong", accuracy["wrong"], error)]
    if accuracy["loss"] < 0:
        wrong.append(Finding("accuracy.loss", accuracy["loss"], "what cannot be"))
    close = _within(1e-9)(found, accuracy["top1"])
    return wrong if close else [*wrong, Finding("accuracy.wrong", accuracy["top1"], found)]


def _history(history: Sequence[Epoch], recipe: Recipe) -> list[Finding]:
    """Findings where these epochs do not match the recipe or do not end where it ends."""
    indices = range(len(history))
    told = {
        "epoch": [index + 1 for index in indices],
        "learning_rate": [recipe.rate(index) for index in indices],
        "size": [recipe.size_at(index) for index in indices],
    }
    said = {name: [getattr(row, name) for row in history] for name in told}
    impossible = [row for row in history if not _possible(row)]
    wrong = [
        Finding(f"history[].{name}", said[name], values)
        for name, values in told.items()
        if not agree(said[name], values)
    ]
    wrong += [Finding(f"history[{row.epoch - 1}]", row, "what cannot be") for row in impossible]
    ends = next((count for count in range(1, len(history) + 1) if finished(history[:count], recipe)), None)
    if ends != len(history):
        found = f"a recipe that ends after {ends}" if ends else f"a recipe of {recipe.epochs} whose patience lasts"
        wrong.append(Finding("history", f"{len(history)} epochs", found))
    return wrong


def _possible(row: Epoch) -> bool:
    """Accuracies are fractions; losses and seconds are not negative."""
    fractions = row.train_accuracy, row.valid_accuracy
    return all(0 <= value <= 1 for value in fractions) and min(row.train_loss, row.valid_loss, row.seconds) >= 0


def _accuracy(says: dict[str, Any], classifier: Classifier, test: Pictures) -> list[Finding]:
    """A new measurement on the test half, in float32 on the CPU."""
    measured = measure_accuracy(classifier, says["dataset"], test)
    wrong = compare(says, {f"accuracy.{name}": measured[name] for name in ("count", "half", "data")})
    if tuple(test.classes) != classifier.class_ids:
        wrong.append(Finding("classes", classifier.class_ids, tuple(test.classes)))
    close = _within(ACCURACY_TOLERANCE)
    if not wrong and _apart(says["accuracy"], measured) > ACCURACY_TOLERANCE:
        wrong.append(Finding("accuracy.wrong", says["accuracy"]["wrong"], measured["wrong"]))
    return wrong + [
        Finding(f"accuracy.{name}", says["accuracy"][name], measured[name])
        for name in ("top1", "loss")
        if not close(says["accuracy"][name], measured[name])
    ]


def _apart(says: dict[str, Any], measured: dict[str, Any]) -> float:
    """The fraction of images on which two measurements differ; 1 if the card's record cannot be read."""
    try:
        return float((mistakes(says) != mistakes(measured)).mean())
    except ValueError:
        return 1.0


def _within(tolerance: float) -> Callable[[float, float], bool]:
    return lambda a, b: abs(a - b) <= tolerance
