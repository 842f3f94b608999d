"""What the study and the Imagenette twins share: curves, findings in words, and the final table."""

from collections.abc import Sequence
from html import escape
from typing import Any

from resnet_demo.chapters.degradation.pages.charts import error_curves
from resnet_demo.chapters.degradation.study import Curve, Final, Finding
from resnet_demo.kit.display_names import family, title
from resnet_demo.kit.format import margins
from resnet_demo.kit.text import t

TOP = 90.0
"""Where the error axis ends: guessing among ten classes is wrong 90 % of the time."""
COLUMNS = ("network", "parameters", "seeds", "seconds", "training_error", "test_error", "paper")


def drawn(language: str, shown: list[Curve]) -> Any:
    """The curves in words of the language."""
    keys = ("epoch", "error", "training", "test", "validation", "comma")
    words = {key: t(language, f"degradation.{key}") for key in keys}
    return error_curves(shown, {curve.model: title(curve.model) for curve in shown}, words, TOP)


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


def final_table(language: str, lines: Sequence[Final], note: str, count: int) -> str:
    """The final numbers, with the errors on `count` test images; below them the text `note` on the paper's column."""
    what = t(language, "degradation.column.test_error")
    how_sure = f"{what}: " + margins(language, [line.test_error / 100 for line in lines], count)
    head = "".join(f"<th>{escape(t(language, f'degradation.column.{column}'))}</th>" for column in COLUMNS)
    body = "".join(_row(line) for line in lines)
    return (
        f'<div class="scroll"><table class="blocks"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        f'<p class="hint">{escape(how_sure)} {escape(t(language, note))}</p>'
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
