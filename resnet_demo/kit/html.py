"""HTML from templates that lie beside the pages: what is put in is escaped, unless it is HTML already."""

from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from resnet_demo.kit.assets import PACKAGE
from resnet_demo.kit.text import t


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def html(template: str, language: str, **values: Any) -> Markup:
    """The file `template` of the package, such as "chapters/parameters/pages/heads.html", filled in.

    A template has `t(key, **values)`, in `language`. Raises UndefinedError for a value that was not given.
    """
    made = _environment().get_template(template)
    return Markup(made.render(values, t=partial(t, language), language=language))


def summary(words: object) -> Markup:
    """The answer of a page, in a sentence."""
    return Markup('<p class="summary">{}</p>').format(words)


def way_on(words: object, chapter: str) -> Markup:
    """A link to another chapter, which opens as its tab would."""
    return Markup('<p><a href="?tab={chapter}" data-go="{chapter}">{words} →</a></p>').format(
        words=words, chapter=chapter
    )


def hint(words: object) -> Markup:
    """Small print: how it was measured, or where a statement comes from."""
    return Markup('<p class="hint">{}</p>').format(words)


def measured(heads: Iterable[object], rows: Iterable[Sequence[object]]) -> Markup:
    """A table of measurements; the first cell of a row names it."""
    head = Markup("").join(Markup("<th>{}</th>" if one else "<td></td>").format(one) for one in heads)
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            name, Markup("").join(Markup("<td>{}</td>").format(cell) for cell in cells)
        )
        for name, *cells in rows
    )
    table = '<div class="scroll"><table class="measured"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    return Markup(table).format(head, body)
