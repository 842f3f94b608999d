"""Whole networks: when, which idea, what it solved, how large, how good."""

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.chapters.parameters.pages import link
from resnet_demo.chapters.parameters.pages.cards import opening
from resnet_demo.chapters.parameters.pages.charts import FAMILIES, scatter
from resnet_demo.chapters.parameters.timeline import TIMELINE, Known
from resnet_demo.kit.page import Page, Problem, notice
from resnet_demo.kit.text import t

ACROSS = ("macs", "parameters", "year")
HEADS = ("network", "year", "idea", "solved", "parameters", "macs", "top1")


@dataclass(frozen=True)
class Parts:
    opening: gr.HTML
    across: gr.Radio
    trouble: gr.HTML
    chart: gr.Plot
    table: gr.HTML
    link: link.LinkParts

    @property
    def controls(self) -> list[Any]:
        return [self.across]


def build(page: Page) -> Parts:
    intro = gr.HTML(look(page.initial, ACROSS[0]), elem_id="parameters-networks-opening")
    across = page.word(
        gr.Radio(across_choices(page.initial), value=ACROSS[0], elem_id="parameters-across"),
        label="parameters.across",
        choices=across_choices,
    )
    trouble = gr.HTML(elem_id="parameters-networks-trouble")
    chart = page.word(gr.Plot(elem_id="parameters-networks-chart"), label="parameters.networks.chart")
    table = page.word(gr.HTML(elem_id="parameters-networks-table"), value=rows)
    page.word(gr.HTML(elem_classes="hint"), value="parameters.networks.sources")
    return Parts(intro, across, trouble, chart, table, link.build(page, "networks"))


def across_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.across.{name}"), name) for name in ACROSS]


def wire(page: Page, parts: Parts, shown: Any) -> None:
    """`shown` is the event of the sub-page being opened: nothing is drawn before it."""
    trouble = parts.link.trouble
    events = [shown, trouble.change, parts.across.change]
    outputs = parts.trouble, parts.opening, parts.chart, parts.link.html
    page.draws(events, render, [page.language, trouble, parts.across], *outputs)
    link.copies(parts.link.copy, parts.link.html)


def read(query: link.Query) -> tuple[str]:
    """What an address chooses. Raises CountError."""
    return (link.choice(query, "across", ACROSS, ACROSS[0]),)


def render(language: str, trouble: Problem | None, across: str) -> tuple[str, str, Figure, str]:
    """What is wrong with the address, what to look for, the chart, and the link."""
    said = notice(language, trouble) if trouble else ""
    address = link.page_link(language, "networks", across=across)
    return said, look(language, across), chart(language, across), address


def look(language: str, across: str) -> str:
    """The page's question, and how to read the chart over `across`."""
    return opening(language, "networks", f"look_{across}")


def chart(language: str, across: str) -> Figure:
    """Accuracy over `across`, for the networks that were measured on ImageNet."""
    measured = [known for known in TIMELINE if known.top1 is not None]
    families = {family: t(language, f"parameters.family.{family}") for family in FAMILIES}
    labels = t(language, f"parameters.axis.{across}"), t(language, "parameters.axis.top1")
    return scatter(measured, {known.key: _hover(language, known) for known in measured}, across, *labels, families)


def _hover(language: str, known: Known) -> str:
    said = t(
        language,
        "parameters.networks.hover",
        year=known.year,
        parameters=f"{known.parameters:,}",
        macs=f"{known.macs:,}",
        top1=_accuracy(known),
    )
    idea = t(language, f"parameters.idea.{known.family}")
    return f"<b>{known.title}</b><br>{idea}<br>{said}"


def rows(language: str) -> str:
    """The table as HTML."""
    head = "".join(f"<th>{escape(t(language, f'parameters.networks.{name}'))}</th>" for name in HEADS)
    body = "".join(_row(language, known) for known in TIMELINE)
    table = f'<table class="blocks networks"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll">{table}</div>'


def _row(language: str, known: Known) -> str:
    top1 = t(language, "parameters.networks.mnist") if known.top1 is None else _accuracy(known)
    colour = FAMILIES.get(known.family, "#64748b")
    cells = (
        str(known.year),
        escape(t(language, f"parameters.idea.{known.family}")),
        escape(t(language, f"parameters.solved.{known.family}")),
        f"{known.parameters:,}",
        f"{known.macs:,}",
        escape(top1),
    )
    return (
        f'<tr><th scope="row" style="--stage:{colour}">{escape(known.title)}'
        f"<small>{escape(_paper(known.paper))}</small></th>"
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    )


def _accuracy(known: Known) -> str:
    return f"{known.top1:.3f}\N{NO-BREAK SPACE}%"


def _paper(paper: str) -> str:
    return f"arXiv {paper}" if paper[0].isdigit() else paper
