"""Two trunks, two heads: what flattening costs, and what global average pooling saves."""

from dataclasses import dataclass

from plotly.graph_objects import Figure

from resnet_demo.chapters.parameters.heads import HEADS, TRUNKS, HeadCount, head
from resnet_demo.chapters.parameters.pages.cards import maths
from resnet_demo.chapters.parameters.pages.charts import lines_over_size
from resnet_demo.kit.html import html, summary
from resnet_demo.kit.page import Output, Page, chart, number, slider
from resnet_demo.kit.text import t

SMALLEST, LARGEST = 32, 512
SIZES = range(SMALLEST, LARGEST + 1, 16)
FAMILIES = {"vgg16": "plain", "resnet50": "residual"}
TITLES = {"vgg16": "VGG-16", "resnet50": "ResNet-50"}
OWN = {("vgg16", "flatten"), ("resnet50", "gap")}


@dataclass(frozen=True)
class Heads:
    """Either head on either trunk, for one size of picture."""

    size: int
    hidden: int
    classes: int
    counts: tuple[HeadCount, ...]


def compute(size: int, hidden: int, classes: int) -> Heads:
    """Raises CountError."""
    return Heads(
        size, hidden, classes, tuple(head(trunk, kind, size, hidden, classes) for trunk in TRUNKS for kind in HEADS)
    )


def draw(heads: Heads, language: str) -> tuple[str, Figure, str]:
    """What either network's own head costs; the four heads as lines over the size of the input, and as cards."""
    flatten, pooled = (count.parameters for count in heads.counts if (count.trunk, count.head) in OWN)
    numbers = {"flatten": f"{flatten:,}", "gap": f"{pooled:,}", "times": f"{flatten / pooled:,.1f}"}
    answer = summary(t(language, "parameters.heads.answer", size=heads.size, **numbers))
    cards = html(
        "chapters/parameters/pages/heads.html",
        language,
        heads=[(FAMILIES[c.trunk], title(language, c), (c.trunk, c.head) in OWN, c) for c in heads.counts],
        maths=maths,
    )
    lines = {
        title(language, c): [head(c.trunk, c.head, s, heads.hidden, heads.classes).parameters for s in SIZES]
        for c in heads.counts
    }
    rounds_up = [TRUNKS[c.trunk].rounds_up for c in heads.counts]
    labels = t(language, "parameters.heads.size"), t(language, "parameters.axis.parameters")
    return answer, lines_over_size(lines, SIZES, rounds_up, heads.size, *labels), cards


def title(language: str, count: HeadCount) -> str:
    return f"{TITLES[count.trunk]} + {t(language, f'parameters.heads.{count.head}')}"


PAGE = Page(
    "heads",
    compute,
    draw,
    controls=(
        slider("size", SMALLEST, LARGEST, 224),
        number("hidden", 4096, label="parameters.field.hidden"),
        number("classes", 1000, label="parameters.field.classes"),
    ),
    outputs=(Output("answer"), chart("chart", "parameters.heads.chart"), Output("table")),
    code=(head,),
    note="parameters.heads.note",
)
