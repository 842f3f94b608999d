"""Stylesheet and scripts, read from the package."""

from pathlib import Path

FOLDER = Path(__file__).parent / "static"


def asset(name: str) -> str:
    """The text of a file in `static`."""
    return (FOLDER / name).read_text("utf-8")


def stylesheet() -> str:
    """The style of the whole page: `style.css`, then what single tabs add to it."""
    own = sorted(path.name for path in FOLDER.glob("*.css") if path.name != "style.css")
    return "\n".join(asset(name) for name in ("style.css", *own))
