"""What happens to a request before and after Gradio: compression, shared pages, notes of who uses which file."""

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import brotli  # type: ignore[import-untyped]
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resnet_demo.kit.uploads import Uploads
from resnet_demo.kit.visits import Visits

HEARTBEAT = re.compile(r"/heartbeat/(?P<session>[^/]+)$")
EVENT = re.compile(r"/(queue/join|(run|api|call)/[^/]+)/?$")
QUALITY = 5
"""Of Brotli: the page's 1.2 MB become 115 kB in a quarter of a second; gzip leaves 158 kB."""
WHERE = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
"""The headers by which Gradio finds the address that it writes into the page."""
PAGES = 32
"""Pages that are kept: two languages, two encodings and a few addresses. 32 take 4 MB."""
COPIES = b"x-keeps-copies"
"""Header of pages that can send a file again; uploads.js sets it."""


class Compression(GZipMiddleware):
    """Compresses answers in JSON. Pages come compressed, and so do files, by their names."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        named = "." in scope.get("path", "")
        await (self.app if named else super().__call__)(scope, receive, send)


def compressed(page: bytes, encoding: str) -> bytes:
    """A page as "br" or "gzip"."""
    found: bytes = brotli.compress(page, quality=QUALITY) if encoding == "br" else gzip.compress(page, mtime=0)
    return found


def _is_page(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


def _address(scope: Scope) -> tuple[str, ...]:
    """What a page depends on; () for one that depends on more, behind a password or for a saved state.

    A visitor's file may be HTML, too: it is not a page, and must be gone once it is deleted.
    """
    if scope["app"].auth is not None or b"deep_link" in scope["query_string"] or "/gradio_api/" in scope["path"]:
        return ()
    headers = Headers(scope=scope)
    return (scope["scheme"], scope["path"], scope.get("root_path", ""), *(headers.get(name, "") for name in WHERE))


class SharedPage:
    """Compresses the page, and sends it to everybody at an address as it was built for the first one.

    Gradio would build it anew for each visitor, which takes 80 ms, and the result would be the same.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: dict[tuple[str, ...], tuple[Message, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = Headers(scope=scope).get("accept-encoding", "") if scope["type"] == "http" else ""
        encoding = next((one for one in ("br", "gzip") if one in accepted), "")
        if not encoding or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        address = _address(scope)
        if found := self.kept.get((encoding, *address)):
            await _send_page(send, *found)
            return
        start: Message = {}
        whole = b""

        async def held_back(message: Message) -> None:
            nonlocal start, whole
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif not start:
                await send(message)
            else:
                whole += message.get("body", b"")
            if start and message["type"] == "http.response.body" and not message.get("more_body"):
                headers, body = MutableHeaders(scope=start), compressed(whole, encoding)
                headers["content-encoding"], headers["content-length"] = encoding, str(len(body))
                headers.add_vary_header("Accept-Encoding")
                if address and start["status"] == 200:
                    if len(self.kept) >= PAGES:
                        self.kept.clear()
                    self.kept[(encoding, *address)] = start, body
                await _send_page(send, start, body)

        await self.app(scope, receive, held_back)


async def _send_page(send: Send, start: Message, body: bytes) -> None:
    """Others add to the headers on the way, so each answer has its own."""
    await send({**start, "headers": [*start["headers"]]})
    await send({"type": "http.response.body", "body": body})


class Observed:
    """Tells `visits` of open pages and `uploads` of the files that are received and used.

    A page that keeps copies of its files is answered 410 when one is gone, and sends it again.
    """

    def __init__(self, app: ASGIApp, visits: Visits, uploads: Uploads) -> None:
        self.app = app
        self.visits = visits
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if found := HEARTBEAT.search(path):
            with self.visits.visit(found["session"]):
                await self.app(scope, receive, send)
        elif scope.get("method") != "POST":
            await self.app(scope, receive, send)
        elif path.rstrip("/").endswith("/upload"):
            await self._upload(scope, receive, send)
        elif EVENT.search(path):
            await self._event(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads the paths in the answer."""
        status, content = 0, b""

        async def noting(message: Message) -> None:
            nonlocal status, content
            status = message.get("status", status)
            content += message.get("body", b"")
            if message["type"] == "http.response.body" and not message.get("more_body") and status == 200:
                self.uploads.received(json.loads(content))
            await send(message)

        await self.app(scope, receive, noting)

    async def _event(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads the paths in the question, then lets Gradio read it."""
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        files = dict(_files(scope, b"".join(message.get("body", b"") for message in messages)))
        gone = sorted({path for path in files.values() if self.uploads.gone(path)})
        if gone and COPIES in dict(scope["headers"]):
            await JSONResponse({"gone": gone}, 410)(scope, receive, send)
            return
        for (session, control), path in files.items():
            self.uploads.used(session, control, path)
        left = iter(messages)

        async def again() -> Message:
            return next(left, None) or await receive()

        await self.app(scope, again, send)


def _files(scope: Scope, body: bytes) -> Iterator[tuple[tuple[str, int], str]]:
    """(session, component) and path of every file among an event's inputs."""
    if b'"path"' not in body:
        return
    try:
        event: Any = json.loads(body)
    except ValueError:
        return  # Gradio says so
    if not isinstance(event, dict) or not isinstance(event.get("session_hash"), str):
        return
    index, data = event.get("fn_index"), event.get("data")
    listener = scope["app"].get_blocks().fns.get(index) if isinstance(index, int) else None
    if listener is None or not isinstance(data, list):
        return
    for component, value in zip(listener.inputs, data, strict=False):
        if isinstance(value, dict) and isinstance(value.get("path"), str):
            yield (event["session_hash"], component._id), value["path"]
