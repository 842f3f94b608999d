"""Everything that is needed to make a map again, as a record for a file."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from resnet_demo.chapters.gradcam.pages.measured_maps import Look, Picture
from resnet_demo.explain import record as shared
from resnet_demo.kit.display_names import without_token
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.offered_networks import RANDOM, SEED


def filename(item: Look) -> str:
    """The name of a download, without its ending: resnet18-imagenette-gradcam-layer4-n03028079."""
    layers = "+".join(item.explanation.layers)
    return f"{without_token(item.key)}-{item.explanation.method}-{layers}-{item.target.class_id}"


def record(photo: Picture, item: Look) -> dict[str, Any]:
    """What the command writes of the same map, too; `program` makes it again, of a file beside that file."""
    name, _, known = without_token(item.key).rpartition("-")
    weights = item.source or known
    source = shared.Source(name, weights, item.sha256, SEED if weights == RANDOM else None, item.preprocessing)
    return {
        **shared.record(_picture(photo), source, item.explanation, item.target, item.against),
        "program": program(photo, item),
    }


def _picture(photo: Picture) -> dict[str, str]:
    """A visitor's file, or an example, which comes through a file of the server's own."""
    if photo.example is None:
        return {"file": Path(photo.path).name, "sha256": photo.digest}
    return {"example": photo.example, "pixels_sha256": sha256(opened(photo.example).tobytes()).hexdigest()}


def program(photo: Picture, item: Look) -> list[str]:
    """Lines of Python, run in a clone of the project, whose `found.map` is the map.

    A network of one's own that came from a file needs that file, with its card, where the lines are run.
    """
    explanation = item.explanation
    source, opening = "pictures import read_picture", f"read_picture({Path(photo.path).name!r})"
    if photo.example is not None:
        source = "examples import examples"
        opening = f"next(one for one in examples() if one.key == {photo.example!r}).open()"
    loading = [
        "from resnet_demo.kit.offered_networks import Networks",
        f'classifier = Networks("auto").get({without_token(item.key)!r})',
    ]
    if item.source:
        loading = ["from resnet_demo.models import load", f"classifier = load({item.name!r}, {item.source!r})"]
    return [
        f"from resnet_demo.data.{source}",
        "from resnet_demo.explain import explain",
        *loading,
        f"picture = {opening}",
        f"found = explain(classifier, picture, {explanation.method!r}, {explanation.layers!r}, {explanation.target}, "
        f"against={explanation.against}, counterfactual={explanation.counterfactual})",
    ]
