"""The comparison as an address: ?tab=calculator&a=bottleneck,channels_in:256,…&size=56&against=A."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from resnet_demo.anatomy.kinds import Block, count_of
from resnet_demo.anatomy.layers import LIMIT
from resnet_demo.anatomy.notation import read, write
from resnet_demo.errors import CountError
from resnet_demo.ui.calculator.cards import Counted
from resnet_demo.ui.calculator.columns import LETTERS
from resnet_demo.ui.text import t

LONGEST = 20
"""Characters of a size that are read: Python refuses numbers of thousands of digits, and nobody reads them."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for: map size, reference, and a block for each column, None for an unused one."""

    size: int
    against: str
    blocks: tuple[Block | None, ...]


def address(counts: Sequence[Counted], against: str) -> str:
    """The query of a link that opens the page with these columns."""
    columns = {LETTERS[i].lower(): write(c.block) for i, c in counts}
    return "?" + urlencode({"tab": "calculator", **columns, "size": counts[0][1].size, "against": against}, safe=",:")


def html(language: str, counts: Sequence[Counted], against: str) -> str:
    """The link, where there is anything to open."""
    if not counts:
        return ""
    href = escape(address(counts, against), quote=True)
    return f'<a href="{href}" target="_blank">{escape(t(language, "calculator.link"))}</a>'


def read_address(query: Mapping[str, str]) -> Asked | None:
    """Map size, reference and columns of an address; None where it names no column. Raises CountError."""
    texts = [query.get(letter.lower()) for letter in LETTERS]
    if not any(texts):
        return None
    size = query.get("size", "56")
    if not size.isdecimal() or len(size) > LONGEST:
        raise CountError(
            "count_link",
            "size = {value} in the link is no whole number from 1 to {high:,}. Leave it out, or put 56.",
            value=size if len(size) <= LONGEST else f"{size[:LONGEST]}…",
            high=LIMIT,
        )
    against = query.get("against", "A")
    blocks = tuple(read(text) if text else None for text in texts)
    return Asked(count_of("size", int(size)), against if against in LETTERS else LETTERS[0], blocks)
