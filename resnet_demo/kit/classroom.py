"""A class that opens the app of its teacher's machine: which address that has, and its QR code."""

import io
import socket

import segno

from resnet_demo.errors import DemoError

EVERYWHERE = "0.0.0.0"
DOCUMENTATION = ("192.0.2.1", 9)
"""An address that no machine has (RFC 5737): nothing is sent to it."""


def address(host: str | None, port: int) -> str:
    """Where other machines of the network open the app that listens on `host` at `port`.

    Raises DemoError on a machine that is in no network.
    """
    if host and host != EVERYWHERE:
        return f"http://{host}:{port}/"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(DOCUMENTATION)
        except OSError as error:
            raise DemoError("classroom_network", reason=error.strerror or error) from error
        own: str = probe.getsockname()[0]
    return f"http://{own}:{port}/"


def qr_drawing(text: str, title: str) -> str:
    """The QR code of `text` as an SVG of no fixed size, dark on white as cameras expect it."""
    code = segno.make_qr(text)
    return code.svg_inline(light="#fff", omitsize=True, title=title, svgclass="qr")


def qr_text(text: str) -> str:
    """The QR code of `text` for a terminal."""
    drawn = io.StringIO()
    segno.make_qr(text).terminal(drawn, compact=True)
    return drawn.getvalue()
