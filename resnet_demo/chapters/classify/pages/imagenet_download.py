"""ImageNet's networks brought onto this machine from within the page, at a visitor's wish, with a progress bar."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr
from gradio.blocks import Block

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.load import fetch
from resnet_demo.kit.display_names import title
from resnet_demo.kit.listeners import AT_ONCE, bound
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.page import Built
from resnet_demo.kit.text import t

Offers = Sequence[tuple[Block, Callable[[], Any]]]


def build(built: Built) -> None:
    """Lays the download out below the page; what came is offered by every control that offers networks."""
    site, chosen = built.site, built.controls["chosen"]
    language = site.initial
    with gr.Accordion(t(language, "classify.more"), open=False, elem_id="classify-more") as accordion:
        gr.HTML(t(language, "classify.more_look"), elem_classes="hint")
        choices = [(title(name), name) for name in hub.IMAGENET]
        name = gr.Dropdown(choices, value=None, label=t(language, "classify.more_name"), elem_id="classify-more-name")
        button = gr.Button(t(language, "classify.more_fetch"), elem_id="classify-more-fetch")
        message = gr.HTML(elem_id="classify-more-said")
    fetched = gr.State()

    def wire() -> None:
        boxes, fresh = [box for box, _ in site.offers], bound(offered, site.offers)
        accordion.expand(fresh, None, boxes, **AT_ONCE)
        done = button.click(
            bound(bring, language),
            name,
            [fetched, message],
            api_visibility="private",
            show_progress_on=message,
            concurrency_id="fetch",
            concurrency_limit=1,
        )
        known = done.success(fresh, None, boxes, trigger_mode="always_last", **AT_ONCE)
        known.then(choose, [fetched, chosen], chosen, trigger_mode="always_last", **AT_ONCE)

    site.finishing.append(wire)  # once all chapters have laid out their controls


def offered(offers: Offers) -> dict[Block, Any]:
    """The networks that are on this machine now, for each control; what is chosen there stays."""
    return {box: gr.update(choices=choices()) for box, choices in offers}


def bring(
    language: str,
    name: str | None,
    progress: gr.Progress = gr.Progress(track_tqdm=True),  # noqa: B008 - how Gradio is told to show tqdm's bars
) -> tuple[str, str]:
    """Fetches ImageNet's weights; gives the key of the network, "" where none came, and what came of it in words."""
    if not name:
        return "", _hint(t(language, "classify.more_none"))
    problem = attempt(fetch, name)
    if isinstance(problem, Problem):
        return "", notice(language, problem)
    return f"{name}-imagenet", _hint(t(language, "classify.more_done", network=title(name)))


def _hint(words: str) -> str:
    return f'<p class="hint">{escape(words)}</p>'


def choose(fetched: str, chosen: list[str]) -> Any:
    """Chooses the network that was fetched, beside those that are chosen by now: a download takes its time."""
    return [*(other for other in chosen if other != fetched), fetched] if fetched else gr.skip()
