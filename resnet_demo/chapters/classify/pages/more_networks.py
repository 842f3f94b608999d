"""More networks from within the page: ImageNet's, for everybody; a visitor's own, for that visitor alone."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from secrets import token_hex
from typing import Any

import gradio as gr
from gradio.blocks import Block

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.load import fetch
from resnet_demo.kit.bringing import from_files, from_hub
from resnet_demo.kit.controls import Choice, Files
from resnet_demo.kit.display_names import title
from resnet_demo.kit.guard import LARGEST_MEGABYTES
from resnet_demo.kit.listeners import AT_ONCE
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Built
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.visitors import MOST


def build(built: Built) -> None:
    """Lays it out below the page; what came is offered by every control that offers networks."""
    site, chosen = built.site, built.controls["chosen"]
    language = site.initial
    with gr.Accordion(t(language, "classify.more"), open=False, elem_id="classify-more") as accordion:
        look = t(language, "classify.more_look", most=MOST, limit=hub.MOST_MEGABYTES)
        gr.HTML(escape(look), elem_classes="hint")
        with gr.Row():
            name = Choice(
                [(title(one), one) for one in hub.IMAGENET],
                value=None,
                allow_custom_value=True,
                label=t(language, "classify.more_name"),
                elem_id="classify-more-name",
                scale=2,
            )
            button = gr.Button(t(language, "classify.more_fetch"), elem_id="classify-more-fetch", min_width=120)
        files = Files(
            file_count="multiple",
            file_types=[".safetensors", ".json"],
            height=168,
            label=t(language, "classify.more_files", limit=LARGEST_MEGABYTES),
            elem_id="classify-more-files",
        )
        message = gr.HTML(elem_id="classify-more-said")
    came = gr.State("")

    def bring(
        name: str | None,
        files: list[str] | None,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(track_tqdm=True),  # noqa: B008 - how Gradio is told to show tqdm's bars
    ) -> tuple[str, str, None]:
        return *brought(site.networks, language, request.session_hash or token_hex(), name, files), None

    def choose(came: str, chosen: list[str], request: gr.Request) -> Any:
        return chosen_with(came, chosen, site.networks.seen_by(request.session_hash or ""))

    def offer(request: gr.Request) -> dict[Block, Any]:
        return offered(site, request.session_hash or "")

    def wire() -> None:
        boxes = [box for box, _ in site.offers]
        accordion.expand(offer, None, boxes, **AT_ONCE)
        done = gr.on(
            [button.click, files.upload],
            bring,
            [name, files],
            [came, message, files],
            api_visibility="private",
            show_progress_on=message,
            concurrency_id="fetch",
            concurrency_limit=2,
        )
        known = done.success(offer, None, boxes, trigger_mode="always_last", **AT_ONCE)
        known.then(choose, [came, chosen], chosen, trigger_mode="always_last", **AT_ONCE)

    site.finishing.append(wire)  # once all chapters have laid out their controls


def offered(site: Site, session: str) -> dict[Block, Any]:
    """The networks that this visitor can choose by now, for each control; what is chosen there stays."""
    seen = replace(site, networks=site.networks.seen_by(session))
    return {box: gr.update(choices=choices(seen)) for box, choices in site.offers}


def brought(
    networks: Networks, language: str, session: str, name: str | None, files: Sequence[str] | None
) -> tuple[str, str]:
    """The key of the network that came, "" where none did, and what came of it in words."""
    if not files and not name:
        return "", _hint(t(language, "classify.more_none"))
    key = attempt(_key_of, networks, session, name or "", files or ())
    if isinstance(key, Problem):
        return "", notice(language, key)
    label = networks.label(key)
    if networks.source(key) is None:
        return key, _hint(t(language, "classify.more_done", network=label))
    count = len(networks.get(key).classes)
    return key, _hint(t(language, "classify.more_yours", network=label, count=f"{count:,}"))


def _key_of(networks: Networks, session: str, name: str, files: Sequence[str]) -> str:
    """Files come before a name, which may still stand in its field. Raises DemoError."""
    if files:
        return networks.take(session, from_files([Path(file) for file in files]))
    if name in hub.IMAGENET:
        fetch(name)
        return f"{name}-imagenet"
    return networks.take(session, from_hub(name.strip()))


def chosen_with(came: str, chosen: list[str], seen: Networks) -> Any:
    """The network that came beside those that are chosen by now, since a download takes its time, and still there."""
    return [*(key for key in chosen if key != came and key in seen.keys), came] if came else gr.skip()


def _hint(words: str) -> str:
    return f'<p class="hint">{escape(words)}</p>'
