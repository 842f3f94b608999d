"""The paper's study from our own runs: curves, the final table, and what may be concluded."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.degradation.pages.charts import error_curves
from resnet_demo.chapters.degradation.study import (
    PAPER_ITERATIONS,
    Curve,
    Final,
    Finding,
    Study,
    curves,
    findings,
    study,
    table,
)
from resnet_demo.kit.display_names import family, title
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import depth_of

TOP = 90.0
"""Where the axis of errors ends: who guesses among ten classes errs on 90 %."""
JPEG = "CIFAR-10, JPEG-75 copy"
"""How the note of the shipped study begins: it is said in the visitor's language."""
COLUMNS = ("network", "parameters", "seeds", "seconds", "training_error", "test_error", "paper")


@dataclass(frozen=True)
class Parts:
    opened: Any
    depths: gr.CheckboxGroup
    plain: gr.Plot
    residual: gr.Plot
    words: gr.HTML
    gradients: gr.Button
    table: gr.HTML


def build(page: Site) -> Parts:
    opened = page.wake("degradation-study")
    present = sorted({run.depth for run in study().runs})
    depths = page.word(
        gr.CheckboxGroup([(str(depth), depth) for depth in present], value=present, elem_id="study-depths"),
        label="degradation.study.depths",
    )
    with gr.Row():
        plain = page.word(gr.Plot(elem_id="study-plain", min_width=320), label="degradation.study.plain")
        residual = page.word(gr.Plot(elem_id="study-residual", min_width=320), label="degradation.study.residual")
    words = gr.HTML(elem_id="study-words")
    gradients = page.word(gr.Button(elem_id="study-gradients"), value="degradation.study.gradients")
    return Parts(opened, depths, plain, residual, words, gradients, gr.HTML(elem_id="study-table"))


def wire(page: Site, parts: Parts) -> None:
    outputs = [parts.plain, parts.residual, parts.words, parts.table]
    page.draws([parts.opened, parts.depths.change], render, [parts.depths, page.language], *outputs)
    page.opens(parts.gradients, "gradients")


def render(depths: list[int], language: str) -> tuple[Any, Any, str, str]:
    """Plain networks left, residual ones right, on one scale; then the sentences and the table."""
    found = study()
    shown = [curve for curve in curves(found) if depth_of(curve.model) in depths]
    plain, residual = (
        draw(language, [curve for curve in shown if curve.model.startswith(prefix)]) if shown else None
        for prefix in ("plain", "resnet")
    )
    none = "" if shown else f'<p class="summary none">{escape(t(language, "degradation.study.none"))}</p>'
    return (
        plain,
        residual,
        none + _about(language, found) + _sentences(language, findings(table(found))),
        _rest(language, found),
    )


def draw(language: str, shown: list[Curve]) -> Any:
    """The curves in words of the language."""
    keys = ("epoch", "error", "training", "test", "validation", "comma")
    words = {key: t(language, f"degradation.{key}") for key in keys}
    return error_curves(shown, {curve.model: title(curve.model) for curve in shown}, words, TOP)


def _about(language: str, found: Study) -> str:
    about = found.about
    line = t(
        language,
        "degradation.study.about",
        epochs=about["recipe"]["epochs"],
        batch=about["recipe"]["batch_size"],
        processor=about["machine"]["processor"],
        torch=about["versions"]["torch"],
        note=_note(language, about.get("note", "")),
    )
    line += _schedule(language, found)
    return f'<p class="hint">{escape(line)}</p><p class="formula">{escape(about["how"])}</p>'


def _schedule(language: str, found: Study) -> str:
    """What it means to have trained for less than the paper; nothing where that is not so."""
    share = round(100 * found.iterations / PAPER_ITERATIONS)
    if share >= 100:
        return ""
    return t(
        language,
        "degradation.study.schedule",
        epochs=found.about["recipe"]["epochs"],
        iterations=f"{found.iterations:,}",
        share=share,
        paper=f"{PAPER_ITERATIONS:,}",
    )


def _note(language: str, note: str) -> str:
    return t(language, "degradation.study.jpeg") if note.startswith(JPEG) else note


def _sentences(language: str, found: tuple[Finding, ...]) -> str:
    """The findings, and the questions that they answer; the last one ends in a button."""
    said = listed([finding(language, one) for one in found])
    degraded = any(one.holds for one in found if one.key == "plain_training")
    if degraded:  # else there is nothing that might be overfitting
        said += _question(language, "overfitting")
    return said + _question(language, "vanishing")


def _question(language: str, key: str) -> str:
    question, answer = t(language, f"degradation.study.{key}_question"), t(language, f"degradation.study.{key}")
    return f"<h4>{escape(question)}</h4><p>{escape(answer)}</p>"


def listed(sentences: Sequence[str]) -> str:
    return f'<ul class="findings">{"".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)}</ul>'


def finding(language: str, one: Finding) -> str:
    """What was found, in the words that its numbers choose."""
    return t(
        language,
        f"degradation.finding.{one.key}.{'holds' if one.holds else 'fails'}",
        worse=f"{one.worse:.2f}",
        better=f"{one.better:.2f}",
        depth=one.depth,
        shallow=one.shallow,
    )


def _rest(language: str, found: Study) -> str:
    lines = table(found)
    return (
        _question(language, "conjecture")
        + _measured(language, findings(lines))
        + final_table(language, lines, "degradation.study.paper_note")
    )


def _measured(language: str, found: Sequence[Finding]) -> str:
    """What shortcuts do at the depths that were measured, where they do it."""
    by_key = {one.key: one for one in found}
    plain, residual = by_key.get("plain_training"), by_key.get("residual_training")
    if not (plain and residual and plain.holds and residual.holds):
        return ""
    words = t(language, "degradation.study.remedied", depth=plain.depth, shallow=plain.shallow)
    return f"<p>{escape(words)}</p>"


def final_table(language: str, lines: Sequence[Final], note: str) -> str:
    """The final numbers, and below them the text `note` on what the paper's column is."""
    head = "".join(f"<th>{escape(t(language, f'degradation.column.{column}'))}</th>" for column in COLUMNS)
    body = "".join(_row(line) for line in lines)
    return (
        f'<div class="scroll"><table class="blocks"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        f'<p class="hint">{escape(t(language, note))}</p>'
    )


def _row(line: Final) -> str:
    spread = "" if line.spread is None else f" ± {line.spread:.2f}"
    cells = (
        f"{line.parameters:,}",
        str(line.seeds),
        f"{line.seconds:,.0f}",
        f"{line.training_error:.2f}%",
        f"{line.test_error:.2f}{spread}%",
        "" if line.paper is None else f"{line.paper:.2f}%",
    )
    name = f'<th scope="row" style="--stage:var(--{family(line.model)})">{title(line.model)}</th>'
    return f"<tr>{name}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
