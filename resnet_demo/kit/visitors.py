"""Networks that visitors bring: each is seen by one visitor alone, and deleted after the visit.

A visitor has a folder under a token that cannot be guessed, and the keys of the visitor's networks end with that token.
The files are all that is kept: another process, such as ZeroGPU's, finds them by the key as well.
"""

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from resnet_demo.checkpoints.card import checkpoints, read_card
from resnet_demo.errors import CheckpointError
from resnet_demo.kit.display_names import TOKEN
from resnet_demo.kit.memory import CACHES, MB
from resnet_demo.kit.own_networks import OwnNetwork
from resnet_demo.kit.uploads import KEPT
from resnet_demo.training.history import write_atomically, write_json

MOST = 2
"""Networks of a visitor: a ResNet and its plain twin."""
ROOM = 4000 * MB
"""What the networks of all visitors may take on the disk."""


@dataclass(frozen=True)
class Brought:
    """A safetensors file with its card, and where the visitor has it from: a Hub id, or the name of a file."""

    weights: bytes = field(repr=False)
    card: dict[str, Any]
    source: str


@dataclass(frozen=True)
class Visitors:
    """The visitors of one running app. `secret` makes tokens of their sessions."""

    folder: Path
    secret: bytes = field(repr=False)

    @classmethod
    def expected(cls) -> "Visitors":
        """Nobody so far. The folder will lie among the uploads, and go with them when the app ends."""
        return cls(Path(get_upload_folder()) / f"networks-{secrets.token_hex(8)}", secrets.token_bytes(32))

    def token(self, session: str) -> str:
        return f"~{hashlib.blake2s(session.encode(), key=self.secret, digest_size=16).hexdigest()}"

    def networks(self, key: str) -> tuple[OwnNetwork, ...]:
        """Those of the visitor whose token is in `key`, the oldest first."""
        found = TOKEN.search(key)
        files = checkpoints(self.folder / found[0]) if found else []
        files.sort(key=lambda path: path.stat().st_mtime_ns)
        return tuple(self._network(path, read_card(path)) for path in files)

    @staticmethod
    def _network(path: Path, card: dict[str, Any]) -> OwnNetwork:
        return OwnNetwork(path.stem + path.parent.name, card["model"], str(path), card["brought"])

    def add(self, token: str, name: str, brought: Brought) -> OwnNetwork:
        """Keeps a network. Raises CheckpointError where there is no room for it."""
        taken = sum(path.stat().st_size for path in self.folder.rglob("*.safetensors"))
        if taken + len(brought.weights) > ROOM:
            raise CheckpointError("visitors_full", minutes=KEPT // 60)
        path = self.folder / token / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        card = {**brought.card, "brought": brought.source}
        write_json(path.with_suffix(".json"), card)
        write_atomically(path, brought.weights)
        return self._network(path, card)

    def drop(self, networks: Iterable[OwnNetwork]) -> None:
        """Deletes networks of one visitor, and all that is kept in memory of that visitor's."""
        for path in [Path(one.weights) for one in networks]:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
            _forget(path.parent.name)

    def sweep(self, open_sessions: Iterable[str]) -> None:
        """Forgets the visitors whose page has not been open for KEPT seconds."""
        here = {self.token(session) for session in open_sessions}
        for folder in self.folder.glob("~*"):
            if folder.name in here:
                os.utime(folder)
            elif time.time() - folder.stat().st_mtime >= KEPT:
                shutil.rmtree(folder, ignore_errors=True)
                _forget(folder.name)


def _forget(token: str) -> None:
    for cache in CACHES.values():
        cache.forget_made_of(token)
