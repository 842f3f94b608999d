"""Many maps at a glance: every class, every stage, or every network, for one photograph."""

from dataclasses import dataclass, replace
from typing import Any

from resnet_demo.chapters.gradcam.pages.choices import label, layer_label, shared_layers
from resnet_demo.chapters.gradcam.pages.drawing import drawing_words, raw, weights_of
from resnet_demo.chapters.gradcam.pages.maps import NONE, OWN, Asked, Picture, analysis, picture
from resnet_demo.chapters.gradcam.pages.maps_in_words import class_of, unmoved
from resnet_demo.chapters.gradcam.pages.maps_in_words import kind as asked_kind
from resnet_demo.explain import SLOW, Explanation
from resnet_demo.explain.comparison import peak
from resnet_demo.explain.record import Named, named
from resnet_demo.kit.display_names import METHODS, family, title
from resnet_demo.kit.format import number, percent
from resnet_demo.kit.image_input import data_uri
from resnet_demo.kit.messages import Problem, notice
from resnet_demo.kit.offered_networks import RANDOM, Networks
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated

CLASSES, STAGES, NETWORKS = "classes", "stages", "networks"
KINDS = (CLASSES, STAGES, NETWORKS)
QUICK = "gradcam"
WHOLE = "fullgrad"
"""Adds up all layers: it has one map, whichever stage is asked for."""
MOST = 10


@dataclass(frozen=True)
class Small:
    """One small map: of which network, and what it is about."""

    key: str
    target: Named
    against: Named | None
    explanation: Explanation


@dataclass(frozen=True)
class Gallery:
    """Rows of small maps.

    `slow` names the method that was asked for where a quick one took its place. `plain`: another class, or what speaks
    against, was asked for, and does not count here.
    """

    kind: str
    rows: tuple[tuple[Small, ...], ...]
    slow: str | None = None
    plain: bool = False


@dataclass(frozen=True)
class Unasked:
    """Nobody has opened the gallery yet."""


@accelerated
def gather(networks: Networks, kind: str, asked: Asked) -> Gallery:
    """The maps of a gallery. Raises PictureError, CheckpointError or ArchitectureError."""
    photo = picture(asked.path)
    slow = asked.method if asked.method in SLOW else None
    quick = replace(asked, method=QUICK) if slow else asked
    rows = {CLASSES: _classes, STAGES: _stages, NETWORKS: _networks}[kind](networks, photo, quick)
    return Gallery(kind, rows, slow, kind == CLASSES and (asked.against != NONE or asked.counterfactual))


def _classes(networks: Networks, photo: Picture, asked: Asked) -> tuple[tuple[Small, ...], ...]:
    """All classes of each chosen network, the ten most probable if there are many more."""
    return tuple(_every_class(networks, photo, asked, key) for key in dict.fromkeys(asked.keys))


def _every_class(networks: Networks, photo: Picture, asked: Asked, key: str) -> tuple[Small, ...]:
    classifier, seen = networks.get(key), analysis(photo, key, networks)
    if len(classifier.classes) <= MOST:
        found = seen.every_class(asked.method, asked.layers)
    else:
        best = sorted(range(len(classifier.classes)), key=lambda index: -seen.prediction.logits[index])[:MOST]
        found = tuple(seen.explain(asked.method, asked.layers, index) for index in best)
    return tuple(Small(key, named(classifier, item.target), None, item) for item in found)


def _stages(networks: Networks, photo: Picture, asked: Asked) -> tuple[tuple[Small, ...], ...]:
    """Every stage of each chosen network, for one class."""
    rows = []
    for key in dict.fromkeys(asked.keys):
        stages = [name for name, block in shared_layers(networks, [key]).items() if block is None]
        if asked.method == WHOLE:
            stages = stages[:1]
        rows.append(tuple(_one(networks, photo, replace(asked, layers=(stage,)), key) for stage in reversed(stages)))
    return tuple(rows)


def _networks(networks: Networks, photo: Picture, asked: Asked) -> tuple[tuple[Small, ...], ...]:
    """Every trained network that knows the classes, each at its last stage; last the left one's untrained control."""
    left = networks.get(asked.keys[0])
    best = analysis(photo, asked.keys[0], networks).prediction.top[0].class_id
    wanted = replace(asked, target=best if asked.target == OWN else asked.target)
    control = f"{left.name}-random"
    classes = {wanted.target, wanted.against} - {NONE}
    known = [key for key in (*networks.keys, control) if classes <= set(networks.get(key).class_ids)]
    last = {key: next(iter(shared_layers(networks, [key]))) for key in known}
    return (tuple(_one(networks, photo, replace(wanted, layers=(last[key],)), key) for key in known),)


