"""The code behind a page: the very functions that compute its numbers, and where they lie."""

from collections.abc import Callable
from functools import partial
from html import escape
from inspect import getsource, getsourcefile, unwrap
from pathlib import Path
from typing import Any

from resnet_demo.kit.assets import PACKAGE
from resnet_demo.kit.text import t


def code_behind(function: Callable[..., Any]) -> tuple[str, str]:
    """The path below the repository, such as "resnet_demo/chapters/parameters/depth.py", and the function's source."""
    while isinstance(function, partial):
        function = function.func
    function = unwrap(function)
    path = Path(getsourcefile(function) or "").relative_to(PACKAGE.parent)
    return path.as_posix(), getsource(function)


def fold(language: str, place: str) -> str:
    """What shows the code of the page `place`, such as "parameters/heads", once it is unfolded: see access.js."""
    summary = escape(t(language, "page.code"))
    return f'<details class="code-behind" data-code="{place}"><summary>{summary}</summary></details>'
