"""Chromium's own requests, recorded once and sent again for any number of visitors.

A recording keeps what a page asked, in which order, and which answers it had by then. A replayed visitor has a session
and a photograph of its own; it asks nothing before it has the answers that the recorded page had.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page, Request

STREAMS = ("/queue/data", "/heartbeat/", "/upload_progress")
"""What a replayed visitor opens by itself, when it is needed."""
CONNECTIONS = 6
"""What a browser opens to one server, its streams among them."""
QUIET_MS = 3000
"""A page that waited for nothing and asked nothing for so long has what it wanted."""


@dataclass(eq=False)
class Recorded:
    """One request of the page; `after` counts the requests before it that had been answered when it was sent."""

    method: str
    path: str
    kind: str
    body: str
    after: tuple[int, ...] = ()

    @property
    def is_event(self) -> bool:
        return self.path.split("?")[0].endswith("/queue/join")

    @property
    def listener(self) -> int | None:
        """The index of the function that it runs."""
        return json.loads(self.body).get("fn_index") if self.body.startswith("{") else None


@dataclass
class Recording:
    """The requests of each step by its name, with the session and the uploaded files that stand in them."""

    session: str = ""
    steps: dict[str, list[Recorded]] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)


class Recorder:
    """Notes what a page asks: `step(name)` begins a part of the recording, `finish` waits until the page is quiet."""

    def __init__(self, page: Page) -> None:
        self.page, self.recording = page, Recording()
        self._current: list[tuple[Request, float]] = []
        self._ended: dict[Request, float] = {}
        self._last = time.monotonic()
        self._open: set[Request] = set()
        page.on("request", self._begun)
        page.on("requestfinished", self._done)
        page.on("requestfailed", self._done)

    def _begun(self, request: Request) -> None:
        self._last = time.monotonic()
        if request.url.startswith("http"):
            self._current.append((request, self._last))
            if "/heartbeat/" not in request.url:
                self._open.add(request)

    def _done(self, request: Request) -> None:
        self._last = self._ended[request] = time.monotonic()
        self._open.discard(request)
        if urlsplit(request.url).path.endswith("/upload"):
            self.recording.uploads += request.response().json()  # type: ignore[union-attr]

    def step(self, name: str, act: Callable[[], object]) -> None:
        """Does `act` and records all that the page asks until it is quiet."""
        self._current = []
        act()
        self._last = time.monotonic()
        while self._open or time.monotonic() - self._last < QUIET_MS / 1000:
            self.page.wait_for_timeout(100)
        kept = [(request, at) for request, at in self._current if not any(part in request.url for part in STREAMS)]
        self.recording.steps[name] = [
            self._recorded(request, [j for j, (other, _) in enumerate(kept) if self._ended.get(other, at) < at])
            for request, at in kept
        ]
        for one in self.recording.steps[name]:
            if found := re.search(r'"session_hash":"(\w+)"', one.body):
                self.recording.session = found[1]

    def _recorded(self, request: Request, after: list[int]) -> Recorded:
        address = urlsplit(request.url)
        upload = address.path.endswith("/upload")
        return Recorded(
            request.method,
            address.path + (f"?{address.query}" if address.query else ""),
            "upload" if upload else request.headers.get("content-type", ""),
            "" if upload else request.post_data or "",
            tuple(after),
        )


@dataclass
class Answers:
    """What a step brought: seconds, bytes on the wire, and what each listener returned, the last answer last."""

    seconds: float
    bytes: int
    values: dict[int, list[list[Any]]]


class Visitor:
    """One replayed page."""

    def __init__(self, url: str, recording: Recording, photograph: Path, warm: bool = False) -> None:
        self.recording, self.photograph, self.warm = recording, photograph, warm
        self.session = "".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=11))
        self.client = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(600),
            headers={"Accept-Encoding": "gzip"},
            limits=httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=2),
        )
        self._dependencies = {one["id"]: one for one in recording.config["dependencies"]}
        self._prefix = recording.config["api_prefix"]
        self._uploaded: dict[str, str] = {}
        self._left_to_upload: list[str] = []
        self._events: dict[str, asyncio.Future[Any]] = {}
        self._running: dict[int, asyncio.Future[Any]] = {}
        self._stream: asyncio.Task[None] | None = None
        self._heartbeat: asyncio.Task[None] | None = None
        self._bytes = 0

    async def step(self, name: str, started: float | None = None) -> Answers:
        """Sends the requests of a step; returns when the last one has been answered."""
        begun = time.monotonic() if started is None else started
        requests = self.recording.steps[name]
        ended = [asyncio.Event() for _ in requests]
        values: dict[int, list[list[Any]]] = {}
        self._bytes = 0

        async def send(index: int) -> None:
            request = requests[index]
            for earlier in request.after:
                await ended[earlier].wait()
            await self._causes(request, requests[:index], ended)
            try:
                await self._send(request, values)
            finally:
                ended[index].set()

        await asyncio.gather(*(send(index) for index in range(len(requests))))
        return Answers(time.monotonic() - begun, self._bytes, values)

    async def _causes(self, request: Recorded, before: list[Recorded], ended: list[asyncio.Event]) -> None:
        """A listener that follows another one, or the change of a value, waits for what brings it."""
        listener = self._dependencies.get(request.listener if request.listener is not None else -1)
        if listener is None:
            return
        changed = {target for target, event in listener["targets"] if event == "change"}
        for index, earlier in enumerate(before):
            other = self._dependencies.get(earlier.listener if earlier.listener is not None else -1)
            if other and (listener["trigger_after"] == other["id"] or changed & set(other["outputs"])):
                await ended[index].wait()

    async def _send(self, request: Recorded, values: dict[int, list[list[Any]]]) -> None:
        if request.kind == "upload":
            await self._upload(request)
            return
        if self.warm and request.method == "GET" and ("/assets/" in request.path or "/static/" in request.path):
            return
        body = request.body.replace(self.recording.session, self.session) if self.recording.session else request.body
        for recorded, own in self._uploaded.items():
            body = body.replace(recorded, own)
        path = request.path.replace(self.recording.session, self.session) if self.recording.session else request.path
        if "session_hash" in body and self._heartbeat is None:
            self._heartbeat = asyncio.create_task(self._listen(f"{self._prefix}/heartbeat/{self.session}"))
        answer = await self.client.request(
            request.method, path, content=body.encode() or None, headers={"Content-Type": request.kind or "text/plain"}
        )
        self._bytes += answer.num_bytes_downloaded
        answer.raise_for_status()
        listener = request.listener
        if request.is_event and listener is not None:
            values.setdefault(listener, []).append(await self._result(answer.json()["event_id"]))
        elif listener is not None:
            values.setdefault(listener, []).append(answer.json()["data"])

    async def _upload(self, request: Recorded) -> None:
        files = {"files": (self.photograph.name, self.photograph.read_bytes(), "image/png")}
        answer = await self.client.post(request.path.split("?")[0], files=files)
        answer.raise_for_status()
        if not self._left_to_upload:
            self._left_to_upload = list(self.recording.uploads)
        self._uploaded[self._left_to_upload.pop(0)] = answer.json()[0]

    async def _result(self, event: str) -> Any:
        """The data of a queued event, which come over the session's stream."""
        future = self._events.setdefault(event, asyncio.get_running_loop().create_future())
        if self._stream is None or self._stream.done():
            self._stream = asyncio.create_task(self._follow())
        return await future

    async def _follow(self) -> None:
        address = f"{self._prefix}/queue/data?session_hash={self.session}"
        async with self.client.stream("GET", address) as stream:
            async for line in stream.aiter_lines():
                self._bytes += len(line)
                if not line.startswith("data: "):
                    continue
                message = json.loads(line.removeprefix("data: "))
                if message["msg"] == "process_completed":
                    loop = asyncio.get_running_loop()
                    future = self._events.setdefault(message["event_id"], loop.create_future())
                    if not future.done():
                        future.set_result(message["output"].get("data", []))
                elif message["msg"] == "close_stream":
                    break
        if any(not future.done() for future in self._events.values()):  # asked while the stream was being closed
            self._stream = asyncio.create_task(self._follow())

    async def _listen(self, address: str) -> None:
        async with self.client.stream("GET", address) as stream:
            async for _ in stream.aiter_raw():
                pass

    async def leave(self) -> None:
        for task in (self._stream, self._heartbeat):
            if task is not None:
                task.cancel()
        await asyncio.gather(*filter(None, (self._stream, self._heartbeat)), return_exceptions=True)
        await self.client.aclose()


def output(answers: Answers, config: dict[str, Any], elem_id: str) -> Any:
    """The last value that a step gave to the component with this elem_id."""
    places = {
        one["id"] for one in config["components"] if one["props"].get("elem_id") == elem_id
    }  # one in each language
    found = None
    for dependency in config["dependencies"]:
        for index in (i for i, place in enumerate(dependency["outputs"]) if place in places):
            for data in answers.values.get(dependency["id"], []):
                value = data[index]
                found = value.get("value", found) if isinstance(value, dict) and "__type__" in value else value
    return found


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
