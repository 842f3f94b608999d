"""What the pages of the residual tab share: numbers as a person writes them, their openings, and downloads."""

import base64
import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from resnet_demo.ui.text import t

KEY = "residual"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
Rows = Sequence[Mapping[str, Any]]


def figure(value: float, digits: int = 4) -> str:
    """ "1.0", "−0.1", "5.92·10⁻³", "∞", "NaN": up to `digits` digits, and always one that shows it is no count."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    if value and abs(value) < 0.001:
        mantissa, _, exponent = f"{value:.{digits - 2}e}".partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    power = f"·10{str(int(exponent)).translate(SUPERSCRIPTS)}" if exponent else ""
    return (mantissa + power).replace("-", "−")


def exact(value: float, digits: int = 3) -> str:
    """A zero that was not rounded is written without a decimal."""
    return "0" if value == 0 else figure(value, digits)


def subscript(number: int) -> str:
    """ "₂₃" """
    return str(number).translate(SUBSCRIPTS)


def opening(language: str, page: str) -> str:
    """How a page of the tab opens: its own question, and what to look for."""
    question, look = t(language, f"{KEY}.{page}.question"), t(language, f"{KEY}.{page}.look")
    return f'<div class="intro sub"><h3>{escape(question)}</h3><p>{escape(look)}</p></div>'


def source(language: str, key: str, **values: object) -> str:
    """Where a statement comes from, in small print."""
    return f'<p class="hint">{escape(t(language, key, **values))}</p>'


def downloads(language: str, name: str, rows: Rows) -> str:
    """Links to the numbers as CSV and as JSON; the files travel in the links, so that nothing is left on a server."""
    files = {"csv": ("text/csv", as_csv(rows)), "json": ("application/json", as_json(rows))}
    links = "".join(
        f'<a download="resnet-{name}.{kind}" href="data:{mime};base64,{_packed(content)}">{kind.upper()}</a>'
        for kind, (mime, content) in files.items()
    )
    return f'<p class="downloads">{escape(t(language, f"{KEY}.download"))}{links}</p>'


def as_csv(rows: Rows) -> str:
    """With a header; NaN and infinities as "nan", "inf", "-inf", which Python, R and spreadsheets read."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def as_json(rows: Rows) -> str:
    return json.dumps(finite(list(map(dict, rows))), ensure_ascii=False, indent=1, allow_nan=False)


def finite(value: Any) -> Any:
    """`value` with NaN and infinities as words: JSON has no numbers for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


def _packed(content: str) -> str:
    return base64.b64encode(content.encode("utf-8")).decode("ascii")
