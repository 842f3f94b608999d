"""Gradio's files as they are served: whole, in each encoding, and nothing from elsewhere."""

import gzip
from pathlib import Path

import brotli
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from resnet_demo.kit.frontend_files import FILES, FOLDER

SOME = [*FOLDER.glob("index-*.js"), *FOLDER.glob("index-*.css")][:6]
ELSEWHERE = ["nope.js", "..%2Findex.html", "%2Fetc%2Fpasswd", "..", "%2e%2e%2findex.html", "%00.js"]
CLIENT = TestClient(Starlette(routes=[FILES]))


def fetched(name: str, encoding: str) -> tuple[bytes, dict[str, str]]:
    """The body as it travels, and the headers."""
    with CLIENT.stream("GET", f"/assets/{name}", headers={"accept-encoding": encoding}) as answer:
        assert answer.status_code == 200
        return b"".join(answer.iter_raw()), dict(answer.headers)


@pytest.mark.parametrize(
    "path", [*FOLDER.glob("index-*.js"), *FOLDER.glob("index-*.css")][:6], ids=lambda one: one.name
)
def test_a_file_arrives_whole_in_every_encoding(path: Path) -> None:
    content = path.read_bytes()
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)):
        body, headers = fetched(path.name, encoding)
        assert unpack(body) == content
        assert headers.get("content-encoding", "identity") == encoding
        assert headers["content-length"] == str(len(body)) and headers["vary"] == "Accept-Encoding"
        assert "immutable" in headers["cache-control"]
        assert headers["content-type"].startswith(("text/javascript", "application/javascript", "text/css"))


def test_a_font_is_not_compressed_twice() -> None:
    path = next(FOLDER.glob("*.woff2"))
    body, headers = fetched(path.name, "gzip, br")
    assert body == path.read_bytes() and "content-encoding" not in headers


@pytest.mark.parametrize(
    "name", ["nope.js", "..%2Findex.html", "%2Fetc%2Fpasswd", "..", "%2e%2e%2findex.html", "%00.js"]
)
def test_only_gradios_own_files_are_there(name: str) -> None:
    assert CLIENT.get(f"/assets/{name}").status_code == 404
