"""The full table of a network: every row with what it costs, sees and keeps, then the stages' sums."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from resnet_demo.chapters.blocks.pages.table_cells import kernels, kind, mebibytes, shape, shortcut, stage_class
from resnet_demo.chapters.blocks.rows import Row, StageSum, stage_sums, totals
from resnet_demo.kit.text import t

COLUMNS = (
    "block",
    "kernels",
    "stride",
    "shape",
    "shortcut",
    "main_parameters",
    "shortcut_parameters",
    "macs",
    "receptive_field",
    "effective_stride",
    "memory",
)
SUMS = ("stage", "blocks", "sum_output", "parameters", "shortcut_parameters", "macs", "memory")


def heads(language: str, columns: Sequence[str]) -> str:
    """Column headings; what needs saying of them is said below the table."""
    return "".join(f'<th scope="col">{escape(t(language, f"blocks.{column}"))}</th>' for column in columns)


def network_table(language: str, rows: Sequence[Row]) -> str:
    sums = totals(rows)
    numbered = enumerate(rows)
    body = "".join(
        _stage(language, paper, list(members)) for paper, members in groupby(numbered, key=lambda pair: pair[1].paper)
    )
    foot = (
        f'<tr><th colspan="5">{escape(t(language, "blocks.total"))}</th>'
        f"<td>{sums.parameters - sums.shortcut_parameters:,}</td><td>{sums.shortcut_parameters:,}</td>"
        f"<td>{sums.macs:,}</td><td></td><td></td><td>{mebibytes(sums.memory)}</td></tr>"
    )
    return (
        f'<div class="scroll"><table class="blocks rows"><thead><tr>{heads(language, COLUMNS)}</tr></thead>'
        f"{body}<tfoot>{foot}</tfoot></table></div>"
        f'<p class="hint">{escape(t(language, "blocks.units"))}</p>'
    )


def _stage(language: str, paper: str, members: list[tuple[int, Row]]) -> str:
    """One stage of the table, under one colour."""
    named = f'<b class="stage">{escape(paper)}</b>'
    lines = [_row(language, index, row, "" if number else named) for number, (index, row) in enumerate(members)]
    return f'<tbody class="{stage_class(paper)}">{"".join(lines)}</tbody>'


def _row(language: str, index: int, row: Row, named: str) -> str:
    cells = (
        kernels(row),
        "" if row.stride is None else str(row.stride),
        f"{shape(row.input)} <i>→</i> {shape(row.output)}",
        shortcut(language, row),
        f"{row.parameters - row.shortcut_parameters:,}",
        f"{row.shortcut_parameters:,}" if row.shortcut_parameters else "",
        f"{row.macs:,}",
        f"{row.receptive_field:,}",
        "" if row.effective_stride is None else str(row.effective_stride),
        mebibytes(row.memory) if row.memory else "",
    )
    head = f'<th scope="row">{named}<code>{row.name}</code> <small>{escape(kind(language, row))}</small></th>'
    return f'<tr data-index="{index}" data-name="{row.name}">{head}{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def stage_table(language: str, rows: Sequence[Row]) -> str:
    """The sums of each stage, and the total."""
    sums = totals(rows)
    body = "".join(_sum(stage) for stage in stage_sums(rows))
    foot = (
        f'<tr><th colspan="3">{escape(t(language, "blocks.total"))}</th><td>{sums.parameters:,}</td>'
        f"<td>{sums.shortcut_parameters:,}</td><td>{sums.macs:,}</td><td>{mebibytes(sums.memory)}</td></tr>"
    )
    return (
        f'<div class="scroll"><table class="blocks sums"><thead><tr>{heads(language, SUMS)}</tr></thead>{body}'
        f"<tfoot>{foot}</tfoot></table></div>"
    )


def _sum(stage: StageSum) -> str:
    sums = stage.totals
    cells = (
        stage.blocks or "",
        shape(stage.output),
        f"{sums.parameters:,}",
        f"{sums.shortcut_parameters:,}" if sums.shortcut_parameters else "",
        f"{sums.macs:,}",
        mebibytes(sums.memory) if sums.memory else "",
    )
    return (
        f'<tbody class="{stage_class(stage.paper)}"><tr><th scope="row"><b>{escape(stage.paper)}</b></th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></tbody>"
    )
