"""Table and diagram: one network, two of them side by side, or the paper's Fig. 3, as HTML and SVG."""

from collections.abc import Sequence
from html import escape

from resnet_demo.chapters.blocks.pages import block_drawing, diagram, figure3
from resnet_demo.chapters.blocks.pages.compare_table import pair_table, sums_table
from resnet_demo.chapters.blocks.pages.network_table import network_table, stage_table
from resnet_demo.chapters.blocks.pages.options import Choice
from resnet_demo.chapters.blocks.pages.paper_table import paper_view
from resnet_demo.chapters.blocks.pages.table_cells import billions, facts, kind, mebibytes, shortcut_name, spoken
from resnet_demo.chapters.blocks.paper import paper_table
from resnet_demo.chapters.blocks.rows import Row, totals
from resnet_demo.chapters.blocks.vgg import VGG, network_rows
from resnet_demo.kit.display_names import title
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.text import t

FIGURE3 = (VGG, "plain34", "resnet34")
SHORTCUTS = ("identity", "projection", "zero padding", "none")
Views = tuple[str, str, str]
"""The answer, what is drawn, and the tables below it."""


def rows_of(choice: Choice, size: int) -> list[Row]:
    """Raises ArchitectureError and CountError."""
    return network_rows(choice.name, size, **choice.options)


def one(language: str, chosen: Choice, size: int) -> Views:
    """A network: its drawing, and its table with the stages' sums and the paper's."""
    rows = rows_of(chosen, size)
    paper = attempt(paper_table, chosen.name, **chosen.options)
    printed = notice(language, paper) if isinstance(paper, Problem) else paper_view(language, paper)
    tables = (
        _section(language, "rows", network_table(language, rows))
        + '<div class="halves">'
        + _section(language, "sums", stage_table(language, rows))
        + _section(language, "printed", printed)
        + "</div>"
    )
    return _summary(language, chosen, rows, size), _drawn(language, chosen, rows, size), tables


def two(language: str, chosen: tuple[Choice, Choice], size: int) -> Views:
    """Two networks: their sums and drawings, and their rows with the differing cells marked."""
    a, b = (rows_of(choice, size) for choice in chosen)
    names = _names(chosen)
    sums = _section(language, "totals", sums_table(language, names, (totals(a), totals(b))))
    if VGG in (chosen[0].name, chosen[1].name):
        return sums, _columns(language, list(zip(names, (a, b), strict=True))), ""
    drawn = "".join(
        _saved(
            language, _svg(language, name, rows, size, diagram.NARROW, selectable=False), f"{choice.name}-{size}.svg"
        )
        for name, choice, rows in zip(names, chosen, (a, b), strict=True)
    )
    return sums, f'<div class="halves drawings">{drawn}</div>', pair_table(language, (a, b))


def paper_figure(language: str) -> Views:
    """Fig. 3 of the paper, from the real layers of its three networks."""
    pairs = [(title(name), rows_of(Choice(name, {}), 224)) for name in FIGURE3]
    return f'<p class="hint">{escape(t(language, "blocks.figure3_note"))}</p>', _columns(language, pairs), ""


def detail(language: str, chosen: Choice, size: int, name: str) -> str:
    """The block `name` from near, or the first block of a network that has none of that name."""
    rows = rows_of(chosen, size)
    row = next((row for row in rows if row.name == name), None) or next(row for row in rows if row.shortcut)
    drawing = block_drawing.svg(
        row,
        spoken(language, row),
        lambda layer: t(
            language, "blocks.layer_cost", parameters=f"{layer.parameters:,}", macs=f"{layer.macs / 1e6:,.1f}"
        ),
    )
    listed = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in _facts(language, row))
    return (
        f'<section class="card chosen-block stage-{escape(row.paper.replace(" ", "-"))}">'
        f"<h3><code>{row.name}</code> <small>{escape(row.paper)} · {escape(kind(language, row))}</small></h3>"
        f'{drawing}<dl class="facts">{listed}</dl></section>'
    )


