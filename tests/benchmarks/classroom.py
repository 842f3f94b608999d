"""A class opens the page and works with it: `python -m tests.benchmarks.classroom [--visitors 40] [--seconds 120]`.

Starts the app as a user would, records Chromium while it opens the page, uploads a photograph, opens its heat maps, and
changes method and class, and sends the same requests for many visitors, each with a photograph of its own. Every answer
is compared with what the networks say when they are asked directly.
"""

import argparse
import asyncio
import base64
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import torch
from playwright.sync_api import Browser, expect, sync_playwright

from resnet_demo.data.pictures import read_picture
from resnet_demo.explain import classify, explain
from resnet_demo.kit.format import class_name, percent
from resnet_demo.models import Classifier, load
from tests.benchmarks.replay import Answers, Recorder, Recording, Visitor, output, percentile
from tests.browser.conftest import QUIET, open_tab
from tests.helpers.refused import photograph
from tests.helpers.running import running

PAIR = ("resnet18", "plain18")
ACTIONS = ("photograph", "maps", "method", "class")
CLASS, METHOD = "n03028079", "layercam"
SHOWN = """() => [document.querySelector("#classify-results")?.textContent,
  ...[...document.querySelectorAll("#gradcam-maps-pair canvas")].map((canvas) => canvas.toDataURL())].join()"""
"""What the page shows of the visitor's photograph."""
BAR = re.compile(r'<span class="what">(.*?)</span><span class="share">(.*?)</span>')


# ------------------------------------------------------------------------------------------------ recording


def record(browser: Browser, url: str, picture: Path) -> Recording:
    """One visitor in Chromium: opens the page, then does each of ACTIONS."""
    page = browser.new_context(locale="en-US").new_page()
    page.set_default_timeout(120_000)
    recorder = Recorder(page)

    def opened() -> None:
        page.goto(url)
        expect(page.locator("#classify-results .card")).to_have_count(2, timeout=120_000)

    def shown(act: Callable[[], object]) -> None:
        """Does `act` and waits until the results or maps are others."""
        before = page.evaluate(SHOWN)
        act()
        page.wait_for_function(f"before => ({SHOWN})() !== before", arg=before)

    def choose(box: str, option: str) -> None:
        page.locator(f"#{box} input").click()
        page.get_by_role("option", name=option, exact=True).click()

    def upload() -> None:
        page.locator("#photo input[type=file]").set_input_files(picture)

    recorder.step("open", opened)
    recorder.step("photograph", lambda: shown(upload))
    recorder.step("maps", lambda: shown(lambda: open_tab(page, "#tabs", "tab-gradcam", "Grad-CAM")))
    recorder.step("method", lambda: shown(lambda: choose("gradcam-method", "LayerCAM")))
    recorder.step("class", lambda: shown(lambda: choose("gradcam-target", "church")))
    recorder.recording.config = httpx.get(f"{url}/config").json()
    page.context.close()
    return recorder.recording


# ------------------------------------------------------------------------------------------------ correctness


@dataclass
class Direct:
    """What the networks say about photographs when they are asked directly."""

    classifiers: tuple[Classifier, ...] = field(
        default_factory=lambda: tuple(load(name, device="cpu") for name in PAIR)
    )

    def bars(self, picture: Path) -> list[tuple[str, str]]:
        """The classes of both networks with their probabilities, as they stand on the page."""
        image = read_picture(picture)
        guesses = [guess for classifier in self.classifiers for guess in classify(classifier, image).top]
        return [(class_name("en", guess), percent(guess.probability)) for guess in guesses]

    def maps(self, picture: Path, method: str, target: str | None) -> list[np.ndarray]:
        image = read_picture(picture)
        return [
            explain(one, image, method, target=None if target is None else one.index_of(target)).map
            for one in self.classifiers
        ]


