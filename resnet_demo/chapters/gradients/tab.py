"""Do gradients vanish without shortcuts? Measured, layer by layer."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from resnet_demo.chapters.gradients.pages import claims as gradients_claims
from resnet_demo.chapters.gradients.pages import flow as gradients_flow
from resnet_demo.chapters.gradients.pages import shattered_gradients as gradients_shattered
from resnet_demo.chapters.gradients.pages.exports import records
from resnet_demo.chapters.gradients.pages.measurements import Measured, Setting, check, measured
from resnet_demo.kit.format import intro
from resnet_demo.kit.listeners import bound
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import LANE

KEY = "gradients"


@dataclass(frozen=True)
class Parts:
    flow: gradients_flow.Parts
    claims: gradients_claims.Parts
    shattered: gradients_shattered.Parts
    claims_opened: Any
    shattered_opened: Any
    numbers: gr.JSON


def build(page: Site) -> Parts:
    page.word(gr.HTML(padding=False), value=partial(intro, tab=KEY))
    with gr.Tabs(elem_id="gradients-pages"):
        with _page(page, "flow"):
            flow = gradients_flow.build(page)
        with _page(page, "claims") as claims_tab:
            claims = gradients_claims.build(page)
        with _page(page, "shattered") as shattered_tab:
            shattered = gradients_shattered.build(page)
    return Parts(flow, claims, shattered, claims_tab.select, shattered_tab.select, gr.JSON(visible=False))


def _page(page: Site, name: str) -> gr.Tab:
    return page.word(gr.Tab(id=name, elem_id=f"gradients-page-{name}"), label=f"gradients.{name}.title")


def wire(page: Site, parts: Parts) -> None:
    gradients_flow.wire(page, parts.flow)
    gradients_claims.wire(page, parts.claims, parts.claims_opened)
    gradients_shattered.wire(page, parts.shattered, parts.shattered_opened)
    page.endpoint(
        bound(endpoint, page.networks),
        [*parts.flow.setting, parts.flow.seeds, page.language],
        parts.numbers,
        "gradient_flow",
        **LANE,
    )


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
