"""ImageNet's networks brought onto this machine from within the page, at a visitor's wish, with a progress bar."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr
from gradio.blocks import Block

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.load import fetch
from resnet_demo.kit.display_names import title
from resnet_demo.kit.listeners import AT_ONCE, bound
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.offered_networks import Offer
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t


@dataclass(frozen=True)
class FetchParts:
    accordion: gr.Accordion
    name: gr.Dropdown
    button: gr.Button
    fetched: gr.State
    said: gr.HTML


def build_fetching(page: Site) -> FetchParts:
    with page.word(gr.Accordion(open=False, elem_id="classify-more"), label="classify.more") as accordion:
        page.word(gr.HTML(elem_classes="hint"), value="classify.more_look")
        choices = [(title(name), name) for name in hub.IMAGENET]
        name = page.word(gr.Dropdown(choices, value=None, elem_id="classify-more-name"), label="classify.more_name")
        button = page.word(gr.Button(elem_id="classify-more-fetch"), value="classify.more_fetch")
        said = gr.HTML(elem_id="classify-more-said")
    return FetchParts(accordion, name, button, gr.State(), said)


def wire_fetching(page: Site, parts: FetchParts, networks: gr.CheckboxGroup) -> None:
    """Each control that offers networks offers what is there: when this is unfolded, and after a download."""
    worded = [(box, properties.get("choices")) for box, properties in page.worded]
    offers = [(box, partial(offer, page.initial)) for box, offer in worded if isinstance(offer, Offer)] + page.offers
    boxes, fresh = [box for box, _ in offers], bound(offered, offers)
    parts.accordion.expand(fresh, None, boxes, **AT_ONCE)
    asked = parts.button.click(
        bring,
        parts.name,
        parts.fetched,
        api_visibility="private",
        show_progress_on=parts.said,
        concurrency_id="fetch",
        concurrency_limit=1,
    )
    known = asked.success(fresh, None, boxes, trigger_mode="always_last", **AT_ONCE)
    known.then(choose, [parts.fetched, networks], networks, trigger_mode="always_last", **AT_ONCE)
    page.shows([asked], parts.fetched, render_fetched, parts.said)


def offered(offers: Sequence[tuple[Block, Callable[[], Any]]]) -> dict[Block, Any]:
    """The networks that are on this machine now, for each control; what is chosen there stays."""
    return {box: gr.update(choices=choices()) for box, choices in offers}


def bring(
    name: str | None,
    progress: gr.Progress = gr.Progress(track_tqdm=True),  # noqa: B008 - how Gradio is told to show tqdm's bars
) -> str | Problem:
    """Fetches ImageNet's weights; gives the network's name, "" where none was named."""
    found = attempt(fetch, name) if name else ""
    return found if isinstance(found, Problem) else name or ""


def choose(found: str | Problem, chosen: list[str]) -> Any:
    """Chooses the network that was fetched, beside those that are chosen by now: a download takes its time."""
    if not found or isinstance(found, Problem):
        return gr.skip()
    key = f"{found}-imagenet"
    return [*(other for other in chosen if other != key), key]


def render_fetched(found: str | Problem, language: str) -> str:
    """What came of it, in words."""
    if isinstance(found, Problem):
        return notice(language, found)
    words = t(language, "classify.more_done", network=title(found)) if found else t(language, "classify.more_none")
    return f'<p class="hint">{escape(words)}</p>'
