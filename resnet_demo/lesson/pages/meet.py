"""Step 1: a network and its twin without shortcuts, and what both predict for the photo."""

from dataclasses import dataclass

from PIL import Image

from resnet_demo.explain import Prediction, classify
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import class_name, percent
from resnet_demo.kit.html import html
from resnet_demo.kit.image_input import data_uri, read
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.lesson.step import Answer, Step


@dataclass(frozen=True)
class Twins:
    """Both networks by name, the number of their blocks, and both predictions: first the residual network's."""

    names: tuple[str, str]
    blocks: int
    predictions: tuple[Prediction, Prediction]

    @property
    def agree(self) -> bool:
        residual, plain = (one.top[0].class_id for one in self.predictions)
        return residual == plain


def compute(photo: str | None, pair: str, networks: Networks) -> Twins:
    """Raises PictureError or CheckpointError."""
    return predictions(networks, pair, read(photo))


@accelerated
def predictions(networks: Networks, pair: str, image: Image.Image) -> Twins:
    residual, plain = networks.get(pair), networks.get(twin(pair))
    found = classify(residual, image, top=3), classify(plain, image, top=3)
    return Twins((residual.name, plain.name), len(residual.network.blocks), found)


def settle(found: Twins, language: str) -> Answer:
    residual, plain = (one.top[0] for one in found.predictions)
    lanes = list(zip(("residual", "plain"), map(title, found.names), found.predictions, strict=True))
    return Answer(
        "same" if found.agree else "different",
        html("lesson/pages/meet_bars.html", language, lanes=lanes, class_name=class_name, percent=percent),
        html(
            "lesson/pages/meet.html",
            language,
            lanes=lanes,
            blocks=found.blocks,
            crop=data_uri(found.predictions[0].crop, "JPEG"),
        ),
        {
            "residual": lanes[0][1],
            "plain": lanes[1][1],
            "name": class_name(language, residual),
            "share": percent(residual.probability, 0),
            "plain_name": class_name(language, plain),
            "plain_share": percent(plain.probability, 0),
        },
    )


STEP = Step(
    "meet",
    2,
    ("same", "different"),
    compute,
    settle,
    ("classify", ""),
    uses=("photo", "pair", "networks"),
    lane=MEASURED,
)
PAGE = STEP.page
