"""Everything that is needed to make a map again, as a record for a file."""

import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from resnet_demo.explain.comparison import peak
from resnet_demo.ui.cam.looks import Look, Named, Picture
from resnet_demo.ui.networks import RANDOM, SEED

LIBRARIES = ("torch", "torchvision", "grad-cam", "numpy", "pillow")


def filename(item: Look) -> str:
    """The name of a download, without its ending: resnet18-imagenette-gradcam-layer4-n03028079."""
    layers = "+".join(item.explanation.layers)
    return f"{item.key}-{item.explanation.method}-{layers}-{item.target.class_id}"


def record(photo: Picture, item: Look) -> dict[str, Any]:
    """Picture, network, question, answer and versions; `program` makes the map again beside the picture's file."""
    explanation = item.explanation
    top = peak(explanation.map)
    name, _, weights = item.key.rpartition("-")
    return {
        "picture": {"file": Path(photo.path).name, "sha256": photo.digest},
        "network": {
            "model": name,
            "weights": weights,
            "sha256": item.sha256,
            "seed": SEED if weights == RANDOM else None,
        },
        "preprocessing": asdict(item.preprocessing),
        "method": explanation.method,
        "layers": list(explanation.layers),
        "target": _class(item.target, explanation.target),
        "against": _class(item.against, explanation.against),
        "counterfactual": explanation.counterfactual,
        "score": explanation.score,
        "probability": explanation.probability,
        "map": {"shape": list(explanation.map.shape), "maximum": top.value, "peak": [top.across, top.down]},
        "blank": explanation.blank,
        "versions": versions(),
        "program": program(photo, item),
    }


def _class(named: Named | None, index: int | None) -> dict[str, Any] | None:
    return None if named is None else {"index": index, "id": named.class_id, "name": named.title}


@cache
def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def program(photo: Picture, item: Look) -> list[str]:
    """Lines of Python whose `found.map` is the map."""
    explanation = item.explanation
    return [
        "from resnet_demo.data.pictures import read_picture",
        "from resnet_demo.explain import explain",
        "from resnet_demo.ui.networks import Networks",
        f'classifier = Networks("auto").get({item.key!r})',
        f"picture = read_picture({Path(photo.path).name!r})",
        f"found = explain(classifier, picture, {explanation.method!r}, {explanation.layers!r}, {explanation.target}, "
        f"against={explanation.against}, counterfactual={explanation.counterfactual})",
    ]
