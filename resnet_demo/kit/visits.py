"""Who is here: the open pages, and what the server remembers of each."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState, StateHolder


class Visits:
    """The open pages by session: each holds a connection open, which Gradio calls its heartbeat."""

    def __init__(self) -> None:
        self._pages: Counter[str] = Counter()

    @contextmanager
    def visit(self, session: str) -> Iterator[None]:
        """The page of `session` is open inside the block."""
        self._pages[session] += 1
        try:
            yield
        finally:
            self._pages[session] -= 1
            if not self._pages[session]:
                del self._pages[session]

    @property
    def open(self) -> list[str]:
        return list(self._pages)

    def is_open(self, session: str) -> bool:
        return session in self._pages


class Session(SessionState):
    """What Gradio keeps for a page, without the configuration of every component.

    Gradio copies that for each session, to restore a page from a link that it calls deep; this app has no such links.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks={}))  # type: ignore[arg-type]
        self.blocks_config.config_for_block = _nothing  # type: ignore[method-assign, assignment]


def _nothing(*_: Any) -> dict[str, Any]:
    """A component's configuration, which nobody reads."""
    return {}


class Sessions(StateHolder):
    """The sessions, at most as many as the launch allows: closed ones make room before those of open pages."""

    def __init__(self, visits: Visits, blocks: gr.Blocks) -> None:
        super().__init__()
        self.visits = visits
        self.set_blocks(blocks)

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = Session(self.blocks)
        return super().__getitem__(session_id)

    def update(self, session_id: str) -> None:
        """Marks a session as used, and drops one if there are too many."""
        with self.lock:
            if session_id in self.session_data:
                self.session_data.move_to_end(session_id)
            if len(self.session_data) > self.capacity:
                closed = (known for known in self.session_data if not self.visits.is_open(known))
                dropped = next(closed, next(iter(self.session_data)))
                self.session_data.pop(dropped)
                self.time_last_used.pop(dropped, None)
