"""What is in this picture, and do a network and its plain twin agree?"""

from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr
from PIL import Image

from resnet_demo.chapters.classify.pages.imagenet_download import FetchParts, build_fetching, wire_fetching
from resnet_demo.explain import Guess, Prediction, classify
from resnet_demo.kit.controls import Choices
from resnet_demo.kit.display_names import family
from resnet_demo.kit.format import card_line, class_name, intro, percent
from resnet_demo.kit.image_input import PhotoInput, data_uri, read
from resnet_demo.kit.listeners import NETWORK, bound
from resnet_demo.kit.messages import Problem, answer, attempt, notice
from resnet_demo.kit.offered_networks import Networks, Offer, trained_choices
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated

KEY = "classify"


@dataclass(frozen=True)
class Answer:
    """What one network said, with what is shown of the network itself."""

    key: str
    name: str
    parameters: int
    card: dict[str, Any]
    prediction: Prediction


@dataclass(frozen=True)
class Parts:
    photo: PhotoInput
    networks: Choices
    more: FetchParts
    results: gr.HTML
    answers: gr.State
    numbers: gr.JSON


def build(page: Site) -> Parts:
    page.word(gr.HTML(), value=partial(intro, tab=KEY))
    networks = page.word(
        Choices(page.networks.choices, value=list(page.chosen), elem_id="classify-networks"),
        label="classify.networks",
        info="classify.networks_info",
        choices=Offer(page.networks, trained_choices),
    )
    page.followers.append((networks, "both"))
    results = gr.HTML(elem_id="classify-results")
    more = build_fetching(page)
    return Parts(page.photo, networks, more, results, gr.State(), gr.JSON(visible=False))


def wire(page: Site, parts: Parts) -> None:
    page.finishing.append(lambda: wire_fetching(page, parts.more, parts.networks))
    inputs: list[Any] = [parts.photo.photo, parts.networks]
    events = [page.ready, parts.networks.change]
    asked = page.measures(events, bound(update, page.networks), inputs, parts.answers, parts.results)
    page.shows([asked], parts.answers, render, parts.results)
    page.endpoint(
        bound(endpoint, page.networks),
        [*inputs, page.language],
        parts.numbers,
        KEY,
        **NETWORK,
    )


def update(networks: Networks, path: str | None, keys: list[str]) -> list[Answer] | Problem:
    """The answers of the chosen networks, in no language yet."""
    return attempt(ask, networks, path, keys)


def endpoint(networks: Networks, picture: str | None, names: list[str], language: str) -> list[dict[str, Any]]:
    """Classifies a picture with one or several networks.

    picture: an image file, or {"url": "data:image/jpeg;base64,..."}. names: for example ["resnet18-imagenette",
    "plain18-imagenette"]. language: "en" or "zh", for class names and error messages. Returns, for each network, its
    parameters, the milliseconds of its forward pass and its most probable classes.
    """
    answers = answer(language, attempt(ask, networks, picture, names))
    return [
        {
            "network": found.name,
            "weights": found.key.removeprefix(f"{found.name}-"),
            "parameters": found.parameters,
            "milliseconds": round(found.prediction.milliseconds, 1),
            "classes": [
                {"id": guess.class_id, "name": class_name(language, guess), "probability": guess.probability}
                for guess in found.prediction.top
            ],
        }
        for found in answers
    ]


def ask(networks: Networks, path: str | None, keys: list[str]) -> list[Answer]:
    """Each network's answer. Raises PictureError or CheckpointError."""
    return predictions(networks, keys, read(path))


@accelerated
def predictions(networks: Networks, keys: list[str], image: Image.Image) -> list[Answer]:
    classifiers = [(key, networks.get(key)) for key in keys]
    if len(classifiers) > 1:
        classify(classifiers[0][1], image)  # a request's first pass finds threads and caches cold: nobody's time
    return [
        Answer(
            key,
            classifier.name,
            sum(p.numel() for p in classifier.network.parameters()),
            classifier.card,
            classify(classifier, image),
        )
        for key, classifier in classifiers
    ]


def render(answers: list[Answer] | Problem, language: str) -> str:
    """The answers side by side as HTML, or what went wrong."""
    if isinstance(answers, Problem):
        return notice(language, answers)
    if not answers:
        return f'<p class="hint">{escape(t(language, "classify.none"))}</p>'
    cards = "".join(_card(language, found) for found in answers)
    return f'<div class="cards pair">{cards}</div><p class="hint">{escape(t(language, "classify.crop_note"))}</p>'


def _card(language: str, found: Answer) -> str:
    seen = t(language, "classify.crop", side=found.prediction.crop.width)
    facts = t(
        language,
        "classify.facts",
        parameters=f"{found.parameters:,}",
        milliseconds=f"{found.prediction.milliseconds:.0f}",
    )
    bars = "".join(_bar(language, guess) for guess in found.prediction.top)
    return (
        f'<section class="card {family(found.name)}"><h3>{Networks.label(found.key)}</h3>'
        f'<p class="facts">{escape(facts)}<br>{escape(card_line(language, found.card))}</p>'
        f'<img class="crop" src="{data_uri(found.prediction.crop)}" alt="{escape(seen, quote=True)}">'
        f"<p class='hint'>{escape(seen)}</p><ol class='bars'>{bars}</ol></section>"
    )


def _bar(language: str, guess: Guess) -> str:
    share = percent(guess.probability)
    return (
        f'<li><span class="what">{escape(class_name(language, guess))}</span><span class="share">{share}</span>'
        f'<span class="bar"><i style="width:{100 * guess.probability:.2f}%"></i></span></li>'
    )
