"""The further pages of the heat maps' tab: three checks, and the gallery."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.gradcam.pages.checks import CHECKS, Checked, Unchecked, measured, same_question
from resnet_demo.chapters.gradcam.pages.checks_in_words import verdict
from resnet_demo.chapters.gradcam.pages.choices import fitted
from resnet_demo.chapters.gradcam.pages.gallery import CLASSES, KINDS, Unasked, gather, view
from resnet_demo.chapters.gradcam.pages.maps import Looked, asked
from resnet_demo.chapters.gradcam.pages.runs import Run, build_run, wire_run
from resnet_demo.kit.assets import asset
from resnet_demo.kit.listeners import AT_ONCE, NETWORK, QUIETLY, bound
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Result, Step
from resnet_demo.kit.text import t

GALLERY = 2
"""Its place among the pages."""


def drawing(name: str, elem_id: str) -> gr.HTML:
    """A place where the browser draws heat maps, by the script `name` and what all of them share."""
    script = f"{asset('chapters/gradcam/pages/maps.js')}\n{asset(f'chapters/gradcam/pages/{name}')}"
    return gr.HTML(html_template='<div class="cam"></div>', js_on_load=script, elem_id=elem_id)


# ---------------------------------------------------------------------------------------------------- three checks


@dataclass(frozen=True)
class CheckPage:
    """One check: its controls, what it found, and where that is shown."""

    check: str
    run: Run
    says: gr.HTML
    figure: gr.Plot
    found: gr.State


def build_checks(page: Site) -> tuple[CheckPage, ...]:
    page.word(gr.HTML(), value=partial(heading, name="check"))
    return tuple(_check(page, check) for check in CHECKS)


def heading(language: str, name: str) -> str:
    """The question of a page, and what to look for."""
    question, look = (t(language, f"gradcam.{name}.{part}") for part in ("question", "intro"))
    return f'<div class="cam-heading"><h3>{escape(question)}</h3><p>{escape(look)}</p></div>'


def _check(page: Site, check: str) -> CheckPage:
    with gr.Column(elem_classes="cam-check", elem_id=f"cam-check-{check}"):
        page.word(gr.HTML(), value=partial(title, check=check))
        run = build_run(page, check, f"gradcam.check.{check}.run")
        says, figure = verdict(check, Unchecked(), page.initial)
        shown = gr.HTML(value=says, elem_id=f"cam-{check}-says")
        chart = gr.Plot(figure, show_label=False, visible=False, elem_id=f"cam-{check}-figure")
        page.word(chart, label=f"gradcam.check.{check}.title")
    return CheckPage(check, run, shown, chart, gr.State(Unchecked()))


def title(language: str, check: str) -> str:
    return f"<h4>{escape(t(language, f'gradcam.check.{check}.title'))}</h4>"


def wire_checks(
    page: Site, checks: tuple[CheckPage, ...], looked: gr.State, controls: list[Any], changes: list[Any]
) -> None:
    """A check is told the `controls`, too: what was `looked` at may be the map of the question before."""
    for part in checks:
        ran = wire_run(page, part.run, _measure(part.check), [looked, *controls], part.found, changes)
        page.shows([ran], part.found, partial(said, part.check), part.says, part.figure)
    gr.on(
        changes,
        forget,
        page.language,
        [output for part in checks for output in (part.found, part.says, part.figure)],
        trigger_mode="multiple",
        **AT_ONCE,
    )


def _measure(check: str) -> Any:
    def measure(networks: Networks, looked: Any, *controls: Any) -> Iterator[Step | Result[Any]]:
        if isinstance(looked, Looked) and (early := attempt(same_question, networks, looked, asked(*controls))):
            yield Result(early)
        else:
            yield from measured(networks, check, looked)

    return measure


def said(check: str, found: Checked | Unchecked | Problem, language: str) -> tuple[str, Any]:
    """A check in words, and its figure."""
    words, figure = verdict(check, found, language)
    return words, gr.Plot(figure, visible=figure is not None)


def forget(language: str) -> tuple[Any, ...]:
    """Another map: what was found of the last one does not hold for it."""
    return tuple(part for check in CHECKS for part in (Unchecked(), *said(check, Unchecked(), language)))


# ---------------------------------------------------------------------------------------------------- the gallery


@dataclass(frozen=True)
class GalleryPage:
    """Which gallery, where it is drawn, whether its page is open, and what was found."""

    kind: gr.Radio
    maps: gr.HTML
    open: gr.State
    found: gr.State


def build_gallery(page: Site) -> GalleryPage:
    page.word(gr.HTML(), value=partial(heading, name="gallery"))
    kind = gr.Radio(value=CLASSES, elem_id="cam-gallery-kind", show_label=False, container=False)
    page.word(kind, choices=kinds, label="gradcam.gallery.kind")
    return GalleryPage(kind, drawing("gallery.js", "cam-gallery"), gr.State(False), gr.State(Unasked()))


def kinds(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"gradcam.gallery.{kind}"), kind) for kind in KINDS]


def wire_gallery(page: Site, gallery: GalleryPage, pages: gr.Tabs, controls: list[Any], looked: Any) -> None:
    """Draws the gallery when its page is opened, and while it is open after `looked`, the event of other maps."""
    pages.select(opened, None, gallery.open, trigger_mode="multiple", **QUIETLY)
    gather_all, inputs = bound(fill, page.networks), [gallery.open, gallery.kind, *controls]
    filled = page.measures([gallery.open.change, gallery.kind.input], gather_all, inputs, gallery.found, gallery.maps)
    again = looked.then(gather_all, inputs, gallery.found, trigger_mode="always_last", **QUIETLY, **NETWORK)
    page.shows([filled, again], gallery.found, view, gallery.maps)


def opened(event: gr.EventData) -> bool:
    """Whether the gallery is the page that was opened: the last one."""
    return getattr(event, "index", None) == GALLERY


def fill(networks: Networks, is_open: bool, kind: str, *controls: Any) -> Any:
    """The gallery of what the controls say; nothing while nobody looks."""
    return attempt(lambda: gather(networks, kind, fitted(networks, asked(*controls)))) if is_open else gr.skip()
