"""What a process inherits need not fit: proxies, a notebook's drawing, folders of others, a user without a name."""

import getpass
import os
import pwd
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from gradio_client import Client, handle_file

from resnet_demo import environment
from resnet_demo.environment import SCHEMES, check_network, prepare_app, prepare_imports, prepare_process
from resnet_demo.errors import DemoError
from tests.helpers.refused import photograph
from tests.helpers.running import running

NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")
NAMELESS = Path(__file__).parent / "helpers" / "nameless.py"
pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No proxies and no folders to begin with; whatever is set is taken back."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.lower() in (*environment.PROXIES, "no_proxy") or name.startswith("GRADIO_"):
            del os.environ[name]
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield
    os.environ.clear()
    os.environ.update(before)


# ------------------------------------------------------------------------------------------------ proxies


def test_the_apps_own_address_is_never_asked_through_a_proxy() -> None:
    os.environ["http_proxy"] = "http://proxy.example:3128"
    prepare_app(None)
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == "127.0.0.1,localhost,::1"


def test_what_is_excepted_already_stays_so() -> None:
    os.environ["NO_PROXY"] = "intranet.example,localhost"
    prepare_app("192.168.1.5")
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == "intranet.example,localhost,127.0.0.1,::1,192.168.1.5"


def test_the_address_that_gradio_is_told_counts_too() -> None:
    os.environ |= {"GRADIO_SERVER_NAME": "10.0.0.7", "no_proxy": "*"}
    prepare_app(None)
    assert os.environ["no_proxy"] == "*,127.0.0.1,localhost,::1,10.0.0.7"


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ALL_PROXY", "socks://127.0.0.1:7890/", "socks5://127.0.0.1:7890/"),
        ("all_proxy", "SOCKS://name:secret@host:1080", "socks5://name:secret@host:1080"),
        ("ALL_PROXY", "socks5://127.0.0.1:7890", "socks5://127.0.0.1:7890"),
        ("https_proxy", "socks5h://[::1]:7890", "socks5h://[::1]:7890"),
        ("HTTP_PROXY", "127.0.0.1:7890", "127.0.0.1:7890"),
        ("https_proxy", "http://name:secret@proxy.example", "http://name:secret@proxy.example"),
        ("http_proxy", "", ""),
        ("FTP_PROXY", "ftp://host:21", "ftp://host:21"),
    ],
)
def test_proxies_that_can_be_used(variable: str, value: str, expected: str) -> None:
    os.environ[variable] = value
    check_network()
    assert os.environ[variable] == expected


@pytest.mark.parametrize(
    "value", ["socks4://127.0.0.1:7890", "ftp://host:21", "http://127.0.0.1:port", "http://", "http://host:99999", "["]
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(value: str) -> None:
    os.environ["ALL_PROXY"] = value
    words = "ALL_PROXY is not the address of a proxy that can be used. Give one that starts with http://, https://, so"
    with pytest.raises(DemoError, match=words) as caught:
        check_network()
    assert caught.value.values == {"variable": "ALL_PROXY", "schemes": ", ".join(f"{s}://" for s in SCHEMES)}


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_are_not_there_are_named(variable: str, tmp_path: Path) -> None:
    os.environ[variable] = str(tmp_path / "gone")
    with pytest.raises(DemoError, match=f"^{variable} names {tmp_path}/gone, which does not exist. Give the path of y"):
        prepare_app(None)
    (tmp_path / "gone").mkdir()
    prepare_app(None)


# ------------------------------------------------------------------------------------------------ ports


@pytest.mark.parametrize("variable", ["GRADIO_SERVER_PORT", "GRADIO_NUM_PORTS"])
@pytest.mark.parametrize("value", ["", "abc", "0", "65536", "7860.0", "٧"])
def test_a_number_that_gradio_cannot_read_is_refused(variable: str, value: str) -> None:
    os.environ[variable] = value
    with pytest.raises(DemoError, match=f"^{variable} = {value} cannot be used: enter a whole number from 1 to 65,535"):
        prepare_app(None)
    os.environ[variable] = "65535"
    prepare_app(None)


# ------------------------------------------------------------------------------------------------ folders


def test_uploads_lie_in_a_folder_of_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "gradio").mkdir(0o500)  # somebody else's
    prepare_app(None)
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    assert folder == tmp_path / f"gradio-{getpass.getuser()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    prepare_app(None)  # and the next time


