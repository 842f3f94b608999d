"""Measured numbers as files that a visitor saves."""

import base64
import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from resnet_demo.kit.text import t

Rows = Sequence[Mapping[str, Any]]


def downloads(language: str, name: str, rows: Rows) -> str:
    """Links to the numbers as CSV and as JSON; the files travel in the links, so that nothing is left on a server."""
    files = {"csv": ("text/csv", as_csv(rows)), "json": ("application/json", as_json(rows))}
    links = "".join(
        f'<a download="resnet-{name}.{kind}" href="data:{mime};base64,{_packed(content)}">{kind.upper()}</a>'
        for kind, (mime, content) in files.items()
    )
    return f'<p class="downloads">{escape(t(language, "download.numbers"))}{links}</p>'


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
    """`value` for JSON, which has no NaN and no infinity: they become "nan", "inf" and "-inf"."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


def _packed(content: str) -> str:
    return base64.b64encode(content.encode("utf-8")).decode("ascii")
