"""Why depth is cheap with bottlenecks: blocks per stage, and what they come to."""

from dataclasses import dataclass
from functools import cache, partial
from html import escape
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.chapters.parameters.depth import LAYERS, MARKED, MOST, STAGES, NetworkCount, further_blocks, network
from resnet_demo.chapters.parameters.pages import link
from resnet_demo.chapters.parameters.pages.cards import opening
from resnet_demo.chapters.parameters.pages.charts import depths
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.page import AT_ONCE, Page, Problem, attempt, bound, notice
from resnet_demo.kit.text import t

LONGEST = 48
START = MARKED[50]
MEASURES = ("parameters", "macs")
OTHER = {"basic": "bottleneck", "bottleneck": "basic"}


@dataclass(frozen=True)
class Parts:
    named: dict[int, gr.Button]
    kind: gr.Radio
    stages: tuple[Slider, ...]
    measure: gr.Radio
    answer: gr.HTML
    chart: gr.Plot
    table: gr.HTML
    link: link.LinkParts

    @property
    def controls(self) -> list[Any]:
        return [self.kind, *self.stages, self.measure]


def build(page: Page) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="depth"))
    with gr.Row(elem_id="parameters-depth-named"):
        named = {
            layers: gr.Button(f"ResNet-{layers}", elem_id=f"parameters-depth-{layers}", size="sm", min_width=0)
            for layers in MARKED
        }
    kind = page.word(
        gr.Radio(kind_choices(page.initial), value=START[0], elem_id="parameters-depth-kind"),
        label="parameters.column_kind",
        choices=kind_choices,
    )
    with gr.Row(elem_id="parameters-stages"):
        stages = tuple(_stage(page, i) for i in range(len(STAGES)))
    answer = gr.HTML(elem_id="parameters-depth-answer")
    measure = page.word(
        gr.Radio(measure_choices(page.initial), value=MEASURES[0], elem_id="parameters-depth-measure"),
        label="parameters.measure",
        choices=measure_choices,
    )
    chart = page.word(gr.Plot(elem_id="parameters-depth-chart"), label="parameters.depth.chart")
    table = page.word(gr.HTML(elem_id="parameters-depth-table"), value=one_more)
    return Parts(named, kind, stages, measure, answer, chart, table, link.build(page, "depth"))


def _stage(page: Page, stage: int) -> Slider:
    slider = Slider(1, LONGEST, value=START[1][stage], step=1, elem_id=f"parameters-stage-{stage + 2}", min_width=200)
    return page.word(slider, label=lambda language: t(language, "parameters.depth.stage", stage=STAGES[stage]))


def kind_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.kind.{kind}"), kind) for kind in LAYERS]


def measure_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.chart.{measure}"), measure) for measure in MEASURES]


def wire(page: Page, parts: Parts, shown: Any) -> None:
    """`shown` is the event of the sub-page being opened: nothing is computed before it."""
    trouble = parts.link.trouble
    events = [shown, trouble.change, *(control.change for control in parts.controls)]
    outputs = parts.answer, parts.chart, parts.link.html
    page.draws(events, render, [page.language, trouble, *parts.controls], *outputs)
    link.copies(parts.link.copy, parts.link.html)
    for layers, button in parts.named.items():
        button.click(bound(named, layers), None, [parts.kind, *parts.stages], trigger_mode="multiple", **AT_ONCE)


def read(query: link.Query) -> list[Any]:
    """Kind, blocks per stage and measure of an address. Raises CountError."""
    kind = link.choice(query, "kind", tuple(LAYERS), START[0])
    blocks = [link.number(query, stage, start, MOST) for stage, start in zip(STAGES, START[1], strict=True)]
    network(kind, blocks)
    return [kind, *blocks, link.choice(query, "measure", MEASURES, MEASURES[0])]


def named(layers: int) -> list[Any]:
    """Kind of block and blocks per stage of a network of Table 1."""
    kind, blocks = MARKED[layers]
    return [kind, *blocks]


def render(language: str, trouble: Problem | None, kind: str, *values: Any) -> tuple[str, Figure | None, str]:
    """The network in words beside its twin of the other kind, both among the named ones, and the link."""
    *blocks, measure = values
    said = notice(language, trouble) if trouble else ""
    found = attempt(network, kind, blocks)
    if isinstance(found, Problem):
        return said + notice(language, found), None, ""
    settings = {"kind": kind, **dict(zip(STAGES, found.blocks, strict=True)), "measure": measure}
    address = link.page_link(language, "depth", **settings)
    return said + answer(language, found), chart(language, found, measure), address


def answer(language: str, found: NetworkCount) -> str:
    """What the network comes to, and what the same blocks of the other kind would."""
    other = network(OTHER[found.kind], found.blocks)
    return f'<div class="cards">{_card(language, found, True)}{_card(language, other, False)}</div>'


def _card(language: str, found: NetworkCount, here: bool) -> str:
    name = "" if found.known_as is None else t(language, "parameters.depth.known", name=f"ResNet-{found.known_as}")
    role = t(language, "parameters.depth.here" if here else "parameters.depth.other")
    facts = (
        ("layers", f"{found.layers:,}"),
        ("parameters", f"{found.parameters:,}"),
        ("macs", f"{found.macs:,}"),
        ("per_layer", f"{average(found.parameters, found.layers):,}"),
    )
    rows = "".join(f"<div><dt>{escape(t(language, f'parameters.depth.{k}'))}</dt><dd>{v}</dd></div>" for k, v in facts)
    colour = "" if found.kind == "bottleneck" else " plain"
    return (
        f'<section class="card{colour}"><h3>{escape(t(language, f"parameters.kind.{found.kind}"))} '
        f"<small>{escape('-'.join(map(str, found.blocks)))}</small></h3>"
        f'<p class="facts">{escape(role)} {escape(name)}</p><dl class="facts">{rows}</dl></section>'
    )


def average(total: int, count: int) -> int:
    """The mean, rounded; a half goes up."""
    return (2 * total + count) // (2 * count)


def chart(language: str, found: NetworkCount, measure: str) -> Figure:
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


def one_more(language: str) -> str:
    """What one more block costs in each stage, of either kind, and for each of its layers."""
    heads = ("stage", "kind", "channels", "parameters", "per_layer", "macs")
    head = "".join(f"<th>{escape(t(language, f'parameters.more.{name}'))}</th>" for name in heads)
    rows = "".join(
        f'<tr class="more-{kind}"><th scope="row">{STAGES[stage]}</th>'
        f"<td>{escape(t(language, f'parameters.kind.{kind}'))}</td><td>{c.block.channels_in:,}</td>"
        f"<td>{c.parameters:,}</td><td>{average(c.parameters, LAYERS[kind]):,}</td><td>{c.macs:,}</td></tr>"
        for stage in range(len(STAGES))
        for kind in LAYERS
        for c in (further_blocks(kind)[stage],)
    )
    caption = escape(t(language, "parameters.more.title"))
    return (
        f'<p class="summary">{caption}</p><div class="scroll"><table class="blocks more"><thead><tr>{head}</tr></thead>'
        f'<tbody>{rows}</tbody></table></div><p class="hint">{escape(t(language, "parameters.more.note"))}</p>'
    )
