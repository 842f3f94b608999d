"""Everything that is needed to make a map again, as a record for a file."""

from pathlib import Path
from typing import Any

from resnet_demo.explain import record as shared
from resnet_demo.ui.cam.looks import Look, Picture
from resnet_demo.ui.networks import RANDOM, SEED


def filename(item: Look) -> str:
    """The name of a download, without its ending: resnet18-imagenette-gradcam-layer4-n03028079."""
    layers = "+".join(item.explanation.layers)
    return f"{item.key}-{item.explanation.method}-{layers}-{item.target.class_id}"


def record(photo: Picture, item: Look) -> dict[str, Any]:
    """What the command writes of the same map, too; `program` makes the map again beside the picture's file."""
    name, _, weights = item.key.rpartition("-")
    source = shared.Source(name, weights, item.sha256, SEED if weights == RANDOM else None, item.preprocessing)
    picture = {"file": Path(photo.path).name, "sha256": photo.digest}
    return {
        **shared.record(picture, source, item.explanation, item.target, item.against),
        "program": program(photo, item),
    }


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
