"""The table of a network for scripts: `/blocks`."""

from typing import Any

from gradio.components import Component

from resnet_demo.chapters.blocks.formats import as_dict
from resnet_demo.chapters.blocks.pages.network import LARGEST, SMALLEST
from resnet_demo.chapters.blocks.rows import Row
from resnet_demo.chapters.blocks.vgg import VGG, network_rows
from resnet_demo.kit.controls import Choice, Options, Slider
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.page import Endpoint
from resnet_demo.kit.site import Site
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.options import checked


def endpoint(name: str, size: int, language: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every layer and block of a network, counted in closed form.

    name: for example "resnet18", or "vgg19", which has no options. size: side of the input picture in pixels.
    language: "en" or "zh", for error messages.
    options: those of the network that are not its own, for example {"shortcut": "C"}; null for none.
    Returns the rows with shapes, stride, shortcut, parameters, multiply-adds (MACs), receptive field and memory, the
    sums of the stages, and the totals.
    """
    return as_dict(answer(language, attempt(counted, name, size, options)))


def counted(name: str, size: int, options: object) -> list[Row]:
    """The rows, whatever a script sent as options. Raises ArchitectureError and CountError."""
    return network_rows(name, size, **checked(options))


def inputs(site: Site) -> list[Component]:
    return [
        Choice([*ARCHITECTURES, VGG], value="resnet18", visible=False, label="name"),
        Slider(SMALLEST, LARGEST, value=224, step=1, visible=False, label="size"),
        site.language,
        Options(visible=False, label="options"),
    ]


ENDPOINT = Endpoint("blocks", endpoint, inputs)