def wrong(direct: Direct, action: str, answers: Answers, config: dict[str, Any], picture: Path) -> str:
    """What is wrong with the answer to an action, "" for nothing."""
    if action == "photograph":
        html = str(output(answers, config, "classify-results"))
        found = [(unescape(name), share) for name, share in BAR.findall(html)]
        expected = direct.bars(picture)
        return "" if found == expected else f"{action}: {found} instead of {expected}"
    shown = output(answers, config, "gradcam-maps-pair")
    method = "gradcam" if action == "maps" else METHOD
    for panel, expected in zip(
        shown["networks"], direct.maps(picture, method, CLASS if action == "class" else None), strict=True
    ):
        raw = np.frombuffer(base64.b64decode(panel["map"]["values"]), "<f4").reshape(expected.shape)
        if not np.allclose(raw, expected, rtol=1e-3, atol=1e-4 * max(1.0, float(np.abs(expected).max()))):
            return f"{action}: another map for {panel['title']}"
    return ""


# ------------------------------------------------------------------------------------------------ visitors


@dataclass
class Measured:
    """Seconds of every action by its name, seconds until each page was open, and what was wrong."""

    opened: list[float] = field(default_factory=list)
    actions: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in ACTIONS})
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    generator: float = 0.0  # processor seconds of this process

    @property
    def all(self) -> list[float]:
        return [seconds for times in self.actions.values() for seconds in times]


def photographs(folder: Path, count: int) -> list[Path]:
    """Files that differ, and that no earlier call made."""
    paths = [folder / f"visitor{seed}.png" for seed in range(count)]
    for seed, path in enumerate(paths):
        photograph(320, 260, seed).save(path)
    return paths


async def visit(url: str, recording: Recording, pictures: list[Path], seconds: float, thinking: float) -> Measured:
    """All visitors open the page at once, then act for so many seconds, each at least once."""
    measured, direct = Measured(), Direct()
    visitors = [Visitor(url, recording, picture) for picture in pictures]
    answers: list[tuple[str, Answers, Path]] = []
    begun, used = time.monotonic(), time.process_time()

    async def act(visitor: Visitor) -> None:
        until = time.monotonic() + seconds
        while True:
            for action in ACTIONS:
                if thinking:
                    await asyncio.sleep(thinking)
                found = await visitor.step(action)
                measured.actions[action].append(found.seconds)
                answers.append((action, found, visitor.photograph))
            if time.monotonic() >= until:
                return

    try:
        opened = await asyncio.gather(*(visitor.step("open", begun) for visitor in visitors))
        measured.opened = [one.seconds for one in opened]
        acting = time.monotonic()
        if seconds >= 0:
            await asyncio.gather(*map(act, visitors))
        measured.seconds = time.monotonic() - acting
        measured.generator = time.process_time() - used
    finally:
        await asyncio.gather(*(visitor.leave() for visitor in visitors))
    checked = {(action, path): (found, path) for action, found, path in answers}  # the last of each
    for (action, _), (found, path) in checked.items():
        if said := wrong(direct, action, found, recording.config, path):
            measured.wrong.append(f"{path.name}, {said}")
    return measured


# ------------------------------------------------------------------------------------------------ the table


def forward_ms(direct: Direct) -> float:
    """Milliseconds of the pair's bare forward passes for one photograph, the median of thirty."""
    times = []
    inputs = [torch.zeros(1, 3, one.preprocessing.size, one.preprocessing.size) for one in direct.classifiers]
    for _ in range(30):
        started = time.perf_counter()
        with torch.inference_mode():
            for one, x in zip(direct.classifiers, inputs, strict=True):
                one.network(x)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def weights(url: str, recording: Recording) -> dict[str, tuple[int, int]]:
    """Requests and bytes on the wire of a first visit: the page, Gradio's own files, the rest."""
    found = {"page": (0, 0), "Gradio's files": (0, 0), "the app's answers": (0, 0)}
    with httpx.Client(base_url=url, headers={"Accept-Encoding": "gzip, br"}, timeout=60) as client:
        for request in recording.steps["open"]:
            kind = "page" if request.path == "/" else "Gradio's files" if "." in request.path else "the app's answers"
            if request.is_event:
                continue
            answer = client.request(
                request.method,
                request.path,
                content=request.body.encode() or None,
                headers={"Content-Type": request.kind},
            )
            count, size = found[kind]
            found[kind] = count + 1, size + answer.num_bytes_downloaded
    return found


