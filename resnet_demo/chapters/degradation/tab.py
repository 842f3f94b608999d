"""More layers, more error: the problem that residual networks were made for."""

from dataclasses import asdict, dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.degradation import ablation_study as cuts
from resnet_demo.chapters.degradation.imagenette_twins import pairs
from resnet_demo.chapters.degradation.pages import ablation as degradation_lesions
from resnet_demo.chapters.degradation.pages import ablation_study
from resnet_demo.chapters.degradation.pages import imagenette_twins as degradation_photographs
from resnet_demo.chapters.degradation.pages import live_training as degradation_live
from resnet_demo.chapters.degradation.pages import study as degradation_study
from resnet_demo.chapters.degradation.study import RESULTS, findings, study, table
from resnet_demo.kit.format import intro
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

KEY = "degradation"


@dataclass(frozen=True)
class Parts:
    study: degradation_study.Parts | None
    live: degradation_live.Parts
    lesions: degradation_lesions.Parts
    cuts: ablation_study.Parts | None
    photographs: degradation_photographs.Parts | None
    numbers: gr.JSON


def build(page: Site) -> Parts:
    page.word(gr.HTML(), value=partial(intro, tab=KEY))
    with gr.Tabs(elem_id="degradation-pages"):
        measured = None
        if RESULTS.exists():
            with _page(page, "study"):
                measured = degradation_study.build(page)
        with _page(page, "live"):
            live = degradation_live.build(page)
        with _page(page, "lesions"):
            lesions = degradation_lesions.build(page)
            cut = ablation_study.build(page) if cuts.RESULTS.exists() else None
        photographs = None
        if pairs():
            with _page(page, "photographs"):
                photographs = degradation_photographs.build(page)
    return Parts(measured, live, lesions, cut, photographs, gr.JSON(visible=False, label="degradation"))


def _page(page: Site, name: str) -> gr.Tab:
    tab = page.word(gr.Tab(id=name, elem_id=f"degradation-page-{name}"), label=f"degradation.{name}.title")
    with tab:
        page.word(gr.HTML(), value=partial(_opening, name=name))
    return tab


def _opening(language: str, name: str) -> str:
    question, look = t(language, f"degradation.{name}.question"), t(language, f"degradation.{name}.look")
    return f'<div class="opening"><h3>{escape(question)}</h3><p class="hint">{escape(look)}</p></div>'


def wire(page: Site, parts: Parts) -> None:
    if parts.study:
        degradation_study.wire(page, parts.study)
        page.endpoint(endpoint, None, parts.numbers, KEY)
    degradation_live.wire(page, parts.live)
    degradation_lesions.wire(page, parts.lesions)
    if parts.cuts:
        ablation_study.wire(page, parts.cuts)
    if parts.photographs:
        degradation_photographs.wire(page, parts.photographs)


def endpoint() -> dict[str, Any]:
    """The degradation study: every run's errors in percent, epoch by epoch, the final table and the findings."""
    found = study()
    return {
        "about": found.about,
        "runs": [asdict(run) for run in found.runs],
        "table": [asdict(line) for line in table(found)],
        "findings": [asdict(one) | {"holds": one.holds} for one in findings(table(found))],
    }
