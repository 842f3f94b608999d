"""What a Space is made of: the files that run, checked before they are uploaded."""

import re
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import metadata_load

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.card import checkpoints, read_card
from resnet_demo.checkpoints.load import read_tensors
from resnet_demo.errors import DemoError

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the project: README.md, app.py, this package and the weights."""

NEEDED = ("README.md", "app.py", "requirements.txt")
FOLDERS = {
    "resnet_demo": {".py", ".json", ".css", ".js", ".html", ".svg", ".png", ".jpg", ".webp", ".woff2", ".txt", ".md"},
    "weights": {".safetensors", ".json", ".md"},
}
"""The folders that are uploaded, and which of their files: no caches, no half-written weights, nothing hidden."""
OPTIONAL = ("LICENSE", "THIRD_PARTY.md")
PRELOADED = ("resnet18", "resnet50")
"""ImageNet's networks that a Space has from its first second."""
LARGEST = 1_000_000_000
"""Bytes that a Space may hold."""
PIN = re.compile(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+")
TOKEN = re.compile(r"\bhf_[A-Za-z0-9]{20,}")


@dataclass(frozen=True)
class File:
    """A file to upload: its path in the Space, and its size in bytes."""

    path: str
    size: int


def files(root: Path = ROOT) -> list[File]:
    """What is uploaded, by path: the files that run, and no others."""
    found = [root / name for name in (*NEEDED, *OPTIONAL) if (root / name).is_file()]
    for folder, kinds in FOLDERS.items():
        found += [
            path for path in (root / folder).rglob("*") if path.is_file() and _runs(path.relative_to(root), kinds)
        ]
    return [File(path.relative_to(root).as_posix(), path.stat().st_size) for path in sorted(found)]


def _runs(path: Path, kinds: set[str]) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    return not hidden and path.suffix in kinds and not path.stem.endswith(".state")


def check(root: Path = ROOT) -> list[File]:
    """The files to upload, after they were checked: all there, pinned, whole, small enough, and without a token.

    Raises DemoError or CheckpointError for the first thing that would keep the Space from running.
    """
    for name in NEEDED:
        if not (root / name).is_file():
            raise DemoError("space_missing", name=name, folder=str(root))
    pins = _pins(root / "requirements.txt")
    _front_matter(root / "README.md", pins)
    for path in checkpoints(root / "weights"):
        read_tensors(path, read_card(path)["sha256"])
    found = files(root)
    for file in found:
        _no_token(root / file.path)
    if (total := sum(file.size for file in found)) > LARGEST:
        raise DemoError("space_large", size=round(total / 1e6), limit=round(LARGEST / 1e6))
    return found


def preload() -> list[str]:
    """The front matter's `preload_from_hub`: repository, file and commit of each network in `PRELOADED`."""
    releases = [hub.imagenet(name) for name in PRELOADED]
    return [f"{release.repository} {hub.WEIGHTS_FILE} {release.revision}" for release in releases]


def _pins(path: Path) -> dict[str, str]:
    lines = [line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    for line in filter(None, lines):
        if not PIN.fullmatch(line):
            raise DemoError("space_pin", line=line)
    return dict(line.split("==") for line in filter(None, lines))


def _front_matter(path: Path, pins: dict[str, str]) -> None:
    """Raises DemoError where the block at the top of README.md does not describe this app."""
    stated = metadata_load(path) or {}
    expected = {
        "sdk": "gradio",
        "sdk_version": pins.get("gradio"),
        "app_file": "app.py",
        "preload_from_hub": preload(),
    }
    for line, value in expected.items():
        if stated.get(line) != value:
            raise DemoError("space_front_matter", line=line, found=stated.get(line), value=value)


def _no_token(path: Path) -> None:
    if path.suffix != ".safetensors" and TOKEN.search(path.read_text("utf-8", errors="replace")):
        raise DemoError("space_token", path=str(path))
