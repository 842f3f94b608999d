"""Several processes of the app behind nginx, as a school would run them."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

import httpx

from tests.helpers.running import App, free_port, running

PATH = "/resnet"
CONFIGURATION = Path(__file__).with_name("nginx.conf")


@dataclass(frozen=True)
class Replicas:
    """The address that visitors use, the processes behind it, and where nginx notes each request."""

    url: str
    apps: tuple[App, ...]
    requests: Path

    def asked(self) -> dict[str, set[str]]:
        """By each visitor's cookie, the replicas that answered its requests so far."""
        found: dict[str, set[str]] = {}
        for line in self.requests.read_text("utf-8").splitlines():
            visitor, replica, status, _ = line.split(" ", 3)
            if visitor != "-" and status == "200":
                found.setdefault(visitor, set()).add(replica)
        return found

    def answering(self, visitor: str) -> App:
        """The replica that answered a visitor's last request."""
        lines = [line.split(" ") for line in self.requests.read_text("utf-8").splitlines()]
        replica = [line[1] for line in lines if line[0] == visitor][-1]
        return next(app for app in self.apps if app.url.endswith(replica))


@contextmanager
def behind_nginx(folder: Path, count: int = 2) -> Iterator[Replicas]:
    """`count` replicas at one address, below a path, until the block ends."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    assert nginx, "these tests need nginx (Debian: apt install nginx-light)"
    with ExitStack() as stack:
        apps = []
        for index in range(count):
            own = folder / f"replica{index}"
            own.mkdir()
            apps.append(stack.enter_context(running(own, "--device", "cpu", "--root-path", PATH)))
        port = free_port()
        servers = "\n    ".join(
            f"server {app.url.removeprefix('http://')} max_fails=1 fail_timeout=10s;" for app in apps
        )
        text = CONFIGURATION.read_text("utf-8").format(
            folder=folder, path=PATH, user=getuser(), port=port, servers=servers
        )
        (folder / "nginx.conf").write_text(text, "utf-8")
        server = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")])
        stack.callback(server.wait, 10)
        stack.callback(server.terminate)
        url = f"http://127.0.0.1:{port}{PATH}"
        until = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{url}/healthz").raise_for_status()
                break
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield Replicas(url, tuple(apps), folder / "requests")
