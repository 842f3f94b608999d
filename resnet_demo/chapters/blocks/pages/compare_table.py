"""Two networks beside each other: their sums, and their rows with the cells marked in which they differ."""

from collections.abc import Sequence
from html import escape

from resnet_demo.chapters.blocks.compare import Pair, compare
from resnet_demo.chapters.blocks.pages.table_cells import kernels, mebibytes, shape, shortcut_name, stage_class
from resnet_demo.chapters.blocks.rows import Row, Totals
from resnet_demo.kit.format import number
from resnet_demo.kit.text import t

FIELDS = (
    "kernels",
    "stride",
    "input",
    "output",
    "shortcut",
    "parameters",
    "shortcut_parameters",
    "macs",
    "receptive_field",
    "effective_stride",
    "memory",
)
"""All that the table of one network has."""
SUMS = ("parameters", "macs", "memory")


def sums_table(language: str, names: tuple[str, str], sums: tuple[Totals, Totals]) -> str:
    """Whole networks: each sum of both, and the second as a multiple of the first."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("", *names))
    ratio = escape(t(language, "blocks.ratio"))
    body = "".join(_sum(language, key, getattr(sums[0], key), getattr(sums[1], key)) for key in SUMS)
    return (
        f'<div class="scroll fits"><table class="blocks totals"><thead><tr>{head}<th scope="col">{ratio}</th></tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def _sum(language: str, key: str, a: int, b: int) -> str:
    shown = mebibytes if key == "memory" else "{:,}".format
    css = "" if a == b else ' class="differs"'
    ratio = f"{number(b / a, 3)} ×" if a else ""
    return (
        f'<tr><th scope="row">{escape(t(language, f"blocks.{key}"))}</th><td{css}>{shown(a)}</td>'
        f"<td{css}>{shown(b)}</td><td>{ratio}</td></tr>"
    )


def pair_table(language: str, rows: tuple[Sequence[Row], Sequence[Row]]) -> str:
    """The rows of both: what they share once, what differs as A above B, so that all fits beside each other."""
    pairs = compare(*rows)
    body = "".join(_pair(language, pair) for pair in pairs)
    cells = sum(field in FIELDS for pair in pairs for field in pair.differs)
    said = t(language, "blocks.differing", count=cells, all=len(FIELDS) * len(pairs))
    block, *fields = (f'<th scope="col">{escape(t(language, f"blocks.{key}"))}</th>' for key in ("block", *FIELDS))
    return (
        f'<p class="summary">{escape(said)}</p><div class="scroll"><table class="blocks pairs">'
        f"<thead><tr>{block}<td></td>{''.join(fields)}</tr></thead>{body}</table></div>"
    )


def _pair(language: str, pair: Pair) -> str:
    row = pair.a or pair.b
    assert row is not None
    differing = [field for field in FIELDS if field in pair.differs]
    sides = "<span>A</span><span>B</span>" if differing else "A = B"
    cells = f'<td class="sides">{sides}</td>'
    for field in FIELDS:
        if field in differing:
            both = (f'<span class="differs">{_cell(language, one, field)}</span>' for one in (pair.a, pair.b))
            cells += f"<td>{''.join(both)}</td>"
        else:
            cells += f"<td>{_cell(language, row, field)}</td>"
    return (
        f'<tbody class="{stage_class(row.paper)}"><tr><th scope="row"><code>{pair.name}</code></th>{cells}</tr></tbody>'
    )


def _cell(language: str, row: Row | None, field: str) -> str:
    """One field of a row; a row that is not there has none."""
    if row is None:
        return "–"
    if field == "shortcut":
        return "" if row.shortcut is None else escape(shortcut_name(language, row))
    if field in ("input", "output"):
        return shape(getattr(row, field))
    if field == "kernels":
        return kernels(row)
    if field == "memory":
        return mebibytes(row.memory) if row.memory else ""
    if field == "shortcut_parameters" and not row.shortcut_parameters:
        return ""
    value = getattr(row, field)
    return "" if value is None else f"{value:,}"
