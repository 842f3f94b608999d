"""Long work step by step: in a thread of its own, it tells how far it is, and stops when nobody listens."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Queue
from threading import Event
from typing import Any, TypeVar

T = TypeVar("T")
Progress = Callable[[int, int], None]
LANE: dict[str, Any] = {"concurrency_id": "measurement", "concurrency_limit": 1}
"""Long measurements wait for each other; nobody's photograph waits for them."""


@dataclass(frozen=True)
class Step:
    """How far the work is."""

    done: int
    total: int


class StoppedError(Exception):
    """Raised inside the work, at its next step, to end it."""


def stepwise(work: Callable[[Progress], T]) -> Iterator[Step | T]:
    """The steps of `work(progress)`, then its result; what it raises is raised here.

    Closing this iterator stops the work at its next call of `progress`.
    """
    told: Queue[Step | None] = Queue()
    stop = Event()

    def progress(done: int, total: int) -> None:
        if stop.is_set():
            raise StoppedError
        told.put(Step(done, total))

    pool = ThreadPoolExecutor(1)
    working = pool.submit(work, progress)
    working.add_done_callback(lambda _: told.put(None))
    try:
        while (step := told.get()) is not None:
            yield step
        yield working.result()
    finally:
        stop.set()
        pool.shutdown(wait=False)
