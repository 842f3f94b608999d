"""`verify`: checks the model cards in weights/."""

from argparse import Namespace
from functools import cache
from pathlib import Path

from resnet_demo.checkpoints import load as checkpoints
from resnet_demo.checkpoints.card import checkpoints as checkpoints_in
from resnet_demo.cli.output import emit
from resnet_demo.data.datasets import Pictures, read
from resnet_demo.data.sources import DATASETS
from resnet_demo.errors import CheckpointError, DatasetError
from resnet_demo.training.verification import nowhere, verify


def run(args: Namespace) -> int:
    folder = checkpoints.WEIGHTS
    cards = find_cards(folder)
    if not cards:
        raise CheckpointError("verify_none", path=str(folder))

    missing: dict[str, DatasetError] = {}

    @cache
    def test(dataset: str) -> Pictures | None:
        try:
            return read(dataset, args.data_dir, "test")
        except DatasetError as error:
            if error.key not in ("dataset_missing", "dataset_missing_own"):
                raise
            missing[dataset] = error
            return None

    findings = {card: verify(card, test if args.data_dir else nowhere) for card in cards}
    nothing_measured = len(missing) == len({card.stem.rpartition("-")[2] for card in cards})
    if nothing_measured and not any(findings.values()):
        raise next(iter(missing.values()))
    lines = []
    for card, found in findings.items():
        lines += [f"{card.name}: {finding}" for finding in found] or [f"{card.name}: every line holds"]
    if not args.data_dir:
        lines.append("Accuracy was not measured: that takes --data-dir.")
    lines += [f"Accuracy on {dataset} was not measured: {reason}" for dataset, reason in missing.items()]
    value = {
        card.stem: [{"line": f.line, "says": f.says, "found": str(f.found)} for f in found]
        for card, found in findings.items()
    }
    result = {"true": not any(findings.values()), "findings": value, "not_measured": list(missing)}
    emit(args.json, result, "\n".join(lines))
    return 1 if any(findings.values()) else 0


def find_cards(folder: Path) -> list[Path]:
    """All cards in `folder`, including cards without weights and the missing cards of weights."""
    named = {path for path in folder.glob("*.json") if path.stem.rpartition("-")[2] in DATASETS}
    return sorted(named | {path.with_suffix(".json") for path in checkpoints_in(folder)})
