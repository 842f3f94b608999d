"""A file or folder that one process writes at a time: a second one is refused by name."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from resnet_demo.errors import DemoError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keeps other processes from writing `path` until the block ends, or until this process does.

    Raises DemoError where another one writes it now.
    """
    file = path.with_name(f".{path.name}.lock")
    lock = FileLock(file, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise DemoError("out_in_use", path=str(path)) from error
    try:
        yield
    finally:
        with suppress(PermissionError):  # Windows removes no open file
            file.unlink(missing_ok=True)  # while it is held: whoever opened it meanwhile finds that it is gone
        lock.release()
