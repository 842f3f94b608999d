"""The photo in the chosen networks: their most probable classes side by side, and the crop that they saw."""

from collections.abc import Sequence
from html import escape

from PIL import Image

from resnet_demo.chapters.classify.pages import imagenet_download
from resnet_demo.chapters.classify.predictions import Answer, predict
from resnet_demo.explain import Guess, classify
from resnet_demo.kit.display_names import family
from resnet_demo.kit.format import card_line, class_name, percent
from resnet_demo.kit.image_input import data_uri, read
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, checkboxes
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated


def compute(photo: str | None, networks: Networks, chosen: Sequence[str]) -> list[Answer]:
    """Raises PictureError or CheckpointError."""
    return predictions(networks, chosen, read(photo))


@accelerated
def predictions(networks: Networks, chosen: Sequence[str], image: Image.Image) -> list[Answer]:
    return predict({key: networks.get(key) for key in chosen}, image)


def draw(answers: list[Answer], language: str) -> tuple[str]:
    """The answers side by side."""
    if not answers:
        return (f'<p class="hint">{escape(t(language, "classify.none"))}</p>',)
    cards = "".join(_card(language, one) for one in answers)
    return (f'<div class="cards pair">{cards}</div><p class="hint">{escape(t(language, "classify.crop_note"))}</p>',)


def _card(language: str, answer: Answer) -> str:
    crop = t(language, "classify.crop", side=answer.prediction.crop.width)
    facts = t(
        language,
        "classify.facts",
        parameters=f"{answer.parameters:,}",
        milliseconds=f"{answer.prediction.milliseconds:.0f}",
    )
    bars = "".join(_bar(language, guess) for guess in answer.prediction.top)
    return (
        f'<section class="card {family(answer.name)}"><h3>{Networks.label(answer.key)}</h3><div class="seen">'
        f'<figure><img class="crop" src="{data_uri(answer.prediction.crop)}" alt="{escape(crop, quote=True)}">'
        f'<figcaption class="hint">{escape(crop)}</figcaption></figure><ol class="bars">{bars}</ol></div>'
        f'<p class="facts">{escape(facts)}<br>{escape(card_line(language, answer.card))}</p></section>'
    )


def _bar(language: str, guess: Guess) -> str:
    share = percent(guess.probability)
    return (
        f'<li><span class="what">{escape(class_name(language, guess))}</span><span class="share">{share}</span>'
        f'<span class="bar"><i style="width:{100 * guess.probability:.2f}%"></i></span></li>'
    )


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
    wire=imagenet_download.build,
)
