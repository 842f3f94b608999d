"""Downloads that give up after a silence, and keep what came.

The Hub's client has time limits for each attempt at each address, and drops what it has when it gives up.
"""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from huggingface_hub import HfFileMetadata
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.utils import WeakFileLock, build_hf_headers  # type: ignore[attr-defined]

from resnet_demo.errors import CheckpointError

Result = TypeVar("Result")
PATIENCE = 30.0
"""Seconds in which the other side has to send something."""


class SilenceError(Exception):
    """Nothing was heard for as long as one was willing to wait."""


def unless_silent(work: Callable[[Callable[[], None]], Result]) -> Result:
    """The result of `work(heard)`, which calls `heard()` at each sign of life.

    Raises SilenceError when none came for `PATIENCE` seconds. The work goes on in its thread and ends with the process.
    """
    job: Future[Result] = Future()
    last = monotonic()

    def heard() -> None:
        nonlocal last
        last = monotonic()

    def run() -> None:
        try:
            job.set_result(work(heard))
        except BaseException as error:  # raised where it is waited for
            job.set_exception(error)

    # In the caller's context: Gradio finds the visitor's progress bar through it.
    threading.Thread(target=copy_context().run, args=(run,), daemon=True, name="download").start()
    while not job.done():
        left = last + PATIENCE - monotonic()
        if left <= 0:
            raise SilenceError
        wait([job], left)
    return job.result()


def keep(repository: str, url: str, metadata: HfFileMetadata, bar: type[Any], folder: Path, token: bool | None) -> None:
    """Fetches a file to where the Hub's cache `folder` looks for it, from the byte on where an earlier try ended."""
    name = repo_folder_name(repo_id=repository, repo_type="model")
    blob, lock = folder / name / "blobs" / str(metadata.etag), folder / ".locks" / name / f"{metadata.etag}.lock"
    for needed in (blob, lock):
        needed.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(lock):  # the client's own: two processes that fetch the same file take turns
        if blob.exists():
            return
        part = blob.with_name(f"{blob.name}.incomplete")
        with part.open("ab") as file:
            if metadata.size is not None and file.tell() > metadata.size:
                file.truncate(0)
            http_get(
                url,
                file,
                resume_size=file.seek(0, os.SEEK_END),
                headers=build_hf_headers(token=token),
                expected_size=metadata.size,
                displayed_filename=url.rpartition("/")[2],
                tqdm_class=bar,
            )
        part.replace(blob)


def announce(what: str, where: str) -> None:
    """Tells on standard error what is waited for, before anything has come."""
    print(f"Asking {where} for {what}; it has {PATIENCE:.0f} s to answer.", file=sys.stderr, flush=True)


def silent(what: str, where: str, name: str) -> CheckpointError:
    """What is told after a silence. `name` is what `fetch` calls it."""
    return CheckpointError("hub_silent", endpoint=where, seconds=round(PATIENCE), repository=what, name=name)


def unwritable(what: str, path: str) -> CheckpointError:
    """What is told of a cache that belongs to somebody else."""
    return CheckpointError("hub_cache", path=path, repository=what)
