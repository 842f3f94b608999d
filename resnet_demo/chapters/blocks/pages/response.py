"""Layer responses: how strongly each layer of a ResNet and of its twin responds, as in the paper's Fig. 7."""

from statistics import fmean

from markupsafe import Markup
from plotly.graph_objects import Figure

from resnet_demo.chapters.blocks.pages.responses_chart import response_lines
from resnet_demo.chapters.blocks.responses import Responses, responses
from resnet_demo.data.examples import examples
from resnet_demo.kit.display_names import family
from resnet_demo.kit.html import hint, summary
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.memory import kept
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Control, Output, Page, chart, dropdown, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated

ORDERS = ("depth", "size")
Measured = dict[str, Responses]
"""By the keys of the networks: two may have one architecture and other weights."""


def compute(networks: Networks, first: str, second: str, order: str) -> tuple[str, Measured]:
    """Raises CheckpointError and ArchitectureError."""
    return order, measure(networks, tuple(dict.fromkeys((first, second))))


@kept("measurements")
@accelerated
def measure(networks: Networks, keys: tuple[str, ...]) -> Measured:
    """The images are always the same, so it is measured once."""
    pictures = [opened(example.key) for example in examples()]
    return {key: responses(networks.get(key), pictures) for key in keys}


def draw(result: tuple[str, Measured], language: str) -> tuple[str, Figure]:
    """What was measured in sentences, and the figure."""
    order, measured = result
    lines = []
    for key, one in measured.items():
        layers = one.layers if order == "depth" else one.sorted
        lines.append(
            (Networks.label(key), family(one.name), [(x.layer, x.kernel) for x in layers], [x.std for x in layers])
        )
    across = t(language, f"blocks.response.axis.{order}")
    return answer(language, measured), response_lines(lines, (across, t(language, "blocks.response.axis")))


def answer(language: str, measured: Measured) -> Markup:
    """Whose layers respond more strongly, and what that was measured on."""
    means = {Networks.label(key): fmean(layer.std for layer in one.layers) for key, one in measured.items()}
    weaker, low = min(means.items(), key=lambda pair: pair[1])
    stronger, high = max(means.items(), key=lambda pair: pair[1])
    values = {"network": stronger, "mean": f"{high:.3f}", "other": weaker, "mean_other": f"{low:.3f}"}
    pictures = next(iter(measured.values())).pictures
    key = "blocks.response.stronger" if low < high else "blocks.response.mean"
    return summary(t(language, key, **values, percent=f"{100 * (high / low - 1):.1f}")) + hint(
        t(language, "blocks.response.measured", count=pictures)
    )


def network(name: str, part: str, position: int) -> Control:
    """A network of the pair in the header, or any other."""
    return dropdown(
        name,
        lambda site: site.networks.choices,
        lambda site: site.networks.keys[min(position, len(site.networks.keys) - 1)],
        follows=part,
        offers_networks=True,
        options={"min_width": 260},  # on a phone a row of its own
    )


def order_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"blocks.response.order.{key}"), key) for key in ORDERS]


PAGE = Page(
    "response",
    compute,
    draw,
    controls=(
        network("first", "residual", 0),
        network("second", "plain", 1),
        radio("order", order_choices, ORDERS[0], folded=True),
    ),
    outputs=(Output("answer"), chart("chart", "blocks.response.chart")),
    uses=("networks",),
    lane=MEASURED,
    code=(responses,),
    note="blocks.response.paper",
    for_experts=True,
)
