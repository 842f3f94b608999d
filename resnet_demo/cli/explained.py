"""The files of one explanation: an overlay, the raw map, and a record of how both came about."""

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib import colormaps
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain import Explanation
from resnet_demo.explain.explanation import resized
from resnet_demo.explain.record import Record, Source, named, record
from resnet_demo.training.history import write_atomically, write_json

OPACITY = 0.55
COLOURS = "inferno"
"""As the app draws a map at first."""


@dataclass(frozen=True)
class Network:
    """A classifier, and its weights in the words of `load`: a dataset, a file, or a Hub id."""

    classifier: Classifier
    weights: str

    @property
    def key(self) -> str:
        """Its part of file names: "resnet18-imagenet"; a file's weights and a Hub id's go by their checksum."""
        is_name = re.fullmatch(r"[\w-]+", self.weights)
        return f"{self.classifier.name}-{self.weights if is_name else self.classifier.card['sha256'][:8]}"


def overlay(explanation: Explanation) -> Image.Image:
    """The map over the crop that the network saw, (H, W) RGB, from zero to its maximum; of a blank one the crop."""
    if explanation.blank:
        return explanation.crop
    large = resized(torch.from_numpy(explanation.map), explanation.crop.height, explanation.crop.width)
    heat = colormaps[COLOURS](large.numpy() / explanation.map.max())[:, :, :3] * 255
    crop = np.asarray(explanation.crop, dtype=np.float64)
    return Image.fromarray(np.rint(OPACITY * heat + (1 - OPACITY) * crop).astype(np.uint8))


def write(out: Path, picture: str, sha256: str, question: Record, network: Network, found: Explanation) -> Record:
    """Writes overlay and map, and last the record, which says that they are complete; returns it."""
    classifier, stem = network.classifier, f"{picture}-{network.key}"
    png, npy = io.BytesIO(), io.BytesIO()
    overlay(found).save(png, "PNG")
    np.save(npy, found.map)
    write_atomically(out / f"{stem}.png", png.getvalue())
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
    """The record of an earlier run, if it answered this question about this picture with these weights."""
    path = out / f"{picture}-{network.key}.json"
    if not path.is_file():
        return None
    earlier: Record = json.loads(path.read_text("utf-8"))
    same = (
        earlier.get("question") == question
        and earlier.get("picture") == {"file": picture, "sha256": sha256}
        and earlier.get("network", {}).get("sha256") == network.classifier.card["sha256"]
        and all((out / file).is_file() for file in earlier["files"].values())
    )
    return earlier if same else None
