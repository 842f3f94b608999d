"""Remove a part: the study's networks on a whole test set, and the visitor's photo through the pair in the header."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from statistics import median
from typing import Any

from PIL import Image

from resnet_demo.chapters.degradation.ablation import Lesion, lesions, without
from resnet_demo.chapters.degradation.pages import ablation_study
from resnet_demo.chapters.degradation.pages.charts import what_is_left
from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.errors import CheckpointError
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import class_label, percent
from resnet_demo.kit.image_input import read
from resnet_demo.kit.listeners import NETWORK, QUIETLY
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.page import Output, Page, chart
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated


@dataclass(frozen=True)
class Cuts:
    """One network's predictions without each of its parts."""

    name: str
    class_id: str
    class_title: str
    probability: float
    found: tuple[Lesion, ...]

    @property
    def survived(self) -> int:
        """Without how many of the parts the network still predicts the same class."""
        return sum(lesion.same for lesion in self.found)


def compute(photo: str | None, pair: str | None, networks: Networks) -> list[Cuts]:
    """Raises PictureError or CheckpointError."""
    if pair is None:
        raise CheckpointError("pair_missing", folder=WEIGHTS.name)
    return cuts(networks, pair, read(photo))


@accelerated
def cuts(networks: Networks, pair: str, image: Image.Image) -> list[Cuts]:
    found = []
    for classifier in map(networks.get, (pair, twin(pair))):
        whole, single = lesions(classifier, image)
        found.append(
            Cuts(
                classifier.name,
                classifier.class_ids[whole.top],
                classifier.classes[whole.top],
                whole.probability,
                single,
            )
        )
    return found


def draw(found: list[Cuts], language: str) -> tuple[Any, ...]:
    """The study's verdict and charts; then the photo without each part."""
    answer, single, several, details = ablation_study.draw(language)
    sentences = "".join(f"<p>{escape(_sentence(language, item))}</p>" for item in found)
    hint = f'<p class="hint">{escape(t(language, "degradation.ablation.hint"))}</p>'
    words = {key: t(language, f"degradation.ablation.{key}") for key in ("part", "probability")}
    shares = {title(item.name): [(lesion.part, lesion.probability) for lesion in item.found] for item in found}
    return answer, single, sentences, what_is_left(shares, words), several, details + hint


def _sentence(language: str, item: Cuts) -> str:
    values: Mapping[str, object] = {
        "network": title(item.name),
        "name": class_label(language, item.class_id, item.class_title),
        "share": percent(item.probability),
        "count": len(item.found),
        "survived": item.survived,
        "median": percent(median(lesion.probability for lesion in item.found)),
    }
    family = "plain" if item.name.startswith("plain") else "residual"
    return t(language, f"degradation.ablation.{family}", **values)


PAGE = Page(
    "ablation",
    compute,
    draw,
    controls=(),
    outputs=(
        Output("answer"),
        chart("single", "degradation.cuts.single"),
        Output("words"),
        chart("photo", "degradation.ablation.photo"),
        chart("several", "degradation.cuts.several", folded=True),
        Output("details", folded=True),
    ),
    uses=("photo", "pair", "networks"),
    lane={**QUIETLY, **NETWORK},
    code=(without, lesions),
)
