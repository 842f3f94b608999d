"""A block as a short text, for links, scripts and the command line: "bottleneck,channels_in:256,width:64,norm:yes"."""

from resnet_demo.chapters.parameters.block_kinds import KINDS, SWITCHES, Block, block
from resnet_demo.errors import CountError

WORDS = {"yes": True, "no": False}


def read(text: str, **common: object) -> Block:
    """The block described by `text`: a kind, then settings as name:value.

    `common` settings apply where the text leaves them open and the kind has them. Raises CountError.
    """
    kind, *parts = text.split(",")
    settings = {name: setting for name, setting in common.items() if has(kind, name)}
    for part in parts:
        name, _, said = part.partition(":")
        settings[name] = _value(text, part, name, said)
    channels = settings.pop("channels_in", None)
    return block(kind, channels, **settings)  # type: ignore[arg-type]


def write(b: Block) -> str:
    """The text of a block with all settings of its kind; `read` is the inverse."""
    names = (*KINDS[b.kind].numbers, *SWITCHES, *(("shortcut",) if has(b.kind, "shortcut") else ()))
    return ",".join([b.kind, *(f"{name}:{_said(getattr(b, name))}" for name in names)])


def has(kind: str, name: str) -> bool:
    """Whether a kind of block has a setting. For an unknown kind this is True; reading it raises the error."""
    return kind not in KINDS or name in ("channels_in", "kernel", *SWITCHES, *KINDS[kind].fields)


def _said(setting: object) -> str:
    return {True: "yes", False: "no"}[setting] if isinstance(setting, bool) else str(setting)


def _value(text: str, part: str, name: str, said: str) -> object:
    if not part:
        raise CountError("count_notation_empty", text=text)
    if name == "shortcut":
        return said
    if name in SWITCHES and said in WORDS:
        return WORDS[said]
    try:
        return int(said)
    except ValueError:
        raise CountError("count_notation", part=part, text=text) from None
