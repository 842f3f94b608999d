"""How listeners run: quietly, past the queue, in the lane of the networks."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

QUIETLY: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "show_progress_on": []}
"""A listener that is not an endpoint and shows no progress of Gradio's own.

Without the empty list Gradio's page keeps a status for each output, and goes through all of them at every event.
"""


AT_ONCE: dict[str, Any] = {**QUIETLY, "queue": False}
"""A quiet listener past the queue: one request that brings its own answer.

Not for steps, and not for a gr.State that others watch: of those, Gradio's page hears over the queue's stream alone.
"""


NETWORK: dict[str, Any] = {"concurrency_id": "network", "concurrency_limit": 1}
"""The lane of all that runs a network and is done in a moment."""


MEASURED: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal", **NETWORK}
"""In that lane, with a sign on the page while it computes."""


def bound(function: Callable[..., T], *first: object) -> Callable[..., T]:
    """`function` with its first arguments given, under its own name."""
    given = partial(function, *first)
    given.__name__ = function.__name__  # type: ignore[attr-defined]
    return given