def alone(url: str, recording: Recording, picture: Path) -> dict[str, float]:
    """Milliseconds of single requests by script, the median of twenty."""
    from gradio_client import Client, handle_file

    client = Client(url, verbose=False, analytics_enabled=False, download_files=False)
    pair = [f"{name}-imagenette" for name in PAIR]
    calls: dict[str, tuple[Any, ...]] = {
        "/classify": (pair, "en"),
        "/compare_cam": (*pair, "own", "layer4", "gradcam", "en"),
    }
    times = {}
    for name, values in calls.items():
        taken = []
        for seed in range(21):
            photograph(320, 260, 1000 + seed).save(picture)
            file = handle_file(str(picture))
            started = time.perf_counter()
            client.predict(file, *values, api_name=name)
            taken.append(1000 * (time.perf_counter() - started))
        times[name] = statistics.median(taken[1:])
    return times


def empty_ms(url: str) -> float:
    from gradio_client import Client

    client = Client(url, verbose=False, analytics_enabled=False)
    taken = []
    for _ in range(21):
        started = time.perf_counter()
        client.predict(api_name="/nothing")
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken[1:])


@contextmanager
def chromium() -> Iterator[Browser]:
    import shutil

    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--thinking", type=float, default=10, help="seconds between actions in the second run")
    options = parser.parse_args()
    n = options.visitors
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pictures = photographs(folder, n)
        with running(folder / "empty", program=("-m", "tests.benchmarks.empty")) as empty:
            with chromium() as browser:
                page = browser.new_context().new_page()
                recorder = Recorder(page)
                recorder.step("open", lambda: page.goto(empty.url))
                recorder.recording.config = httpx.get(f"{empty.url}/config").json()
            bare_opening = max(asyncio.run(visit(empty.url, recorder.recording, pictures, -1, 0)).opened)
            endpoint = empty_ms(empty.url)
        with running(folder / "app", "--device", "cpu", "--quiet") as app:
            with chromium() as browser:
                recording = record(browser, app.url, pictures[0])
            sizes = weights(app.url, recording)
            single = alone(app.url, recording, folder / "alone.png")
            direct = Direct()
            passes = forward_ms(direct)
            busy = asyncio.run(visit(app.url, recording, pictures, options.seconds, 0))
            calm = asyncio.run(visit(app.url, recording, pictures, options.seconds, options.thinking))
    rate, pairs = len(busy.all) / busy.seconds, 1000 / passes
    median, p95 = statistics.median(busy.all), percentile(busy.all, 0.95)
    print(f"{n} visitors, {os.cpu_count()} cores, torch {torch.__version__}\n\n| | measured | ratio |\n|---|---|---|")
    rows = [
        ("last page open, s", f"{max(busy.opened):.1f}", f"{max(busy.opened) / bare_opening:.1f} x an empty app's"),
        *(
            (f"{name}, kB on the wire", f"{size / 1000:.0f} in {count} requests", "")
            for name, (count, size) in sizes.items()
        ),
        ("bare forward passes of the pair, ms", f"{passes:.0f}", ""),
        ("empty endpoint, ms", f"{endpoint:.0f}", ""),
        *(
            (f"{name} alone, ms", f"{ms:.0f}", f"{ms - passes - endpoint:+.0f} ms to both")
            for name, ms in single.items()
        ),
        ("actions per second", f"{rate:.1f}", f"{rate / pairs:.2f} of bare forward passes"),
        ("median of an action, s", f"{median:.2f}", f"{median * rate / n:.2f} x {n} / throughput"),
        ("95th percentile, s", f"{p95:.2f}", f"{p95 / median:.1f} x the median"),
        *((f"median, {name}, s", f"{statistics.median(times):.2f}", "") for name, times in busy.actions.items()),
        (f"median with {options.thinking:.0f} s between actions, s", f"{statistics.median(calm.all):.2f}", ""),
        ("processor share of the load generator", f"{busy.generator / busy.seconds / (os.cpu_count() or 1):.0%}", ""),
        ("wrong answers", f"{len(busy.wrong) + len(calm.wrong)}", f"of {len(busy.all) + len(calm.all)}"),
    ]
    for row in rows:
        print("| " + " | ".join(row) + " |")
    for line in busy.wrong + calm.wrong:
        print(line)


if __name__ == "__main__":
    main()
