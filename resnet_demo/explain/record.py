"""An explanation as a record for a file: the network, the image, the question and the result."""

import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain.comparison import peak
from resnet_demo.explain.explanation import Explanation

LIBRARIES = ("torch", "torchvision", "grad-cam", "numpy", "pillow")

Record = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """A class by its id and its English title."""

    class_id: str
    title: str


def named(classifier: Classifier, index: int) -> Named:
    return Named(classifier.class_ids[index], classifier.classes[index])


@dataclass(frozen=True)
class Source:
    """The network that was explained.

    Attributes:
        weights: its weights, as passed to `load`; "random" for an untrained network.
        sha256: checksum of its weights; None for an untrained network, which `seed` reproduces.
    """

    model: str
    weights: str
    sha256: str | None
    seed: int | None
    preprocessing: Preprocessing


def record(picture: dict[str, str], source: Source, found: Explanation, target: Named, against: Named | None) -> Record:
    """Image, network, question, result and versions; `picture` identifies the image by name and checksum."""
    top = peak(found.map)
    return {
        "picture": picture,
        "network": {
            "model": source.model,
            "weights": source.weights,
            "sha256": source.sha256,
            "seed": source.seed,
        },
        "preprocessing": source.preprocessing.as_dict(),
        "method": found.method,
        "layers": list(found.layers),
        "target": _class(found.target, target.class_id, target.title),
        "against": None
        if against is None or found.against is None
        else _class(found.against, against.class_id, against.title),
        "counterfactual": found.counterfactual,
        "prediction": [
            _class(guess.index, guess.class_id, guess.name) | {"probability": guess.probability}
            for guess in found.prediction.top
        ],
        "score": found.score,
        "probability": found.probability,
        "map": {"shape": list(found.map.shape), "maximum": top.value, "peak": [top.across, top.down]},
        "blank": found.blank,
        "versions": versions(),
    }


def _class(index: int, class_id: str, name: str) -> Record:
    return {"index": index, "id": class_id, "name": name}


@cache
def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
