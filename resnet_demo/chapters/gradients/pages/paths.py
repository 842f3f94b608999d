"""Paths: how many there are of each length, and which lengths bring the gradient back."""

from dataclasses import dataclass
from html import escape

from PIL import Image
from plotly.graph_objects import Figure

from resnet_demo.chapters.gradients.paths import CARRIED, Paths, along, linearised, measure_paths
from resnet_demo.kit.charts import COLOURS, INK, framed
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import number
from resnet_demo.kit.image_input import read
from resnet_demo.kit.listeners import NETWORK, QUIETLY
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, chart, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated

FIRST = "resnet56-cifar10"


@dataclass(frozen=True)
class Measured:
    network: str
    paths: Paths


def compute(photo: str | None, networks: Networks, network: str) -> Measured:
    """Raises PictureError or CheckpointError."""
    return Measured(network.partition("-")[0], measured(networks, network, read(photo)))


@accelerated
def measured(networks: Networks, key: str, image: Image.Image) -> Paths:
    classifier = networks.get(key)
    return measure_paths(classifier.network, classifier.preprocess(image))


def draw(found: Measured, language: str) -> tuple[str, Figure, Figure]:
    return answer(language, found), shares(language, found.paths), single(language, found.paths)


def answer(language: str, found: Measured) -> str:
    """From which lengths most of the gradient comes, and how many of the paths have them."""
    paths = found.paths
    low, high = paths.carrying
    sentence = t(
        language,
        f"gradients.paths.{paths.verdict}",
        network=title(found.network),
        blocks=paths.blocks,
        count=f"{2**paths.blocks:,}",
        share=f"{100 * CARRIED:.0f}",
        low=low,
        high=high,
        half=f"{paths.blocks / 2:g}",
        among=number(100 * sum(paths.counts[low : high + 1])),
    )
    return f'<p class="summary">{escape(sentence)}</p>'


def shares(language: str, paths: Paths) -> Figure:
    """Over the length: the share of all paths, of the gradient, and of number times norm as the paper estimates it."""
    lengths = [*range(paths.blocks + 1)]
    figure = Figure()
    figure.add_bar(
        x=lengths,
        y=[100 * share for share in paths.shares],
        name=t(language, "gradients.paths.gradient"),
        marker_color=COLOURS["residual"],
        hovertemplate="%{y:.2f}%",
    )
    for name, values, dash, colour in (
        ("count", paths.counts, "solid", INK),
        ("product", paths.products, "dot", COLOURS["residual"]),
    ):
        figure.add_scatter(
            x=lengths,
            y=[100 * value for value in values],
            name=t(language, f"gradients.paths.{name}"),
            mode="lines",
            line={"color": colour, "width": 2.5, "dash": dash},
            hovertemplate="%{y:.2f}%",
        )
    figure.update_layout(
        hovermode="x unified",
        xaxis={"title": t(language, "gradients.paths.length")},
        yaxis={"ticksuffix": "%"},
    )
    return framed(figure, 400)


def single(language: str, paths: Paths) -> Figure:
    """The norm of the gradient that comes back through one path."""
    figure = Figure()
    figure.add_scatter(
        x=[*range(paths.blocks + 1)],
        y=paths.single,
        mode="lines+markers",
        line={"color": COLOURS["residual"], "width": 2.5},
        hovertemplate="%{y:.2e}",
    )
    figure.update_layout(
        xaxis={"title": t(language, "gradients.paths.length")},
        yaxis={"type": "log", "exponentformat": "power"},
    )
    return framed(figure, 320)


def network_choices(site: Site) -> list[tuple[str, str]]:
    """The residual networks that are offered, those of CIFAR-10 first: they have the most blocks."""
    keys = [key for key in site.networks.keys if key.startswith("resnet")]
    keys.sort(key=lambda key: (not key.endswith("-cifar10"), key != FIRST))
    return [(site.networks.label(key), key) for key in keys]


PAGE = Page(
    "paths",
    compute,
    draw,
    controls=(radio("network", network_choices, FIRST, offers_networks=True),),
    outputs=(
        Output("answer"),
        chart("shares", "gradients.paths.shares"),
        chart("single", "gradients.paths.single", folded=True),
    ),
    uses=("photo", "networks"),
    lane={**QUIETLY, **NETWORK},
    code=(linearised, along, measure_paths),
    note="gradients.paths.note",
)
