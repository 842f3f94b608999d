"""Chromium, and pages that notice what they must not do: ask another host, or complain in the console."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.helpers.running import App

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
LOCALES = {"en": "en-US", "zh": "zh-CN"}
PATIENCE = 120_000
LEAVING = ("AbortError: signal is aborted without reason", "Unexpected error Connection errored out.")
"""What Gradio's own client complains of when a page is left while an answer is on its way to it."""
LACKING = "delete ReadableStream.prototype[Symbol.asyncIterator]; delete ReadableStream.prototype.values;"
"""What Safari lacks, and Chromium has."""
MOUNTED = 500
"""Milliseconds: a page that is opened is laid out a second time a moment later, and a control that was moved between
the two is back at its first value. No visitor is as fast, on a phone either."""
each_screen = pytest.mark.parametrize(
    ("language", "width"),
    [
        ("en", 1280),
        ("zh", 390),
        pytest.param("zh", 1280, marks=pytest.mark.long),
        pytest.param("en", 390, marks=pytest.mark.long),
    ],
)
"""Each language and each width once; the other two pairs are for the long tests."""
Visit = Callable[..., Page]
Shoot = Callable[[Page, str], None]


def open_tab(page: Page, tabs: str, tab: str, title: str) -> None:
    """Opens the tab with the elem_id `tab` of those in `tabs` ("#tabs")."""
    page.locator(f"{tabs} > .tab-wrapper #{tab}-button").click()
    expect(page.locator(f"#{tab}-button")).to_have_text(title)
    laid_out(page)


def unfold(page: Page, place: str) -> None:
    """Opens what is folded on a page."""
    page.locator(f"#{place}-more > button").click()
    laid_out(page)


def laid_out(page: Page) -> None:
    """Waits until what was opened stands as it will stay, even where the browser has much else to do."""
    page.wait_for_timeout(MOUNTED)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestIdleCallback(done)))")


def settle(page: Page) -> None:
    """Waits until the page has asked nothing for two seconds: the first results of all tabs are there."""
    asked = [time.monotonic()]
    page.on("request", lambda _: asked.append(time.monotonic()))
    while time.monotonic() - asked[-1] < 2:
        page.wait_for_timeout(250)


@dataclass
class Watched:
    """A page with the hosts it asked and the complaints it made."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a file. Not for the whole session: Playwright's loop would run on beside other tests' own."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"no browser: none of {', '.join(NAMES)} is on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """visit("zh", query="?lang=en", width=390, dark=True): a visitor's page, in a context of its own.

    When the test ends, each page must have asked this server only, and its console must hold no error.
    """
    watched: list[Watched] = []

    def visit(language: str = "en", query: str = "", width: int = 1280, height: int = 900, dark: bool = False) -> Page:
        context = browser.new_context(
            locale=LOCALES.get(language, language),
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(PATIENCE)
        watch = Watched(context.new_page())
        watched.append(watch)
        page = watch.page
        page.add_init_script(LACKING)
        page.on("request", lambda request: watch.hosts.add(urlsplit(request.url).netloc))
        page.on("console", lambda told: watch.complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        page.goto(f"{app.url}/{query}")
        return page

    yield visit
    for watch in watched:
        watch.page.context.close()
    complaints = [one for watch in watched for one in watch.complaints if not one.startswith(LEAVING)]
    assert complaints == []
    assert set().union(*(watch.hosts for watch in watched)) - {""} <= {urlsplit(app.url).netloc}


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    """shoot(page, name): keeps a picture of the whole page, so that a person can look."""

    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    return shoot
