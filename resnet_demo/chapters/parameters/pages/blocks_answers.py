"""Block against block, answered: what each control's listener computes and says."""

from html import escape
from typing import Any

import gradio as gr

from resnet_demo.chapters.parameters.block_kinds import Block
from resnet_demo.chapters.parameters.counting import BlockCount, count_block
from resnet_demo.chapters.parameters.exports import COLUMNS, WRITERS
from resnet_demo.chapters.parameters.notation import read
from resnet_demo.chapters.parameters.pages import equal_budget, link
from resnet_demo.chapters.parameters.pages.cards import Counted, bars, card, title
from resnet_demo.chapters.parameters.pages.columns import FIELDS, LETTERS, held, in_words, split, updates
from resnet_demo.chapters.parameters.pages.presets import PRESETS
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.text import t

ASKED = ("size", "against", "measure", "change", "variable", "target", "unit", "format")
"""The controls of the whole comparison, in the order in which `render` takes them."""
SHOWN = 1 + len(FIELDS)
"""A column's frame, and its controls."""


def preset(key: str) -> list[Any]:
    """A comparison put into the columns; whatever was wrong with the link is past."""
    texts = PRESETS[key]
    return [None, *_put([read(text) for text in texts] + [None] * (len(LETTERS) - len(texts)))]


def _put(blocks: Any) -> list[Any]:
    return [update for letter, b in zip(LETTERS, blocks, strict=True) for update in updates(letter, b)]


def opened_at(query: link.Query) -> list[Any]:
    """What is wrong with the page's address, then the comparison that it asks for, if it asks for one."""
    asked = attempt(link.read_address, query)
    if isinstance(asked, link.Asked):
        return [None, asked.size, asked.against, *_put(asked.blocks)]
    return [asked, *[gr.skip()] * (2 + len(LETTERS) * SHOWN)]


def fitted(*values: Any) -> list[Any]:
    """The nearest number put into the column that is to change."""
    size, _, _, change, variable, target, unit, _ = values[: len(ASKED)]
    found = attempt(equal_budget.applied, counted(values[len(ASKED) :], size), change, variable, target, unit)
    kept = [gr.skip()] * SHOWN
    put = [updates(letter, found) if letter == change and isinstance(found, Block) else kept for letter in LETTERS]
    return [update for column in put for update in column]


def counted(values: Any, size: Any) -> list[BlockCount | Problem | None]:
    """What each column costs, or what is wrong with it, or None where it is unused."""
    return [attempt(_column, column, size) for column in split(values)]


def _column(values: Any, size: Any) -> BlockCount | None:
    b = held(values)
    return None if b is None else count_block(b, size)


def render(
    language: str, trouble: Problem | None, size: Any, against: str, measure: str,
    change: str, variable: str, target: str, unit: str, chosen_format: str, *values: Any,
) -> list[str]:  # fmt: skip
    """The chart, a card for each column, the equal budget, the text to copy, and the link."""
    columns = counted(values, size)
    counts: list[Counted] = [(i, c) for i, c in enumerate(columns) if isinstance(c, BlockCount)]
    reference = next(((i, c) for i, c in counts if LETTERS[i] == against), None)
    return [
        (notice(language, trouble) if trouble else "")
        + _unused(language, columns, against)
        + bars(language, counts, reference, measure),
        *(_card(language, column, i, reference) for i, column in enumerate(columns)),
        equal_budget.solution(language, columns, change, variable, target, unit),
        exported(language, counts, reference, chosen_format),
        link.html(language, counts, against),
    ]


def _unused(language: str, columns: list[BlockCount | Problem | None], against: str) -> str:
    """Why nothing is held against a column that holds no block."""
    if columns[LETTERS.index(against)] is not None:
        return ""
    words = t(language, "parameters.against_unused", letter=against, against=t(language, "parameters.against"))
    return f'<p class="hint">{escape(words)}</p>'


def _card(language: str, column: BlockCount | Problem | None, position: int, reference: Counted | None) -> str:
    if column is None:
        return f'<p class="hint">{escape(t(language, "parameters.unused"))}</p>'
    if isinstance(column, Problem):
        return notice(language, in_words(language, column))
    return card(language, column, position, reference)


def exported(language: str, counts: list[Counted], reference: Counted | None, chosen_format: str) -> str:
    """The comparison as Markdown, LaTeX or CSV, in the visitor's language."""
    if not counts:
        return ""
    at = reference or counts[0]
    words = {name: t(language, f"parameters.export.{name}", reference=LETTERS[at[0]]) for name in COLUMNS}
    titles = [title(language, i, c.kind) for i, c in counts]
    return WRITERS[chosen_format]([c for _, c in counts], titles, words, counts.index(at))
