"""The app as visitors meet it: a process of its own, reached over HTTP."""

import os
import queue
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTED = re.compile(r"Running on local URL:\s+(\S+)")
PATIENCE = 180.0


@dataclass(frozen=True)
class App:
    """A running app: its address, the lines that it has printed so far, and its process where it has one of its own."""

    url: str
    lines: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None

    @property
    def log(self) -> str:
        return "".join(self.lines)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(folder: Path) -> dict[str, str]:
    """This process's environment without Gradio's settings, and with what the app writes kept in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADIO_")}
    return {**kept, "GRADIO_TEMP_DIR": str(folder), "PYTHONUNBUFFERED": "1", "NO_PROXY": "127.0.0.1,localhost"}


@contextmanager
def running(
    folder: Path,
    *options: str,
    program: Sequence[str] = ("app.py",),
    python: str = sys.executable,
    inherited: Mapping[str, str] | None = None,
) -> Iterator[App]:
    """`python app.py` on a free port until the block ends; raises with its output if it does not start.

    `program`: another one that takes a `--port`. `python`: the interpreter that runs it. `inherited` is its
    environment, if not that of these tests.
    """
    command = [python, *program, "--port", str(free_port()), *options]
    env = environment(folder) if inherited is None else inherited
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: list[str] = []
    started: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_follow, args=(process, lines, started), daemon=True)
    reader.start()
    try:
        url = None
        with suppress(queue.Empty):
            url = started.get(timeout=PATIENCE)
        if url is None:
            raise RuntimeError(f"the app did not start:\n{''.join(lines)}")
        yield App(url.rstrip("/"), lines, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(5)


def _follow(process: "subprocess.Popen[str]", lines: list[str], started: "queue.Queue[str | None]") -> None:
    """Keeps what is printed, and hands over the address once; None when the output ends."""
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if found := STARTED.search(line):
            started.put(found[1])
    started.put(None)
