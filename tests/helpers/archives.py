"""A stand-in for the server of Imagenette's archive on localhost, with a small generated archive."""

import hashlib
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from PIL import Image

COUNTS = {"n01440764": 3, "n03028079": 2}
"""Test photographs of each class: tenches and churches."""


def imagenette(folder: Path) -> Path:
    """`folder` as the archive unpacks: one training photograph of each class, and `COUNTS` test photographs."""
    for half, counts in (("train", dict.fromkeys(COUNTS, 1)), ("val", COUNTS)):
        for wnid, count in counts.items():
            (folder / half / wnid).mkdir(parents=True)
            for index in range(count):
                Image.new("RGB", (160, 170), (60 * index, 80, 120)).save(folder / half / wnid / f"{wnid}_{index}.JPEG")
    return folder


def archive(folder: Path) -> bytes:
    """imagenette2-160.tgz, made in `folder`."""
    path = folder / "made.tgz"
    with tarfile.open(path, "w:gz") as file:
        file.add(imagenette(folder / "made"), "imagenette2-160")
    return path.read_bytes()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@dataclass
class Server:
    """What is sent, of which only the first `cut` bytes where that is not None, with `status`; and what was asked."""

    content: bytes
    url: str = ""
    status: int = 200
    cut: int | None = None
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(content: bytes) -> Iterator[Server]:
    server = Server(content)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            server.asked.append(self.path)
            self.send_response(server.status)
            self.send_header("Content-Length", str(len(server.content)))
            self.end_headers()
            self.wfile.write(server.content[: server.cut])

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}/imagenette2-160.tgz"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)
