"""How a network learns where to look: Grad-CAM of the example pictures after every epoch of a training run.

Recorded by `python -m resnet_demo train --film`; the app's film is `weights/film.json`.
"""

import base64
import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.examples import Example, examples
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import DemoError
from resnet_demo.explain.analysis import Analysis
from resnet_demo.explain.common import Map
from resnet_demo.explain.comparison import agreement
from resnet_demo.models.resnet import ResNet
from resnet_demo.training.history import write_json
from resnet_demo.training.machine import machine, versions

FILM = WEIGHTS / "film.json"
HALF = 0.5
"""From this overlap on, two maps are said to lie in the same place."""
Entry = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Reel:
    """What one network made of one picture: before training (frame 0), and after each of E epochs.

    Attributes:
        model, picture: the network's architecture, and the example's key.
        class_id: the class that the picture shows, of which the maps are.
        named: id of the class that the network would name.
        confidence, probability: of the class that it would name, and of the picture's own.
        maps: (E + 1, h, w) Grad-CAM at the last block, in logits.
    """

    model: str
    picture: str
    class_id: str
    named: tuple[str, ...]
    confidence: tuple[float, ...]
    probability: tuple[float, ...]
    maps: Map

    @property
    def epochs(self) -> int:
        """E."""
        return len(self.maps) - 1

    @property
    def learnt(self) -> int | None:
        """The epoch from which on the network names the picture's class to the end; None if it does not at the end."""
        return _since([one == self.class_id for one in self.named])

    @property
    def overlaps(self) -> tuple[float | None, ...]:
        """Intersection over union of each map and the last one, above half of their peaks; None for a blank map."""
        return tuple(agreement(one, self.maps[-1]).overlap for one in self.maps)

    @property
    def placed(self) -> int | None:
        """The epoch from which on the map lies where it lies at the end; None where that one is blank."""
        return _since([one is not None and one >= HALF for one in self.overlaps])


def _since(holds: Sequence[bool]) -> int | None:
    """The index from which on all are true."""
    first = max((index + 1 for index, one in enumerate(holds) if not one), default=0)
    return first if first < len(holds) else None


@cache
def film(path: Path = FILM) -> tuple[dict[str, dict[str, Reel]], Entry]:
    """The reels by network and picture, and the conditions: dataset, command, machine."""
    about = json.loads(path.read_text("utf-8"))
    networks = about.pop("networks")
    classes = {one.key: str(one.wnid) for one in examples()}
    reels = {
        model: {key: _reel(model, key, classes[key], entry) for key, entry in entries.items()}
        for model, entries in networks.items()
    }
    return reels, about


def reels_of(picture: str, path: Path = FILM) -> tuple[Reel, ...]:
    """Each network's reel of one picture; () for one that is not in the film."""
    return tuple(reels[picture] for reels in film(path)[0].values() if picture in reels)


def _reel(model: str, picture: str, class_id: str, entry: Entry) -> Reel:
    frames = [np.frombuffer(base64.b64decode(one), "<f2").astype(np.float32) for one in entry["maps"]]
    side = round(len(frames[0]) ** 0.5)
    maps = np.stack(frames).reshape(-1, side, side)
    named, confidence, probability = (tuple(entry[name]) for name in ("named", "confidence", "probability"))
    return Reel(model, picture, class_id, named, confidence, probability, maps)


def pictures(class_ids: Sequence[str]) -> tuple[Example, ...]:
    """The examples that show one of these classes. Raises DemoError where there is none."""
    found = tuple(one for one in examples() if one.wnid in class_ids)
    if not found:
        raise DemoError("film_pictures")
    return found


@dataclass(frozen=True)
class Recorder:
    """Adds a frame to the film in the file `path` after each epoch; a resumed training goes on with its film.

    `about` says how the networks are trained, `class_ids` are their classes in the order of the logits.
    """

    path: Path
    about: Entry
    class_ids: tuple[str, ...]
    preprocessing: Preprocessing
    device: torch.device

    def __call__(self, network: ResNet, epoch: int) -> None:
        """Records what the network makes of the pictures after `epoch` epochs; maps as float16, in base64.

        Raises DemoError where earlier frames are missing.
        """
        networks = json.loads(self.path.read_text("utf-8"))["networks"] if self.path.exists() else {}
        model = network.architecture.name
        still = copy.deepcopy(network).eval().requires_grad_(False)
        classifier = Classifier(still, self.class_ids, self.class_ids, {}, self.device, self.preprocessing)
        before, entry = networks.get(model, {}), {}
        for picture in pictures(self.class_ids):
            rows = {name: values[:epoch] for name, values in before.get(picture.key, {}).items()}
            if epoch and len(rows.get("named", ())) < epoch:
                raise DemoError("film_incomplete", path=str(self.path), model=model, epoch=epoch)
            entry[picture.key] = {
                name: [*rows.get(name, ()), value] for name, value in frame(classifier, picture).items()
            }
        conditions = self.about | {"machine": machine(self.device), "versions": versions()}
        write_json(self.path, conditions | {"networks": networks | {model: entry}})


def frame(classifier: Classifier, picture: Example) -> Entry:
    """What a network makes of one example now."""
    seen = Analysis(classifier, picture.open())
    top = seen.prediction.top[0]
    last_stage = [*classifier.network.stages][-1]
    found = seen.explain(layer=last_stage, target=classifier.index_of(str(picture.wnid)))
    return {
        "named": top.class_id,
        "confidence": round(top.probability, 4),
        "probability": round(found.probability, 4),
        "maps": base64.b64encode(found.map.astype("<f2").tobytes()).decode(),
    }
