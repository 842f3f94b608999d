"""axe-core over every page: what a screen reader, a keyboard or weak eyes would stumble on."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from resnet_demo.chapters import CHAPTERS
from resnet_demo.kit.text import LANGUAGES
from resnet_demo.lesson.frame import LESSON
from tests.browser.conftest import Visit, settle

TRIES = 3
"""A result that fades in is paler than it will be: what axe finds is looked for again a moment later."""


def every_page(page: Page) -> Iterator[str]:
    """Opens one page after the other, and waits until it has what it asked for."""
    for tab in (LESSON, *CHAPTERS):
        page.locator(f"#tab-{tab}-button").click()
        expect(page.locator(f"#tab-{tab}-button")).to_have_attribute("aria-selected", "true")
        inner = page.locator(f"[role=tab][id^='{tab}-page-']")
        names = inner.evaluate_all("all => all.map(one => one.id.replace(/^.*-page-|-button$/g, ''))")
        for show in names or [""]:
            page.evaluate("([tab, show]) => window.resnet.go(tab, show)", [tab, show])
            settle(page)
            yield f"{tab}/{show}"


def violations(page: Page) -> dict[str, list[str]]:
    """The rules that are broken, with the places where they are."""
    found = Axe().run(page).response["violations"]
    return {rule["id"]: [str(node["target"][-1]) for node in rule["nodes"]] for rule in found}


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_breaks_a_rule_of_axe(visit: Visit, language: str, dark: bool, width: int) -> None:
    page = visit(language, width=width, height=844 if width < 500 else 720, dark=dark)
    expect(page.locator("#classify-results .card")).to_have_count(2)
    broken: dict[str, dict[str, list[str]]] = {}
    for place in every_page(page):
        for _ in range(TRIES):
            if not (found := violations(page)):
                break
            page.wait_for_timeout(1500)
        else:
            broken[place] = found
    assert broken == {}
