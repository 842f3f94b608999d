"""Launching the app: theme, style, limits and the health check."""

import os
import socket
import sys
from collections.abc import Sequence
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

import gradio as gr
from fastapi.responses import JSONResponse
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.checkpoints.load import faults
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.kit.assets import stylesheet
from resnet_demo.kit.classroom import EVERYWHERE, address, qr_text
from resnet_demo.kit.frontend_files import FILES
from resnet_demo.kit.guard import LARGEST_MEGABYTES, VARIABLE, Guard, accounts, failed
from resnet_demo.kit.hosting import end, launch_until_stopped, observing, own_upload_folder
from resnet_demo.kit.image_input import THUMBNAILS
from resnet_demo.kit.languages import LanguageOfVisitor
from resnet_demo.kit.memory import DEFAULT, memory
from resnet_demo.kit.middleware import SharedPage
from resnet_demo.kit.offered_networks import Networks, answering
from resnet_demo.kit.own_networks import find_own
from resnet_demo.kit.request_log import start_log
from resnet_demo.models.device import choose_device
from resnet_demo.shell import CODE, build, head, theme

CLASSROOM_PORT = 7860
"""The same after a restart, so that the pages of a class find the app again."""


def _check(host: str | None) -> None:
    """Raises DemoError for an address that is not this machine's: Gradio would try a hundred ports of it in vain."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[:1]:
            with socket.socket(family, kind, protocol) as probe:
                probe.bind(address)
    except OSError as error:
        raise DemoError("host_missing", host=host, reason=error.strerror or error) from error


def _check_root_path(source: str, root_path: str | None) -> None:
    """Raises DemoError for what Gradio would join to its addresses without a slash."""
    if root_path and not root_path.startswith(("/", "http://", "https://")):
        raise DemoError("root_path", source=source, given=root_path)


async def healthz(request: Request) -> JSONResponse:
    """Whether the app is alive, or ready, too: a network has answered. `/healthz?ready` is 503 until then."""
    ready = answering.is_set()
    refused = "ready" in request.query_params and not ready
    return JSONResponse({"status": "ready" if ready else "alive"}, HTTPStatus.SERVICE_UNAVAILABLE if refused else 200)


def launch_options(language: str | None = None) -> dict[str, Any]:
    """What `launch` takes wherever the app is started; `language` fixes the first one, None follows the browser."""
    around = observing()
    return {
        "theme": theme(),
        "css": stylesheet(),
        "head": head(),
        "footer_links": ["api"],  # style.css hides the footer: `share` in shell.py links there in the site's language
        "max_file_size": f"{LARGEST_MEGABYTES}mb",  # our own message, at 20 MB, is clearer than the one this raises
        "app_kwargs": {
            **around,
            "routes": [Route("/healthz", healthz), FILES, THUMBNAILS, CODE],
            "middleware": [
                Middleware(Guard),
                *around["middleware"],
                Middleware(LanguageOfVisitor, fixed=language),
                Middleware(SharedPage),
            ],
            "exception_handlers": {Exception: failed},
        },
        "show_error": False,
        "ssr_mode": False,
    }


def _name_tools(demo: gr.Blocks) -> None:
    """An agent's tool is named as its endpoint is; Gradio takes the name of the function."""
    for listener in demo.fns.values():
        if listener.api_visibility == "public" and listener.fn and isinstance(listener.api_name, str):
            listener.fn.__name__ = listener.api_name


def _load_first(networks: Networks) -> None:
    """Loads the pair that everyone's first question is about."""
    for key in networks.keys[:2]:
        networks.get(key)


def serve(
    host: str | None,
    port: int | None,
    language: str | None,
    device: str,
    share: bool,
    max_memory: int = DEFAULT,
    quiet: bool = False,
    mcp: bool = False,
    weights: Sequence[str] = (),
    root_path: str | None = None,
    classroom: bool = False,
    auth_file: Path | None = None,
) -> None:
    """Builds and serves the app until it is stopped; with `mcp`, its endpoints are also tools for agents.

    `weights` are folders, files and Hub ids of networks of one's own; `root_path` is where a reverse proxy
    serves the app: "/resnet", or a whole address. With `classroom` the machines of the network are let in, and shown
    where. `auth_file` lists who may open the app. Shipped checkpoints that cannot be used are left out and named.
    Raises DemoError for a device, an address, weights, a file or a package that is not there, and for weights of one's
    own that cannot be used.
    """
    choose_device(device)
    if mcp and not find_spec("mcp"):
        raise DemoError("mcp_missing", version=gr.__version__)
    memory.limit(max_memory)
    start_log(quiet)
    if classroom:
        host, port = host or EVERYWHERE, port or CLASSROOM_PORT
    _check(host or os.environ.get("GRADIO_SERVER_NAME"))
    _check_root_path("--root-path", root_path)
    _check_root_path("GRADIO_ROOT_PATH", os.environ.get("GRADIO_ROOT_PATH"))
    auth = accounts(auth_file, os.environ.get(VARIABLE, ""))
    for fault in faults().values():
        print(f"Left out: {fault}", file=sys.stderr, flush=True)
    shipped = Networks(device)
    own = find_own(weights, shipped.keys)
    networks = Networks(device, own)
    if not networks.keys:
        raise CheckpointError("weights_none", folder=WEIGHTS.name)
    for one in own:
        classes = len(networks.get(one.key).classes)  # before the page opens: weights that do not fit end the start
        print(f"{one.key}: {networks.label(one.key)}, {classes} classes, from {one.weights}")
    with own_upload_folder():
        there = address(host, port) if classroom and port else None
        demo: gr.Blocks = build(device, own=own, address=there)
        _name_tools(demo)
        demo.queue(default_concurrency_limit=4)
        if there:
            print(f"{qr_text(there)}\nOn the same network, open {there}")
        Thread(target=_load_first, args=(networks,), daemon=True).start()
        options = {**launch_options(language), "mcp_server": mcp, "root_path": root_path}
        launch_until_stopped(demo, server_name=host, server_port=port, share=share, auth=auth, **options)
    end()
