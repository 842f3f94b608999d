"""Writes rows as text: fixed width for the command line, Markdown, CSV and JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from resnet_demo.chapters.blocks.layers import Shape
from resnet_demo.chapters.blocks.rows import Row, Totals, stage_sums, totals

HEADER = (
    "name",
    "stage",
    "kind",
    "kernels",
    "stride",
    "input",
    "output",
    "shortcut",
    "parameters",
    "of shortcut",
    "MACs",
    "field",
    "jump",
    "memory",
)
TEXTS = ("name", "stage", "kind", "kernels", "input", "output", "shortcut")
NOTE = (
    "Shapes: channels x height x width. MACs: multiply-adds of convolutions and linear layers; 1 MAC = 2 FLOPs.",
    "Field: side of the receptive field, px of the picture. Jump: px of the picture between neighbouring values.",
    "Memory: bytes of the maps that training keeps for the backward pass, float32, one picture.",
)


def table(rows: Sequence[Row]) -> str:
    """One line for each row of `anatomy.blocks`, then stages, total and units. Ends with a newline."""
    body, sums = [_cells(row) for row in rows], _sums(rows)
    cells = [HEADER, *body, *sums]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_line(line, widths) for line in cells]
    rule = "-" * max(map(len, lines))
    end = 1 + len(body)
    return "\n".join([lines[0], rule, *lines[1:end], rule, *lines[end:-1], rule, lines[-1], *NOTE]) + "\n"


def as_markdown(rows: Sequence[Row]) -> str:
    """A Markdown table: the rows, a line per stage and the total in bold, with the units below."""
    lines = [HEADER, tuple(":--" if title in TEXTS else "--:" for title in HEADER), *map(_cells, rows)]
    lines += [tuple(f"**{cell}**" if cell else "" for cell in line) for line in _sums(rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n\n" + "\n".join(NOTE) + "\n"


def as_html(rows: Sequence[Row]) -> str:
    """An HTML table: the rows, a line for each stage and the total in bold, and the units below."""
    lines = [_html(HEADER, "th"), *(_html(_cells(row), "td") for row in rows), *(_html(s, "th") for s in _sums(rows))]
    return f"<table>{''.join(lines)}</table>" + "".join(f"<p>{escape(note)}</p>" for note in NOTE)


def _html(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def as_csv(rows: Sequence[Row]) -> str:
    """Comma-separated values with a header: plain integers, shapes as CxHxW, empty cells for missing values."""
    records = [_record(row) for row in rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, records[0].keys(), lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({key: _shape(value) if isinstance(value, tuple) else value for key, value in record.items()})
    return out.getvalue()


def as_json(rows: Sequence[Row], **more: object) -> str:
    """A JSON object: the entries of `more`, the rows (one per line), the stages and the totals."""
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in more.items()]
    for key, value in as_dict(rows).items():
        if isinstance(value, list):
            parts.append(f"{json.dumps(key)}: [\n" + ",\n".join(f" {json.dumps(line)}" for line in value) + "\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def as_dict(rows: Sequence[Row]) -> dict[str, Any]:
    """The same as plain values: rows without their layers, stages and totals."""
    return {
        "rows": [_record(row) for row in rows],
        "stages": [asdict(stage) for stage in stage_sums(rows)],
        "totals": asdict(totals(rows)),
    }


def _record(row: Row) -> Mapping[str, Any]:
    return {key: value for key, value in vars(row).items() if key != "layers"}


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.paper,
        row.kind,
        row.kernels,
        "" if row.stride is None else str(row.stride),
        _shape(row.input),
        _shape(row.output),
        row.shortcut or "",
        f"{row.parameters:,}",
        f"{row.shortcut_parameters:,}" if row.shortcut_parameters else "",
        f"{row.macs:,}",
        f"{row.receptive_field:,}",
        "" if row.effective_stride is None else f"{row.effective_stride:,}",
        f"{row.memory:,}",
    )


def _sums(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """A line for each stage, then the total."""
    lines = [
        _sum(stage.paper, f"{stage.blocks} blocks" if stage.blocks else "", _shape(stage.output), stage.totals)
        for stage in stage_sums(rows)
    ]
    return [*lines, _sum("total", "", "", totals(rows))]


def _sum(name: str, kind: str, output: str, sums: Totals) -> tuple[str, ...]:
    return (
        name,
        "",
        kind,
        "",
        "",
        "",
        output,
        "",
        f"{sums.parameters:,}",
        f"{sums.shortcut_parameters:,}" if sums.shortcut_parameters else "",
        f"{sums.macs:,}",
        "",
        "",
        f"{sums.memory:,}",
    )


def _shape(shape: Shape) -> str:
    return "x".join(map(str, shape))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = (
        cell.ljust(width) if title in TEXTS else cell.rjust(width)
        for title, cell, width in zip(HEADER, cells, widths, strict=True)
    )
    return "  ".join(aligned).rstrip()
