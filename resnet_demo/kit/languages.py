"""Which language a visitor is sent to: each has an address of its own."""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from resnet_demo.kit.text import LANGUAGES, preferred

GRADIOS = "page"
"""Gradio's own parameter, which it answers with an error for a page that it does not know."""


class LanguageOfVisitor:
    """Sends a visitor of `/` on to the address of their language, without Gradio's own parameter.

    The language is that of the address (`?lang=zh`), else `fixed`, else the browser's. The first language is served at
    `/` itself, and at the address of another language `?lang` leads back to it.
    """

    def __init__(self, app: ASGIApp, fixed: str | None = None) -> None:
        self.app = app
        self.fixed = fixed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answering(scope)(scope, receive, send)

    def _answering(self, scope: Scope) -> ASGIApp:
        if scope["type"] == "http" and scope["method"] == "GET" and (where := elsewhere(Request(scope), self.fixed)):
            return RedirectResponse(where)
        if scope["type"] == "http" and scope["method"] == "HEAD" and scope["path"] == "/":
            # Gradio asks itself for `/` at the start and gives up after 3 s, which a busy machine takes for the page.
            return Response(media_type="text/html")
        return self.app


def elsewhere(request: Request, fixed: str | None) -> str | None:
    """The address to go to, or None where the visitor is at the right one, or asks for something else."""
    first, *_ = LANGUAGES
    root = getattr(request.scope.get("app"), "root_path", "") or request.scope.get("root_path", "")
    path = request.url.path.removeprefix(root).strip("/")
    here = path or first
    if here not in LANGUAGES or (path and path == first):
        return None
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        there = asked
    elif path:
        there = here
    else:
        there = fixed or preferred(request.headers.get("accept-language", ""))
    if there == here and GRADIOS not in request.query_params:
        return None
    left_out = {GRADIOS} if there == first else {GRADIOS, "lang"}
    rest = urlencode([pair for pair in parse_qsl(request.url.query) if pair[0] not in left_out])
    return f"{root}/{'' if there == first else there}" + (f"?{rest}" if rest else "")
