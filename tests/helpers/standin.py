"""A stand-in for the Hugging Face Hub on localhost: enough of its protocol for the real client, and what goes wrong."""

import base64
import hashlib
import json
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from huggingface_hub import constants

TOKEN = "hf_right"
IMAGENET = "timm/resnet18.tv_in1k"


@dataclass
class Repository:
    """Files by commit; `main` is the newest commit. A private one asks for `TOKEN`."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    private: bool = False

    def add(self, files: dict[str, bytes], gone: Collection[str] = ()) -> str:
        """A new commit of `files` over the newest one's without those that are `gone`; returns its hash."""
        newest = list(self.commits.values())[-1] if self.commits else {}
        content = {name: value for name, value in newest.items() if name not in gone} | files
        commit = hashlib.sha1(repr(sorted(content.items())).encode(), usedforsecurity=False).hexdigest()
        self.commits[commit] = content
        return commit


@dataclass
class Space(Repository):
    """A Space with its settings. `stages` are what its runtime answers, one each time, the last one again and again."""

    hardware: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    stages: list[str] = field(default_factory=lambda: ["BUILDING", "APP_STARTING", "RUNNING"])
    log: list[str] = field(default_factory=list)
    healthy: bool = True


@dataclass
class Hub:
    """What is served, and what happened.

    `status` is what it answers to everything, unless it is 0. `cuts` are byte counts after which the next downloads
    break off, one each. After `swallow` requests it answers nothing more, until that is None again. `pace` are the
    seconds that a tenth of a file takes. `seen` are the requests: method, path, and the headers of interest.
    `refuses` are answers to paths that end so: the status and the message.
    """

    url: str = ""
    elsewhere: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    status: int = 0
    cuts: list[int] = field(default_factory=list)
    swallow: int | None = None
    pace: float = 0
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)

    def downloads(self) -> list[dict[str, str]]:
        """The headers of each request to the content server."""
        return [headers for method, path, headers in self.seen if method == "GET" and path.startswith("/cdn/")]


