"""Stop early: the visitor's photo through a pair, with the class that each block of the last stage would name."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PIL import Image
from plotly.graph_objects import Figure

from resnet_demo.chapters.degradation.early_exit import Exit, early_logits, exits
from resnet_demo.chapters.degradation.early_exit_study import EarlyExits, early_exits, of_pair, verdict
from resnet_demo.explain import explain
from resnet_demo.explain.overlay import overlay
from resnet_demo.kit.charts import COLOURS, GRID, SYMBOLS, framed
from resnet_demo.kit.display_names import dataset_title, family, title
from resnet_demo.kit.format import class_label, margins, percent
from resnet_demo.kit.html import html, summary
from resnet_demo.kit.image_input import data_uri, read
from resnet_demo.kit.listeners import NETWORK, QUIETLY
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.page import Output, Page, chart, dropdown
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated

FIRST = "resnet56-cifar10"
SIDE = 120
"""Pixels per side of a heat map in the strip."""


@dataclass(frozen=True)
class Stopped:
    """One network stopped after each block: class ids and English names by exit, and Grad-CAM there as a data URI."""

    name: str
    exits: tuple[Exit, ...]
    classes: tuple[tuple[str, str], ...]
    maps: tuple[str, ...]

    @property
    def settled(self) -> int:
        """The first block (from 1) from which on the class is the network's own to the end."""
        tops = [one.top for one in self.exits]
        return max((i + 1 for i, top in enumerate(tops, 1) if top != tops[-1]), default=1)


@dataclass(frozen=True)
class Pair:
    """Both networks, and what was measured of them on a whole test set; None where it was not."""

    networks: tuple[Stopped, Stopped]
    measured: tuple[EarlyExits, EarlyExits] | None


def compute(photo: str | None, networks: Networks, pair: str) -> Pair:
    """Raises PictureError or CheckpointError."""
    residual, plain = stopped(networks, (pair, twin(pair)), read(photo))
    return Pair((residual, plain), of_pair(early_exits()[0], pair))


@accelerated
def stopped(networks: Networks, keys: Sequence[str], image: Image.Image) -> list[Stopped]:
    found = []
    for classifier in map(networks.get, keys):
        seen = exits(classifier, image)
        winner = seen[-1].top
        maps = (overlay(explain(classifier, image, layer=one.block, target=winner)) for one in seen)
        strip = tuple(data_uri(one.resize((SIDE, SIDE)), "JPEG") for one in maps)
        classes = tuple((classifier.class_ids[one.top], classifier.classes[one.top]) for one in seen)
        found.append(Stopped(classifier.name, seen, classes, strip))
    return found


def draw(pair: Pair, language: str) -> tuple[str, str, str, Figure, str, str]:
    """The photo: sentence and bars; the test set: sentence and curves; folded heat maps, numbers of each block."""
    values = {"networks": pair.networks, "title": title, "family": family, "percent": percent, "label": class_label}
    bars, maps = (
        html(f"chapters/degradation/pages/{name}.html", language, **values) for name in ("early_exit", "early_maps")
    )
    networks, about = early_exits()
    table = html(
        "chapters/degradation/pages/early_table.html",
        language,
        **values,
        measured=networks,
        about=about,
        dataset_title=dataset_title,
        margins=lambda one: margins(language, [share / 100 for share in one.accuracy], one.count),
    )
    return answer(language, pair), bars, measured(language, pair), curves(language, pair), maps, table


def answer(language: str, pair: Pair) -> str:
    """Where each network settles on its class."""
    return summary(" ".join(_settled(language, one) for one in pair.networks))


def measured(language: str, pair: Pair) -> str:
    """What the test set says."""
    if pair.measured is None:
        return ""
    shares = [one / 100 for network in pair.measured for one in network.accuracy]
    return f"<p>{escape(_measured(language, *pair.measured))} {margins(language, shares, pair.measured[0].count)}</p>"


def _settled(language: str, network: Stopped) -> str:
    count, settled = len(network.exits), network.settled
    key = "last" if settled == count else "first" if settled == 1 else "settled"
    return t(
        language,
        f"degradation.early_exit.{key}",
        network=title(network.name),
        name=class_label(language, *network.classes[-1]),
        block=settled,
        count=count,
    )


def _measured(language: str, residual: EarlyExits, plain: EarlyExits) -> str:
    sentence = t(
        language,
        f"degradation.early_exit.{verdict(residual, plain)}",
        residual=title(residual.model),
        plain=title(plain.model),
        count=f"{residual.count:,}",
        residual_first=f"{residual.accuracy[0]:.1f}",
        residual_last=f"{residual.accuracy[-1]:.1f}",
        plain_before=f"{max(plain.before_last):.1f}",
        plain_last=f"{plain.accuracy[-1]:.1f}",
    )
    if residual.last_adds_nothing:
        sentence += t(language, "degradation.early_exit.adds_nothing", network=title(residual.model))
    return sentence


def curves(language: str, pair: Pair) -> Figure:
    """Over the blocks: the probability of the photo's class (solid), and the accuracy on the test set (dotted)."""
    figure = Figure()
    for index, network in enumerate(pair.networks):
        name = title(network.name)
        look = {"color": COLOURS[family(network.name)], "width": 3}
        symbol = SYMBOLS[family(network.name)]
        series = [(name, "solid", [100 * one.winner for one in network.exits])]
        if pair.measured:
            series.append(
                (t(language, "degradation.early_exit.test", network=name), "dot", [*pair.measured[index].accuracy])
            )
        for label, dash, values in series:
            figure.add_scatter(
                x=[*range(1, len(values) + 1)],
                y=[*values],
                name=label,
                mode="lines+markers",
                line={**look, "dash": dash},
                marker={"symbol": symbol if dash == "solid" else f"{symbol}-open", "size": 8},
                hovertemplate="%{y:.1f}%",
            )
    figure.update_layout(
        hovermode="x unified",
        xaxis={"title": t(language, "degradation.early_exit.block"), "gridcolor": GRID, "dtick": 1},
        yaxis={"range": [-2, 102], "ticksuffix": "%", "gridcolor": GRID},
    )
    return framed(figure, 380)


def pair_choices(site: Site) -> list[tuple[str, str]]:
    """The pairs that are offered, CIFAR-10's first: their last stage has the most blocks."""
    return sorted(site.networks.pairs, key=lambda choice: (not choice[1].endswith("-cifar10"), choice[1] != FIRST))


PAGE = Page(
    "early_exit",
    compute,
    draw,
    controls=(dropdown("pair", pair_choices, FIRST, follows="residual", offers_networks=True),),
    outputs=(
        Output("answer"),
        Output("bars"),
        Output("measured"),
        chart("chart", "degradation.early_exit.chart"),
        Output("maps", folded=True),
        Output("table", folded=True),
    ),
    uses=("photo", "networks"),
    lane={**QUIETLY, **NETWORK},
    code=(early_logits, exits),
    note="degradation.early_exit.note",
)
