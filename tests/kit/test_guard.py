"""Between the network and the app: sizes, headers, passwords, and what a wrong address or body is answered."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from resnet_demo.errors import DemoError
from resnet_demo.kit.guard import HEADERS, accounts
from tests.helpers.hostile import nested
from tests.helpers.running import ROOT, App, running

API = "/gradio_api"
JSON = {"Content-Type": "application/json"}


def ask(
    app: App, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers (in small letters) of an answer."""
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=60)
    connection.request(method, path, body or None, headers or {})
    answer = connection.getresponse()
    found = answer.status, answer.read().decode("utf-8", "replace"), {k.lower(): v for k, v in answer.getheaders()}
    connection.close()
    return found


def call(app: App, endpoint: str, data: object) -> str:
    """What a script reads of a call: the event, and its data."""
    _, body, _ = ask(app, "POST", f"{API}/call/{endpoint}", json.dumps({"data": data}).encode(), JSON)
    return ask(app, "GET", f"{API}/call/{endpoint}/{json.loads(body)['event_id']}")[1]


@pytest.mark.parametrize("path", ["/", "/healthz", "/config", f"{API}/info", "/nothing"])
def test_every_answer_has_the_headers(app: App, path: str) -> None:
    _, _, headers = ask(app, "GET", path)
    assert {name: headers[name.lower()] for name in HEADERS} == HEADERS


def test_no_header_keeps_the_page_out_of_a_frame(app: App) -> None:
    """Spaces show it in one, under another name."""
    headers = ask(app, "GET", "/")[2]
    assert "x-frame-options" not in headers and "frame-ancestors" not in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{API}/call/nope", b'{"data": []}'),
        ("POST", f"{API}/call/v2/nope", b'{"a": 1}'),
        ("POST", f"{API}/call/v2/classify", b'{"zzz": 1}'),
        ("POST", f"{API}/call/classify", b"{"),
        ("POST", f"{API}/call/classify", b'{"data": 5}'),
        ("POST", f"{API}/call/classify", b"\xff\xfe"),
        ("POST", f"{API}/call/classify", json.dumps({"data": nested(900)}).encode()),
        ("POST", f"{API}/call/classify", b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        ("POST", f"{API}/call/classify", b'{"data": [' + b"9" * 5000 + b"]}"),
        ("POST", f"{API}/queue/join", b'{"data": [], "fn_index": 99999, "session_hash": "a"}'),
        ("POST", f"{API}/queue/join", b'{"data": [], "fn_index": "x", "session_hash": "a"}'),
        ("POST", f"{API}/upload", b"not a form"),
        ("GET", f"{API}/file=/etc/hostname", b""),
        ("GET", f"{API}/file=../../../../etc/hostname", b""),
        ("GET", f"{API}/file=%2e%2e/%2e%2e/etc/hostname", b""),
        ("GET", f"{API}/file={ROOT}/app.py", b""),
        ("GET", f"{API}/file=http://192.0.2.1/a.png", b""),
        ("GET", f"{API}/proxy=http://192.0.2.1/a.png", b""),
        ("GET", "/static/../../../../etc/hostname", b""),
        ("GET", "/?view=\x7f", b""),
    ],
)
def test_no_request_is_answered_with_a_trace_or_a_file(app: App, method: str, path: str, body: bytes) -> None:
    status, answer, _ = ask(app, method, path.replace("\x7f", "%7f"), body, JSON)
    hostname = Path("/etc/hostname").read_text("utf-8").strip()
    assert "Traceback" not in answer and 'File "' not in answer and "site-packages" not in answer
    assert answer.strip() != hostname and "argparse" not in answer
    if method == "POST" and status >= 400:
        assert json.loads(answer)["detail"]
    said = call(app, "residual_step", [2, 0.5, -0.1, 0, 0, "relu", "en"])
    assert said.startswith("event: complete") and '"out": 1.9' in said  # the next one works


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This request could not be answered. The endpoints and what they accept are listed at ?view=api."),
        ("zh-CN", "无法回应这个请求。可用的接口及其用法见 ?view=api。"),
    ],
)
def test_a_name_that_is_not_an_endpoint(app: App, language: str, said: str) -> None:
    status, answer, headers = ask(
        app, "POST", f"{API}/call/nope", b'{"data": []}', {**JSON, "Accept-Language": language}
    )
    assert (status, json.loads(answer)) == (500, {"detail": said})
    assert headers["x-content-type-options"] == "nosniff"


