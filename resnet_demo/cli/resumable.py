"""Measurements of several networks into one JSON file, which a later call continues."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.locks import writing
from resnet_demo.errors import DemoError
from resnet_demo.models.architectures import ARCHITECTURES, depth_of
from resnet_demo.training.history import write_json
from resnet_demo.training.machine import machine, versions

Entry = dict[str, Any]
Kinds = Mapping[str, type | tuple[type, ...]]
"""Entries that must be there, with their types."""
Measure = Callable[[Classifier, Entry | None], Iterator[Entry]]
"""Takes what an earlier call has measured of these weights, and yields what there is now; nothing if that was all."""


def measure_all(
    args: Namespace, classifiers: Mapping[str, Classifier], settings: Mapping[str, Any], kinds: Kinds, measure: Measure
) -> dict[str, Any]:
    """Measures what `args.out` lacks; the result is written after each step, and keeps the file's other networks.

    Its "machine" and "versions" are those of the latest call. Raises DemoError for a file with other settings.
    """
    args.out.parent.mkdir(parents=True, exist_ok=True)
    device = next(iter(classifiers.values())).device
    result: dict[str, Any] = {**settings, "machine": machine(device), "versions": versions()}
    with writing(args.out):
        networks = earlier(args.verb, args.out, settings, kinds)
        for name, classifier in classifiers.items():
            sha256 = classifier.card["sha256"]
            before = networks.get(name)
            if before and before["sha256"] != sha256:
                before = None
            for entry in measure(classifier, before):
                networks[name] = {"sha256": sha256, **entry}
                result["networks"] = _ordered(networks)
                write_json(args.out, result)
        result["networks"] = _ordered(networks)
    return result


def _ordered(networks: dict[str, Entry]) -> dict[str, Entry]:
    """Shallow networks first, and a plain network before its residual twin."""
    return {name: networks[name] for name in sorted(networks, key=lambda name: (depth_of(_model(name)), name))}


def _model(name: str) -> str:
    """The architecture of "resnet56" and of "resnet56-cifar10"."""
    return name.partition("-")[0]


def earlier(verb: str, out: Path, settings: Mapping[str, Any], kinds: Kinds) -> dict[str, Entry]:
    """Earlier results in the file, network by network. Raises DemoError for another file or other settings."""
    before = same_measurement(verb, out, settings, {"networks": dict})
    if not before:
        return {}
    networks: dict[str, Entry] = before["networks"]
    if reason := _fault(networks, kinds):
        raise DemoError("measurement_damaged", path=str(out), verb=verb, reason=reason)
    return networks


def same_measurement(verb: str, out: Path, settings: Mapping[str, Any], more: Kinds) -> Entry:
    """What an earlier call with these settings wrote into the file, which has `more` besides; {} where there is none.

    Raises DemoError for another file or other settings.
    """
    if not out.exists():
        return {}
    try:
        before = json.loads(out.read_text("utf-8"))
        reason = _lack(before, {name: type(value) for name, value in settings.items()} | dict(more))
    except ValueError as error:
        reason = f"it is not JSON: {error}"
    if reason:
        raise DemoError("measurement_damaged", path=str(out), verb=verb, reason=reason)
    for setting, value in settings.items():
        if before[setting] != value:
            raise DemoError("measurement_mismatch", path=str(out), setting=setting, before=before[setting], value=value)
    return dict(before)


def _lack(content: Any, needed: Kinds) -> str:
    """What an earlier file lacks, "" for nothing."""
    if not isinstance(content, dict):
        return "it is not a JSON object"
    missing = [name for name, kind in needed.items() if not isinstance(content.get(name), kind)]
    return f"it lacks {', '.join(missing)}" if missing else ""


def _fault(networks: Mapping[str, Any], kinds: Kinds) -> str:
    """Why earlier results cannot be continued, "" if they can."""
    for name, measured in networks.items():
        if _model(name) not in ARCHITECTURES:
            return f"{name} is not a network"
        wanted = {"sha256": str, **kinds}
        if not isinstance(measured, dict) or not all(
            isinstance(measured.get(key), kinds_) for key, kinds_ in wanted.items()
        ):
            return f"{name} is incomplete"
    return ""
