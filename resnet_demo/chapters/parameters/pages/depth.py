"""Why depth is cheap with bottlenecks: blocks per stage, and what they come to."""

from functools import cache

from plotly.graph_objects import Figure

from resnet_demo.chapters.parameters.depth import LAYERS, MARKED, STAGES, NetworkCount, further_blocks, network
from resnet_demo.chapters.parameters.pages.charts import depths
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.html import html, summary
from resnet_demo.kit.page import Control, Output, Page, Preset, chart, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

LONGEST = 48
START = MARKED[50]
MEASURES = ("parameters", "macs")
OTHER = {"basic": "bottleneck", "bottleneck": "basic"}


def compute(kind: str, measure: str, **blocks: int) -> tuple[NetworkCount, str]:
    """The network of these blocks per stage, and what its chart counts. Raises CountError."""
    return network(kind, [blocks[name] for name in STAGES]), measure


def draw(result: tuple[NetworkCount, str], language: str) -> tuple[str, Figure, str, str]:
    """The network and its twin of the other kind, both among the named ones, and the cost of one more block."""
    found, measure = result
    other = network(OTHER[found.kind], found.blocks)
    answer = summary(f"{_sentence(language, found)} {_sentence(language, other)}")
    cards = html("chapters/parameters/pages/depth.html", language, networks=(found, other), average=average)
    more = html(
        "chapters/parameters/pages/one_more.html",
        language,
        rows=[(STAGES[i], kind, further_blocks(kind)[i], LAYERS[kind]) for i in range(len(STAGES)) for kind in LAYERS],
        average=average,
    )
    return answer, along(language, found, measure), cards, more


def _sentence(language: str, count: NetworkCount) -> str:
    kind = t(language, f"parameters.kind.{count.kind}")
    numbers = {"layers": count.layers, "parameters": f"{count.parameters:,}", "macs": f"{count.macs / 1e9:.1f}"}
    return t(language, "parameters.depth.answer", blocks=sum(count.blocks), kind=kind, **numbers)


def along(language: str, found: NetworkCount, measure: str) -> Figure:
    """Either kind of block along 3-4-n-3, the five networks of Table 1, and this one."""
    lines = {t(language, f"parameters.depth.curve.{kind}"): curve(kind) for kind in LAYERS}
    marked = {f"{layers}": network(kind, blocks) for layers, (kind, blocks) in MARKED.items()}
    labels = t(language, "parameters.depth.layers"), t(language, f"parameters.axis.{measure}")
    return depths(lines, marked, {t(language, "parameters.depth.star"): found}, measure, *labels)


@cache
def curve(kind: str) -> tuple[NetworkCount, ...]:
    """Networks of growing third stage, to 152 layers and a little more."""
    most = 66 if kind == "basic" else 40
    return tuple(network(kind, (3, 4, n, 3)) for n in range(1, most + 1))


def average(total: int, count: int) -> int:
    """The mean, rounded; a half goes up."""
    return (2 * total + count) // (2 * count)


def kind_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"parameters.kind.{kind}"), kind) for kind in LAYERS]


def measure_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"parameters.chart.{measure}"), measure) for measure in MEASURES]


def stage(position: int) -> Control:
    options = {"minimum": 1, "maximum": LONGEST, "step": 1}
    label = ("parameters.depth.stage", {"stage": STAGES[position]})
    return Control(STAGES[position], Slider, START[1][position], label=label, options=options)


def preset(layers: int) -> Preset:
    """A network of Table 1."""
    kind, blocks = MARKED[layers]
    values = {"kind": kind, **dict(zip(STAGES, blocks, strict=True))}
    return Preset(str(layers), f"ResNet-{layers}", values, is_proper_name=True)


PAGE = Page(
    "depth",
    compute,
    draw,
    controls=(
        radio("kind", kind_choices, START[0], label="parameters.column_kind"),
        *(stage(position) for position in range(len(STAGES))),
        radio("measure", measure_choices, MEASURES[0], label="parameters.measure", folded=True),
    ),
    outputs=(
        Output("answer"),
        chart("chart", "parameters.depth.chart"),
        Output("cards"),
        Output("table", folded=True),
    ),
    presets=tuple(preset(layers) for layers in MARKED),
    code=(network,),
)