@contextmanager
def asking(hub: Hub, cache: Path) -> Iterator[None]:
    """Points this process's client at the stand-in, with an empty cache, online and without a token."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "ENDPOINT": hub.url,
            "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_CACHE": str(cache),
            "HF_TOKEN_PATH": str(cache / "token"),
            "HF_HUB_OFFLINE": False,
            "HF_HUB_DISABLE_XET": True,  # the Hub's newer protocol of transfer needs its own servers
        }.items():
            patch.setattr(constants, name, value)
        patch.delenv("HF_TOKEN", raising=False)
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        yield


@contextmanager
def serving() -> Iterator[Hub]:
    """A stand-in until the block ends. Files come from `elsewhere`, another host name of the same machine."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    port = server.server_address[1]
    hub.url, hub.elsewhere = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def _note(self) -> None:
        kept = {name.lower(): value for name, value in self.headers.items()}
        self.hub.seen.append((self.command, self.path, {k: kept[k] for k in ("range", "authorization") if k in kept}))
        while self.hub.swallow is not None and len(self.hub.seen) > self.hub.swallow:
            threading.Event().wait(0.02)  # not time.sleep, which a test may take from the client

    def _say(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self._note()
        if self.hub.status:
            self._say(self.hub.status)
            return
        if self.path.startswith("/cdn/"):
            _, _, digest, file = self.path.split("/")
            self._send_blob(self.hub.blobs[digest], file)
            return
        if self.path.startswith("/api/spaces/"):
            self._space(self.path.split("?")[0].split("/", 3)[3])
            return
        if self.path.startswith("/api/"):
            self._say(404)
            return
        if self.path.startswith("/host/"):
            space = self.hub.repositories["/".join(self.path.split("/")[2:4])]
            self._say(200 if isinstance(space, Space) and space.healthy else 503)
            return
        owner, name, _, revision, file = self.path.strip("/").split("/", 4)
        repository = self.hub.repositories.get(f"{owner}/{name}")
        if repository is None or (repository.private and self.headers.get("Authorization") != f"Bearer {TOKEN}"):
            self._say(401 if repository else 404, X_Error_Code="RepoNotFound")
            return
        commit = list(repository.commits)[-1] if revision == "main" else unquote(revision)
        if commit not in repository.commits:
            self._say(404, X_Error_Code="RevisionNotFound")
        elif file not in repository.commits[commit]:
            self._say(404, X_Error_Code="EntryNotFound", X_Repo_Commit=commit)
        else:
            self._redirect(repository.commits[commit][file], commit, file)

    def _space(self, path: str) -> None:
        """What the client asks of a Space: what it is, its files, its runtime and its log."""
        owner, name, *rest = path.split("/")
        space = self.hub.repositories.get(f"{owner}/{name}")
        if not isinstance(space, Space):
            self._say(404, X_Error_Code="RepoNotFound")
            return
        commit, files = list(space.commits.items())[-1] if space.commits else ("", {})
        if not rest:
            siblings = [{"rfilename": file} for file in files]
            host = f"{self.hub.url}/host/{owner}/{name}"
            self._json({"id": f"{owner}/{name}", "private": space.private, "siblings": siblings, "host": host})
        elif rest[0] == "tree":
            self._json([{"type": "file", "path": file, "size": len(files[file]), "oid": "0"} for file in files])
        elif rest[0] == "runtime":
            stage = space.stages.pop(0) if len(space.stages) > 1 else space.stages[0]
            self._json({"stage": stage, "hardware": {"current": space.hardware}, "sha": commit})
        else:
            events = [
                f"data: {json.dumps({'data': line, 'timestamp': '2026-01-01T00:00:00.000Z'})}" for line in space.log
            ]
            self._say(200, "\n\n".join([*events, ""]).encode(), Content_Type="text/event-stream")

    def _redirect(self, content: bytes, commit: str, file: str) -> None:
        """As the Hub answers for a large file: its checksum and size, and where it lies."""
        digest = hashlib.sha256(content).hexdigest()
        self.hub.blobs.setdefault(digest, content)
        headers = {"X-Repo-Commit": commit, "X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content))}
        headers |= {"X-Xet-Hash": digest[::-1], "X-Xet-Refresh-Route": f"{self.hub.url}/nowhere"}
        self._say(302, Location=f"{self.hub.elsewhere}/cdn/{digest}/{file}", **headers)

    def _send_blob(self, content: bytes, file: str) -> None:
        """From the byte that was asked for; a cut closes the connection in the middle."""
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("Content-Disposition", f'inline; filename="{file}";')
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        end = start + self.hub.cuts.pop(0) if self.hub.cuts else len(content)
        step = max(1, len(content) // 10)
        for begin in range(start, end, step):
            self.wfile.write(content[begin : min(begin + step, end)])
            threading.Event().wait(self.hub.pace)
        self.close_connection = True

    def do_POST(self) -> None:
        self._note()
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._say(401, X_Error_Message="Invalid credentials in Authorization header")
            return
        body = self._body()
        path = self.path.split("?")[0]
        for end, (status, message) in self.hub.refuses.items():
            if path.endswith(end):
                self._say(status, X_Error_Message=message)
                return
        if path == "/api/validate-yaml":
            self._json({"errors": [], "warnings": []})
        elif path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            space = asked.get("type") == "space"
            made = Space(hardware=asked.get("hardware")) if space else Repository()
            made.private = asked.get("visibility") == "private"
            if isinstance(made, Space):
                made.variables = {entry["key"]: entry["value"] for entry in asked.get("variables", [])}
            self.hub.repositories.setdefault(name, made)
            self._json({"url": f"{self.hub.url}/{name}", "id": name})
        elif path.endswith(("/variables", "/hardware")):
            self._set("/".join(path.split("/")[3:5]), json.loads(body))
        elif path.endswith("/info/lfs/objects/batch"):
            found = [self._upload(wanted) for wanted in json.loads(body)["objects"]]
            self._json({"transfer": "basic", "objects": found})
        elif "/preupload/" in path:
            files = json.loads(body)["files"]
            modes = [("lfs" if f["path"].endswith(".safetensors") else "regular", f["path"]) for f in files]
            self._json({"files": [{"path": p, "uploadMode": mode, "shouldIgnore": False} for mode, p in modes]})
        else:
            self._commit("/".join(path.split("/")[3:5]), [json.loads(line) for line in body.splitlines()])

    def _set(self, name: str, asked: dict[str, str]) -> None:
        space = self.hub.repositories[name]
        assert isinstance(space, Space)
        if "flavor" in asked:
            space.hardware = asked["flavor"]
            self._json({"stage": "BUILDING", "hardware": {"requested": space.hardware}})
        else:
            space.variables[asked["key"]] = asked["value"]
            self._json({key: {"value": value} for key, value in space.variables.items()})

    def _upload(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return wanted | {"actions": {"upload": {"href": f"{self.hub.url}/upload/{wanted['oid']}"}}}

    def _commit(self, name: str, lines: list[dict[str, Any]]) -> None:
        files: dict[str, bytes] = {}
        gone = set()
        for line in lines:
            value = line["value"]
            if line["key"] == "deletedFile":
                gone.add(value["path"])
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.blobs[value["oid"]]
        commit = self.hub.repositories[name].add(files, gone)
        self._json({"commitUrl": f"{self.hub.url}/{name}/commit/{commit}", "commitOid": commit})

    def do_PUT(self) -> None:
        self._note()
        body = self._body()
        if self.path.endswith("/settings"):
            private = json.loads(body)["visibility"] == "private"
            self.hub.repositories["/".join(self.path.split("/")[3:5])].private = private
            self._json({})
            return
        self.hub.blobs[hashlib.sha256(body).hexdigest()] = body
        self._say(200)

    def _json(self, value: object) -> None:
        self._say(200, json.dumps(value).encode(), Content_Type="application/json")
