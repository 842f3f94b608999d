"""The Dockerfile, read."""

import re

from tests.helpers.running import ROOT


def instructions() -> list[tuple[str, str]]:
    """Its instructions with their arguments, continued lines joined and comments left out."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line.strip())]


def only(name: str) -> str:
    """The arguments of the one instruction of this name."""
    (found,) = [rest for one, rest in instructions() if one == name]
    return found
