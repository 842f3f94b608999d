"""What is asked of a heat map: whose, of which class, at which layer, by which method. All pages share it."""

from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.components import Component

from resnet_demo.chapters.gradcam.pages.choices import (
    fitted,
    layer_choices,
    method_choices,
    networks_of,
    networks_or_none,
    rivals,
    targets,
)
from resnet_demo.chapters.gradcam.pages.measured_maps import NONE, OWN, asked
from resnet_demo.kit.listeners import AT_ONCE, bound
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import checkbox, dropdown
from resnet_demo.kit.site import Site


def wire(site: Site, controls: Mapping[str, Component]) -> None:
    """The choices follow the networks."""
    of_networks = [controls[name] for name in ("target", "layer", "against")]
    changes = [controls[name].change for name in ("left", "right")]  # type: ignore[attr-defined]
    inputs = [controls["left"], controls["right"], *of_networks]
    gr.on(changes, bound(options, site.networks, site.initial), inputs, of_networks, trigger_mode="multiple", **AT_ONCE)


def options(
    networks: Networks, language: str, left: str, right: str, target: str, layer: list[str], against: str
) -> tuple[Any, ...]:
    """Classes and layers that both networks have, and of those chosen the ones that are still there.

    Nothing moves where a network is gone: in place of the maps that is said.
    """
    question = asked(None, left, right, target, layer, "gradcam", against, False)
    kept = attempt(fitted, networks, question)
    if isinstance(kept, Problem):
        return gr.skip(), gr.skip(), gr.skip()
    keys = question.keys
    offered = (
        (targets(networks, keys, language), target, kept.target),
        (layer_choices(networks, keys, language), layer, list(kept.layers)),
        (rivals(networks, keys, language), against, kept.against),
    )
    # A value that stays is not sent again: the page would take it for a change, and ask for the same maps twice.
    return tuple(
        gr.update(choices=new) if old == value else gr.update(choices=new, value=value) for new, old, value in offered
    )


def first_layers(site: Site) -> list[str]:
    """The last stage."""
    return [layer_choices(site.networks, site.chosen, site.initial)[0][1]]


CONTROLS = (
    dropdown(
        "left",
        lambda site: networks_of(site.networks, site.initial),
        lambda site: site.chosen[0],
        follows="residual",
        offers_networks=True,
    ),
    dropdown(
        "right",
        lambda site: networks_or_none(site.networks, site.initial),
        lambda site: site.chosen[-1],
        follows="plain",
        offers_networks=True,
    ),
    dropdown("target", lambda site: targets(site.networks, site.chosen, site.initial), OWN, varies=True),
    dropdown(
        "layer",
        lambda site: layer_choices(site.networks, site.chosen, site.initial),
        first_layers,
        varies=True,
        options={"multiselect": True},
    ),
    dropdown("method", lambda _: method_choices(), "gradcam", varies=True),  # scripts ask by it, too
    dropdown(
        "against",
        lambda site: rivals(site.networks, site.chosen, site.initial),
        NONE,
        varies=True,
        info="gradcam.against_info",
        folded=True,
    ),
    checkbox("counterfactual", info="gradcam.counterfactual_info", folded=True),
)
USED = ("photo", "networks", *(one.name for one in CONTROLS))
"""What each page of the chapter uses."""
