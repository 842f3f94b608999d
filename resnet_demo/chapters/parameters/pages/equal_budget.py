"""Equal budget in words: which number gives one column what another costs."""

from collections.abc import Sequence
from html import escape
from typing import Any

from resnet_demo.chapters.parameters.block_kinds import Block
from resnet_demo.chapters.parameters.counting import BlockCount
from resnet_demo.chapters.parameters.equal_budget import Fit, Solution, equal_budget, variables, with_number
from resnet_demo.chapters.parameters.pages.cards import title
from resnet_demo.chapters.parameters.pages.columns import LETTERS, fields_in_words
from resnet_demo.errors import CountError
from resnet_demo.kit.messages import Problem
from resnet_demo.kit.text import t

VARIABLES = ("channels", "channels_in", "channels_out", "width", "growth", "depth")
Columns = Sequence[BlockCount | Problem | None]


def variable_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.field.{name}"), name) for name in VARIABLES]


def measure_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.chart.{name}"), name) for name in ("parameters", "macs")]


def letter_choices(_: str) -> list[tuple[str, str]]:
    return [(letter, letter) for letter in LETTERS]


def solved(columns: Columns, change: str, variable: str, target: str, measure: Any) -> Solution | None:
    """What column `change` needs to cost as much as `target`; None where one of them holds no block."""
    changed, budget = columns[LETTERS.index(change)], columns[LETTERS.index(target)]
    if not isinstance(changed, BlockCount) or not isinstance(budget, BlockCount):
        return None
    return equal_budget(changed.block, variable, getattr(budget, measure), measure, changed.size)


def applied(columns: Columns, change: str, variable: str, target: str, measure: str) -> Block | None:
    """The block of column `change` with the nearest number put in; None where there is nothing to solve."""
    found, changed = solved(columns, change, variable, target, measure), columns[LETTERS.index(change)]
    if found is None or not isinstance(changed, BlockCount):
        return None
    return with_number(changed.block, variable, found.nearest.number)


def solution(language: str, columns: Columns, change: str, variable: str, target: str, measure: str) -> str:
    """The answer as HTML."""
    try:
        found = solved(columns, change, variable, target, measure)
    except CountError as error:
        return _impossible(language, columns, change, error)
    if found is None:
        return f'<p class="hint">{escape(t(language, "parameters.budget.unused"))}</p>'
    of, to = _name(language, columns, change), _name(language, columns, target)
    unit, what = t(language, f"parameters.unit.{measure}"), t(language, f"parameters.field.{variable}")
    asked = t(language, "parameters.budget.asked", of=of, to=to, what=what, budget=f"{found.budget:,}", unit=unit)
    lines: list[tuple[str, Fit | None]] = [("exact", fit) for fit in found.exact]
    lines = lines or [("below", found.below), ("above", found.above)]
    said = t(language, f"parameters.budget.{'exact' if found.exact else 'none'}")
    rows = "".join(_line(language, key, fit) for key, fit in lines)
    return (
        f'<p>{escape(asked)}</p><p class="verdict {"saves" if found.exact else ""}">{escape(said)}</p>'
        f'<ul class="fits">{rows}</ul>'
    )


def _name(language: str, columns: Columns, letter: str) -> str:
    position = LETTERS.index(letter)
    column = columns[position]
    assert isinstance(column, BlockCount)
    return title(language, position, column.kind)


def _line(language: str, key: str, fit: Fit | None) -> str:
    if fit is None:
        return f"<li>{escape(t(language, f'parameters.budget.no_{key}'))}</li>"
    costs = {"cost": f"{fit.cost:,}", "difference": f"{abs(fit.difference):,}"}
    said = t(language, f"parameters.budget.{key}_line", **costs)
    return f"<li><b>{fit.number:,}</b> {escape(said)}</li>"


def _impossible(language: str, columns: Columns, change: str, error: CountError) -> str:
    """The column's kind has no such number."""
    column = columns[LETTERS.index(change)]
    assert isinstance(column, BlockCount)
    said = t(
        language,
        f"error.{error.key}",
        value=t(language, f"parameters.field.{error.values['value']}"),
        kind=t(language, f"parameters.kind.{column.kind}"),
        names=fields_in_words(language, variables(column.kind)),
    )
    return f'<div class="notice" role="alert">{escape(said)}</div>'