def test_a_body_that_is_too_large_is_not_read(app: App) -> None:
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=60)
    connection.putrequest("POST", f"{API}/call/classify")
    connection.putheader("Content-Length", str(64 * 10**6 + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())) == (
        413,
        {"detail": "This request is larger than 64 MB. Send less."},
    )
    connection.close()


def test_an_upload_is_handed_out_as_a_file_and_never_as_a_page(app: App) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.svg"\r\nContent-Type: image/svg+xml\r\n\r\n'
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>\r\n--x--\r\n'
    )
    _, answer, _ = ask(app, "POST", f"{API}/upload", body, {"Content-Type": "multipart/form-data; boundary=x"})
    (path,) = json.loads(answer)
    status, _, headers = ask(app, "GET", f"{API}/file={path}")
    assert status == 200 and headers["content-disposition"].startswith("attachment")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "accounts").write_text("teacher:with:colons\n\nclass:密码\n", "utf-8")
    with running(folder, "--device", "cpu", "--auth-file", str(folder / "accounts")) as app:
        yield app


def log_in(app: App, name: str, password: str) -> tuple[int, dict[str, str]]:
    form = urlencode({"username": name, "password": password}).encode()
    status, _, headers = ask(app, "POST", "/login", form, {"Content-Type": "application/x-www-form-urlencoded"})
    return status, headers


def test_a_password_keeps_the_app_closed(guarded: App) -> None:
    assert ask(guarded, "GET", "/config")[0] == 401
    assert ask(guarded, "POST", f"{API}/call/blocks", b'{"data": ["resnet18", 224, "en", null]}', JSON)[0] == 401
    assert ask(guarded, "POST", f"{API}/upload", b"", JSON)[0] == 401
    assert ask(guarded, "GET", "/healthz")[0] == 200
    for name, password in (("teacher", "wrong"), ("nobody", "with:colons"), ("teacher", ""), ("class", "with:colons")):
        assert log_in(guarded, name, password)[0] == (400 if password else 422)
    for name, password in (("teacher", "with:colons"), ("class", "密码")):
        status, headers = log_in(guarded, name, password)
        assert status == 200
        assert ask(guarded, "GET", "/config", headers={"Cookie": headers["set-cookie"].partition(";")[0]})[0] == 200
    assert "with:colons" not in guarded.log and "密码" not in guarded.log


def test_accounts_come_from_a_file_or_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "accounts"
    file.write_text("a:1\nb:2:3\n", "utf-8")
    assert accounts(file, "c:4") == [("a", "1"), ("b", "2:3")]  # what is given by name comes first
    assert accounts(None, "c:4\nd:5") == [("c", "4"), ("d", "5")]
    assert accounts(None, "") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a:1\nsecret\n", "Line 2 of {file} is not name:password. Write one name and password per line."),
        (b":secret", "Line 1 of {file} is not name:password."),
        (b"a:", "Line 1 of {file} is not name:password."),
        (b"\n \n", "{file} contains no name:password, so nobody could open the app."),
        (b"\xff\xfe", "The password file {file} cannot be read (UnicodeDecodeError)."),
        (None, "The password file {file} cannot be read (No such file or directory)."),
    ],
)
def test_a_file_of_passwords_that_cannot_be_used(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "accounts"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DemoError) as caught:
        accounts(file, "")
    assert str(caught.value).startswith(said.format(file=file)) and "secret" not in str(caught.value)
