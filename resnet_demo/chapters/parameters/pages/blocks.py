"""Block against block: up to four columns, a chart, an equal budget, and the result to take along."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.chapters.parameters.block_kinds import Block
from resnet_demo.chapters.parameters.counting import BlockCount, count_block
from resnet_demo.chapters.parameters.exports import COLUMNS, WRITERS
from resnet_demo.chapters.parameters.notation import read, write
from resnet_demo.chapters.parameters.pages import equal_budget
from resnet_demo.chapters.parameters.pages.cards import MEASURES, Counted, answer, bars, cards, title
from resnet_demo.chapters.parameters.pages.columns import LETTERS, Columns, boxes
from resnet_demo.chapters.parameters.pages.presets import FIRST, PRESETS
from resnet_demo.kit.assets import asset
from resnet_demo.kit.html import summary
from resnet_demo.kit.listeners import AT_ONCE
from resnet_demo.kit.messages import attempt
from resnet_demo.kit.page import Built, Control, Output, Page, Preset, dropdown, radio, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

TEXTS = [letter.lower() for letter in LETTERS]
"""The controls that hold the blocks as text: in the address, and to be copied."""
LARGEST = 224
COMPARISONS = {name: dict(zip(TEXTS, (*texts, "", "", ""), strict=False)) for name, texts in PRESETS.items()}
LONGEST = 300
"""Characters of a block's text; the longest with all its settings at their largest has some 170."""
SCRIPT = asset("chapters/parameters/pages/columns.js")
TOLD = '() => JSON.parse(document.querySelector("#parameters-blocks-boxes .calc-columns").dataset.texts)'
EXPORT = {"lines": 8, "max_lines": 14, "interactive": False, "buttons": ["copy"]}
PRESSED = 'element.addEventListener("click", (event) => event.target.closest("button") && trigger("select"));'


@dataclass(frozen=True)
class Comparison:
    """Blocks as texts, "" for an unused column, what they cost, and what is asked of them."""

    texts: tuple[str, ...]
    columns: Columns
    against: str
    measure: str
    budget: equal_budget.Asked
    syntax: str

    @property
    def counts(self) -> list[Counted]:
        """Of the columns that can be counted, with their positions."""
        return [(i, one) for i, one in enumerate(self.columns) if isinstance(one, BlockCount)]

    @property
    def reference(self) -> Counted | None:
        return next((one for one in self.counts if LETTERS[one[0]] == self.against), None)


def compute(
    a: str, b: str, c: str, d: str, size: int, against: str, measure: str,
    change: str, variable: str, target: str, unit: str, syntax: str,
) -> Comparison:  # fmt: skip
    """The blocks' costs; a column that cannot be counted holds what is wrong with it."""
    texts = (a, b, c, d)
    budget = equal_budget.Asked(change, variable, target, unit)
    return Comparison(texts, [attempt(counted, text, size) for text in texts], against, measure, budget, syntax)


def counted(text: str, size: int) -> BlockCount | None:
    """What the block described by `text` costs. Raises CountError."""
    return count_block(read(text), size) if text else None


def draw(comparison: Comparison, language: str) -> tuple[Any, ...]:
    """The answer, the bars, the columns' boxes and their cards, the equal budget, and the comparison as text."""
    columns, counts, reference = comparison.columns, comparison.counts, comparison.reference
    return (
        summary(answer(language, columns, counts, reference, comparison.against)),
        bars(language, counts, reference, comparison.measure),
        boxes(language, comparison.texts, columns),
        cards(language, columns, reference),
        equal_budget.solution(language, columns, comparison.budget),
        exported(language, counts, reference, comparison.syntax),
    )


def exported(language: str, counts: list[Counted], reference: Counted | None, syntax: str) -> str:
    """The comparison as Markdown, LaTeX or CSV, in the visitor's language."""
    if not counts:
        return ""
    at = reference or counts[0]
    words = {name: t(language, f"parameters.export.{name}", reference=LETTERS[at[0]]) for name in COLUMNS}
    titles = [title(language, i, c.kind) for i, c in counts]
    return WRITERS[syntax]([c for _, c in counts], titles, words, counts.index(at))


def wire(built: Built) -> None:
    """What is set in the boxes becomes the blocks' texts, and so does the nearest number of the equal budget."""
    held = [built.controls[name] for name in TEXTS]
    built.outputs["boxes"].select(None, None, held, js=TOLD)  # type: ignore[attr-defined]
    built.outputs["budget"].select(fitted, built.inputs, held, trigger_mode="multiple", **AT_ONCE)  # type: ignore[attr-defined]


def fitted(*values: Any) -> list[str]:
    """The texts with the nearest number put into the block that is to change."""
    comparison = compute(*values)
    found = attempt(equal_budget.applied, comparison.columns, comparison.budget)
    put = {comparison.budget.change: write(found)} if isinstance(found, Block) else {}
    return [put.get(letter, text) for letter, text in zip(LETTERS, comparison.texts, strict=True)]


def letters(_: Site) -> list[tuple[str, str]]:
    return [(letter, letter) for letter in LETTERS]


def measures(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"parameters.chart.{measure}"), measure) for measure in MEASURES]


def syntaxes(_: Site) -> list[tuple[str, str]]:
    return [("Markdown", "markdown"), ("LaTeX", "latex"), ("CSV", "csv")]


def as_text(name: str) -> Control:
    """A block as text, to be read, changed and copied."""
    label = ("parameters.as_text", {"letter": name.upper()})
    first = COMPARISONS[FIRST][name]
    return Control(name, gr.Textbox, first, label=label, folded=True, options={"max_length": LONGEST, "min_width": 320})


PAGE = Page(
    "blocks",
    compute,
    draw,
    controls=(
        *(as_text(name) for name in TEXTS),
        slider("size", 1, LARGEST, 56, label="parameters.size", folded=True),
        radio("against", letters, "A", label="parameters.against"),
        radio("measure", measures, MEASURES[0], label="parameters.measure"),
        radio("change", letters, "B", label="parameters.change", folded=True),
        dropdown("variable", equal_budget.variables_to_change, "channels", label="parameters.variable", folded=True),
        radio("target", letters, "C", label="parameters.target", folded=True),
        radio("unit", equal_budget.units, "parameters", label="parameters.unit", folded=True),
        radio("syntax", syntaxes, "markdown", label="parameters.format", folded=True),
    ),
    outputs=(
        Output("answer"),
        Output("chart"),
        Output("boxes", options={"html_template": "", "js_on_load": SCRIPT}),
        Output("cards"),
        Output("budget", folded=True, options={"js_on_load": PRESSED}),
        Output("export", gr.Textbox, "parameters.export", folded=True, options=EXPORT),
    ),
    presets=tuple(Preset(name, f"parameters.preset.{name}", texts) for name, texts in COMPARISONS.items()),
    code=(count_block,),
    note="parameters.units",
    wire=wire,
)
