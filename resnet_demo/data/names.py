"""Names of files and folders: as text, as part of other names, and those that no person chose."""

import hashlib
import re
import unicodedata

SYSTEM_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "lost+found"}
SYSTEM_FILES |= {"$recycle.bin", "system volume information", "__pycache__"}
MAX_BYTES = 255
"""Of a file name, on nearly all file systems."""


def is_system_file(name: str) -> bool:
    """Whether a system or a program left this among a person's files: hidden, a backup, or one of `SYSTEM_FILES`.

    Hidden are `.ipynb_checkpoints`, `.thumbnails` and the `._photo.jpg` that macOS adds to archives.
    """
    return name.startswith(".") or name.endswith("~") or name.lower() in SYSTEM_FILES


def text_of(name: str) -> str:
    """A file name as one line of text, whatever bytes it has: control characters, and what is not UTF-8, as \\xNN.

    Archives from Chinese Windows have names in GBK.
    """
    return re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", name)


def composed(name: str) -> str:
    """The same text whichever system wrote it: macOS stores "é" as two characters."""
    return unicodedata.normalize("NFC", text_of(name))


def folded(name: str) -> str:
    """Without the differences between the names "English springer", "english_springer" and "English-Springer"."""
    return name.casefold().replace("_", " ").replace("-", " ").strip()


def stem_of(name: str, ending: str) -> str:
    """`name` with `ending`, which files of several suffixes share. A name that is too long is cut, and numbered."""
    room = MAX_BYTES - len(ending.encode()) - len(".json.partial")
    if len(name.encode()) <= room:
        return name + ending
    number = f"~{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return name.encode()[: room - len(number)].decode("utf-8", "ignore") + number + ending
