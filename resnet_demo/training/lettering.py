"""Names drawn as they are: in fonts that have their characters, and never as formulas."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import matplotlib
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font


@contextmanager
def lettered(texts: Iterable[str]) -> Iterator[Callable[[str], str]]:
    """Fonts for `texts` while a figure is drawn and saved; yields what makes any of them drawable.

    Characters that no font of this machine has become escapes, as in \\u732b; `lacking` names them.
    """
    families, missing = _families(set("".join(texts)))
    table = {ord(c): c.encode("unicode_escape").decode() for c in missing}
    with matplotlib.rc_context({"font.family": families, "text.parse_math": False}):
        yield lambda text: text.translate(table)


def lacking(texts: Iterable[str]) -> str:
    """The characters of `texts` that no font of this machine has."""
    return "".join(sorted(c for c in _families(set("".join(texts)))[1] if c.isprintable()))


def _families(characters: set[str]) -> tuple[list[str], set[str]]:
    """Font families that together have the characters, Matplotlib's own first, and what none of them has."""
    own = FT2Font(findfont(FontProperties()))
    families, missing = [own.family_name], characters - set(map(chr, own.get_charmap()))
    for entry in sorted(fontManager.ttflist, key=_preference):
        if not any(c.isprintable() for c in missing) or entry.name.startswith("Last Resort"):  # boxes for everything
            continue
        found = missing & set(map(chr, FT2Font(entry.fname, face_index=entry.index).get_charmap()))
        if found:
            families.append(entry.name)
            missing -= found
    return families, missing


def _preference(entry: FontEntry) -> tuple[bool, bool, bool, str]:
    """Upright regular fonts come first, then those without serifs, then those that draw Chinese as in China."""
    regular = entry.style == "normal" and entry.weight == 400
    return not regular, "Sans" not in entry.name, "SC" not in entry.name.split(), entry.name
