"""What stands between the network and the app: the size of a request, headers for browsers, and passwords."""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resnet_demo.errors import DemoError
from resnet_demo.kit.text import preferred, t

LARGEST_MEGABYTES = 64
VARIABLE = "RESNET_DEMO_AUTH"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    # Frames are left alone: a Space, and a lesson that embeds a page, show the app in one.
    "Content-Security-Policy": "object-src 'none'; base-uri 'self'; form-action 'self'",
}


class Guard:
    """Adds the headers to every answer, and refuses a request whose body would fill the memory."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        stated = Headers(scope=scope).get("content-length", "0")
        if stated.isdecimal() and int(stated[:20]) > LARGEST_MEGABYTES * 10**6:
            refusal = _in_words(Request(scope), 413, "app.too_large", limit=LARGEST_MEGABYTES)
            await refusal(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)


def failed(request: Request, _: Exception) -> JSONResponse:
    """The answer to a request that led to an unexpected error, such as one for an endpoint that does not exist."""
    answer = _in_words(request, 500, "app.failed")
    answer.headers.update(HEADERS)  # it is sent from outside of the Guard
    return answer


def _in_words(request: Request, status: int, key: str, **values: object) -> JSONResponse:
    language = preferred(request.headers.get("accept-language", ""))
    return JSONResponse({"detail": t(language, key, **values)}, status)


def accounts(file: Path | None, variable: str) -> list[tuple[str, str]] | None:
    """Names and passwords from a file or from an environment variable's text; None where neither states any.

    Each line is "name:password". Raises DemoError, which never quotes a line.
    """
    if file is None:
        lines, source = variable.splitlines(), VARIABLE
    else:
        try:
            lines, source = file.read_text("utf-8").splitlines(), str(file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise DemoError("auth_unreadable", source=str(file), reason=reason) from error
    entries = [(number, line.partition(":")) for number, line in enumerate(lines, 1) if line.strip()]
    for number, (name, _, password) in entries:
        if not name or not password:
            raise DemoError("auth_line", number=number, source=source)
    if file is not None and not entries:
        raise DemoError("auth_empty", source=source)
    return [(name, password) for _, (name, _, password) in entries] or None
