"""Step 5: the Grad-CAM maps of both networks for the photo."""

from dataclasses import dataclass

from PIL import Image

from resnet_demo.explain import Explanation, explain
from resnet_demo.explain.comparison import Agreement, agreement
from resnet_demo.explain.overlay import overlay
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import class_name, percent
from resnet_demo.kit.html import html
from resnet_demo.kit.image_input import data_uri, read
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.lesson.step import Answer, Step

SAME = 0.5
"""From this overlap on two maps are said to mark the same place."""


@dataclass(frozen=True, eq=False)
class Maps:
    """Both networks' maps, each for the class that the network predicts, and how far they agree."""

    names: tuple[str, str]
    maps: tuple[Explanation, Explanation]

    @property
    def agreement(self) -> Agreement:
        return agreement(*(one.map for one in self.maps))

    @property
    def right(self) -> str:
        overlap = self.agreement.overlap
        return "blank" if overlap is None else "same" if overlap >= SAME else "different"


def compute(photo: str | None, pair: str, networks: Networks) -> Maps:
    """Raises PictureError or CheckpointError."""
    return both(networks, pair, read(photo))


@accelerated
def both(networks: Networks, pair: str, image: Image.Image) -> Maps:
    residual, plain = networks.get(pair), networks.get(twin(pair))
    return Maps((residual.name, plain.name), (explain(residual, image), explain(plain, image)))


def settle(found: Maps, language: str) -> Answer:
    guesses = [one.prediction.top[0] for one in found.maps]
    lanes = [
        (
            family,
            title(name),
            class_name(language, guess),
            percent(guess.probability, 0),
            data_uri(overlay(one), "JPEG"),
        )
        for family, name, guess, one in zip(("residual", "plain"), found.names, guesses, found.maps, strict=True)
    ]
    values = {
        "residual": lanes[0][1],
        "plain": lanes[1][1],
        "name": lanes[0][2],
        "plain_name": lanes[1][2],
        "overlap": percent(found.agreement.overlap or 0.0, 0),
        "limit": percent(SAME, 0),
    }
    return Answer(found.right, html("lesson/pages/maps.html", language, lanes=lanes), values=values)


STEP = Step(
    "maps",
    3,
    ("same", "different"),
    compute,
    settle,
    ("gradcam", "checks"),
    uses=("photo", "pair", "networks"),
    lane=MEASURED,
)
PAGE = STEP.page
