"""A block as a short text, for links, scripts and the command line: "bottleneck,channels_in:256,width:64,norm:yes"."""

from contextlib import suppress

from resnet_demo.chapters.parameters.block_kinds import KINDS, NUMBERS, SWITCHES, Block, block, count_of
from resnet_demo.errors import CountError

WORDS = {"yes": True, "no": False}


def read(text: str, **common: object) -> Block:
    """The block described by `text`: a kind, then settings as name:value.

    `common` settings apply where the text leaves them open and the kind has them. Raises CountError.
    """
    kind, said = settings(text)
    given = {name: setting for name, setting in common.items() if has(kind, name)}
    given |= {name: _value(text, name, setting) for name, setting in said.items()}
    channels = given.pop("channels_in", None)
    return block(kind, channels, **given)  # type: ignore[arg-type]


def settings(text: str) -> tuple[str, dict[str, str]]:
    """The kind that a text names, and its settings as they are written."""
    kind, *parts = text.split(",")
    return kind, dict(part.partition(":")[::2] for part in parts)


def write(b: Block) -> str:
    """The text of a block with all settings of its kind; `read` is the inverse."""
    names = (*KINDS[b.kind].numbers, *SWITCHES, *(("shortcut",) if has(b.kind, "shortcut") else ()))
    return ",".join([b.kind, *(f"{name}:{_said(getattr(b, name))}" for name in names)])


def has(kind: str, name: str) -> bool:
    """Whether a kind of block has a setting. For an unknown kind this is True; reading it raises the error."""
    return kind not in KINDS or name in ("channels_in", "kernel", *SWITCHES, *KINDS[kind].fields)


def _said(setting: object) -> str:
    return {True: "yes", False: "no"}[setting] if isinstance(setting, bool) else str(setting)


def _value(text: str, name: str, said: str) -> object:
    if not name and not said:
        raise CountError("count_notation_empty", text=text)
    if name == "shortcut":
        return said
    if name in SWITCHES and said in WORDS:
        return WORDS[said]
    if not said and name in NUMBERS:
        return count_of(name, None)
    if (number := _number(said)) is None:
        raise CountError("count_notation", part=f"{name}:{said}", text=text)
    return count_of(name, number) if name in NUMBERS else number


def _number(said: str) -> int | float | None:
    for kind in (int, float):
        with suppress(ValueError):
            return kind(said)
    return None
