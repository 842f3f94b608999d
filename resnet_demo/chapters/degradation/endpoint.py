"""The chapter for scripts: `/degradation`, `/early_exit`, `/landscape`."""

from dataclasses import asdict
from typing import Any

from gradio.components import Component

from resnet_demo.chapters.degradation.landscape_study import landscapes
from resnet_demo.chapters.degradation.pages.early_exit import FIRST, Pair
from resnet_demo.chapters.degradation.pages.early_exit import compute as stop_early
from resnet_demo.chapters.degradation.study import findings, study, table
from resnet_demo.kit.controls import Choice
from resnet_demo.kit.listeners import NETWORK
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Endpoint
from resnet_demo.kit.site import Site


def degradation() -> dict[str, Any]:
    """The degradation study: every run's errors in percent, epoch by epoch, the final table and the findings."""
    found = study()
    return {
        "about": found.about,
        "runs": [asdict(run) for run in found.runs],
        "table": [asdict(line) for line in table(found)],
        "findings": [asdict(one) | {"holds": one.holds} for one in findings(table(found))],
    }


def early_exit(networks: Networks, photo: str | None, pair: str, language: str) -> dict[str, Any]:
    """What a ResNet and its plain twin predict for a photo if they stop after each block of their last stage.

    photo: a file. pair: the residual network, such as "resnet56-cifar10". language: "en" or "zh", for error messages.
    Returns for each network and block the class, its probability, the probability of the class that the whole network
    predicts ("winner"), for residual blocks "alignment" and "ratio", for plain ones "kept" (null otherwise), and the
    accuracies in percent on the whole test set, or null where they were not measured.
    """
    found: Pair = answer(language, attempt(stop_early, photo, networks, pair))
    return {
        "networks": [
            {
                "network": one.name,
                "settled": one.settled,
                "exits": [
                    asdict(seen) | {"class_id": class_id, "class": name}
                    for seen, (class_id, name) in zip(one.exits, one.classes, strict=True)
                ],
            }
            for one in found.networks
        ],
        "measured": [asdict(one) for one in found.measured] if found.measured else None,
    }


def landscape() -> dict[str, Any]:
    """The loss and accuracy around the trained weights of the CIFAR-10 networks, point by point, and what they say.

    For each network: the axis of both directions, loss and accuracy row by row, the loss at the trained weights, the
    mean second derivative there, and the share of the points below the loss of ten equal probabilities.
    """
    found = landscapes()
    return {
        "about": found.about,
        "networks": [
            asdict(one)
            | {
                "centre": one.centre,
                "curvature": one.curvature,
                "below_chance": one.below_chance,
                "valleys": one.valleys,
            }
            for one in found.networks
        ],
    }


def early_exit_inputs(site: Site) -> list[Component]:
    return [site.photo.photo, Choice([FIRST], value=FIRST, visible=False, label="pair"), site.language]


ENDPOINTS = (
    Endpoint("degradation", degradation, lambda _: []),
    Endpoint("early_exit", early_exit, early_exit_inputs, takes_networks=True, lane=NETWORK),
    Endpoint("landscape", landscape, lambda _: []),
)
