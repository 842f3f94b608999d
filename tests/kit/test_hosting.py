"""The running app from outside: what goes over the wire, its log, and its end."""

import http.client
import logging
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import gradio as gr
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from resnet_demo import serving
from resnet_demo.errors import DemoError
from resnet_demo.kit import request_log
from resnet_demo.kit.request_log import LoggedBlocks
from tests.helpers.refused import photograph
from tests.helpers.running import App, running

LINE = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d classify: waited \d+ ms, computed \d+ ms, ok$"


def answer(app: App, path: str, **headers: str) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=60)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return connection.getresponse(), connection


def test_the_page_travels_compressed(app: App) -> None:
    sizes = {}
    for kind in ("gzip", "identity"):
        found, _ = answer(app, "/", Accept_Encoding=kind)
        assert found.getheader("Content-Encoding") == (None if kind == "identity" else kind)
        sizes[kind] = len(found.read())
    assert sizes["gzip"] < sizes["identity"] / 3


def test_an_event_stream_arrives_as_it_is_sent(app: App) -> None:
    """The first piece of a stream that does not end is here at once, and nothing compresses it."""
    found, connection = answer(app, "/gradio_api/heartbeat/someone", Accept_Encoding="gzip")
    assert found.getheader("Content-Encoding") is None
    assert found.read(len("data: ALIVE\n\n")) == b"data: ALIVE\n\n"
    connection.close()


def test_a_request_leaves_one_line_without_names(app: App, tmp_path: Path) -> None:
    photograph().save(tmp_path / "anna.png")
    client = Client(app.url, verbose=False, analytics_enabled=False, download_files=str(tmp_path))
    before = len(re.findall(LINE, app.log, re.MULTILINE))
    client.predict(handle_file(str(tmp_path / "anna.png")), ["resnet18-imagenette"], "en", api_name="/classify")
    assert len(re.findall(LINE, app.log, re.MULTILINE)) == before + 1
    assert "anna" not in app.log


def test_sigterm_ends_the_app_within_five_seconds_and_leaves_no_upload(tmp_path: Path) -> None:
    """While a method of a minute runs."""
    photograph().save(tmp_path / "photo.png")
    uploads = tmp_path / "uploads"
    with running(uploads, "--device", "cpu") as app, ThreadPoolExecutor(1) as pool:
        client = Client(app.url, verbose=False, analytics_enabled=False, download_files=str(tmp_path))
        pair = ("resnet50-imagenette", "plain50-imagenette", "own", "layer4", "scorecam", "en")
        slow = pool.submit(client.predict, handle_file(str(tmp_path / "photo.png")), *pair, api_name="/compare_cam")
        while not list(uploads.rglob("photo.png")):
            time.sleep(0.1)
        time.sleep(1)
        started = time.monotonic()
        assert app.process is not None
        app.process.send_signal(signal.SIGTERM)
        assert app.process.wait(20) == 0
        assert time.monotonic() - started < 5
        assert slow.exception() is not None
        assert list(uploads.rglob("*.png")) == []
        assert "Traceback" not in app.log


def test_too_little_memory_is_refused() -> None:
    with pytest.raises(DemoError, match="^--max-memory 10: the app needs at least 1,200 megabytes.$"):
        serving.serve(None, None, None, "cpu", False, max_memory=10)


# ------------------------------------------------------------------------------------------------ the log


@pytest.fixture(scope="module")
def small() -> Iterator[Client]:
    """An app of one function for each way to end."""

    def count() -> Iterator[int]:
        for number in range(3):
            time.sleep(0.1)
            yield number

    def refuse() -> None:
        raise gr.Error("no")

    def fail() -> None:
        raise ZeroDivisionError

    with LoggedBlocks(analytics_enabled=False) as demo:
        number = gr.Number()
        for function in (count, refuse, fail):
            gr.on([], function, None, number, api_name=function.__name__)
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    yield Client(url, verbose=False, analytics_enabled=False)
    demo.close(verbose=False)


def lines(small: Client, monkeypatch: pytest.MonkeyPatch, api_name: str, quiet: bool = False) -> list[str]:
    request_log.start_log(quiet)
    told: list[str] = []
    (handler,) = request_log.log.handlers
    monkeypatch.setattr(handler, "emit", lambda record: told.append(handler.format(record)))
    try:
        small.predict(api_name=api_name)
    except AppError:
        told.append("raised")
    return told


def test_of_several_steps_the_last_leaves_the_line(small: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = lines(small, monkeypatch, "/count")
    found = re.fullmatch(r"\S+ \S+ count: waited (\d+) ms, computed (\d+) ms, ok", line)
    assert found and 300 <= int(found[2]) < 5000 and int(found[1]) < 5000


@pytest.mark.parametrize(("api_name", "result"), [("/refuse", "refused"), ("/fail", "failed")])
def test_how_it_ended(small: Client, monkeypatch: pytest.MonkeyPatch, api_name: str, result: str) -> None:
    line, raised = lines(small, monkeypatch, api_name)
    assert raised == "raised"
    assert re.search(rf"^\S+ \S+ {api_name[1:]}: waited \d+ ms, computed \d+ ms, {result}$", line)


def test_quiet(small: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(small, monkeypatch, "/count", quiet=True) == []
    assert request_log.log.level == logging.WARNING
