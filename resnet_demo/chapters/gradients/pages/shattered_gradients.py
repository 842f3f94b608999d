"""Shattered gradients: the difference that the size of a gradient does not show."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from time import monotonic_ns
from typing import Any

import gradio as gr
import torch
from torch import Tensor

from resnet_demo.chapters.gradients.pages.charts import correlation_chart, walk_chart
from resnet_demo.chapters.gradients.pages.flow import choices
from resnet_demo.chapters.gradients.pages.flow_in_words import progress, summary
from resnet_demo.chapters.gradients.pages.measurements import NORMS, SIDES, Setting, architectures, batch
from resnet_demo.chapters.gradients.pages.stop import Turn, asks, stops
from resnet_demo.chapters.gradients.shattered_gradients import CHANGES, Shattering, shattering, walk
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.kit.address import register
from resnet_demo.kit.display_names import title
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import bound
from resnet_demo.kit.memory import kept
from resnet_demo.kit.messages import Problem, notice
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.models.device import choose_device
from resnet_demo.models.initialisation import random_network

DEPTHS = (8, 20, 32, 44, 56, 80, 110)
SHOWN = 56
PICTURES = 8
STEPS = tuple(i / 2000 for i in range(33))
"""The walk: from no change to 1.6 %."""

CODE_BEHIND = (shattering, walk)


@dataclass(frozen=True)
class Shattered:
    """What was measured so far: pairs by depth, and at the end one walk of each network of depth `SHOWN`."""

    norm: str
    pairs: tuple[tuple[Shattering, Shattering], ...]
    walks: tuple[tuple[float, ...], ...]
    begun: int = field(default=0, compare=False)  # which measurement this is a step of

    @property
    def done(self) -> int:
        return len(self.pairs) + bool(self.walks)


@dataclass(frozen=True)
class Parts:
    norm: gr.Radio
    change: gr.Radio
    stop: gr.Button
    verdict: gr.HTML
    correlation: gr.Plot
    walk: gr.Plot
    numbers: gr.HTML
    found: gr.State
    halted: gr.State


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    opened = page.wake("gradients-shattered_gradients")
    gr.HTML(opening(page.initial, "gradients", "shattered_gradients"))
    parts = lay_out(page)
    register(page, "gradients", [parts.norm, parts.change])
    wire(page, parts, opened)


def lay_out(page: Site) -> Parts:
    with gr.Row(elem_classes="gradients-bar"):
        norm = page.word(
            gr.Radio(value="batch", elem_id="gradients-shattered-norm"),
            label="gradients.norm",
            choices=partial(choices, "norm", NORMS),
        )
        change = page.word(
            gr.Radio(
                [(f"{100 * change:g}%", change) for change in CHANGES],
                value=0.01,
                elem_id="gradients-shattered-change",
            ),
            label="gradients.shattered_gradients.change",
        )
        stop = page.word(
            gr.Button(scale=0, min_width=110, elem_id="gradients-shattered-stop"),
            value="gradients.stop",
        )
    verdict = gr.HTML(elem_id="gradients-shattered-verdict")
    with gr.Row():
        with gr.Column(min_width=320):
            correlation = page.word(
                gr.Plot(elem_id="gradients-correlation"), label="gradients.shattered_gradients.correlation"
            )
            page.word(gr.HTML(elem_classes="hint"), value="gradients.shattered_gradients.correlation_note")
        with gr.Column(min_width=320):
            walked = page.word(gr.Plot(elem_id="gradients-walk"), label="gradients.shattered_gradients.walk")
            page.word(gr.HTML(elem_classes="hint"), value="gradients.shattered_gradients.walk_note")
    numbers = gr.HTML(elem_id="gradients-shattered-numbers", padding=False)
    return Parts(norm, change, stop, verdict, correlation, walked, numbers, gr.State(), gr.State(0))


def wire(page: Site, parts: Parts, opened: Any) -> None:
    """`opened` is the event of this part of the tab coming into view."""
    measure = bound(update_shattered, page.networks)
    asked = asks([opened, parts.norm.input], measure, [parts.norm], parts.found, parts.verdict, gr.State(Turn()))
    stops(parts.stop, parts.halted, [asked])
    seen: list[Any] = [parts.found, parts.halted, parts.change]
    outputs = [parts.verdict, parts.correlation, parts.walk, parts.numbers]
    page.draws([place.change for place in seen], render, [*seen, page.language], *outputs)


def update_shattered(networks: Networks, norm: str) -> Iterator[Shattered]:
    """The correlations of each depth's pair, then the walks, in no language."""
    begun = monotonic_ns()
    pairs: tuple[tuple[Shattering, Shattering], ...] = ()
    for depth in DEPTHS:
        first, second = (correlations(networks, depth, norm, plain) for plain in (False, True))
        pairs += ((first, second),)
        yield Shattered(norm, pairs, (), begun)
    yield Shattered(norm, pairs, tuple(walked(networks, norm, plain) for plain in (False, True)), begun)


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


def render(found: Shattered | Problem | None, halted: int, change: float, language: str) -> Any:
    """The sentence with its progress, and both charts; at the end the numbers as files."""
    if found is None:
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    if isinstance(found, Problem):
        return notice(language, found), None, None, ""
    words = {
        "residual": "ResNet",
        "plain": "PlainNet",
        **{
            name: t(language, f"gradients.shattered_gradients.axis.{name}")
            for name in ("layers", "correlation", "change", "component")
        },
    }
    residual, plain = zip(*found.pairs, strict=True)
    chart = correlation_chart({"residual": residual, "plain": plain}, DEPTHS, change, words)
    walks = {"plain": found.walks[1], "residual": found.walks[0]} if found.walks else {}
    named = words | {"residual": f"ResNet-{SHOWN}", "plain": f"PlainNet-{SHOWN}"}
    bar = "" if found.begun <= halted else progress(language, found.done, len(DEPTHS) + 1, "steps")
    drawn = walk_chart(walks, STEPS, named) if walks else None
    files = "" if bar else downloads(language, "shattered", rows(found))
    return said(language, found, change) + bar, chart, drawn, files


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


def said(language: str, found: Shattered, change: float) -> str:
    """The sentence, about the pair of depth `SHOWN` or the deepest one so far."""
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
