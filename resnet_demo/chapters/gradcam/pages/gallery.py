"""Many maps at a glance: every class, every stage, or every network, for one photograph."""

from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from resnet_demo.chapters.gradcam.pages.choices import fitted, label, layer_label, shared_layers
from resnet_demo.chapters.gradcam.pages.drawing import drawing, drawing_words, raw, weights_of
from resnet_demo.chapters.gradcam.pages.maps_in_words import class_of, unmoved
from resnet_demo.chapters.gradcam.pages.maps_in_words import kind as asked_kind
from resnet_demo.chapters.gradcam.pages.measured_maps import NONE, OWN, Asked, Picture, analysis, asked, picture
from resnet_demo.chapters.gradcam.pages.question import USED
from resnet_demo.explain import METHODS, SLOW, Analysis, Explanation
from resnet_demo.explain.comparison import peak
from resnet_demo.explain.record import Named, named
from resnet_demo.kit.display_names import family, title
from resnet_demo.kit.format import number, percent
from resnet_demo.kit.html import hint, summary
from resnet_demo.kit.image_input import data_uri
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks, is_control
from resnet_demo.kit.page import Output, Page, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated

CLASSES, STAGES, NETWORKS = "classes", "stages", "networks"
KINDS = (CLASSES, STAGES, NETWORKS)
QUICK = "gradcam"
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


def compute(networks: Networks, kind: str, **question: Any) -> Gallery:
    """Raises PictureError, CheckpointError or ArchitectureError."""
    return gather(networks, kind, fitted(networks, asked(**question)))


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
        if METHODS[asked.method].whole:  # one map, whichever stage is asked for
            stages = stages[:1]
        rows.append(tuple(_one(networks, photo, replace(asked, layers=(stage,)), key) for stage in reversed(stages)))
    return tuple(rows)


def _networks(networks: Networks, photo: Picture, asked: Asked) -> tuple[tuple[Small, ...], ...]:
    """Every trained network that knows the classes, each at its last stage; last the left one's untrained control."""
    left = networks.get(asked.keys[0])
    best = analysis(photo, asked.keys[0], networks).prediction.top[0].class_id
    wanted = replace(asked, target=best if asked.target == OWN else asked.target)
    seen = networks.beside(asked.keys[0])
    control = seen.controls[left.name]
    classes = {wanted.target, wanted.against} - {NONE}
    known = [key for key in (*seen.keys, control) if classes <= set(networks.get(key).class_ids)]
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


def draw(found: Gallery, language: str) -> tuple[Markup, dict[str, Any]]:
    """What is shown, and what the browser draws of it."""
    first = found.rows[0][0].explanation
    method = METHODS[first.method].title
    says = t(language, f"gradcam.gallery.{found.kind}.{_says(found)}", method=method, count=MOST)
    if found.plain:
        says += t(language, "gradcam.gallery.classes.plain")
    if found.slow:
        says += t(language, "gradcam.gallery.slow", slow=METHODS[found.slow].title, method=method)
    answer = summary(says)
    if same := unmoved(language, first):
        answer += hint(same)
    texts = drawing_words(language)
    texts["scale_names"]["shared"] = t(language, "gradcam.gallery.shared")
    return answer, {
        "texts": texts,
        "sections": [_section(language, found.kind, row) for row in found.rows],
        "how": "" if _whole(found) else t(language, f"gradcam.gallery.{found.kind}.{_how(found)}"),
    }


def _of_all_layers(item: Small) -> bool:
    return METHODS[item.explanation.method].whole is not None


def _whole(found: Gallery) -> bool:
    """There is but one map, of all stages."""
    return found.kind == STAGES and _of_all_layers(found.rows[0][0])


def _says(found: Gallery) -> str:
    """Suffix of the key of what is shown: all classes or the most probable ones; one stage or all layers."""
    if found.kind != CLASSES and _of_all_layers(found.rows[0][0]):
        return "whole"
    more = found.kind == CLASSES and any(len(row) < len(row[0].explanation.prediction.logits) for row in found.rows)
    return "likeliest" if more else "says"


def _how(found: Gallery) -> str:
    """The last part of the key of how to read it: the untrained control is missing where it does not know the class."""
    alone = found.kind == NETWORKS and not is_control(found.rows[0][-1].key)
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
        STAGES: t(language, "gradcam.all_layers") if _of_all_layers(item) else layer_label(language, explanation.layer),
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


def kind_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"gradcam.gallery.{kind}"), kind) for kind in KINDS]


PAGE = Page(
    "gallery",
    compute,
    draw,
    controls=(radio("kind", kind_choices, CLASSES, options={"show_label": False, "container": False}),),
    outputs=(Output("answer"), drawing("grid", "gallery.js")),
    uses=USED,
    lane=MEASURED,
    code=(Analysis.every_class, peak),
)
