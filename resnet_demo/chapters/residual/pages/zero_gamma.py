"""Zero-gamma, live: every block at initialisation, on the first step and on the second."""

from dataclasses import asdict, dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.residual.pages.figures import exact, opening, source
from resnet_demo.chapters.residual.zero_gamma import NETWORKS, Row, first_steps
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.display_names import title
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

COLUMNS = ("block", "shortcut", "distance", "conv_before", "gamma_before", "beta_before", "conv_after", "usual")
Steps = tuple[Row, ...]


@dataclass(frozen=True)
class Parts:
    tab: gr.Tab
    controls: list[Any]
    found: gr.State
    table: gr.HTML


def build(page: Site, tab: gr.Tab) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="zero"))
    with gr.Row():
        name = page.word(
            gr.Radio([(title(name), name) for name in NETWORKS], value="resnet20", elem_id="residual-zero-network"),
            label="residual.network",
        )
        seed = page.word(Slider(0, 20, value=0, step=1, elem_id="residual-zero-seed"), label="residual.seed")
    return Parts(tab, [name, seed], gr.State(), gr.HTML(elem_id="residual-zero-table"))


def wire(page: Site, parts: Parts) -> None:
    events = [parts.tab.select, *(control.change for control in parts.controls)]
    measured = page.measures(events, update, parts.controls, parts.found, parts.table)
    page.shows([measured], parts.found, render, parts.table)


def update(name: str, seed: int) -> Steps | Problem:
    """The blocks of a network, in no language."""
    return attempt(first_steps, name, seed)


def render(found: Steps | Problem, language: str) -> str:
    """The verdict and the table."""
    if isinstance(found, Problem):
        return notice(language, found)
    head = "".join(
        f'<th class="{"word" if name == "shortcut" else ""}">{escape(t(language, f"residual.zero.column.{name}"))}</th>'
        for name in COLUMNS
    )
    body = "".join(_row(language, row) for row in found)
    rows = [asdict(row) for row in found]
    return (
        f'<p class="summary">{escape(_verdict(language, found))}</p>'
        f'<div class="scroll"><table class="measured"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
        f"{source(language, 'residual.zero.how')}{source(language, 'residual.zero.worth')}"
        f"{downloads(language, 'zero-gamma', rows)}"
    )


def _verdict(language: str, rows: Steps) -> str:
    """Computed: how many blocks are exactly their shortcut, and whether the gradients are what the theory says."""
    same = [row for row in rows if row.shortcut == "identity" and row.distance == 0]
    holds = all(row.distance == row.conv_before == 0 < min(row.gamma_before, row.beta_before) for row in rows)
    return t(
        language,
        f"residual.zero.verdict.{'holds' if holds else 'fails'}",
        same=len(same),
        identities=sum(row.shortcut == "identity" for row in rows),
        blocks=len(rows),
    )


def _row(language: str, row: Row) -> str:
    numbers = (row.distance, row.conv_before, row.gamma_before, row.beta_before, row.conv_after, row.usual)
    cells = "".join(f'<td class="{"nil" if value == 0 else ""}">{exact(value)}</td>' for value in numbers)
    kind = escape(t(language, f"blocks.shortcut.{row.shortcut}"))
    return f'<tr><th scope="row"><code>{row.name}</code></th><td class="word">{kind}</td>{cells}</tr>'
