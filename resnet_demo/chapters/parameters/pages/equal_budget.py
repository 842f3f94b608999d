"""Equal budget in words: which number gives one column what another costs."""

from dataclasses import dataclass
from html import escape

from resnet_demo.chapters.parameters.block_kinds import Block
from resnet_demo.chapters.parameters.counting import BlockCount
from resnet_demo.chapters.parameters.equal_budget import Fit, Solution, equal_budget, variables, with_number
from resnet_demo.chapters.parameters.pages.cards import title
from resnet_demo.chapters.parameters.pages.columns import LETTERS, Columns, fields_in_words
from resnet_demo.errors import CountError
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

VARIABLES = ("channels", "channels_in", "channels_out", "width", "growth", "depth")


@dataclass(frozen=True)
class Asked:
    """Which number (`variable`) of column `change` makes it cost as much as column `target`, in `unit`."""

    change: str
    variable: str
    target: str
    unit: str


def variables_to_change(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"parameters.field.{name}"), name) for name in VARIABLES]


def units(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"parameters.chart.{name}"), name) for name in ("parameters", "macs")]


def solved(columns: Columns, asked: Asked) -> Solution | None:
    """What the column to change needs; None where it or the target holds no block. Raises CountError."""
    changed, target = (columns[LETTERS.index(letter)] for letter in (asked.change, asked.target))
    if not isinstance(changed, BlockCount) or not isinstance(target, BlockCount):
        return None
    cost = getattr(target, asked.unit)
    return equal_budget(changed.block, asked.variable, cost, asked.unit, changed.size)  # type: ignore[arg-type]


def applied(columns: Columns, asked: Asked) -> Block | None:
    """The block to change with the nearest number put in; None where there is nothing to solve."""
    found, changed = solved(columns, asked), columns[LETTERS.index(asked.change)]
    if found is None or not isinstance(changed, BlockCount):
        return None
    return with_number(changed.block, asked.variable, found.nearest.number)


def solution(language: str, columns: Columns, asked: Asked) -> str:
    """The answer as HTML."""
    try:
        found = solved(columns, asked)
    except CountError as error:
        return _impossible(language, columns, asked.change, error)
    if found is None:
        return f'<p class="hint">{escape(t(language, "parameters.budget.unused"))}</p>'
    of, to = _name(language, columns, asked.change), _name(language, columns, asked.target)
    unit, what = t(language, f"parameters.unit.{asked.unit}"), t(language, f"parameters.field.{asked.variable}")
    question = t(language, "parameters.budget.asked", of=of, to=to, what=what, budget=f"{found.budget:,}", unit=unit)
    lines: list[tuple[str, Fit | None]] = [("exact", fit) for fit in found.exact]
    lines = lines or [("below", found.below), ("above", found.above)]
    said = t(language, f"parameters.budget.{'exact' if found.exact else 'none'}")
    rows = "".join(_line(language, key, fit) for key, fit in lines)
    return (
        f'<p>{escape(question)}</p><p class="verdict {"saves" if found.exact else ""}">{escape(said)}</p>'
        f'<ul class="fits">{rows}</ul><button type="button">{escape(t(language, "parameters.budget.apply"))}</button>'
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
