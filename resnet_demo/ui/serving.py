"""Launching the app: theme, style, limits and the health check."""

from typing import Any

import gradio as gr
from fastapi.responses import JSONResponse
from starlette.routing import Route

from resnet_demo.errors import CheckpointError
from resnet_demo.models.checkpoints import WEIGHTS
from resnet_demo.models.device import choose_device
from resnet_demo.ui.assets import stylesheet
from resnet_demo.ui.networks import Networks
from resnet_demo.ui.shell import build, theme

LARGEST_UPLOAD = "64mb"  # our own message, at 20 MB, is clearer than the one this raises


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


def serve(host: str | None, port: int | None, language: str | None, device: str, share: bool) -> None:
    """Builds and serves the app until it is stopped. Raises DemoError where a device or all weights are missing."""
    choose_device(device)
    if not Networks(device).keys:
        raise CheckpointError(
            "weights_none",
            "There are no trained networks in {folder}. Fetch that folder of the project again, or train: "
            "python -m resnet_demo train --mode compare --data-dir D --out weights.",
            folder=WEIGHTS.name,
        )
    demo: gr.Blocks = build(device, language)
    demo.queue(default_concurrency_limit=4)
    demo.launch(server_name=host, server_port=port, share=share, **launch_options())