def test_a_folder_that_is_given_is_kept(tmp_path: Path) -> None:
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path / "a" / "b")
    prepare_app(None)
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / "a" / "b") and (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("harm", ["another's", "a link", "a file", "given, a file"])
def test_a_folder_that_cannot_be_trusted_is_refused(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.environ["LOGNAME"] = "ada"
    folder = tmp_path / "gradio-ada"
    if harm == "another's":
        user = os.getuid() + 1
        monkeypatch.setattr(os, "getuid", lambda: user)
    elif harm == "a link":
        folder.symlink_to(tmp_path)
    else:
        folder.write_bytes(b"")
    if harm.startswith("given"):
        os.environ["GRADIO_TEMP_DIR"] = str(folder)
    with pytest.raises(DemoError, match=f"cannot be kept in {folder}: .* Set GRADIO_TEMP_DIR to one that is"):
        prepare_app(None)


# ------------------------------------------------------------------------------------------------ the user, drawing


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 4711"), OSError("No username set")])
def test_a_user_without_a_name_gets_one(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: int) -> None:
        raise error

    for name in NAMES:
        os.environ.pop(name, None)
    monkeypatch.setattr(pwd, "getpwuid", missing)
    prepare_imports()
    assert getpass.getuser() == os.environ["USER"] == f"user{os.getuid()}"


def test_a_user_with_a_name_keeps_it() -> None:
    os.environ["LOGNAME"] = "ada"
    before = os.environ.get("USER")
    prepare_imports()
    assert (getpass.getuser(), os.environ.get("USER")) == ("ada", before)


def test_figures_are_drawn_into_files_whatever_a_notebook_uses() -> None:
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    prepare_process()
    assert os.environ["MPLBACKEND"] == "agg"


# ------------------------------------------------------------------------------------------------ all at once


@contextmanager
def behind(url: list[str]) -> Iterator[str]:
    """A reverse proxy that serves the app at `url[0]` below the path /resnet; yields its own address."""
    direct = build_opener(ProxyHandler({}))

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
            assert self.path.startswith("/resnet")
            with suppress(OSError, HTTPException):  # the client is told that the app is alive for as long as it is
                request = Request(
                    url[0] + self.path.removeprefix("/resnet"), body, dict(self.headers), method=self.command
                )
                with direct.open(request, timeout=60) as answer:
                    self.send_response(answer.status)
                    for name in ("Content-Type", "Content-Encoding", "Set-Cookie"):
                        if name in answer.headers:
                            self.send_header(name, answer.headers[name])
                    self.end_headers()
                    self.wfile.write(answer.read())

        def do_POST(self) -> None:
            self.do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/resnet/"
    finally:
        server.shutdown()
        server.server_close()


def test_the_app_starts_whatever_it_inherits_and_answers_below_a_sub_path(tmp_path: Path) -> None:
    nowhere = "127.0.0.1:9"
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    (tmp_path / "gradio").write_bytes(b"")  # not to be written in, by anyone
    inherited = kept | {
        "http_proxy": f"http://{nowhere}",
        "ALL_PROXY": f"socks://{nowhere}",
        "MPLBACKEND": "module://no_such_notebook.backend_inline",
        "TMPDIR": str(tmp_path),
        "PYTHONUNBUFFERED": "1",
    }
    photograph(seed=0).save(tmp_path / "photo.png")
    with running(
        tmp_path, "--device", "cpu", "--root-path", "/resnet", program=(str(NAMELESS), "app.py"), inherited=inherited
    ) as app:
        assert "Traceback" not in app.log
        with behind([app.url]) as url:
            client = Client(url, verbose=False, analytics_enabled=False)
            found = client.predict(
                handle_file(str(tmp_path / "photo.png")), ["resnet18-imagenette"], "en", api_name="/classify"
            )
    assert found[0]["network"] == "resnet18"
