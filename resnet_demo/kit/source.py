"""The code behind a page: the very functions that compute its numbers, and where they lie."""

from collections.abc import Callable, Sequence
from functools import partial
from inspect import getsource, getsourcefile, unwrap
from pathlib import Path
from typing import Any

from markupsafe import Markup

from resnet_demo.kit.assets import PACKAGE
from resnet_demo.kit.html import html


def code_behind(function: Callable[..., Any]) -> tuple[str, str]:
    """The path below the repository, such as "resnet_demo/chapters/parameters/depth.py", and the function's source."""
    while isinstance(function, partial):
        function = function.func
    function = unwrap(function)
    path = Path(getsourcefile(function) or "").relative_to(PACKAGE.parent)
    return path.as_posix(), getsource(function)


def folded_code(language: str, functions: Sequence[Callable[..., Any]]) -> Markup:
    """The functions, folded."""
    return html("kit/code.html", language, functions=[code_behind(one) for one in functions])
