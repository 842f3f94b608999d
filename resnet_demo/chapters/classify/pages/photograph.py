"""The photo in the chosen networks: their most probable classes side by side, and the crop that they saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from PIL import Image

from resnet_demo.chapters.classify.pages import more_networks
from resnet_demo.chapters.classify.predictions import Answer, predict
from resnet_demo.checkpoints.load import available, find
from resnet_demo.data.pictures import decode
from resnet_demo.explain import classify
from resnet_demo.kit.display_names import family, title
from resnet_demo.kit.format import card_line, class_name, interval, percent
from resnet_demo.kit.html import hint, html, summary
from resnet_demo.kit.image_input import content_of, data_uri
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.memory import CACHES
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.page import Output, Page, checkboxes
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.models.architectures import depth_of


def compute(photo: str | None, networks: Networks, chosen: Sequence[str]) -> list[Answer]:
    """Kept, since all visitors begin with the same photo. Raises PictureError or CheckpointError."""
    content, name = content_of(photo)
    asked = ("predictions", networks, tuple(chosen), sha256(content).hexdigest())
    found: list[Answer] = CACHES["photographs"].get(asked, lambda: predictions(networks, chosen, decode(content, name)))
    return found


@accelerated
def predictions(networks: Networks, chosen: Sequence[str], image: Image.Image) -> list[Answer]:
    return predict({key: networks.get(key) for key in chosen}, image)


def draw(answers: list[Answer], language: str) -> tuple[str]:
    """What the networks predict, in a sentence and side by side."""
    if not answers:
        return (hint(t(language, "classify.none")),)
    shown = html(
        "chapters/classify/pages/photograph.html",
        language,
        answers=answers,
        answer=summary(_answer(language, answers)),
        overlap=(overlap := indistinguishable(answers)),
        apart=told_apart(answers[0].key.rsplit("-", 1)[1]) if overlap else None,
        family_of=family,
        label=Networks.label,
        uri=data_uri,
        class_name=class_name,
        percent=percent,
        card_line=card_line,
    )
    return (shown,)


def _answer(language: str, answers: list[Answer]) -> str:
    """The class on which the networks agree, or that of each."""
    tops = [one.prediction.top[0] for one in answers]
    names = [class_name(language, top) for top in tops]
    key = "one" if len(answers) == 1 else "agree" if len({*names}) == 1 else "differ"
    part = "classify.share" if key == "agree" else "classify.top"
    each = ", ".join(
        t(language, part, network=title(one.name), name=name, share=percent(top.probability))
        for one, name, top in zip(answers, names, tops, strict=True)
    )
    return t(language, f"classify.{key}", name=names[0], each=each)


def indistinguishable(answers: list[Answer]) -> bool:
    """Whether the 95% intervals of two networks' accuracies on the same test images overlap."""
    measured = [one.card["accuracy"] for one in answers if "accuracy" in one.card]
    return len(measured) == 2 and len({one.get("data") for one in measured}) == 1 and _overlap(*measured)


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    (low, high), (other_low, other_high) = (interval(each["top1"], each["count"]) for each in (one, other))
    return low <= other_high and other_low <= high


@dataclass(frozen=True)
class Pair:
    """Twins by the key of the residual one, with their accuracies (fractions)."""

    key: str
    depth: int
    residual: float
    plain: float


def told_apart(weights: str) -> Pair | None:
    """The shipped twins that the test images of this dataset tell apart, by the widest margin."""
    measured = {name: find(name, weights)[1]["accuracy"] for name, there in available() if there == weights}
    pairs = [
        Pair(f"{name}-{weights}", depth_of(name), accuracy["top1"], measured[twin(name)]["top1"])
        for name, accuracy in measured.items()
        if name.startswith("resnet") and twin(name) in measured and not _overlap(accuracy, measured[twin(name)])
    ]
    return max(pairs, key=lambda pair: abs(pair.residual - pair.plain), default=None)


PAGE = Page(
    "",
    compute,
    draw,
    controls=(
        checkboxes(
            "chosen",
            lambda site: site.networks.choices,
            lambda site: [*site.chosen],
            label="classify.networks",
            info="classify.networks_info",
            follows="both",
            offers_networks=True,
        ),
    ),
    outputs=(Output("results"),),
    uses=("photo", "networks"),
    lane=MEASURED,
    code=(predict, classify),
    wire=more_networks.build,
)
