"""Zero-gamma, live: every block at initialisation, on the first step and on the second."""

from dataclasses import asdict

from markupsafe import Markup

from resnet_demo.chapters.residual.pages.controls import seed
from resnet_demo.chapters.residual.pages.figures import exact
from resnet_demo.chapters.residual.zero_gamma import NETWORKS, Row, first_steps
from resnet_demo.kit.display_names import title
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.html import hint, measured, summary
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.page import Output, Page, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

COLUMNS = ("block", "shortcut", "distance", "conv_before", "gamma_before", "beta_before", "conv_after", "usual")


def compute(network: str, seed: int) -> tuple[Row, ...]:
    """The blocks of a network. Raises CountError."""
    return first_steps(network, seed)


def draw(rows: tuple[Row, ...], language: str) -> tuple[str, str, str]:
    """The verdict, the table, and what it is worth."""
    heads = [t(language, f"residual.zero_gamma.column.{name}") for name in COLUMNS]
    table = measured(heads, [_cells(language, row) for row in rows])
    files = downloads(language, "zero-gamma", [asdict(row) for row in rows])
    return summary(_verdict(language, rows)), table, hint(t(language, "residual.zero_gamma.worth")) + Markup(files)


def _verdict(language: str, rows: tuple[Row, ...]) -> str:
    """Computed: how many blocks are exactly their shortcut, and whether the gradients are what the theory says."""
    same = [row for row in rows if row.shortcut == "identity" and row.distance == 0]
    holds = all(row.distance == row.conv_before == 0 < min(row.gamma_before, row.beta_before) for row in rows)
    return t(
        language,
        f"residual.zero_gamma.verdict.{'holds' if holds else 'fails'}",
        same=len(same),
        identities=sum(row.shortcut == "identity" for row in rows),
        blocks=len(rows),
    )


def _cells(language: str, row: Row) -> list[object]:
    numbers = (row.distance, row.conv_before, row.gamma_before, row.beta_before, row.conv_after, row.usual)
    zero = Markup('<b class="nil">0</b>')
    return [
        Markup("<code>{}</code>").format(row.name),
        t(language, f"blocks.shortcut.{row.shortcut}"),
        *(zero if value == 0 else exact(value) for value in numbers),
    ]


def network_choices(_: Site) -> list[tuple[str, str]]:
    return [(title(name), name) for name in NETWORKS]


PAGE = Page(
    "zero_gamma",
    compute,
    draw,
    controls=(radio("network", network_choices, "resnet20", label="residual.network"), seed()),
    outputs=(Output("answer"), Output("table"), Output("numbers", folded=True)),
    lane=MEASURED,
    code=(first_steps,),
    note="residual.zero_gamma.how",
    for_experts=True,
)
