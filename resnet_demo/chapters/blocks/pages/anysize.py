"""Any input size: the map before pooling grows, and what the classifier reads stays as wide as it was."""

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.blocks.input_size import AtSize, any_size
from resnet_demo.chapters.blocks.pages.input_size_drawing import NARROW, WIDE, svg
from resnet_demo.kit.address import register
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.display_names import title
from resnet_demo.kit.layout import opening
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES

SMALLEST, LARGEST = 32, 512


@dataclass(frozen=True)
class Parts:
    architecture: gr.Dropdown
    size: Slider
    answer: gr.HTML


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    gr.HTML(opening(page.initial, "blocks", "anysize"))
    parts = lay_out(page)
    register(page, "blocks", [parts.architecture, parts.size])
    wire(page, parts)


def lay_out(page: Site) -> Parts:
    with gr.Row():
        names = [(title(name), name) for name in ARCHITECTURES]
        architecture = page.word(
            gr.Dropdown(names, value="resnet18", min_width=260, elem_id="blocks-anysize-name"),
            label="blocks.architecture",
        )
        size = page.word(
            Slider(SMALLEST, LARGEST, value=224, step=1, min_width=260, elem_id="blocks-anysize"),
            label="blocks.size",
            info="blocks.anysize.info",
        )
    answer = gr.HTML(render("resnet18", 224, page.initial), elem_id="blocks-anysize-answer")
    return Parts(architecture, size, answer)


def wire(page: Site, parts: Parts) -> None:
    controls: list[Any] = [parts.architecture, parts.size]
    page.draws([control.change for control in controls], render, [*controls, page.language], parts.answer)


def render(name: str, size: int, language: str) -> str:
    """The drawing, and what torch says of either head."""
    found = attempt(any_size, name, [size])
    if isinstance(found, Problem):
        return notice(language, found)
    (at,) = found
    label = t(language, "blocks.anysize.label", network=title(name), side=at.side, channels=at.channels)
    words = {key: t(language, f"blocks.anysize.{key}") for key in ("picture", "map", "gap", "flatten")}
    wide, narrow = (
        svg(at, ARCHITECTURES[name].num_classes, {**words, "label": label}, layout) for layout in (WIDE, NARROW)
    )
    drawn = f'<div class="drawing"><div class="wide">{wide}</div><div class="narrow">{narrow}</div></div>'
    cards = _pooled(language, at) + _flattened(language, at)
    return f'<div class="sized">{drawn}<div class="cards">{cards}</div></div>'


def _pooled(language: str, at: AtSize) -> str:
    said = t(language, "blocks.anysize.pooled", side=at.side, channels=at.pooled)
    return _card(t(language, "blocks.anysize.gap"), said, "", fits=True)


def _flattened(language: str, at: AtSize) -> str:
    """With a flattening head: the numbers that reach it, those that it was made for, and torch's own words."""
    key = "blocks.anysize.fits" if at.message is None else "blocks.anysize.breaks"
    counts = {
        "channels": at.channels,
        "side": at.side,
        "flattened": f"{at.flattened:,}",
        "expected": f"{at.expected:,}",
    }
    return _card(
        t(language, "blocks.anysize.flatten"), t(language, key, **counts), at.message or "", fits=at.message is None
    )


def _card(name: str, said: str, message: str, *, fits: bool) -> str:
    mark = "yes" if fits else "no"
    error = f'<p class="formula">RuntimeError: {escape(message)}</p>' if message else ""
    return (
        f'<section class="card {mark}"><h3><span class="mark {mark}" aria-hidden="true"></span> {escape(name)}</h3>'
        f"<p>{escape(said)}</p>{error}</section>"
    )
