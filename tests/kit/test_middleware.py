"""What surrounds Gradio's answers: compression, open pages, the files that are uploaded and used."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import brotli
import pytest
from starlette.types import Message, Receive, Scope, Send

from resnet_demo.kit.middleware import Compression, Observed, SharedPage
from resnet_demo.kit.uploads import Uploads
from resnet_demo.kit.visits import Visits

JOIN = "/gradio_api/queue/join"
UNPACK: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}


def served(
    app: Any,
    path: str,
    body: bytes = b"",
    method: str = "POST",
    parts: int = 1,
    query: str = "",
    auth: object = None,
    **headers: str,
) -> Any:
    """Status, headers and the pieces of the body that `app` answers; the question's body arrives in `parts`."""
    listeners = {3: SimpleNamespace(inputs=[SimpleNamespace(_id=11), SimpleNamespace(_id=12)])}
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "scheme": "http",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "app": SimpleNamespace(auth=auth, get_blocks=lambda: SimpleNamespace(fns=listeners)),
    }
    size = max(1, -(-len(body) // parts))
    pieces = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
    asked = iter([{"type": "http.request", "body": piece, "more_body": piece is not pieces[-1]} for piece in pieces])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(asked, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(app, scope, receive, send)
    names = {name.decode().lower(): value.decode() for name, value in sent[0].get("headers", [])}
    return SimpleNamespace(status=sent[0]["status"], headers=names, pieces=[message["body"] for message in sent[1:]])


def answering(*pieces: bytes, kind: str = "application/json", status: int = 200) -> Any:
    """An app that reads the whole question, keeps it in `.asked`, and answers the pieces."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        question = b""
        while (message := await receive())["type"] == "http.request":
            question += message["body"]
            if not message["more_body"]:
                break
        app.asked = question  # type: ignore[attr-defined]
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": piece is not pieces[-1]})

    return app


# ------------------------------------------------------------------------------------------------ compression


@pytest.mark.parametrize(("path", "kind"), [("/", "text/html"), ("/gradio_api/run/predict", "application/json")])
def test_the_page_and_answers_in_json_are_compressed(path: str, kind: str) -> None:
    text = b'{"data": ["the same words, "]}' * 500
    found = served(Compression(answering(text, kind=kind)), path, method="GET", accept_encoding="gzip, br")
    (piece,) = found.pieces
    assert (found.headers["content-encoding"], gzip.decompress(piece)) == ("gzip", text)
    assert len(piece) < len(text) / 20
    plain = served(Compression(answering(text, kind=kind)), path, method="GET")
    assert plain.pieces == [text] and "content-encoding" not in plain.headers


def test_a_page_in_two_pieces_is_compressed_as_a_whole() -> None:
    pieces = [b"<p>the same words</p>" * 500, b"<p>other words</p>" * 500]
    app = Compression(SharedPage(answering(*pieces, kind="text/html; charset=utf-8")))
    found = served(app, "/zh", method="GET", accept_encoding="gzip, br")
    (piece,) = found.pieces
    assert found.headers["content-encoding"] == "br" and found.headers["content-length"] == str(len(piece))
    assert brotli.decompress(piece) == b"".join(pieces)
    older = served(app, "/zh", method="GET", accept_encoding="gzip")
    assert older.headers["content-encoding"] == "gzip" and gzip.decompress(b"".join(older.pieces)) == b"".join(pieces)


def test_a_page_is_built_once_for_all_at_an_address() -> None:
    """Not for another address, encoding or path; nor behind a password, for a saved state, or where it failed."""
    built: list[str] = []

    def counting(status: int) -> Any:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            built.append(scope["path"])
            await answering(b"<p>" + str(len(built)).encode() * 2000, kind="text/html", status=status)(
                scope, receive, send
            )

        return SharedPage(app)

    def asked(
        app: Any, path: str = "/", encoding: str = "br", query: str = "", auth: object = None, **more: str
    ) -> int:
        before = len(built)
        found = served(app, path, method="GET", query=query, auth=auth, accept_encoding=encoding, host="one", **more)
        content = found.pieces[0] if not encoding else UNPACK[encoding](found.pieces[0])
        assert content.startswith(b"<p>") and len(content) > 2000
        return len(built) - before

    page = counting(200)
    assert [asked(page), asked(page), asked(page, query="tab=blocks")] == [1, 0, 0]
    assert [asked(page, encoding="gzip"), asked(page, encoding="gzip"), asked(page, encoding="")] == [1, 0, 1]
    assert [asked(page, "/zh"), asked(page, "/zh"), asked(page, x_forwarded_host="other")] == [1, 0, 1]
    assert [asked(page, query="deep_link=1"), asked(page, query="deep_link=1")] == [1, 1]
    assert [asked(page, auth={"a": "b"}), asked(page, auth={"a": "b"})] == [1, 1]
    upload = "/gradio_api/file=/tmp/gradio/notes.html"
    assert [asked(page, upload), asked(page, upload)] == [1, 1]
    failing = counting(500)
    assert [asked(failing), asked(failing)] == [1, 1]
    for number in range(100):
        asked(page, x_forwarded_host=str(number))
    assert len(page.kept) <= 32


def test_a_shared_page_keeps_its_own_headers() -> None:
    """What a middleware around it adds for one visitor is not sent to the next."""
    page = SharedPage(answering(b"<p>" * 500, kind="text/html"))

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-visitor", b"yes"))
            await send(message)

        await page(scope, receive, adding)

    for _ in range(3):
        assert served(around, "/", method="GET", accept_encoding="br").headers["x-visitor"] == "yes"
    ((start, _),) = page.kept.values()
    assert b"x-visitor" not in dict(start["headers"])


def test_a_stream_of_events_passes_piece_by_piece() -> None:
    pieces = [b"data: ALIVE\n\n" * 100, b"data: " + b"x" * 5000 + b"\n\n", b"data: last\n\n"]
    app = Compression(SharedPage(answering(*pieces, kind="text/event-stream; charset=utf-8")), minimum_size=1)
    found = served(app, "/gradio_api/queue/data", method="GET", accept_encoding="gzip, br")
    assert found.pieces == pieces and "content-encoding" not in found.headers


def test_files_are_left_to_gradios_own_compression() -> None:
    text = b"function () {}" * 500
    found = served(Compression(answering(text)), "/assets/index.js", method="GET", accept_encoding="gzip, br")
    assert found.pieces == [text] and "content-encoding" not in found.headers


# ------------------------------------------------------------------------------------------------ visits and uploads


class Notes(Uploads):
    """Uploads that note what they are told."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Visits())
        self.told: list[tuple[Any, ...]] = []

    def received(self, paths: Any) -> None:
        self.told.append(("received", *paths))

    def used(self, session: str, control: Any, path: str) -> None:
        self.told.append(("used", session, control, path))


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path)


def question(**fields: Any) -> bytes:
    return json.dumps({"fn_index": 3, "session_hash": "s1", "data": [], **fields}).encode()


def test_a_page_is_open_while_its_heartbeat_lasts(notes: Notes) -> None:
    visits = Visits()
    seen: list[bool] = []
    answer = answering(b"data: ALIVE\n\n")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(visits.is_open("s1"))
        await answer(scope, receive, send)

    served(Observed(app, visits, notes), "/gradio_api/heartbeat/s1", method="GET")
    assert seen == [True] and not visits.is_open("s1")


def test_uploaded_files_are_noted_from_the_answer(notes: Notes) -> None:
    app = Observed(answering(b'["/up/a1/ph', b'oto.jpg"]'), Visits(), notes)
    assert served(app, "/gradio_api/upload", b"bytes").pieces == [b'["/up/a1/ph', b'oto.jpg"]']
    assert notes.told == [("received", "/up/a1/photo.jpg")]


def test_a_refused_upload_is_not_noted(notes: Notes) -> None:
    assert served(Observed(answering(b"too large", status=413), Visits(), notes), "/gradio_api/upload").status == 413
    assert notes.told == []


@pytest.mark.parametrize("path", [JOIN, "/gradio_api/run/predict", "/gradio_api/api/predict/"])
@pytest.mark.parametrize("parts", [1, 3])
def test_a_file_that_a_page_uses_is_noted_with_its_control(notes: Notes, path: str, parts: int) -> None:
    app = answering(b"{}")
    body = question(data=["resnet18", {"path": "/up/a1/photo.jpg", "meta": {}}])
    assert served(Observed(app, Visits(), notes), path, body, parts=parts).status == 200
    assert notes.told == [("used", "s1", 12, "/up/a1/photo.jpg")]
    assert app.asked == body  # Gradio reads the same question


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"path": ',
        b'["path"]',
        b'"path"',
        question(data="path"),
        question(data=[{"path": 3}, {"path": None}]),
        question(data=[{"path": "x"}], fn_index=99),
        question(data=[{"path": "x"}], fn_index=["path"]),
        question(data=[{"path": "x"}], session_hash=None),
        question(data=[None, None, {"path": "beyond the inputs"}]),
        b"\xff\xfe" + question(data=[{"path": "x"}]),
    ],
)
def test_what_names_no_file_of_a_page_goes_on_to_gradio_as_it_is(notes: Notes, body: bytes) -> None:
    app = answering(b"{}")
    assert served(Observed(app, Visits(), notes), JOIN, body).status == 200
    assert (notes.told, app.asked) == ([], body)


def test_a_page_with_copies_hears_which_file_is_gone(notes: Notes) -> None:
    app = answering(b"{}")
    here = notes.folder / "a1" / "photo.jpg"
    here.parent.mkdir()
    here.write_bytes(b"pixels")
    gone = str(notes.folder / "b2" / "photo.jpg")
    body = question(data=[{"path": str(here)}, {"path": gone}])
    found = served(Observed(app, Visits(), notes), JOIN, body, x_keeps_copies="1")
    assert (found.status, json.loads(found.pieces[0])) == (410, {"gone": [gone]})
    assert notes.told == [] and not hasattr(app, "asked")
    assert served(Observed(app, Visits(), notes), JOIN, body).status == 200  # a script: our own message says it


def test_other_requests_pass_untouched(notes: Notes) -> None:
    app = answering(b"{}")
    asked: list[Callable[..., Any]] = []

    async def same(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(receive)
        await app(scope, receive, send)

    for method, path in (("GET", "/"), ("POST", "/login"), ("GET", "/gradio_api/upload_progress")):
        assert served(Observed(same, Visits(), notes), path, b"x", method=method).status == 200
    assert notes.told == [] and len(asked) == 3
