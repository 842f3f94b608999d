"""V1 and V2 side by side, and the gradient equation of identity mappings measured on both."""

from dataclasses import asdict

from markupsafe import Markup
from plotly.graph_objects import Figure

from resnet_demo.chapters.residual.identity_mappings import NETWORKS, Evaluation, evaluate
from resnet_demo.chapters.residual.pages.charts import Curve, residues
from resnet_demo.chapters.residual.pages.controls import seed
from resnet_demo.chapters.residual.pages.diagrams import V1, V2, order
from resnet_demo.chapters.residual.pages.figures import exact, figure
from resnet_demo.kit.display_names import title
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import percent
from resnet_demo.kit.html import html, measured, summary
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.page import Output, Page, chart, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

EXACT = 1e-5  # relative; float32 has a precision of 6e-8
COLUMNS = ("block", "actual", "one", "rest", "residue", "masked", "blocked")
Pair = tuple[Evaluation, Evaluation]


def compute(network: str, seed: int) -> Pair:
    """V1 and V2. Raises CountError."""
    return evaluate(network, False, seed), evaluate(network, True, seed)


def draw(pair: Pair, language: str) -> tuple[str, Figure, str, str]:
    """The verdict, the residues as curves, what lies on either shortcut path, and every number."""
    v1, v2 = pair
    curves = [
        Curve(t(language, "residual.identity_mappings.curve.v1"), "residual", [row.residue for row in v1.rows]),
        Curve(t(language, "residual.identity_mappings.curve.masked"), "plain", [row.masked for row in v1.rows]),
        Curve(t(language, "residual.identity_mappings.curve.v2"), "clean", [row.residue for row in v2.rows]),
    ]
    chart = residues(curves, t(language, "residual.identity_mappings.x"), EXACT)
    return summary(_verdict(language, pair)), chart, diagrams(language), _tables(language, pair)


def _verdict(language: str, pair: Pair) -> str:
    v1, v2 = (max(row.residue for row in one.rows) for one in pair)
    rows = pair[0].rows
    masked = max(row.masked for row in rows)
    return t(
        language,
        f"residual.identity_mappings.verdict.{'holds' if v2 < EXACT < v1 and masked < EXACT else 'fails'}",
        v1=percent(v1),
        v2=exact(v2),
        masked=exact(masked),
        blocked=percent(sum(row.blocked for row in rows) / len(rows)),
    )


def diagrams(language: str) -> str:
    """The order of layers in either version, and its equation."""
    versions = [
        (name, kind, Markup(order(layers, t(language, f"residual.identity_mappings.{name}"))))
        for name, kind, layers in (("v1", "residual", V1), ("v2", "clean", V2))
    ]
    return html("chapters/residual/pages/identity_mappings.html", language, versions=versions)


def _tables(language: str, pair: Pair) -> str:
    heads = [t(language, f"residual.identity_mappings.column.{name}") for name in COLUMNS]
    tables = Markup("").join(
        Markup('<h3>{}</h3><p class="hint">{}</p>{}').format(
            t(language, f"residual.identity_mappings.{version}"),
            t(language, "residual.identity_mappings.forward", residue=exact(one.forward_residue)),
            measured(
                heads,
                [
                    (
                        row.block,
                        figure(row.actual),
                        figure(row.one),
                        figure(row.rest),
                        exact(row.residue),
                        exact(row.masked),
                        percent(row.blocked),
                    )
                    for row in one.rows
                ],
            ),
        )
        for version, one in zip(("v1", "v2"), pair, strict=True)
    )
    rows = [{"version": "V2" if one.preactivation else "V1", **asdict(row)} for one in pair for row in one.rows]
    return tables + Markup(downloads(language, "identity-mappings", rows))


def network_choices(_: Site) -> list[tuple[str, str]]:
    return [(title(name), name) for name in NETWORKS]


PAGE = Page(
    "identity_mappings",
    compute,
    draw,
    controls=(radio("network", network_choices, "resnet56", label="residual.network"), seed()),
    outputs=(
        Output("answer"),
        chart("chart", "residual.identity_mappings.y"),
        Output("diagrams"),
        Output("numbers", folded=True),
    ),
    lane=MEASURED,
    code=(evaluate,),
    note="residual.identity_mappings.how",
    for_experts=True,
)
