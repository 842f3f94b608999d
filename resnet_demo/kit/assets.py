"""Stylesheets and scripts, read from beside the pages that use them."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def asset(path: str) -> str:
    """The text of a file of the package: `asset("kit/static/download.js")`."""
    return (PACKAGE / path).read_text("utf-8")


def stylesheet() -> str:
    """The style of the whole page: the kit's, then what each chapter adds to it."""
    found = (path for files in ("chapters/*/pages/*.css", "lesson/lesson.css") for path in PACKAGE.glob(files))
    own = sorted(path.relative_to(PACKAGE).as_posix() for path in found)
    return "\n".join(
        asset(path)
        for path in ("kit/static/style.css", "kit/static/glossary.css", *own, "kit/static/forced_colors.css")
    )
