"""The study's networks with parts cut out, measured beforehand on the whole test set: two charts and what they say."""

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.degradation.ablation_study import Cut, Cuts, cuts
from resnet_demo.chapters.degradation.pages.charts import several_cuts, single_cuts
from resnet_demo.kit.display_names import title
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t


@dataclass(frozen=True)
class Parts:
    opened: Any
    words: gr.HTML
    single: gr.Plot
    several: gr.Plot


def build(page: Site) -> Parts:
    opened = page.wake("degradation-ablation_study")
    words = gr.HTML(elem_id="cuts-words")
    with gr.Row():
        single = page.word(gr.Plot(elem_id="cuts-single", min_width=320), label="degradation.cuts.single")
        several = page.word(gr.Plot(elem_id="cuts-several", min_width=320), label="degradation.cuts.several")
    return Parts(opened, words, single, several)


def wire(page: Site, parts: Parts) -> None:
    page.draws([parts.opened], render, [page.language], parts.words, parts.single, parts.several)


def render(language: str) -> tuple[str, Any, Any]:
    """What was found, the cuts one at a time, and several at random."""
    found = cuts()
    words = {key: t(language, f"degradation.cuts.{key}") for key in ("where", "count")}
    words["error"] = t(language, "degradation.error")
    one = single_cuts(
        {cut.model: cut.single for cut in found.networks}, {cut.model: cut.whole for cut in found.networks}, words
    )
    return _said(language, found), one, several_cuts({cut.model: cut.several for cut in found.networks}, words)


def _said(language: str, found: Cuts) -> str:
    heading = escape(t(language, "degradation.cuts.heading", count=f"{found.about['count']:,}"))
    residual, plain = found.deepest
    holds = residual.median - residual.whole < plain.median - plain.whole
    verdict = t(
        language,
        f"degradation.cuts.{'holds' if holds else 'fails'}",
        depth=residual.depth,
        residual=_rise(residual),
        plain=_rise(plain),
    )
    items = "".join(f"<li>{escape(_network(language, cut))}</li>" for cut in found.networks)
    how = t(
        language,
        "degradation.cuts.how",
        draws=found.about["draws"],
        seed=found.about["seed"],
        processor=found.about["machine"]["processor"],
        torch=found.about["versions"]["torch"],
    )
    return (
        f'<div class="opening"><h3>{heading}</h3></div><p class="summary">{escape(verdict)}</p>'
        f'<ul class="findings">{items}</ul><p class="hint">{escape(how)}</p>'
    )


def _rise(cut: Cut) -> str:
    """The difference of both errors as they are shown, so that a reader who subtracts gets the same."""
    return f"{round(cut.median, 1) - round(cut.whole, 1):.1f}"


def _network(language: str, cut: Cut) -> str:
    part, worst = cut.worst
    return t(
        language,
        f"degradation.cuts.{'residual' if cut.residual else 'plain'}",
        network=title(cut.model),
        whole=f"{cut.whole:.1f}",
        count=len(cut.single),
        median=f"{cut.median:.1f}",
        worst=f"{worst:.1f}",
        part=part,
    )
