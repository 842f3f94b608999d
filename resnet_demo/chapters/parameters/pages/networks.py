"""Whole networks: when, which idea, what it solved, how large, how good."""

from plotly.graph_objects import Figure

from resnet_demo.chapters.parameters.pages.charts import FAMILIES, scatter
from resnet_demo.chapters.parameters.timeline import TIMELINE, Known
from resnet_demo.kit.html import hint, html, summary
from resnet_demo.kit.page import Output, Page, chart, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

ACROSS = ("macs", "parameters", "year")
HEADS = ("network", "year", "idea", "solved", "parameters", "macs", "top1")
NO_FAMILY = "#64748b"
ELSEWHERE = {"lenet5": "mnist", "se_resnet50": "paper"}
"""What stands in the table for the accuracy that torchvision did not measure."""


def across_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"parameters.across.{name}"), name) for name in ACROSS]


def draw(across: str, language: str) -> tuple[str, Figure, str]:
    """The best and the largest network, the chart over `across`, and every network as a table."""
    look = summary(answer(language)) + hint(t(language, f"parameters.networks.look_{across}"))
    return look, accuracy_over(language, across), table(language)


def answer(language: str) -> str:
    """Which network is the most accurate, and how well the largest one does."""
    measured = [known for known in TIMELINE if known.top1 is not None]
    best, largest = max(measured, key=accuracy), max(measured, key=lambda known: known.parameters)
    values = {"best": best.title, "best_top1": accuracy(best), "best_parameters": f"{best.parameters:,}"}
    values |= {"largest": largest.title, "top1": accuracy(largest), "parameters": f"{largest.parameters:,}"}
    return t(language, "parameters.networks.answer", **values)


def accuracy_over(language: str, across: str) -> Figure:
    """Accuracy over `across`, for the networks that were measured by torchvision."""
    measured = [known for known in TIMELINE if known.top1 is not None]
    families = {family: t(language, f"parameters.family.{family}") for family in FAMILIES}
    labels = t(language, f"parameters.axis.{across}"), t(language, "parameters.axis.top1")
    return scatter(measured, {known.key: _hover(language, known) for known in measured}, across, *labels, families)


def _hover(language: str, known: Known) -> str:
    facts = t(
        language,
        "parameters.networks.hover",
        year=known.year,
        parameters=f"{known.parameters:,}",
        macs=f"{known.macs:,}",
        top1=accuracy(known),
    )
    idea = t(language, f"parameters.idea.{known.family}")
    return f"<b>{known.title}</b><br>{idea}<br>{facts}"


def table(language: str) -> str:
    """Every network of the timeline, with its idea and what that solved."""
    rows = [(known, FAMILIES.get(known.family, NO_FAMILY), accuracy(known), paper(known)) for known in TIMELINE]
    return html("chapters/parameters/pages/networks.html", language, heads=HEADS, rows=rows, elsewhere=ELSEWHERE)


def accuracy(known: Known) -> str:
    """Top-1 accuracy in percent; "" for the networks that were not measured by torchvision."""
    return "" if known.top1 is None else f"{known.top1:.3f}%"


def paper(known: Known) -> str:
    return f"arXiv {known.paper}" if known.paper[0].isdigit() else known.paper


PAGE = Page(
    "networks",
    lambda across: across,
    draw,
    controls=(radio("across", across_choices, ACROSS[0], label="parameters.across"),),
    outputs=(Output("look"), chart("chart", "parameters.networks.chart"), Output("table", folded=True)),
    note="parameters.networks.sources",
)
