"""Class activation maps for the app: what was asked, and what was found, in no language yet."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image

from resnet_demo.chapters.gradcam.pages.agreement import agreed
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.pictures import decode
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain import SLOW, Analysis, Explanation
from resnet_demo.explain.common import Progress, portion
from resnet_demo.explain.comparison import Agreement
from resnet_demo.explain.layers import block_of
from resnet_demo.explain.record import Named, named
from resnet_demo.kit.image_input import content_of, example_of, read
from resnet_demo.kit.memory import CACHES, kept
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.zerogpu import accelerated

OWN, NONE = "own", "none"


@dataclass(frozen=True)
class Asked:
    """What a visitor chose: a picture's path, one network or two by key, and how to explain which class.

    `target` is a class id, or "own" for each network's own prediction; `against` a class id or "none".
    """

    path: str | None
    keys: tuple[str, ...]
    target: str = OWN
    layers: tuple[str, ...] = ("layer4",)
    method: str = "gradcam"
    against: str = NONE
    counterfactual: bool = False


def asked(
    photo: str | None,
    left: str,
    right: str,
    target: str,
    layer: list[str] | str | None,
    method: str,
    against: str,
    counterfactual: bool,
) -> Asked:
    """The controls' values as a question."""
    names = (layer,) if isinstance(layer, str) else tuple(layer or ())
    return Asked(photo, (left,) if right == NONE else (left, right), target, names, method, against, counterfactual)


@dataclass(frozen=True)
class Picture:
    """A file by its content; its path may change. `example` is its key where it is one of ours."""

    digest: str
    path: str = field(compare=False)
    example: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Look:
    """One network's map, with the classes that it is about and, where it is blank, the reason.

    `key` is the network's, `name` its architecture's; `sha256` its weights', None for untrained ones. `source` says
    where a network of one's own is from, None for any other.
    """

    key: str
    name: str
    sha256: str | None
    preprocessing: Preprocessing
    target: Named
    against: Named | None
    explanation: Explanation
    blank: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Looked:
    """The maps of one question for one picture, and how far two of them agree."""

    asked: Asked
    picture: Picture
    looks: tuple[Look, ...]
    agreement: Agreement | None = None


@dataclass(frozen=True)
class Waiting:
    """A slow question that runs only when its button is pressed: the passes that it takes in each network."""

    asked: Asked
    passes: tuple[int, ...]


def picture(path: str | None) -> Picture:
    """The picture in the file `path`. Raises PictureError for one that is not there or cannot be read."""
    content, _ = content_of(path)
    found = Picture(hashlib.sha256(content).hexdigest(), str(path))
    _decoded(found, content)
    return replace(found, example=_example(found))


@kept("photographs")
def _example(photo: Picture) -> str | None:
    return example_of(_decoded(photo))


def _decoded(photo: Picture, content: bytes | None = None) -> Image.Image:
    """Kept for the second network: a phone's photograph takes longer to decode than to explain.

    `content`: the file's bytes where they have been read.
    """
    found: Image.Image = CACHES["photographs"].get(
        ("decoded", photo), lambda: read(photo.path) if content is None else decode(content, Path(photo.path).name)
    )
    return found


def _most_bytes(kept_analysis: Analysis) -> int:
    return kept_analysis.most_bytes


@kept("photographs", _most_bytes)
def analysis(photo: Picture, key: str, networks: Networks) -> Analysis:
    """One picture in one network. The last few are kept: another class, layer or method then answers at once."""
    return Analysis(networks.get(key), _decoded(photo))


def look(networks: Networks, asked: Asked) -> Looked | Waiting:
    """The maps, or what a slow method would take. Raises DemoError for what cannot be explained."""
    if asked.method in SLOW:
        picture(asked.path)
        return Waiting(asked, tuple(_passes(networks.get(key), asked.layers) for key in asked.keys))
    return maps(networks, asked)


@accelerated
def maps(networks: Networks, asked: Asked) -> Looked:
    """Each network's map. Raises PictureError, CheckpointError or ArchitectureError."""
    return explained(networks, asked)


def explained(networks: Networks, asked: Asked, progress: Progress | None = None) -> Looked:
    """What `maps` returns, wherever it runs; `progress` is told of a slow method's steps.

    A slow method's maps are kept: the checks of them need not make them again.
    """
    photo = picture(asked.path)
    count = len(asked.keys)
    steps = [portion(progress, i, count) for i in range(count)]

    def looks() -> tuple[Look, ...]:
        return tuple(_look(networks, photo, key, asked, step) for key, step in zip(asked.keys, steps, strict=True))

    slow = ("slow maps", networks, photo, replace(asked, path=None))
    found: tuple[Look, ...] = CACHES["photographs"].get(slow, looks) if asked.method in SLOW else looks()
    crops = [item.preprocessing for item in found]
    return Looked(asked, photo, found, agreed([item.explanation for item in found], crops))


def _look(networks: Networks, photo: Picture, key: str, asked: Asked, progress: Progress | None) -> Look:
    seen = analysis(photo, key, networks)
    classifier = networks.get(key)
    target = None if asked.target == OWN else classifier.index_of(asked.target)
    against = None if asked.against == NONE else classifier.index_of(asked.against)
    found = seen.explain(
        asked.method,
        asked.layers,
        target,
        against=against,
        counterfactual=asked.counterfactual,
        progress=progress,
    )
    return Look(
        key,
        classifier.name,
        classifier.card["sha256"],
        classifier.preprocessing,
        named(classifier, found.target),
        None if found.against is None else named(classifier, found.against),
        found,
        _reason(seen, found) if found.blank else None,
        networks.source(key),
    )


def _reason(seen: Analysis, found: Explanation) -> str:
    """Why a map is zero throughout: "same" class on both sides, evidence of the "opposite" sign, or "none" at all.

    "slow" where the method takes too long to try the other sign.
    """
    if found.target == found.against:
        return "same"
    if found.method in SLOW:
        return "slow"
    other = seen.explain(
        found.method,
        found.layers,
        found.target,
        against=found.against,
        counterfactual=not found.counterfactual,
    )
    return "none" if other.blank else "opposite"


def seconds(asked: Asked) -> int:
    """The most that these maps take on a GPU: 5 to load the networks, and 10 for each slow map's up to 2,048 passes."""
    return 5 + 10 * len(asked.keys) * len(asked.layers) * (asked.method in SLOW)


def _passes(classifier: Classifier, layers: Sequence[str]) -> int:
    """Forward passes of a slow method: one for each channel of each layer. Raises ArchitectureError."""
    a = classifier.network.architecture
    stages = [block_of(classifier.network, layer).partition(".")[0] for layer in layers]
    return sum(a.widths[int(stage.removeprefix("layer")) - 1] * a.expansion for stage in stages)
