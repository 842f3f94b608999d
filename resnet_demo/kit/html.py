"""HTML from templates that lie beside the pages: what is put in is escaped, unless it is HTML already."""

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


def html(template: str, language: str, **values: Any) -> str:
    """The file `template` of the package, such as "chapters/parameters/pages/heads.html", filled in.

    A template has `t(key, **values)`, in `language`. Raises UndefinedError for a value that was not given.
    """
    made = _environment().get_template(template)
    return Markup(made.render(values, t=partial(t, language), language=language))
