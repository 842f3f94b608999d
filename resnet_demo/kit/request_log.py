"""One line for each request that was answered: when, what, how long it waited and computed, and how it ended.

    2026-01-31 09:00:00 classify: waited 4 ms, computed 38 ms, ok

No line says who asked, or what: no address, no name of a file.
"""

import asyncio
import logging
import time
from typing import Any

import gradio as gr

from resnet_demo.kit.received import Demo
from resnet_demo.kit.visitors import Visitors

log = logging.getLogger(__name__)


def start_log(quiet: bool) -> None:
    """Writes the lines to stderr, unless `quiet`."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    log.handlers = [handler]
    log.setLevel(logging.WARNING if quiet else logging.INFO)
    log.propagate = False


class LoggedBlocks(Demo):
    """The app with the log, and with the networks of its visitors."""

    visitors: Visitors

    async def process_api(self, block_fn: Any, *args: Any, **named: Any) -> dict[str, Any]:
        event = self._queue.event_ids_to_events.get(named.get("event_id") or "")
        started, result = time.monotonic(), "failed"
        try:
            answer = await super().process_api(block_fn, *args, **named)
            result = "" if answer["is_generating"] else "ok"  # of several steps the last one is told
            return answer
        except gr.Error:
            result = "refused"
            raise
        except asyncio.CancelledError:
            result = "cancelled"
            raise
        finally:
            if result:
                earlier = event.run_time if event else 0  # the steps before
                waited = started - event.enqueue_time - earlier if event else 0
                times = 1000 * waited, 1000 * (time.monotonic() - started + earlier)
                log.info("%s: waited %.0f ms, computed %.0f ms, %s", block_fn.api_name, *times, result)
