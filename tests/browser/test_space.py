"""The app as a Space and as a container: the very files, in a fresh environment, with a Space's variables and limits.

No container is started: the steps of its recipe run in that environment, on this machine's Python.
"""

import json
import os
import queue
import shlex
import shutil
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import Browser, FrameLocator, expect

from resnet_demo.checkpoints.space import ROOT, check
from tests.helpers.container import instructions, only
from tests.helpers.environments import fresh
from tests.helpers.proxy import below
from tests.helpers.refused import photograph
from tests.helpers.running import STARTED, free_port

PAIR = ["resnet18-imagenette", "plain18-imagenette"]
# Root may write wherever it likes, unless this capability is taken from it.
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []
SUB_PATH = "/school/resnet"

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]  # most of it installs torch


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Of some gigabytes: pytest would keep its own ones."""
    made = Path(tempfile.mkdtemp(prefix="space-"))
    yield made
    permit(made, 0o700)
    shutil.rmtree(made)


def permit(folder: Path, mode: int) -> None:
    """Sets what its owner may do with a folder and the folders in it."""
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
        path.chmod(mode)


@pytest.fixture(scope="module")
def tree(folder: Path) -> Path:
    """What is uploaded, and nothing else."""
    for file in check():
        target = folder / "app" / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file.path, target)
    permit(folder / "app", 0o500)
    return folder / "app"


@pytest.fixture(scope="module")
def python(folder: Path, tree: Path) -> Path:
    """An environment with the Space's requirements alone."""
    return fresh(folder / "environment", "-r", str(tree / "requirements.txt"))


@contextmanager
def space(tree: Path, python: Path, home: Path, **more: str) -> Iterator[str]:
    """The running app's address. Its home cannot be written to, apart from the cache; nor can its own files."""
    cache = home / ".cache"
    cache.mkdir(parents=True)
    home.chmod(0o500)
    variables = {
        "SPACE_ID": "school/resnet",
        "SYSTEM": "spaces",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": os.environ["OMP_NUM_THREADS"],
    }
    with started([*AS_ANYBODY, str(python), "app.py"], tree, variables | more) as port:  # 7860 where that is free
        yield f"http://127.0.0.1:{port}"


@contextmanager
def started(command: list[str], folder: Path, variables: dict[str, str]) -> Iterator[int]:
    """The port on which the app that this command starts listens."""
    process = subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    ports: queue.Queue[int | None] = queue.Queue()

    def follow() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if found := STARTED.search(line):
                ports.put(urlsplit(found[1]).port)
        ports.put(None)

    threading.Thread(target=follow, daemon=True).start()
    try:
        port = ports.get(timeout=240)
        assert port, "".join(lines)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def url(tree: Path, python: Path, folder: Path) -> Iterator[str]:
    with space(tree, python, folder / "home") as address:
        yield address


def test_scripts_are_answered(url: str, tmp_path: Path) -> None:
    photograph().save(tmp_path / "photo.png")
    client = Client(url, verbose=False, analytics_enabled=False, download_files=str(tmp_path))
    found = client.predict(handle_file(str(tmp_path / "photo.png")), PAIR, "en", api_name="/classify")
    assert [item["network"] for item in found] == ["resnet18", "plain18"]
    assert client.predict("resnet50", api_name="/blocks")["totals"]["parameters"] == 25_557_032
    with urllib.request.urlopen(f"{url}/healthz", timeout=30) as answer:
        assert answer.status == 200


def test_nothing_is_written_beside_the_code(url: str, tree: Path) -> None:
    allowed = {file.path for file in check()}
    written = {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
    assert {name for name in written if "__pycache__" not in name} == allowed


@contextmanager
def framed(folder: Path, url: str) -> Iterator[str]:
    """A page of another site that shows the app in a frame, as the Hub's page of a Space does."""
    (folder / "index.html").write_text(
        f'<iframe id="space" src="{url}" width="1280" height="800" sandbox="allow-scripts allow-same-origin '
        'allow-forms allow-downloads allow-popups"></iframe>',
        "utf-8",
    )
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}"  # another site than 127.0.0.1
    finally:
        server.shutdown()
        server.server_close()


def used(frame: FrameLocator, photo: Path) -> None:
    """A visitor's first minute: the first results, a photograph of one's own, another tab, another language."""
    expect(frame.locator("#brand h1")).to_have_text("ResNet, explained")
    expect(frame.locator("#classify-results .card")).to_have_count(2)
    before = frame.locator("#classify-results .card img").first.get_attribute("src")
    frame.locator("#photo input[type=file]").set_input_files(photo)
    expect(frame.locator("#classify-results .card img").first).not_to_have_attribute("src", str(before))
    frame.locator("a[data-language=zh]").click()
    expect(frame.locator("#brand h1")).to_have_text("看懂 ResNet")


def test_inside_a_frame_of_another_site(browser: Browser, url: str, tmp_path: Path) -> None:
    """It works without cookies: browsers block those of a frame's site."""
    photograph(seed=3).save(tmp_path / "photo.png")
    with framed(tmp_path, url) as page_url:
        context = browser.new_context(locale="en-US")
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.goto(page_url)
        used(page.frame_locator("#space"), tmp_path / "photo.png")
        assert context.cookies() == []
        context.close()


def test_below_a_path_behind_a_proxy(browser: Browser, tree: Path, python: Path, folder: Path, tmp_path: Path) -> None:
    photograph(seed=3).save(tmp_path / "photo.png")
    with (
        space(tree, python, folder / "home-of-the-second", GRADIO_ROOT_PATH=SUB_PATH) as address,
        below(SUB_PATH, address) as outside,
    ):
        context = browser.new_context(locale="en-US")
        context.set_default_timeout(120_000)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        (tmp_path / "frame").mkdir()
        with framed(tmp_path / "frame", f"{outside}/") as page_url:
            page.goto(page_url)
            used(page.frame_locator("#space"), tmp_path / "photo.png")
            own = [one for one in asked if one.startswith("http") and not one.startswith(page_url)]
            assert own and all(one.startswith(outside) for one in own), own
        context.close()


def test_the_steps_of_the_container(python: Path, folder: Path) -> None:
    """All but `useradd`: what is copied, what is installed, what is started, and the question after its health."""
    inside = folder / "container"
    inside.mkdir()
    port = free_port()
    variables = {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(inside), "TORCH_INDEX": ""}
    variables |= {name: os.environ[name] for name in os.environ if name.startswith("PIP_")}
    variables |= dict(word.split("=") for word in shlex.split(only("ENV")))
    for name, rest in instructions():
        if name == "COPY":
            *sources, target = [word for word in shlex.split(rest) if not word.startswith("--")]
            for source in sources:
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
                copy(ROOT / source, inside / target)
        elif name == "RUN" and not rest.startswith("useradd"):
            subprocess.run(["sh", "-c", rest], cwd=inside, env=variables, check=True)
    command, health = (
        json.loads(text[text.index("[") :].replace("7860", str(port))) for text in (only("CMD"), only("HEALTHCHECK"))
    )
    with started([str(python), *command[1:]], inside, variables | {"OMP_NUM_THREADS": "1"}):
        assert subprocess.run(health, env=variables).returncode == 0
    assert subprocess.run(health, env=variables, capture_output=True).returncode != 0
