"""A walk over every page, as a visitor sees it: its answer and picture at once, nothing for axe, clean paper."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from resnet_demo.chapters import CHAPTERS
from resnet_demo.kit.text import LANGUAGES
from resnet_demo.lesson import EXTRAS
from resnet_demo.lesson.frame import LESSON
from tests.browser.conftest import Visit, settle

TRIES = 3
"""A result that fades in is paler than it will be: what axe finds is looked for again a moment later."""
PLACES = """() => {
  const panel = [...document.querySelectorAll("#tabs [role=tabpanel]")].filter((one) => one.offsetParent).at(-1);
  const top = (selector, width, height) => Math.min(...[...panel.querySelectorAll(selector)]
    .filter((one) => one.offsetParent ?? one.closest("svg")?.parentElement.offsetParent)
    .map((one) => one.getBoundingClientRect()).filter((box) => box.width >= width && box.height >= height)
    .map((box) => Math.round(box.top + scrollY)), 1e6);
  return {
    answer: top(".summary, .headline, .verdict, .says, .notice, .guess, .cam-verdicts", 1, 1),
    picture: top(
      ".cards, .map-grid, .js-plotly-plot, canvas, svg:not(button svg), img, table, .picture, .stacks", 80, 40,
    ),
    wide: document.documentElement.scrollWidth,
  };
}"""
"""Where the open page's first answer and its first picture begin, in pixels, and how wide it is."""
ROOM = 40
"""Pixels of a picture that must be seen to know that there is one."""
BESIDE = {f"{LESSON}/{name}" for name in EXTRAS}
"""Pages of lists and sheets, which have no answer and no picture of their own."""


def every_page(page: Page) -> Iterator[str]:
    """Opens one page after the other, and waits until it has what it asked for."""
    for tab in (LESSON, *CHAPTERS):
        page.evaluate("tab => window.resnet.go(tab)", tab)
        expect(page.locator(f"#tab-{tab}-button")).to_have_attribute("aria-selected", "true")
        inner = page.locator(f"[role=tab][id^='{tab}-page-']")
        names = inner.evaluate_all("all => all.map(one => one.id.replace(/^.*-page-|-button$/g, ''))")
        for show in names or [""]:
            page.evaluate("([tab, show]) => window.resnet.go(tab, show)", [tab, show])
            page.evaluate("window.scrollTo(0, 0)")
            settle(page)
            yield f"{tab}/{show}"


def awaited(page: Page, place: str) -> dict[str, int]:
    """Where answer and picture begin, as soon as both are there."""
    for _ in range(60):
        found: dict[str, int] = page.evaluate(PLACES)
        if place in BESIDE or max(found["answer"], found["picture"]) < 1e6:
            break
        page.wait_for_timeout(500)
    return found


def violations(page: Page) -> dict[str, list[str]]:
    """The rules that are broken, with the places where they are, after a few tries."""
    for _ in range(TRIES):
        found = Axe().run(page).response["violations"]
        if not found:
            break
        page.wait_for_timeout(1500)
    return {rule["id"]: [str(node["target"][-1]) for node in rule["nodes"]] for rule in found}


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)], ids=["wide", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_at_once_to_everyone_without_another_host(
    visit: Visit, language: str, dark: bool, width: int, height: int
) -> None:
    """Other hosts are out of reach here, and `visit` fails for a page that asked one."""
    page = visit(language, width=width, height=height, dark=dark)
    own = page.url.split("/")[2]
    page.route(lambda url: own not in url and url.startswith("http"), lambda route: _refuse(route))
    page.reload()
    expect(page.locator("#classify-results .card")).to_have_count(2)
    late: dict[str, dict[str, int]] = {}
    broken: dict[str, dict[str, list[str]]] = {}
    for place in every_page(page):
        found = awaited(page, place)
        seen = place in BESIDE or (found["answer"] < height and found["picture"] <= height - ROOM)
        if not seen or found["wide"] > width:
            late[place] = found
        if rules := violations(page):
            broken[place] = rules
    assert (late, broken) == ({}, {})


def _refuse(route: Route) -> None:
    route.abort("internetdisconnected")


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_prints_to_clean_sheets(visit: Visit, language: str) -> None:
    """No control of the header, nothing cut off at the side, and no sheet that is empty."""
    page = visit(language, width=1280, height=720, dark=True)
    expect(page.locator("#classify-results .card")).to_have_count(2)
    wrong: dict[str, object] = {}
    for place in every_page(page):
        awaited(page, place)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 687, "height": 1016})  # A4 without its margins
        paper = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        sheets = page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")
        if paper[0] > 687 or ground != "rgb(255, 255, 255)" or sheets > -(-paper[1] // 1016) + 2:
            wrong[place] = (paper, ground, sheets)
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1280, "height": 720})
        page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert wrong == {}
