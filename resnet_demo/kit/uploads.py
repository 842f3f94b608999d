"""The visitors' files: kept while an open page shows them and for ten minutes after, then deleted."""

import os
import time
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from pathlib import Path

from resnet_demo.kit.visits import Visits

KEPT = 600
"""Seconds that a file outlives its last use."""


class Uploads:
    """The uploaded files. Equal files are one: it stays as long as any page shows it.

    Everything happens in the server's event loop, and so does Gradio's receiving of a file: there is nothing to lock.
    """

    def __init__(self, folder: Path, visits: Visits, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._visits = visits
        self._clock = clock
        self._used: dict[Path, float] = {}
        self._shown: dict[tuple[str, Hashable], Path] = {}

    def received(self, paths: Iterable[str]) -> None:
        """These files were uploaded, perhaps once more."""
        self._used |= dict.fromkeys(map(Path, paths), self._clock())

    def used(self, session: str, control: Hashable, path: str) -> None:
        """The page of `session` shows the file in one of its controls, in place of the one before."""
        self._touch(session, control)
        self._shown[session, control] = Path(path)
        self._touch(session, control)

    def _touch(self, session: str, control: Hashable) -> None:
        path = self._shown.get((session, control))
        if path in self._used:
            self._used[path] = self._clock()

    def sweep(self) -> None:
        """Deletes what has not been used for KEPT seconds."""
        for session, control in self._shown:
            if self._visits.is_open(session):
                self._touch(session, control)
        for path in [path for path, last in self._used.items() if self._clock() - last >= KEPT]:
            del self._used[path]
            path.unlink(missing_ok=True)
            with suppress(OSError):  # another file of the same content under another name
                path.parent.rmdir()
        self._shown = {place: path for place, path in self._shown.items() if path in self._used}
        for part in self.folder.iterdir():
            if part.is_file() and self._clock() - part.stat().st_mtime >= KEPT:  # of an upload that was broken off
                part.unlink(missing_ok=True)

    def gone(self, path: str) -> bool:
        """Whether this is the path of an upload that was deleted."""
        return path.startswith(f"{self.folder}{os.sep}") and not os.path.exists(path)
