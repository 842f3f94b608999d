"""The life of the running app: what surrounds its requests, where uploads lie, and how it ends."""

import asyncio
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware

from resnet_demo.kit.memory import memory
from resnet_demo.kit.middleware import Compression, Observed
from resnet_demo.kit.uploads import Uploads
from resnet_demo.kit.visitors import Visitors
from resnet_demo.kit.visits import Sessions, Visits

GRACE = 3.0
"""Seconds that the open connections have to end."""
LEVEL = 5
"""Of the compression: 9 takes three times as long and saves 2 % more."""


INTERVAL = 30
"""Seconds between two looks at the visitors' files."""


@contextmanager
def own_upload_folder() -> Iterator[None]:
    """A folder for this process's uploads, in the one that GRADIO_TEMP_DIR names; it goes with the process."""
    given = os.environ.get("GRADIO_TEMP_DIR")
    if given:
        Path(given).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="resnet-demo-", dir=given, ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        try:
            yield
        finally:
            if given is None:
                del os.environ["GRADIO_TEMP_DIR"]
            else:
                os.environ["GRADIO_TEMP_DIR"] = given


def observing() -> dict[str, Any]:
    """The app's middleware, and what goes on beside the requests."""
    visits = Visits()
    folder = Path(get_upload_folder()).resolve()
    uploads = Uploads(folder, visits)

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        demo = app.get_blocks()
        app.state_holder = Sessions(visits, demo)
        watching = asyncio.create_task(_sweep(uploads, demo.visitors, visits))
        yield
        watching.cancel()

    return {
        "middleware": [
            Middleware(Compression, minimum_size=1000, compresslevel=LEVEL),
            Middleware(Observed, visits=visits, uploads=uploads),
        ],
        "lifespan": lifespan,
    }


async def _sweep(uploads: Uploads, visitors: Visitors, visits: Visits) -> None:
    """For ever."""
    while True:
        await asyncio.sleep(INTERVAL)
        uploads.sweep()
        visitors.sweep(visits.open)


def launch_until_stopped(demo: gr.Blocks, **options: Any) -> None:
    """Serves until SIGTERM or Ctrl-C, then closes the pages' connections, within seconds."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    demo.launch(prevent_thread_lock=True, state_session_capacity=memory.sessions, **options)
    try:
        while True:
            time.sleep(1)  # not without end: Windows would not hear Ctrl-C
    except (KeyboardInterrupt, SystemExit):
        closing = threading.Thread(target=demo.close, daemon=True)
        closing.start()
        closing.join(GRACE)


def end() -> None:
    """Ends the process at once: Python would first wait for every computation that is still running."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
