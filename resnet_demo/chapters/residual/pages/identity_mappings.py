"""V1 and V2 side by side, and the gradient equation of identity mappings measured on both."""

from dataclasses import asdict, dataclass
from functools import partial
from html import escape
from typing import Any

import gradio as gr
from plotly.graph_objects import Figure

from resnet_demo.chapters.residual.identity_mappings import NETWORKS, Evaluation, evaluate
from resnet_demo.chapters.residual.pages.charts import Curve, residues
from resnet_demo.chapters.residual.pages.diagrams import V1, V2, order
from resnet_demo.chapters.residual.pages.figures import exact, figure, opening, source
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.display_names import title
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import percent
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

EXACT = 1e-5  # relative; float32 has a precision of 6e-8
COLUMNS = ("block", "actual", "one", "rest", "residue", "masked", "blocked")
Pair = tuple[Evaluation, Evaluation]


@dataclass(frozen=True)
class Parts:
    tab: gr.Tab
    controls: list[Any]
    found: gr.State
    words: gr.HTML
    chart: gr.Plot
    tables: gr.HTML


def build(page: Site, tab: gr.Tab) -> Parts:
    page.word(gr.HTML(), value=partial(opening, page="identity"))
    page.word(gr.HTML(), value=diagrams)
    with gr.Row():
        name = page.word(
            gr.Radio([(title(name), name) for name in NETWORKS], value="resnet56", elem_id="residual-network"),
            label="residual.network",
        )
        seed = page.word(Slider(0, 20, value=0, step=1, elem_id="residual-identity-seed"), label="residual.seed")
    words = gr.HTML(elem_id="residual-identity-words")
    chart = page.word(gr.Plot(elem_id="residual-identity-chart"), label="residual.identity.y")
    tables = gr.HTML(elem_id="residual-identity-tables")
    return Parts(tab, [name, seed], gr.State(), words, chart, tables)


def diagrams(language: str) -> str:
    cards = "".join(
        f'<section class="card {kind}"><h3>{escape(t(language, f"residual.identity.{version}"))}</h3>'
        f'<div class="worked">{order(layers, t(language, f"residual.identity.{version}"))}<div>'
        f'<p class="equation">{equation}</p><p>{escape(t(language, f"residual.identity.{version}_says"))}</p>'
        "</div></div></section>"
        for version, layers, kind, equation in (
            ("v1", V1, "residual", "x<sub>l+1</sub> = ReLU(x<sub>l</sub> + F(x<sub>l</sub>))"),
            ("v2", V2, "clean", "x<sub>l+1</sub> = x<sub>l</sub> + F(x<sub>l</sub>)"),
        )
    )
    formula = "dL/dx<sub>l</sub> = dL/dx<sub>L</sub> · (<b>1</b> + d/dx<sub>l</sub> Σ F(x<sub>i</sub>))"
    return f'<p class="equation whole">{formula}</p><div class="cards twins">{cards}</div>'


def wire(page: Site, parts: Parts) -> None:
    events = [parts.tab.select, *(control.change for control in parts.controls)]
    measured = page.measures(events, update, parts.controls, parts.found, parts.words)
    page.shows([measured], parts.found, render, parts.words, parts.chart, parts.tables)


def update(name: str, seed: int) -> Pair | Problem:
    """Both versions of the network, in no language."""
    return attempt(pair, name, seed)


def pair(name: str, seed: int) -> Pair:
    """V1 and V2. Raises CountError."""
    return evaluate(name, False, seed), evaluate(name, True, seed)


def render(found: Pair | Problem, language: str) -> tuple[str, Figure | None, str]:
    """The verdict, the residues as curves, and every number."""
    if isinstance(found, Problem):
        return notice(language, found), None, ""
    v1, v2 = found
    worst = [max(row.residue for row in one.rows) for one in found]
    masked = max(row.masked for row in v1.rows)
    case = "holds" if worst[1] < EXACT < worst[0] and masked < EXACT else "fails"
    verdict = t(
        language,
        f"residual.identity.verdict.{case}",
        v1=percent(worst[0]),
        v2=exact(worst[1]),
        masked=exact(masked),
        blocked=percent(sum(row.blocked for row in v1.rows) / len(v1.rows)),
    )
    curves = [
        Curve(t(language, "residual.identity.curve.v1"), "residual", [row.residue for row in v1.rows]),
        Curve(t(language, "residual.identity.curve.masked"), "plain", [row.masked for row in v1.rows]),
        Curve(t(language, "residual.identity.curve.v2"), "clean", [row.residue for row in v2.rows]),
    ]
    chart = residues(curves, t(language, "residual.identity.x"), EXACT)
    rows = [{"version": "V2" if one.preactivation else "V1", **asdict(row)} for one in found for row in one.rows]
    summary = f'<p class="summary">{escape(verdict)}</p>{source(language, "residual.identity.how")}'
    return summary, chart, _tables(language, found) + downloads(language, "identity-mappings", rows)


def _tables(language: str, found: Pair) -> str:
    head = "".join(f"<th>{escape(t(language, f'residual.identity.column.{name}'))}</th>" for name in COLUMNS)
    tables = ""
    for version, one in zip(("v1", "v2"), found, strict=True):
        body = "".join(
            f'<tr><th scope="row">{row.block}</th><td>{figure(row.actual)}</td><td>{figure(row.one)}</td>'
            f"<td>{figure(row.rest)}</td><td><b>{exact(row.residue)}</b></td><td>{exact(row.masked)}</td>"
            f"<td>{percent(row.blocked)}</td></tr>"
            for row in one.rows
        )
        name = t(language, f"residual.identity.{version}")
        forward = t(language, "residual.identity.forward", residue=exact(one.forward_residue))
        tables += (
            f'<h4>{escape(name)}</h4><p class="hint">{escape(forward)}</p><div class="scroll"><table class="measured">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )
    return tables