def _one(networks: Networks, photo: Picture, asked: Asked, key: str) -> Small:
    classifier = networks.get(key)
    target = None if asked.target == OWN else classifier.index_of(asked.target)
    against = None if asked.against == NONE else classifier.index_of(asked.against)
    found = analysis(photo, key, networks).explain(
        asked.method, asked.layers, target, against=against, counterfactual=asked.counterfactual
    )
    return Small(key, named(classifier, found.target), None if against is None else named(classifier, against), found)


def view(found: Gallery | Unasked | Problem, language: str) -> dict[str, Any]:
    """What the browser draws of a gallery, or what has to be said instead."""
    if isinstance(found, Problem):
        return {"notice": notice(language, found)}
    if isinstance(found, Unasked):
        return {"instead": f'<p class="hint">{t(language, "gradcam.gallery.unasked")}</p>'}
    sections = [_section(language, found.kind, row) for row in found.rows]
    first = found.rows[0][0].explanation
    method = METHODS[first.method]
    says = t(language, f"gradcam.gallery.{found.kind}.{_says(found)}", method=method, count=MOST)
    if found.plain:
        says += t(language, "gradcam.gallery.classes.plain")
    if found.slow:
        says += t(language, "gradcam.gallery.slow", slow=METHODS[found.slow], method=method)
    texts = drawing_words(language)
    texts["scale_names"]["shared"] = t(language, "gradcam.gallery.shared")
    return {
        "texts": texts,
        "says": says,
        "unmoved": unmoved(language, first),
        "sections": sections,
        "how": "" if _whole(found) else t(language, f"gradcam.gallery.{found.kind}.{_how(found)}"),
    }


def _whole(found: Gallery) -> bool:
    """There is but one map, of all stages."""
    return found.kind == STAGES and found.rows[0][0].explanation.method == WHOLE


def _says(found: Gallery) -> str:
    """Suffix of the key of what is shown: all classes or the most probable ones; one stage or all layers."""
    if found.kind != CLASSES and found.rows[0][0].explanation.method == WHOLE:
        return "whole"
    more = found.kind == CLASSES and any(len(row) < len(row[0].explanation.prediction.logits) for row in found.rows)
    return "likeliest" if more else "says"


def _how(found: Gallery) -> str:
    """The last part of the key of how to read it: the untrained control is missing where it does not know the class."""
    alone = found.kind == NETWORKS and not found.rows[0][-1].key.endswith(f"-{RANDOM}")
    return "trained" if alone else "how"


def _section(language: str, kind: str, row: tuple[Small, ...]) -> dict[str, Any]:
    first, several = row[0], kind == NETWORKS
    about = _about(language, first)
    return {
        "title": about if several else title(_name(first)),
        "weights": "" if several else weights_of(language, first.key) + ("" if kind == CLASSES else f" · {about}"),
        "family": "" if several else family(_name(first)),
        "crop": None if several else data_uri(first.explanation.crop),
        "items": [_item(language, kind, item) for item in row],
    }


def _about(language: str, item: Small) -> str:
    """The class, what it is held against, or what is against it."""
    name, kind = class_of(language, item.target), asked_kind(item)
    if kind == "for":
        return name
    other = class_of(language, item.against) if item.against else ""
    return t(language, f"gradcam.gallery.about.{kind}", name=name, other=other)


def _name(item: Small) -> str:
    return item.key.rpartition("-")[0]


def _item(language: str, kind: str, item: Small) -> dict[str, Any]:
    explanation = item.explanation
    top = peak(explanation.map)
    titles = {
        CLASSES: class_of(language, item.target),
        STAGES: t(language, "gradcam.all_layers")
        if explanation.method == WHOLE
        else layer_label(language, explanation.layer),
        NETWORKS: label(language, item.key),
    }
    height, width = explanation.map.shape
    blank = t(language, "gradcam.gallery.blank")
    peaks = blank if explanation.blank else t(language, "gradcam.gallery.peak", maximum=number(float(top.value), 3))
    says = f"{width} × {height}" if kind == STAGES else percent(explanation.probability)
    chosen = kind == CLASSES and explanation.target == explanation.prediction.top[0].index
    alt = f"{titles[kind]}: {says}, {peaks}"
    return {
        "title": titles[kind],
        "says": says,
        "peak": peaks,
        "alt": t(language, "gradcam.gallery.chosen", alt=alt) if chosen else alt,
        "chosen": chosen,
        "crop": data_uri(explanation.crop) if kind == NETWORKS else None,
        "map": raw(explanation.map),
        "maximum": float(top.value),
    }
