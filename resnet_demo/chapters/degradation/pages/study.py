"""The paper's study from our own runs: curves, the final table, and what may be concluded."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from resnet_demo.chapters.degradation.pages import imagenette_twins
from resnet_demo.chapters.degradation.pages.findings import drawn, final_table, finding, listed
from resnet_demo.chapters.degradation.study import (
    PAPER_ITERATIONS,
    TEST_PICTURES,
    Curve,
    Finding,
    Study,
    curves,
    findings,
    study,
    table,
)
from resnet_demo.errors import DemoError
from resnet_demo.kit.format import margins
from resnet_demo.kit.html import way_on
from resnet_demo.kit.page import Output, Page, chart, checkboxes
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import depth_of

JPEG = "CIFAR-10, JPEG-75 copy"
"""How the note of the shipped study begins: it is said in the visitor's language."""
DEPTHS = tuple(map(str, sorted({run.depth for run in study().runs})))


@dataclass(frozen=True)
class Shown:
    """The whole study, and the curves of the chosen depths."""

    study: Study
    curves: tuple[Curve, ...]


def compute(depths: list[str]) -> Shown:
    """Raises DemoError where no depth is chosen."""
    if not depths:
        raise DemoError("study_depths")
    found = study()
    return Shown(found, tuple(curve for curve in curves(found) if str(depth_of(curve.model)) in depths))


def draw(shown: Shown, language: str) -> tuple[Any, ...]:
    """What was found; plain networks left, residual ones right, on one scale; folded, everything else."""
    found = findings(table(shown.study))
    plain, residual = (
        drawn(language, [curve for curve in shown.curves if curve.model.startswith(prefix)])
        for prefix in ("plain", "resnet")
    )
    details = _questions(language, found) + _about(language, shown.study) + _rest(language, shown.study)
    photographs = imagenette_twins.draw(language)
    return answer(language, found, shown.study.pictures), plain, residual, details, *photographs


def answer(language: str, found: tuple[Finding, ...], pictures: int) -> str:
    """The training errors over depth, plain and residual, over so many training images."""
    over_depth = [one for one in found if one.key in ("plain_training", "residual_training")]
    how_sure = margins(language, [error / 100 for one in over_depth for error in (one.worse, one.better)], pictures)
    said = "".join(f'<p class="summary">{escape(finding(language, one))}</p>' for one in over_depth)
    return f'{said}<p class="hint">{escape(how_sure)}</p>'


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


def _questions(language: str, found: tuple[Finding, ...]) -> str:
    """The findings, and the questions that they answer."""
    said = listed([finding(language, one) for one in found])
    degraded = any(one.holds for one in found if one.key == "plain_training")
    if degraded:  # else there is nothing that might be overfitting
        said += _question(language, "overfitting")
    further = way_on(t(language, "degradation.study.gradients"), "gradients")
    return f"{said}{_question(language, 'vanishing')}{further}"


def _question(language: str, key: str) -> str:
    question, answer = t(language, f"degradation.study.{key}_question"), t(language, f"degradation.study.{key}")
    return f"<h3>{escape(question)}</h3><p>{escape(answer)}</p>"


def _rest(language: str, found: Study) -> str:
    lines = table(found)
    return (
        _question(language, "conjecture")
        + _measured(language, findings(lines))
        + final_table(language, lines, "degradation.study.paper_note", TEST_PICTURES)
    )


def _measured(language: str, found: Sequence[Finding]) -> str:
    """What shortcuts do at the depths that were measured, where they do it."""
    by_key = {one.key: one for one in found}
    plain, residual = by_key.get("plain_training"), by_key.get("residual_training")
    if not (plain and residual and plain.holds and residual.holds):
        return ""
    words = t(language, "degradation.study.remedied", depth=plain.depth, shallow=plain.shallow)
    return f"<p>{escape(words)}</p>"


def depth_choices(_: Site) -> list[tuple[str, str]]:
    return [(depth, depth) for depth in DEPTHS]


PAGE = Page(
    "study",
    compute,
    draw,
    controls=(checkboxes("depths", depth_choices, [*DEPTHS]),),
    outputs=(
        Output("answer"),
        chart("plain", "degradation.study.plain"),
        chart("residual", "degradation.study.residual"),
        Output("details", folded=True),
        *(
            chart(f"imagenette_{depth}", ("degradation.imagenette_twins.depth", {"depth": depth}), folded=True)
            for depth in imagenette_twins.DEPTHS
        ),
        Output("imagenette", folded=True),
    ),
    code=(findings,),
)
