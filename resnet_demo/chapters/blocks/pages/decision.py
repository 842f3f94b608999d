"""How `make_shortcut` decides which shortcut a block gets, and what the containers of torch are for."""

import inspect
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.blocks.containers import Container, containers
from resnet_demo.chapters.blocks.pages.options import shortcut_choices
from resnet_demo.chapters.blocks.pages.table_cells import stage_class
from resnet_demo.chapters.blocks.shortcut_decision import Decision, decisions
from resnet_demo.kit.address import register
from resnet_demo.kit.display_names import title
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import AT_ONCE
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.resnet import make_shortcut

CODE = {
    "list": "self.layers = [conv, conv]",
    "ModuleList": "self.layers = nn.ModuleList([conv, conv])",
    "Sequential": "self.layers = nn.Sequential(conv, conv)",
}


@dataclass(frozen=True)
class Parts:
    architecture: gr.Dropdown
    shortcut: gr.Radio
    answers: gr.HTML


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    gr.HTML(opening(page.initial, "blocks", "decision"))
    parts = lay_out(page)
    register(page, "blocks", [parts.architecture, parts.shortcut])
    wire(page, parts)


def lay_out(page: Site) -> Parts:
    with gr.Row():
        names = [(title(name), name) for name in ARCHITECTURES]
        architecture = page.word(
            gr.Dropdown(names, value="resnet50", min_width=260, elem_id="blocks-decision-name"),
            label="blocks.architecture",
        )
        shortcut = page.word(
            gr.Radio(shortcut_choices(page.initial), value="B", min_width=260, elem_id="blocks-decision-shortcut"),
            label="blocks.option.shortcut",
            choices=shortcut_choices,
        )
    answers = gr.HTML(render("resnet50", "B", page.initial), elem_id="blocks-decisions")
    page.word(gr.HTML(elem_id="blocks-containers"), value=lesson)
    return Parts(architecture, shortcut, answers)


def wire(page: Site, parts: Parts) -> None:
    parts.architecture.select(own_shortcut, parts.architecture, parts.shortcut, trigger_mode="multiple", **AT_ONCE)
    controls: list[Any] = [parts.architecture, parts.shortcut]
    page.draws([control.change for control in controls], render, [*controls, page.language], parts.answers)


def own_shortcut(name: str) -> str:
    """The option that the network is built with."""
    return ARCHITECTURES[name].shortcut


def render(name: str, shortcut: str, language: str) -> str:
    """A card for each stage, and the code that decides."""
    found = attempt(decisions, name, shortcut=shortcut)
    if isinstance(found, Problem):
        return notice(language, found)
    cards = "".join(_stage(language, decision) for decision in found)
    said = escape(t(language, "blocks.decision.code"))
    code = escape(inspect.getsource(make_shortcut).rstrip())
    return (
        f'<div class="cards decisions">{cards}</div><details open><summary>{said}</summary><pre>{code}</pre></details>'
    )


def _stage(language: str, d: Decision) -> str:
    """The two halves of the question with this stage's numbers, and what follows from the answers."""
    stride = t(language, "blocks.decision.stride", stride=d.stride)
    widened = f"{d.width}" if d.expansion == 1 else f"{d.width} · {d.expansion} = {d.channels_out}"
    channels = t(language, "blocks.decision.channels", before=d.channels_in, after=widened)
    verdict = t(language, f"blocks.decision.reason.{d.reason}")
    kind = t(language, f"blocks.shortcut.{d.shortcut.replace(' ', '_')}")
    cost = t(language, "blocks.decision.cost", parameters=f"{d.parameters:,}") if d.parameters else ""
    rest = ""
    if d.others is not None:
        others = t(language, f"blocks.shortcut.{d.others.replace(' ', '_')}")
        rest = t(language, "blocks.decision.others", count=d.blocks - 1, kind=others)
    return (
        f'<section class="card {stage_class(d.paper)}"><h3><code>{d.stage}</code> <small>{escape(d.paper)}</small></h3>'
        f'<ul class="asked">{_asked(stride, d.stride == 1)}{_asked(channels, d.channels_in == d.channels_out)}</ul>'
        f'<p class="verdict {d.shortcut.replace(" ", "_")}">→ {escape(kind)}{escape(cost)}</p>'
        f'<p>{escape(verdict)}</p><p class="hint">{escape(rest)}</p></section>'
    )


def _asked(words: str, yes: bool) -> str:
    return f'<li><span class="mark {"yes" if yes else "no"}" aria-hidden="true"></span> {escape(words)}</li>'


def lesson(language: str) -> str:
    """The same two layers in a list, an nn.ModuleList and an nn.Sequential, measured now."""
    cards = "".join(_container(language, found) for found in containers())
    question, look = (escape(t(language, f"blocks.containers.{part}")) for part in ("question", "look"))
    return f'<div class="lead"><h3>{question}</h3><p>{look}</p></div><div class="cards">{cards}</div>'


def _container(language: str, c: Container) -> str:
    facts = (
        (t(language, "blocks.containers.parameters", count=c.parameters), c.parameters > 0),
        (t(language, "blocks.containers.keys", count=len(c.keys)), bool(c.keys)),
        (t(language, "blocks.containers.follows" if c.follows else "blocks.containers.stays"), c.follows),
        (t(language, "blocks.containers.runs" if c.runs else "blocks.containers.refuses"), c.runs),
    )
    said = f"<pre>{escape(c.error)}</pre>" if c.error else ""
    meant = escape(t(language, f"blocks.containers.{c.kind.lower()}"))
    return (
        f'<section class="card"><h3><code>{c.kind}</code></h3><pre>{escape(CODE[c.kind])}</pre>'
        f'<ul class="asked">{"".join(_asked(words, yes) for words, yes in facts)}</ul>{said}<p>{meant}</p></section>'
    )
