"""A map halved in height and width by max-pool, by average-pool, and by a strided convolution that is trained."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image
from plotly.graph_objects import Figure

from resnet_demo.chapters.residual.downsampling import MAPS, SIDE, STEPS, TARGETS, Halved, Halving, Map, halve, sample
from resnet_demo.chapters.residual.pages.charts import descent
from resnet_demo.chapters.residual.pages.figures import figure, opening, source
from resnet_demo.data.examples import examples
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import percent
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.listeners import QUIETLY, bound
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.site import Site, shown
from resnet_demo.kit.steps_in_thread import LANE
from resnet_demo.kit.text import t

PHOTO = "photo"
COLUMNS = ("error", "mean", "largest", "spread", "recovered", "parameters")


@dataclass(frozen=True)
class Parts:
    tab: gr.Tab
    controls: list[Any]
    again: gr.Button
    stop: gr.Button
    found: gr.State
    pictures: gr.HTML
    chart: gr.Plot


def build(page: Site, tab: gr.Tab) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="halving"))
    with gr.Row():
        picture = page.word(
            gr.Radio(maps(page.initial), value="shapes", elem_id="residual-map", min_width=260),
            label="residual.halving.map",
            choices=maps,
        )
        target = page.word(
            gr.Radio(targets(page.initial), value="smooth", elem_id="residual-keep", min_width=260),
            label="residual.halving.target",
            info="residual.halving.target_info",
            choices=targets,
        )
    with gr.Row():
        seed = page.word(
            Slider(0, 20, value=0, step=1, elem_id="residual-halving-seed", min_width=220), label="residual.seed"
        )
        again = page.word(gr.Button(variant="primary", elem_id="residual-train"), value="residual.halving.again")
        stop = page.word(gr.Button(elem_id="residual-train-stop", scale=0, min_width=140), value="residual.stop")
    pictures = gr.HTML(elem_id="residual-halves")
    chart = page.word(gr.Plot(elem_id="residual-halving-chart"), label="residual.halving.chart")
    return Parts(tab, [picture, target, seed], again, stop, gr.State(), pictures, chart)


def maps(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"residual.halving.map.{name}"), name) for name in (*MAPS, PHOTO)]


def targets(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"residual.halving.target.{name}"), name) for name in TARGETS]


def wire(page: Site, parts: Parts) -> None:
    running = gr.on(
        [parts.tab.select, parts.again.click, *(control.change for control in parts.controls)],
        update,
        parts.controls,
        parts.found,
        trigger_mode="always_last",
        **QUIETLY,
        **LANE,
    )
    parts.stop.click(None, None, None, cancels=[running], **QUIETLY)
    show = bound(shown, render, 2)
    page.draws([parts.found.change], show, [parts.found, page.language], parts.pictures, parts.chart)


def update(name: str, target: str, seed: int) -> Iterator[Halving | Problem]:
    """The three ways, again and again while the convolution is trained."""
    steps = halve(photograph() if name == PHOTO else sample(name), target, seed)
    while (found := attempt(next, steps, None)) is not None:
        yield found


@cache
def photograph() -> Map:
    """The first example that is a photograph, grey, `2 * SIDE` pixels a side."""
    key = next(example.key for example in examples() if not example.wnid)
    picture = opened(key).convert("L")
    side = min(picture.size)
    square = picture.crop(((picture.width - side) // 2, 0, (picture.width + side) // 2, side))
    small = square.resize((2 * SIDE, 2 * SIDE), Image.Resampling.LANCZOS)
    return (np.asarray(small, np.float32) / 255).astype(np.float32)


def render(found: Halving | Problem, language: str) -> tuple[str, Figure | None]:
    """Pictures, numbers and words, and the loss."""
    if isinstance(found, Problem):
        return notice(language, found), None
    step = len(found.losses)
    progress = t(language, "residual.fit.progress", step=step, steps=STEPS)
    bar = f'<progress max="{STEPS}" value="{step}" aria-label="{escape(progress, quote=True)}"></progress>'
    signed = _signed(found)
    first = _shown(language, "input", found.picture, signed) + _shown(language, "wanted", found.wanted, signed)
    cards = "".join(_card(language, found, way, signed) for way in found.ways)
    rows = [{"way": way.way, **{name: getattr(way, name) for name in COLUMNS}} for way in found.ways]
    words = (
        f'<div class="progress-line">{bar}<span>{escape(progress)}</span></div>'
        f'<div class="halved"><div class="given">{first}</div><div class="cards">{cards}</div></div>'
        f"{_table(language, found)}"
        f"{source(language, 'residual.halving.how')}{downloads(language, 'halving', rows)}"
    )
    chart = descent(found.losses, t(language, "residual.fit.x")) if step else None
    return words, chart


def _signed(found: Halving) -> bool:
    """Whether the pictures need shades for negative numbers. What is given decides for all five, and for every step of
    the training: so the same shade is the same number everywhere."""
    return bool(min(found.picture.min(), found.wanted.min()) < 0)


def _shown(language: str, which: str, picture: Map, signed: bool) -> str:
    words = t(language, f"residual.halving.{which}", side=len(picture))
    return f"<figure>{_picture(picture, words, signed)}<figcaption>{escape(words)}</figcaption></figure>"


def _card(language: str, found: Halving, way: Halved, signed: bool) -> str:
    name = t(language, f"residual.halving.way.{way.way}")
    values = {
        "error": percent(way.error),
        "mean_in": figure(float(found.picture.mean()), 3),
        "mean": figure(way.mean, 3),
        "largest_in": figure(float(found.picture.max()), 3),
        "largest": figure(way.largest, 3),
    }
    kernel = _kernel(language, found) if way.way == "convolution" else ""
    return (
        f'<section class="card way-{way.way}"><h3>{escape(name)}</h3>{_picture(way.picture, name, signed)}{kernel}'
        f"<p>{escape(t(language, f'residual.halving.says.{way.way}', **values))}</p></section>"
    )


def _kernel(language: str, found: Halving) -> str:
    """The nine weights as a small table; the larger one is, the deeper its colour.

    Eighths and sixteenths are told exactly: with fewer decimals equal weights would differ in their last.
    """
    largest = max(abs(value) for row in found.kernel for value in row) or 1.0
    rows = "".join(f"<tr>{''.join(_weight(value, largest) for value in row)}</tr>" for row in found.kernel)
    words = escape(t(language, "residual.halving.kernel", bias=figure(round(found.bias, 4) + 0.0, 3)))
    return f'<table class="kernel"><caption>{words}</caption><tbody>{rows}</tbody></table>'


def _weight(value: float, largest: float) -> str:
    sign = "minus" if value < 0 else "plus"
    return f'<td class="{sign}" style="--w:{abs(value) / largest:.2f}">{figure(round(value, 4) + 0.0, 3)}</td>'


def _table(language: str, found: Halving) -> str:
    head = "".join(f"<th>{escape(t(language, f'residual.halving.column.{name}'))}</th>" for name in ("way", *COLUMNS))
    best = min(way.error for way in found.ways)
    body = "".join(_row(language, way, best) for way in found.ways)
    table = f'<table class="measured"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll">{table}</div>'


def _row(language: str, way: Halved, best: float) -> str:
    error = f"<b>{percent(way.error)}</b>" if way.error == best else percent(way.error)
    cells = (error, figure(way.mean, 3), figure(way.largest, 3), figure(way.spread, 3), percent(way.recovered))
    name = escape(t(language, f"residual.halving.way.{way.way}"))
    return (
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}<td>{way.parameters}</td></tr>'
    )


def _picture(values: Map, alt: str, signed: bool) -> str:
    """Black is 0 and white is 1; `signed`, black is -1, grey 0 and white 1. What lies beyond is as black or white."""
    shown = (values + 1) / 2 if signed else values
    pixels = (shown.clip(0, 1) * 255).round().astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    uri = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img class="map" alt="{escape(alt, quote=True)}" src="data:image/png;base64,{uri}">'
