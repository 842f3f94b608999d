"""Which address a visitor of `/` is sent to."""

from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from resnet_demo.kit.languages import LanguageOfVisitor


def served(fixed: str | None, root_path: str = "") -> TestClient:
    routes = [Route(path, lambda _: PlainTextResponse("here")) for path in ("/", "/zh", "/healthz")]
    app = Starlette(routes=routes, middleware=[Middleware(LanguageOfVisitor, fixed=fixed)])
    app.root_path = root_path  # type: ignore[attr-defined]
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize(
    ("fixed", "path", "query", "header", "expected"),
    [
        (None, "/", {}, "zh-CN,zh;q=0.9", "/zh"),
        (None, "/", {"tab": "blocks"}, "zh-CN", "/zh?tab=blocks"),
        (None, "/", {}, "fr-FR", None),
        (None, "/", {}, None, None),
        ("zh", "/", {}, "en-US", "/zh"),
        ("zh", "/", {"lang": "en"}, "zh-CN", None),
        (None, "/", {"lang": "zh", "tab": "gradcam"}, "en-US", "/zh?tab=gradcam"),
        (None, "/", {"lang": "klingon"}, "zh-CN", "/zh"),
        ("en", "/", {"lang": "<script>"}, "zh-CN", None),
        (None, "/zh", {}, "en-US", None),
        (None, "/zh", {"lang": "en", "tab": "blocks"}, "zh-CN", "/?lang=en&tab=blocks"),
        ("zh", "/healthz", {}, "zh-CN", None),
        (None, "/", {"page": "anything"}, "en-US", "/"),  # Gradio would answer with an error
        (None, "/zh", {"page": "anything", "tab": "blocks"}, "zh-CN", "/zh?tab=blocks"),
        (None, "/healthz", {"page": "anything"}, "en-US", None),
    ],
)
def test_where_a_visitor_is_sent(
    fixed: str | None, path: str, query: dict[str, str], header: str | None, expected: str | None
) -> None:
    headers = {"accept-language": header} if header else {}
    answer = served(fixed).get(f"{path}?{urlencode(query)}", headers=headers)
    assert answer.headers.get("location") == expected
    assert answer.status_code == (307 if expected else 200)


def test_behind_a_proxy_at_a_sub_path_the_visitor_stays_there() -> None:
    answer = served(None, "/demo").get("/", headers={"accept-language": "zh"})
    assert answer.headers["location"] == "/demo/zh"


def test_whoever_asks_for_the_headers_alone_waits_for_no_page() -> None:
    answer = served("zh").head("/")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (
        200,
        b"",
        "text/html; charset=utf-8",
    )
    assert served("zh").head("/healthz").headers["content-type"].startswith("text/plain")
