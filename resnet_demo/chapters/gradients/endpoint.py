"""Gradients for scripts: `/gradient_flow`."""

from typing import Any

from gradio.components import Component

from resnet_demo.chapters.gradients.pages.exports import records
from resnet_demo.chapters.gradients.pages.measurements import MOST_SEEDS, Measured, Setting, check, measured
from resnet_demo.kit.controls import Choice, Slider
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Endpoint
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import LANE

START = {
    "pair": "cifar-56",
    "norm": "batch",
    "initialisation": "kaiming",
    "activation": "relu",
    "version": "v1",
    "batch": "pictures",
}


def endpoint(
    networks: Networks,
    pair: str,
    norm: str,
    initialisation: str,
    activation: str,
    version: str,
    batch: str,
    seeds: int,
    language: str,
) -> dict[str, Any]:
    """Gradients and signals of a ResNet and its plain twin, layer by layer, in one training step.

    pair: "cifar-8" to "cifar-110" (6n + 2 layers), "imagenet-18" to "imagenet-152", or a trained pair such as
    "imagenette-18", for which only batch counts. norm: "batch" or "none". initialisation: "kaiming", "xavier", "small",
    "large" (1.5 times Kaiming) or "zero_gamma". activation: "relu", "tanh" or "sigmoid". version: "v1" or "v2".
    batch: "pictures" or "noise". seeds: 1 to 10. language: "en" or "zh", for error messages. Returns for each seed and
    network the loss, every convolution's gradient norm and response, every block input's gradient norm and standard
    deviation, and every parameter's gradient norm. Numbers that JSON lacks are the strings "inf", "-inf" and "nan".
    """
    setting = Setting(pair, norm, initialisation, activation, version, batch)
    return records(answer(language, attempt(asked, networks, setting, seeds)))


def asked(networks: Networks, setting: Setting, seeds: int) -> Measured:
    """Raises ArchitectureError, CountError or CheckpointError."""
    return measured(networks, setting, check(networks, setting, seeds))


def inputs(site: Site) -> list[Component]:
    chosen = [Choice([value], value=value, visible=False, label=name) for name, value in START.items()]
    return [*chosen, Slider(1, MOST_SEEDS, value=1, step=1, visible=False, label="seeds"), site.language]


ENDPOINT = Endpoint("gradient_flow", endpoint, inputs, takes_networks=True, lane=LANE)
