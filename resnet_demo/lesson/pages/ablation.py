"""Step 7: both networks for the photo with one part removed, each part in turn."""

from dataclasses import dataclass

from PIL import Image

from resnet_demo.chapters.degradation.ablation import Lesion, lesions
from resnet_demo.chapters.degradation.early_exit_study import EarlyExits, early_exits, of_pair
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import class_label, percent
from resnet_demo.kit.html import html
from resnet_demo.kit.image_input import read
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.lesson.step import Answer, Step, place

STOPPED = "resnet56-cifar10"
"""The pair that was stopped early on a whole test set; its last stage has the most blocks."""


@dataclass(frozen=True)
class Ablated:
    """One network: its class for the photo, and what is left of it without each part."""

    name: str
    class_id: str
    class_name: str
    probability: float
    parts: tuple[Lesion, ...]

    @property
    def kept(self) -> int:
        """Without how many of the parts, each removed alone, the network still predicts the same class."""
        return sum(one.same for one in self.parts)

    @property
    def survives(self) -> bool:
        """Whether that is so for more than half of them."""
        return 2 * self.kept > len(self.parts)


def compute(photo: str | None, pair: str, networks: Networks) -> tuple[Ablated, Ablated]:
    """First the residual network. Raises PictureError or CheckpointError."""
    return both(networks, pair, read(photo))


@accelerated
def both(networks: Networks, pair: str, image: Image.Image) -> tuple[Ablated, Ablated]:
    return ablated(networks, pair, image), ablated(networks, twin(pair), image)


def ablated(networks: Networks, key: str, image: Image.Image) -> Ablated:
    classifier = networks.get(key)
    whole, parts = lesions(classifier, image)
    return Ablated(
        classifier.name, classifier.class_ids[whole.top], classifier.classes[whole.top], whole.probability, parts
    )


RIGHT = {(True, False): "residual", (False, True): "plain", (True, True): "both", (False, False): "neither"}


def settle(found: tuple[Ablated, Ablated], language: str) -> Answer:
    residual, plain = found
    values = {
        "residual": title(residual.name),
        "plain": title(plain.name),
        "kept": residual.kept,
        "count": len(residual.parts),
        "plain_kept": plain.kept,
        "plain_count": len(plain.parts),
        "name": class_label(language, residual.class_id, residual.class_name),
        "plain_name": class_label(language, plain.class_id, plain.class_name),
    }
    lanes = [
        (family, title(one.name), class_label(language, one.class_id, one.class_name), one)
        for family, one in zip(("residual", "plain"), found, strict=True)
    ]
    picture = html(
        "lesson/pages/ablation.html",
        language,
        lanes=lanes,
        percent=percent,
        early=stopped_early(language, of_pair(early_exits()[0], STOPPED)),
        deeper=place(language, "degradation", "early_exit"),
    )
    return Answer(RIGHT[residual.survives, plain.survives], picture, values=values)


def stopped_early(language: str, pair: tuple[EarlyExits, EarlyExits] | None) -> str:
    """How often both are right one block before the end, and at the end; nothing where it was not measured."""
    if pair is None:
        return ""
    shares = {
        f"{family}_{when}": f"{one.accuracy[at]:.1f}%"
        for family, one in zip(("residual", "plain"), pair, strict=True)
        for when, at in (("early", -2), ("end", -1))
    }
    residual, plain = pair
    return t(
        language,
        "lesson.ablation.early",
        residual=title(residual.model),
        plain=title(plain.model),
        count=f"{residual.count:,}",
        **shares,
    )


STEP = Step(
    "ablation",
    2,
    ("residual", "plain", "both", "neither"),
    compute,
    settle,
    ("degradation", "ablation"),
    uses=("photo", "pair", "networks"),
    lane=MEASURED,
)
PAGE = STEP.page
