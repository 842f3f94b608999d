"""Rows, shapes and sums as cells of a table, in words where they need any."""

import re
from html import escape

from resnet_demo.chapters.blocks.rows import Row, Totals
from resnet_demo.kit.format import number
from resnet_demo.kit.text import t


def shape(values: tuple[int, int, int]) -> str:
    return "×".join(map(str, values))


def kernels(row: Row) -> str:
    return crosses(row.kernels)


def crosses(words: str) -> str:
    """The x between two numbers, and before a count, as a sign: "3x3 max pool x 2" gives "3×3 max pool × 2"."""
    return re.sub(r"(?<=\d)x(?=\d)|(?<= )x(?= \d)", "×", words)


def mebibytes(count: int) -> str:
    """Bytes as MiB, three digits: 9.19."""
    return number(count / 2**20, 3)


def billions(count: float) -> str:
    return number(count / 1e9, 3)


def kind(language: str, row: Row) -> str:
    return t(language, f"blocks.kind.{row.kind}")


def shortcut_name(language: str, row: Row) -> str:
    return t(language, f"blocks.shortcut.{str(row.shortcut).replace(' ', '_')}")


def shortcut(language: str, row: Row) -> str:
    """The shortcut's kind as a small drawing with its name: a curve over a line, dashed where it projects."""
    if row.shortcut is None:
        return ""
    css = row.shortcut.replace(" ", "_")
    curve = "" if css == "none" else f'<path class="{css}" d="M4 16 C10 2 30 2 36 16"/>'
    drawing = f'<svg viewBox="0 0 40 20" aria-hidden="true"><path d="M2 16H38"/>{curve}</svg>'
    return f'<span class="shortcut">{drawing}{escape(shortcut_name(language, row))}</span>'


def spoken(language: str, row: Row) -> str:
    """A row in one sentence, for those who hear the drawing and for those who point at it."""
    said = t(
        language,
        "blocks.spoken",
        name=row.name,
        kind=kind(language, row),
        input=shape(row.input),
        output=shape(row.output),
        parameters=f"{row.parameters:,}",
    )
    return (
        said
        if row.shortcut is None
        else said + t(language, "blocks.spoken_shortcut", kind=shortcut_name(language, row))
    )


def facts(language: str, sums: Totals, size: int) -> str:
    """A network's size in a few words, for pictures of `size` x `size` pixels."""
    return t(language, "blocks.facts", size=size, parameters=f"{sums.parameters:,}", macs=billions(sums.macs))


def stage_class(paper: str) -> str:
    return "stage-" + escape(paper.replace(" ", "-"))
