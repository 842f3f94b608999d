"""Predictions for scripts: `/classify`."""

from typing import Any

from gradio.components import Component

from resnet_demo.chapters.classify.pages.photograph import compute
from resnet_demo.kit.controls import Choices
from resnet_demo.kit.format import class_name
from resnet_demo.kit.listeners import NETWORK
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Endpoint
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t


def endpoint(networks: Networks, picture: str | None, names: list[str], language: str) -> list[dict[str, Any]]:
    """Classifies a picture with one or several networks.

    picture: an image file, or {"url": "data:image/jpeg;base64,..."}. names: for example ["resnet18-imagenette",
    "plain18-imagenette"]. language: "en" or "zh", for class names and error messages. Returns, for each network, its
    parameters, the milliseconds of its forward pass (one pass, which for the first network may find the processor's
    caches cold) and its most probable classes.
    """
    answers = answer(language, attempt(compute, picture, networks, names))
    return [
        {
            "network": one.name,
            "weights": one.key.removeprefix(f"{one.name}-"),
            "parameters": one.parameters,
            "milliseconds": round(one.prediction.milliseconds, 1),
            "classes": [
                {"id": guess.class_id, "name": class_name(language, guess), "probability": guess.probability}
                for guess in one.prediction.top
            ],
        }
        for one in answers
    ]


def inputs(site: Site) -> list[Component]:
    names = Choices(
        site.networks.choices, value=[*site.chosen], visible=False, label=t(site.initial, "classify.networks")
    )
    return [site.photo.photo, names, site.language]


ENDPOINT = Endpoint("classify", endpoint, inputs, takes_networks=True, lane=NETWORK)
