"""What the chapter shows, as an address: ?tab=parameters&a=bottleneck,channels_in:256,…&size=56&against=A."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

import gradio as gr

from resnet_demo.chapters.parameters.block_kinds import Block, count_of
from resnet_demo.chapters.parameters.notation import read, write
from resnet_demo.chapters.parameters.pages.cards import Counted
from resnet_demo.chapters.parameters.pages.columns import LETTERS
from resnet_demo.errors import CountError
from resnet_demo.kit.assets import asset
from resnet_demo.kit.text import t
from resnet_demo.models.layer_costs import LIMIT

LONGEST = 20
"""Characters of a value that are read: Python refuses numbers of thousands of digits, and nobody reads them."""
Query = Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """What an address asks for: map size, reference, and a block for each column, None for an unused one."""

    size: int
    against: str
    blocks: tuple[Block | None, ...]


def copies(button: gr.Button, link: gr.HTML) -> None:
    """A click on `button` copies the full address of `link`."""
    button.click(
        None,
        None,
        None,
        js=f'() => ({asset("chapters/parameters/pages/copy.js")})("#{button.elem_id}", "#{link.elem_id} a")',
    )


def number(query: Query, name: str, default: int, high: int = LIMIT) -> int:
    """A whole number of an address. Raises CountError."""
    said = query.get(name, str(default))
    if not said.isdecimal() or len(said) > LONGEST:
        raise CountError("count_link", name=name, value=_short(said), high=high, default=default)
    return int(said)


def _short(said: str) -> str:
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def address(**settings: object) -> str:
    """The query of a link that opens the chapter with these settings."""
    return "?" + urlencode({"tab": "parameters", **settings}, safe=",:")


def anchor(language: str, key: str, query: str) -> str:
    """A link with the words of `key`."""
    return f'<a href="{escape(query, quote=True)}" target="_blank">{escape(t(language, key))}</a>'


def html(language: str, counts: Sequence[Counted], against: str) -> str:
    """The link of the comparison, where there is anything to open."""
    if not counts:
        return ""
    columns = {LETTERS[i].lower(): write(c.block) for i, c in counts}
    return anchor(language, "parameters.link", address(**columns, size=counts[0][1].size, against=against))


def read_address(query: Query) -> Asked | None:
    """Map size, reference and columns of an address; None where it names no column. Raises CountError."""
    texts = [query.get(letter.lower()) for letter in LETTERS]
    if not any(texts):
        return None
    size = count_of("size", number(query, "size", 56))
    against = query.get("against", "A")
    blocks = tuple(read(text) if text else None for text in texts)
    return Asked(size, against if against in LETTERS else LETTERS[0], blocks)
