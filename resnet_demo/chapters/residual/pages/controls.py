"""The controls that several pages of this chapter have."""

from typing import Any

from resnet_demo.chapters.residual.one_block import ACTIVATIONS
from resnet_demo.chapters.residual.pages.diagrams import NAMES
from resnet_demo.kit.page import Control, radio, slider
from resnet_demo.kit.site import Site


def weight(name: str, value: float, **more: Any) -> Control:
    """A number of the block by hand."""
    reach = 5 if name == "x" else 3
    return slider(name, -reach, reach, value, 0.05, label=f"residual.{name}", **more)


def activation_choices(_: Site) -> list[tuple[str, str]]:
    return [(NAMES[name], name) for name in ACTIVATIONS]


def activation(value: str) -> Control:
    return radio("activation", activation_choices, value, label="residual.activation", folded=True)


def seed() -> Control:
    return slider("seed", 0, 20, 0, label="residual.seed", folded=True)
