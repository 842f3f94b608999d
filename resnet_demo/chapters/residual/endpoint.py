"""One block of single numbers for scripts: `/residual_step`."""

from dataclasses import asdict
from typing import Any

import gradio as gr
from gradio.components import Component

from resnet_demo.chapters.residual.one_block import ACTIVATIONS, twins
from resnet_demo.chapters.residual.pages.one_block import DEFAULTS
from resnet_demo.kit.controls import Number
from resnet_demo.kit.downloads import finite
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.page import Endpoint
from resnet_demo.kit.site import Site


def endpoint(
    x: float, w1: float, w2: float, b1: float, b2: float, activation: str, language: str
) -> dict[str, dict[str, Any]]:
    """One residual block of single numbers and its plain twin, forward and backward, every step by name.

    x: the block's input. w1, b1: weight and bias of the first convolution. w2, b2: of the second. activation: "relu",
    "sigmoid" or "tanh". language: "en" or "zh", for error messages. With L the block's output, "gradient" is dL/dx:
    "through_shortcut" (the "1 +", absent in the plain twin) plus "through_branch". Numbers that JSON lacks are the
    strings "inf", "-inf" and "nan".
    """
    steps = answer(language, attempt(twins, x, w1, w2, b1, b2, activation))
    return {step.form: finite(asdict(step)) for step in steps}


def inputs(site: Site) -> list[Component]:
    numbers = [Number(value, visible=False, label=name) for name, value in DEFAULTS.items()]
    return [*numbers, gr.Radio([*ACTIVATIONS], value="relu", visible=False, label="activation"), site.language]


ENDPOINT = Endpoint("residual_step", endpoint, inputs)
