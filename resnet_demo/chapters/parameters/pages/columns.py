"""The columns of a comparison: the boxes of each block, which `columns.js` lays out, and the words of its settings."""

from collections.abc import Sequence
from typing import Any

from resnet_demo.chapters.parameters.block_kinds import KINDS, NUMBERS, SHORTCUTS, SWITCHES
from resnet_demo.chapters.parameters.counting import BlockCount
from resnet_demo.chapters.parameters.notation import settings, write
from resnet_demo.kit.messages import Problem
from resnet_demo.kit.text import t

LETTERS = "ABCD"
NAMED = {"size", *NUMBERS}
"""The settings that have a word of their own on the page."""
Columns = Sequence[BlockCount | Problem | None]
"""What each column's block costs, or what is wrong with it; None where the column is unused."""


def boxes(language: str, texts: Sequence[str], columns: Columns) -> dict[str, Any]:
    """The kinds of block to choose from, and each column's text with its boxes."""
    kinds = [{"name": kind, "label": t(language, f"parameters.kind.{kind}"), **_fields(kind)} for kind in KINDS]
    return {
        "kinds": [{"name": "", "label": t(language, "parameters.kind.unused")}, *kinds],
        "labels": {name: t(language, f"parameters.field.{name}") for name in NUMBERS}
        | {switch: t(language, f"parameters.term.{switch}") for switch in SWITCHES}
        | {"shortcut": t(language, "parameters.field.shortcut")},
        "shortcuts": [[t(language, f"parameters.shortcut.{option}"), option] for option in SHORTCUTS],
        "columns": [
            {"label": t(language, "parameters.column", letter=letter), **_column(text, column)}
            for letter, text, column in zip(LETTERS, texts, columns, strict=True)
        ],
    }


def _fields(kind: str) -> dict[str, list[str]]:
    """The settings of a kind, as boxes: numbers, switches, and perhaps a shortcut."""
    numbers = KINDS[kind].numbers
    return {"numbers": [*numbers], "others": [*SWITCHES, *(name for name in KINDS[kind].fields if name == "shortcut")]}


def _column(text: str, column: BlockCount | Problem | None) -> dict[str, Any]:
    """All settings of a block that can be counted; of another those that its text has, right or wrong."""
    kind, said = settings(write(column.block) if isinstance(column, BlockCount) else text)
    return {"text": text, "kind": kind, "settings": said}


def in_words(language: str, problem: Problem) -> Problem:
    """The problem with the boxes' own word for the setting."""
    name = problem.values.get("name")
    named = {"name": t(language, f"parameters.field.{name}")} if name in NAMED else {}
    return Problem(problem.key, {**problem.values, **named})


def fields_in_words(language: str, names: Sequence[str]) -> str:
    return t(language, "parameters.and").join(t(language, f"parameters.field.{name}") for name in names)
