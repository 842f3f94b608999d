"""Exports counts of several blocks as plain text, Markdown, LaTeX or CSV, with the given words."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from resnet_demo.chapters.parameters.counting import BlockCount, reduction
from resnet_demo.chapters.parameters.formulas import LATEX, TEXT
from resnet_demo.chapters.parameters.notation import write

FORMATS = ("markdown", "latex", "csv")
COLUMNS = ("block", "parameters", "saved", "macs", "activations", "receptive_field", "output")
ENGLISH = {
    "block": "block",
    "parameters": "parameters",
    "saved": "fewer parameters than the first",
    "macs": "MACs",
    "activations": "activations kept for the backward pass",
    "receptive_field": "receptive field",
    "output": "output, C x H x W",
}


def percent(share: float, plus: str = "") -> str:
    """A signed percentage with two decimals; a non-zero share is never "0.00", and one below 100 never "100.00"."""
    sign, size = ("-" if share < 0 else plus), abs(share)
    rounded = f"{size:,.2f}"
    if share and rounded == "0.00":
        return f"{'>' if share < 0 else '<'} {sign}0.01%"
    if rounded == "100.00" and size < 100:
        return f"{'<' if share < 0 else '>'} {sign}99.99%"
    return f"{sign}{rounded}%"


def plain(c: BlockCount, reference: BlockCount) -> dict[str, Any]:
    """A count as plain values, with the percentage saved compared with `reference`."""
    return {
        "kind": c.kind,
        "settings": asdict(c.block),
        "size": c.size,
        "terms": [
            {
                "name": term.name,
                "symbols": term.symbols,
                "numbers": term.numbers,
                "parameters": term.parameters,
                "macs": term.macs,
            }
            for term in c.terms
        ],
        "formula": c.formula,
        "numbers": c.numbers,
        "parameters": c.parameters,
        "macs": c.macs,
        "activations": c.activations,
        "activation_bytes": c.activation_bytes,
        "receptive_field": c.receptive_field,
        "output": list(c.output),
        "saved_percent": reduction(reference.parameters, c.parameters),
    }


def text(counts: Sequence[BlockCount], titles: Sequence[str], reference: int = 0) -> str:
    """For the command line: each block's formula, numbers, sum and costs in English. Ends with a newline."""
    paragraphs = [_paragraph(c, title if len(counts) > 1 else "") for c, title in zip(counts, titles, strict=True)]
    if len(counts) > 1:
        held = counts[reference].parameters
        saved = [
            f"  {title}: {percent(reduction(held, c.parameters))}" for c, title in zip(counts, titles, strict=True)
        ]
        paragraphs.append("\n".join([f"fewer parameters than {titles[reference]}", *saved]))
    return "\n\n".join(paragraphs) + "\n"


def _paragraph(c: BlockCount, title: str) -> str:
    height = " x ".join(map(str, c.output))
    lines = [
        f"parameters  {c.formula}",
        f"          = {c.numbers}",
        f"          = {c.parameters:,}",
        f"MACs on a map of {c.size} x {c.size} pixels: {c.macs:,} (1 MAC = 2 FLOPs)",
        f"activations kept for the backward pass: {c.activations:,} ({c.activation_bytes:,} bytes as float32)",
        f"receptive field {c.receptive_field} x {c.receptive_field}, output {height}",
    ]
    return "\n".join([title, *lines] if title else lines)


def markdown(
    counts: Sequence[BlockCount], titles: Sequence[str], words: Mapping[str, str] = ENGLISH, reference: int = 0
) -> str:
    """A table, followed by each block's formula with numbers."""
    head = [words[name] for name in COLUMNS]
    rows = [_row(c, title, counts[reference], ",") for c, title in zip(counts, titles, strict=True)]
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---", *["---:"] * (len(head) - 1)], *rows)]
    sums = [
        f"- {title}: {c.spelt(TEXT, False)} = {c.spelt(TEXT, True)} = **{c.parameters:,}**"
        for c, title in zip(counts, titles, strict=True)
    ]
    return "\n".join([*lines, "", *sums]) + "\n"


def latex(
    counts: Sequence[BlockCount], titles: Sequence[str], words: Mapping[str, str] = ENGLISH, reference: int = 0
) -> str:
    """A tabular, followed by the formulas as align* (package amsmath)."""
    head = " & ".join(_escaped(words[name]) for name in COLUMNS)
    rows = [
        _row(c, _escaped(title), counts[reference], "{,}", "\\times ") for c, title in zip(counts, titles, strict=True)
    ]
    cells = [" & ".join([row[0], *(f"${cell}$" for cell in row[1:])]) + " \\\\" for row in rows]
    table = [f"\\begin{{tabular}}{{l{'r' * (len(COLUMNS) - 1)}}}", f"{head} \\\\", "\\hline", *cells, "\\end{tabular}"]
    sums = " \\\\\n".join(
        f"\\text{{{_escaped(title)}}} &= {c.spelt(LATEX, False)} \\\\\n  &= {c.spelt(LATEX, True)}"
        f" = {f'{c.parameters:,}'.replace(',', '{,}')}"
        for c, title in zip(counts, titles, strict=True)
    )
    return "\n".join([*table, "", "\\begin{align*}", sums, "\\end{align*}"]) + "\n"


def table(
    counts: Sequence[BlockCount], titles: Sequence[str], _: Mapping[str, str] = ENGLISH, reference: int = 0
) -> str:
    """Comma-separated values under fixed names: exact digits, and the settings in the form of `notation`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([COLUMNS[0], "notation", "size", *COLUMNS[1:]])
    for c, title in zip(counts, titles, strict=True):
        saved = f"{reduction(counts[reference].parameters, c.parameters):.6f}"
        output = "x".join(map(str, c.output))
        numbers = [c.parameters, saved, c.macs, c.activations, c.receptive_field, output]
        writer.writerow([title, write(c.block), c.size, *numbers])
    return out.getvalue()


WRITERS = {"markdown": markdown, "latex": latex, "csv": table}


def _row(c: BlockCount, title: str, reference: BlockCount, comma: str, times: str = "×") -> list[str]:
    saved = percent(reduction(reference.parameters, c.parameters))
    if times != "×":
        saved = saved.replace("%", "\\%")
    field = f"{c.receptive_field:,}{times}{c.receptive_field:,}"
    output = times.join(f"{side:,}" for side in c.output)
    numbers = [f"{c.parameters:,}", saved, f"{c.macs:,}", f"{c.activations:,}", field, output]
    return [title, *(number.replace(",", comma) for number in numbers)]


def _escaped(words: str) -> str:
    """Escapes words for LaTeX."""
    for sign in "\\&%$#_{}":
        words = words.replace(sign, "\\" + sign if sign != "\\" else "\\textbackslash ")
    return words.replace("×", "$\\times$")
