"""A map halved in height and width by max-pool, by average-pool, and by a strided convolution that is trained."""

from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np
from PIL import Image
from plotly.graph_objects import Figure

from resnet_demo.chapters.residual.downsampling import MAPS, SIDE, STEPS, TARGETS, Halved, Halving, Map, halve, sample
from resnet_demo.chapters.residual.pages.charts import descent
from resnet_demo.chapters.residual.pages.controls import seed
from resnet_demo.chapters.residual.pages.figures import figure
from resnet_demo.data.examples import examples
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import percent
from resnet_demo.kit.html import html, measured, summary
from resnet_demo.kit.image_input import data_uri, opened
from resnet_demo.kit.page import Output, Page, Run, chart, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import LANE, Step
from resnet_demo.kit.text import t

PHOTO = "photo"
COLUMNS = ("error", "mean", "largest", "spread", "recovered", "parameters")


def steps(picture: str, target: str, seed: int) -> Iterator[Halving]:
    """The three ways, again and again while the convolution is trained. Raises ResidualError or CountError."""
    yield from halve(photograph() if picture == PHOTO else sample(picture), target, seed)


@lru_cache(maxsize=32)
def compute(picture: str, target: str, seed: int) -> Halving:
    """The three ways once the convolution is trained. Raises ResidualError or CountError."""
    *_, last = steps(picture, target, seed)
    return last


def work(picture: str, target: str, seed: int) -> Iterator[Step | Halving]:
    """The training, to watch."""
    for halving in steps(picture, target, seed):
        yield halving
        yield Step(len(halving.losses), STEPS)


@cache
def photograph() -> Map:
    """The first example that is a photograph, grey, `2 * SIDE` pixels a side."""
    key = next(example.key for example in examples() if not example.wnid)
    picture = opened(key).convert("L")
    side = min(picture.size)
    square = picture.crop(((picture.width - side) // 2, 0, (picture.width + side) // 2, side))
    small = square.resize((2 * SIDE, 2 * SIDE), Image.Resampling.LANCZOS)
    return (np.asarray(small, np.float32) / 255).astype(np.float32)


def draw(halving: Halving, language: str) -> tuple[str, str, str, Figure | None, str]:
    """Which way comes closest, the pictures, every number, the loss, and the numbers as a file."""
    # What is given decides for all five pictures, and for every step: the same shade is the same number everywhere.
    signed = bool(min(halving.picture.min(), halving.wanted.min()) < 0)
    largest = max(abs(value) for row in halving.kernel for value in row) or 1.0
    given = [
        (_picture(values, signed), t(language, f"residual.downsampling.{which}", side=len(values)))
        for which, values in (("input", halving.picture), ("wanted", halving.wanted))
    ]
    pictures = html(
        "chapters/residual/pages/downsampling.html",
        language,
        given=given,
        ways=[(way.way, _picture(way.picture, signed), _says(language, halving, way)) for way in halving.ways],
        kernel=[[_weight(value, largest) for value in row] for row in halving.kernel],
        bias=_rounded(halving.bias),
    )
    heads = [t(language, f"residual.downsampling.column.{name}") for name in ("way", *COLUMNS)]
    rows = [{"way": way.way, **{name: getattr(way, name) for name in COLUMNS}} for way in halving.ways]
    return (
        summary(_answer(language, halving)),
        pictures,
        measured(heads, [_cells(language, way) for way in halving.ways]),
        descent(halving.losses, t(language, "residual.fitting.x")) if halving.losses else None,
        downloads(language, "halving", rows),
    )


def _answer(language: str, halving: Halving) -> str:
    """The ways by their errors, the least first."""
    best, *others = sorted(halving.ways, key=lambda way: way.error)
    named = [t(language, f"residual.downsampling.way.{way.way}") for way in (best, *others)]
    return t(
        language,
        "residual.downsampling.answer",
        target=t(language, f"residual.downsampling.target.{halving.target}"),
        best=named[0],
        error=percent(best.error),
        second=named[1],
        second_error=percent(others[0].error),
        third=named[2],
        third_error=percent(others[1].error),
    )


def _says(language: str, halving: Halving, way: Halved) -> str:
    return t(
        language,
        f"residual.downsampling.says.{way.way}",
        error=percent(way.error),
        mean_in=figure(float(halving.picture.mean()), 3),
        mean=figure(way.mean, 3),
        largest_in=figure(float(halving.picture.max()), 3),
        largest=figure(way.largest, 3),
    )


def _weight(value: float, largest: float) -> tuple[str, str, str]:
    """A weight of the kernel, its size for the depth of its colour, and its sign."""
    return _rounded(value), f"{abs(value) / largest:.2f}", "minus" if value < 0 else "plus"


def _rounded(value: float) -> str:
    """Eighths and sixteenths exactly: with fewer decimals equal weights would differ in their last."""
    return figure(round(value, 4) + 0.0, 3)


def _cells(language: str, way: Halved) -> list[object]:
    name = t(language, f"residual.downsampling.way.{way.way}")
    values = (figure(way.mean, 3), figure(way.largest, 3), figure(way.spread, 3))
    return [name, percent(way.error), *values, percent(way.recovered), way.parameters]


def _picture(values: Map, signed: bool) -> str:
    """Black is 0 and white is 1; `signed`, black is -1, grey 0 and white 1. What lies beyond is as black or white."""
    shades = (values + 1) / 2 if signed else values
    return data_uri(Image.fromarray((shades.clip(0, 1) * 255).round().astype(np.uint8)))


def picture_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"residual.downsampling.map.{name}"), name) for name in (*MAPS, PHOTO)]


def target_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"residual.downsampling.target.{name}"), name) for name in TARGETS]


PAGE = Page(
    "downsampling",
    compute,
    draw,
    controls=(
        radio("picture", picture_choices, "shapes", label="residual.downsampling.map", folded=True),
        radio("target", target_choices, "smooth"),
        seed(),
    ),
    outputs=(
        Output("answer"),
        Output("pictures"),
        Output("table", folded=True),
        chart("chart", "residual.downsampling.chart"),
        Output("numbers", folded=True),
    ),
    lane={**LANE, "show_progress": "minimal"},
    run=Run(work, "residual.downsampling.again"),
    code=(halve,),
    note="residual.downsampling.how",
    for_experts=True,
)
