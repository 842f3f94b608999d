"""What the browser is sent of an open block: small maps and texts. `inside_maps.js` draws them."""

from typing import Any

import numpy as np

from resnet_demo.chapters.blocks.activations import Map
from resnet_demo.chapters.blocks.pages.inside_measured import Opened
from resnet_demo.chapters.blocks.pages.inside_steps import small
from resnet_demo.chapters.blocks.pages.table_cells import shape
from resnet_demo.kit.display_names import title
from resnet_demo.kit.text import t

WORDS = ("hover", "channel", "pick", "no_channel")


def render(found: Opened, language: str) -> dict[str, Any]:
    """Maps by row and column, their one scale, and texts."""
    columns = _columns(found)
    limit = max(float(np.abs(one).max()) for maps in columns.values() for one in maps if one is not None)
    _, height, width = found.shape
    return {
        "texts": {word: t(language, f"blocks.maps.{word}") for word in WORDS},
        "columns": [{"key": key, "title": t(language, f"blocks.maps.{key}")} for key in columns],
        "signs": _signs(found),
        "facts": _facts(language, found),
        "notes": _notes(language, found),
        "channels": list(found.channels),
        "height": height,
        "width": width,
        "limit": limit,
        "first": found.first,
        "block": found.place,
        "maps": {key: [None if one is None else _rounded(one) for one in maps] for key, maps in columns.items()},
    }


def _columns(found: Opened) -> dict[str, Any]:
    """The maps in the order of the sum: x, F(x), the shortcut where there is one, the sum, and its ReLU."""
    columns: dict[str, Any] = {"x": found.x, "residual": found.residual}
    if found.shortcut is not None:
        columns |= {"shortcut": found.shortcut, "total": found.total}
    return columns if found.preactivation else {**columns, "output": found.output}


def _signs(found: Opened) -> list[str]:
    """What stands before each column."""
    sums = [] if found.shortcut is None else ["+", "="]
    return ["", "", *sums, *([] if found.preactivation else ["ReLU"])]


def _facts(language: str, found: Opened) -> str:
    return t(
        language,
        "blocks.maps.facts",
        network=title(found.network),
        block=found.block,
        shape=shape(found.shape),
        channels=len(found.channels),
    )


def _notes(language: str, found: Opened) -> list[str]:
    """What needs saying of this block, the check of its sum last."""
    notes = ["mixes"] if found.mixes else []
    notes += ["plain"] if found.shortcut is None else []
    said = [t(language, f"blocks.maps.{note}") for note in notes]
    if found.shortcut is not None:
        said.append(t(language, "blocks.maps.gap", gap=small(found.gap)))
    return said


def _rounded(one: Map) -> list[list[float]]:
    """Four digits are more than an eye tells apart."""
    digits = 4 - int(np.ceil(np.log10(max(float(np.abs(one).max()), 1e-6))))
    return np.round(one.astype(float), digits).tolist()
