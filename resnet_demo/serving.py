"""Launching the app: theme, style, limits and the health check."""

import socket
from collections.abc import Sequence
from typing import Any

import gradio as gr
from fastapi.responses import JSONResponse
from starlette.routing import Route

from resnet_demo.checkpoints.load import WEIGHTS
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.kit.assets import stylesheet
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.own_networks import find_own
from resnet_demo.models.device import choose_device
from resnet_demo.shell import build, theme

LARGEST_UPLOAD = "64mb"  # our own message, at 20 MB, is clearer than the one this raises


def _check(host: str | None) -> None:
    """Raises DemoError for an address that is not this machine's: Gradio would try a hundred ports of it in vain."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[:1]:
            with socket.socket(family, kind, protocol) as probe:
                probe.bind(address)
    except OSError as error:
        raise DemoError("host_missing", host=host, reason=error.strerror or error) from error


async def healthz(_: Any) -> JSONResponse:
    """200 once the page can be used: the route exists only when the app is served."""
    return JSONResponse({"status": "ok"})


def launch_options() -> dict[str, Any]:
    """What `launch` takes wherever the app is started."""
    return {
        "theme": theme(),
        "css": stylesheet(),
        "footer_links": ["api", "settings"],
        "max_file_size": LARGEST_UPLOAD,
        "app_kwargs": {"routes": [Route("/healthz", healthz)]},
        "show_error": False,
        "ssr_mode": False,
    }


def serve(
    host: str | None, port: int | None, language: str | None, device: str, share: bool, weights: Sequence[str] = ()
) -> None:
    """Builds and serves the app until it is stopped.

    `weights` are folders, files and Hub ids of networks of one's own. Raises DemoError for a device, an address or
    weights that are not there, and for weights that cannot be used.
    """
    choose_device(device)
    _check(host)
    shipped = Networks(device)
    own = find_own(weights, shipped.keys)
    networks = Networks(device, own)
    if not networks.keys:
        raise CheckpointError("weights_none", folder=WEIGHTS.name)
    for one in own:
        classes = len(networks.get(one.key).classes)  # before the page opens: weights that do not fit end the start
        print(f"{one.key}: {networks.label(one.key)}, {classes} classes, from {one.weights}")
    demo: gr.Blocks = build(device, language, own)
    demo.queue(default_concurrency_limit=4)
    demo.launch(server_name=host, server_port=port, share=share, **launch_options())
