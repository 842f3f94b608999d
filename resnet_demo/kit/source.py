"""The code behind a page: the very function that computes its numbers, and where it lies."""

from collections.abc import Callable
from functools import partial
from html import escape
from inspect import getsource, getsourcefile, unwrap
from pathlib import Path
from typing import Any

from resnet_demo.kit.assets import PACKAGE


def code_behind(function: Callable[..., Any]) -> tuple[str, str]:
    """The path below the repository, such as "resnet_demo/chapters/parameters/depth.py", and the function's source."""
    while isinstance(function, partial):
        function = function.func
    function = unwrap(function)
    path = Path(getsourcefile(function) or "").relative_to(PACKAGE.parent)
    return path.as_posix(), getsource(function)


def folded_code(title: str, function: Callable[..., Any]) -> str:
    """The function as a fold below `title`."""
    path, source = code_behind(function)
    return (
        f'<details class="code-behind"><summary>{escape(title)}</summary>'
        f'<p class="hint"><code>{escape(path)}</code></p>'
        f'<pre tabindex="0"><code>{escape(source)}</code></pre></details>'
    )
