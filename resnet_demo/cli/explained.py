"""The files of one explanation: an overlay, the raw map, and a record of how both were made."""

import io
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.names import stem_of
from resnet_demo.data.pictures import read_picture
from resnet_demo.explain import Explanation
from resnet_demo.explain.overlay import COLOURS, OPACITY, as_png, overlay
from resnet_demo.explain.record import Record, Source, named, record
from resnet_demo.training.history import write_atomically, write_json


@dataclass(frozen=True)
class Network:
    """A classifier, and its weights as passed to `load`: a dataset, a file or a Hub id."""

    classifier: Classifier
    weights: str

    @property
    def of_crops(self) -> Classifier:
        """The same classifier for pictures that its preprocessing has cut already: it sees all of each."""
        preprocessing = self.classifier.preprocessing
        return replace(self.classifier, preprocessing=replace(preprocessing, resize=preprocessing.size))

    @property
    def key(self) -> str:
        """Its part of file names: "resnet18-imagenet"; weights from a file or a Hub id are named by their checksum."""
        is_name = re.fullmatch(r"[\w-]+", self.weights)
        return f"{self.classifier.name}-{self.weights if is_name else self.classifier.card['sha256'][:8]}"


def write(out: Path, picture: str, sha256: str, question: Record, network: Network, found: Explanation) -> Record:
    """Writes overlay and map, and last the record, which says that they are complete; returns it."""
    classifier, stem = network.classifier, stem_of(picture, f"-{network.key}")
    npy = io.BytesIO()
    np.save(npy, found.map)
    write_atomically(out / f"{stem}.png", as_png(overlay(found)))
    write_atomically(out / f"{stem}.npy", npy.getvalue())
    source = Source(classifier.name, network.weights, classifier.card["sha256"], None, classifier.preprocessing)
    against = None if found.against is None else named(classifier, found.against)
    written = {
        **record({"file": picture, "sha256": sha256}, source, found, named(classifier, found.target), against),
        "question": question,
        "files": {"map": f"{stem}.npy", "overlay": f"{stem}.png"},
        "drawing": {"colours": COLOURS, "opacity": OPACITY, "from": 0, "to": "maximum"},
    }
    write_json(out / f"{stem}.json", written)
    return written


def finished(out: Path, picture: str, sha256: str, question: Record, network: Network) -> Record | None:
    """The record of an earlier run, if it answered this question about this picture with these weights.

    None, too, where the record or one of its files is empty, cut or something else: then it is written again.
    """
    path = out / f"{stem_of(picture, f'-{network.key}')}.json"
    if not path.is_file():
        return None
    try:
        earlier: Record = json.loads(path.read_text("utf-8"))
        same = (
            earlier["question"] == question
            and earlier["picture"] == {"file": picture, "sha256": sha256}
            and earlier["network"]["sha256"] == network.classifier.card["sha256"]
            and float(np.load(out / earlier["files"]["map"]).max()) == earlier["map"]["maximum"]
            and read_picture(out / earlier["files"]["overlay"]) is not None
        )
    except (OSError, EOFError, ValueError, LookupError, TypeError):
        return None
    return earlier if same else None
