"""What the paper prints about a network, beside ours, agreement marked."""

from html import escape

from resnet_demo.chapters.blocks.pages.network_table import heads
from resnet_demo.chapters.blocks.pages.table_cells import crosses, stage_class
from resnet_demo.chapters.blocks.paper import RESNEXT, TABLE_1, TABLE_6, PaperCost, PaperRow, PaperTable
from resnet_demo.kit.text import t

SOURCES = {TABLE_1: "resnet", TABLE_6: "cifar", RESNEXT: "resnext"}
COLUMNS = ("stage", "printed_side", "printed_layers", "agrees")


def paper_view(language: str, table: PaperTable | None) -> str:
    """The paper's table with a tick or what we have instead, and its source."""
    if table is None:
        return f'<p class="hint">{escape(t(language, "blocks.printed_none"))}</p>'
    body = "".join(_row(language, row) for row in table.rows)
    foot = "".join(_cost(language, cost) for cost in table.costs)
    source = t(language, f"blocks.printed_source.{SOURCES[table.source]}", size=table.size)
    verdict = t(language, "blocks.printed_agrees" if table.agrees else "blocks.printed_differs")
    return (
        f'<div class="scroll"><table class="blocks printed"><thead><tr>{heads(language, COLUMNS)}</tr></thead>{body}'
        f"<tfoot>{foot}</tfoot></table></div>"
        f'<p class="hint">{escape(source)}<br>{escape(verdict)}</p>'
    )


def mark(language: str, agrees: bool) -> str:
    """A tick or a not-equal sign, with its meaning for those who do not see it."""
    word = t(language, "blocks.agree" if agrees else "blocks.disagree")
    return f'<span class="mark {"yes" if agrees else "no"}" title="{word}" aria-label="{word}" role="img"></span>'


def _row(language: str, row: PaperRow) -> str:
    ours = "" if row.agrees else f"<small>{escape(_ours(language, row))}</small>"
    return (
        f'<tbody class="{stage_class(row.paper)}"><tr><th scope="row"><b>{escape(row.paper)}</b></th>'
        f"<td>{row.side}</td><td>{escape(crosses(row.text))}{ours}</td>"
        f"<td>{mark(language, row.agrees)}</td></tr></tbody>"
    )


def _ours(language: str, row: PaperRow) -> str:
    return t(language, "blocks.ours", value=f"{row.our_side} · {crosses(row.our_text)}")


def _cost(language: str, cost: PaperCost) -> str:
    """A printed count, and ours to the same digits and in full."""
    exponent = 9 if cost.quantity == "macs" else 6
    printed = f"{cost.printed / 10**exponent:g} × 10<sup>{exponent}</sup>"
    ours = escape(t(language, "blocks.ours", value=f"{cost.ours:,}"))
    name = escape(t(language, f"blocks.{cost.quantity}"))
    cells = f"<td>{printed}<small>{ours}</small></td><td>{mark(language, cost.agrees)}</td>"
    return f'<tr><th colspan="2">{name}</th>{cells}</tr>'