def _facts(language: str, row: Row) -> list[tuple[str, str]]:
    values = {
        "shortcut": "" if row.shortcut is None else escape(shortcut_name(language, row)),
        "parameters": f"{row.parameters:,}",
        "shortcut_parameters": f"{row.shortcut_parameters:,}" if row.shortcut_parameters else "",
        "macs": f"{row.macs:,}" if row.macs else "",
        "receptive_field": f"{row.receptive_field:,}",
        "effective_stride": "" if row.effective_stride is None else str(row.effective_stride),
        "memory": mebibytes(row.memory) if row.memory else "",
    }
    return [(t(language, f"blocks.{key}"), value) for key, value in values.items() if value]


def _section(language: str, key: str, content: str) -> str:
    return f"<section><h3>{escape(t(language, f'blocks.part.{key}'))}</h3>{content}</section>"


def _summary(language: str, chosen: Choice, rows: Sequence[Row], size: int) -> str:
    sums = totals(rows)
    said = t(
        language,
        "blocks.summary",
        name=title(chosen.name),
        parameters=f"{sums.parameters:,}",
        macs=f"{sums.macs:,}",
        flops=f"{2 * sums.macs / 1e9:.2f}",
        size=size,
        classes=f"{rows[-1].output[0]:,}",
    )
    return f'<p class="summary">{escape(said)}</p>'


def _drawn(language: str, chosen: Choice, rows: Sequence[Row], size: int) -> str:
    """The drawing twice, for a screen and for a phone; the style shows one of them."""
    name = _described(chosen)
    file = f"{chosen.name}-{size}.svg"
    keys = escape(t(language, "blocks.keys"))
    drawings = (
        f'<div class="wide">{_svg(language, name, rows, size, diagram.WIDE)}</div>'
        f'<div class="narrow">{_svg(language, name, rows, size, diagram.NARROW)}</div>'
    )
    return f'{_saved(language, drawings, file)}<p class="hint keys">{keys}</p>'


def _saved(language: str, drawings: str, file: str) -> str:
    """A drawing with the button that saves the one of its sizes that is on screen."""
    words = escape(t(language, "blocks.save_svg"))
    return (
        f'<div class="drawing">{drawings}<button type="button" class="save" data-file="{file}">{words}</button></div>'
    )


def _svg(language: str, name: str, rows: Sequence[Row], size: int, width: int, *, selectable: bool = True) -> str:
    legend = {shortcut: t(language, f"blocks.legend.{shortcut.replace(' ', '_')}") for shortcut in SHORTCUTS}
    words = diagram.Words(name, facts(language, totals(rows), size), legend, lambda row: spoken(language, row))
    return diagram.svg(rows, words, width, selectable)


def _described(chosen: Choice) -> str:
    """The network's name with the options that are not its own, as a script would give them."""
    given = ", ".join(f"{key}={_value(value)}" for key, value in chosen.options.items())
    return title(chosen.name) + (f" ({given})" if given else "")


def _value(value: object) -> str:
    return ",".join(str(int(flag)) for flag in value) if isinstance(value, tuple) else str(value)


def _names(chosen: tuple[Choice, Choice]) -> tuple[str, str]:
    """A and B, as the table below calls them, with their names."""
    a, b = map(_described, chosen)
    return f"A: {a}", f"B: {b}"


def _columns(language: str, pairs: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """Layer beside layer, as in Fig. 3."""
    columns = [
        figure3.column(
            name,
            (
                t(language, "blocks.figure3_parameters", count=f"{totals(rows).parameters / 1e6:.1f}"),
                t(language, "blocks.figure3_macs", count=billions(totals(rows).macs)),
            ),
            rows,
        )
        for name, rows in pairs
    ]
    label = t(language, "blocks.figure3_label", names=", ".join(name for name, _ in pairs))
    drawing = figure3.svg(columns, t(language, "blocks.figure3_side"), label)
    return f'<div class="columns">{_saved(language, drawing, "figure3.svg")}</div>'
