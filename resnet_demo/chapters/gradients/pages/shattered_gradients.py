"""Shattered gradients: the difference that the size of a gradient does not show."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from plotly.graph_objects import Figure
from torch import Tensor

from resnet_demo.chapters.gradients.pages.charts import correlation_chart, walk_chart
from resnet_demo.chapters.gradients.pages.flow import choice
from resnet_demo.chapters.gradients.pages.flow_in_words import summary
from resnet_demo.chapters.gradients.pages.measurements import NORMS, SIDES, Setting, architectures, batch
from resnet_demo.chapters.gradients.shattered_gradients import CHANGES, Shattering, shattering, walk
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.kit.display_names import title
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.memory import kept
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, chart, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import LANE, Step
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.models.device import choose_device
from resnet_demo.models.initialisation import random_network

DEPTHS = (8, 20, 32, 44, 56, 80, 110)
SHOWN = 56
PICTURES = 8
STEPS = tuple(i / 2000 for i in range(33))
"""The walk: from no change to 1.6 %."""


@dataclass(frozen=True)
class Shattered:
    """What was measured so far: pairs by depth, and at the end one walk of each network of depth `SHOWN`."""

    norm: str
    change: float
    pairs: tuple[tuple[Shattering, Shattering], ...]
    walks: tuple[tuple[float, ...], ...] = ()


def compute(networks: Networks, norm: str, change: float) -> Iterator[Step | Shattered]:
    """The correlations of each depth's pair, then the walks."""
    pairs: tuple[tuple[Shattering, Shattering], ...] = ()
    for depth in DEPTHS:
        first, second = (correlations(networks, depth, norm, plain) for plain in (False, True))
        pairs += ((first, second),)
        yield Step(len(pairs), len(DEPTHS) + 1)
        yield Shattered(norm, change, pairs)
    yield Shattered(norm, change, pairs, tuple(walked(networks, norm, plain) for plain in (False, True)))


@kept("measurements")
@accelerated
def correlations(networks: Networks, depth: int, norm: str, plain: bool) -> Shattering:
    setting, where = Setting(f"cifar-{depth}", norm), choose_device(networks.device)
    network = random_network(architectures(setting)[plain]).to(where)
    pictures, labels, direction = (tensor.to(where) for tensor in _question())
    return shattering(network, pictures, labels, direction)


@kept("measurements")
@accelerated
def walked(networks: Networks, norm: str, plain: bool) -> tuple[float, ...]:
    setting, where = Setting(f"cifar-{SHOWN}", norm), choose_device(networks.device)
    network = random_network(architectures(setting)[plain]).to(where)
    pictures, labels, direction = (tensor.to(where) for tensor in _question())
    return walk(network, pictures, labels, direction, STEPS)


def _question() -> tuple[Tensor, Tensor, Tensor]:
    """Pictures, labels and the direction in which the pictures move, of unit mean square."""
    side = SIDES["cifar"]
    pictures = batch("pictures", PICTURES, Preprocessing(side, side), 0)
    direction = batch("noise", PICTURES, Preprocessing(side, side), 1)
    return pictures, torch.arange(PICTURES), direction / direction.square().mean().sqrt()


def draw(found: Shattered, language: str) -> tuple[str, Figure, Figure | None, str]:
    """The sentence and both charts; at the end the numbers as files."""
    words = {
        "residual": "ResNet",
        "plain": "PlainNet",
        **{
            name: t(language, f"gradients.shattered_gradients.axis.{name}")
            for name in ("layers", "correlation", "change", "component")
        },
    }
    residual, plain = zip(*found.pairs, strict=True)
    alike = correlation_chart({"residual": residual, "plain": plain}, DEPTHS, found.change, words)
    if not found.walks:
        return said(language, found), alike, None, ""
    named = words | {"residual": f"ResNet-{SHOWN}", "plain": f"PlainNet-{SHOWN}"}
    walks = walk_chart({"plain": found.walks[1], "residual": found.walks[0]}, STEPS, named)
    return said(language, found), alike, walks, downloads(language, "shattered", rows(found))


def rows(found: Shattered) -> list[dict[str, Any]]:
    """Every number of both charts: how alike the gradients are at each size of change, then each step of the walks."""
    alike = [
        {"network": one.network, "norm": found.norm, "quantity": "correlation", "change": change, "value": value}
        for pair in found.pairs
        for one in pair
        for change, value in zip(one.changes, one.correlations, strict=True)
    ]
    walks = zip((f"resnet{SHOWN}", f"plain{SHOWN}"), found.walks, strict=False)  # none before the end
    return alike + [
        {"network": name, "norm": found.norm, "quantity": "gradient_component", "change": change, "value": value}
        for name, steps in walks
        for change, value in zip(STEPS, steps, strict=True)
    ]


def said(language: str, found: Shattered) -> str:
    """The sentence, about the pair of depth `SHOWN` or the deepest one so far."""
    change = found.change
    residual, plain = found.pairs[min(DEPTHS.index(SHOWN), len(found.pairs) - 1)]
    sentence = t(
        language,
        "gradients.shattered_gradients.says",
        change=f"{100 * change:g}%",
        residual=title(residual.network),
        plain=title(plain.network),
        residual_correlation=f"{residual.correlations[residual.changes.index(change)]:.2f}",
        plain_correlation=f"{plain.correlations[plain.changes.index(change)]:.2f}",
    )
    return summary(sentence, residual.network, plain.network)


def change_choices(_: Site) -> list[tuple[str, float]]:
    return [(f"{100 * change:g}%", change) for change in CHANGES]


PAGE = Page(
    "shattered_gradients",
    compute,
    draw,
    controls=(radio("change", change_choices, 0.01), choice("norm", NORMS)),
    outputs=(
        Output("answer"),
        chart("correlation", "gradients.shattered_gradients.correlation"),
        chart("walk", "gradients.shattered_gradients.walk"),
        Output("numbers"),
    ),
    uses=("networks",),
    lane={**MEASURED, **LANE},
    code=(shattering, walk),
    note="gradients.shattered_gradients.note",
)
