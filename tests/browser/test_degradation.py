"""The degradation tab in a browser: a live run starts, draws and stops, in both languages; a block is cut out."""

import re

import pytest
from playwright.sync_api import Page, expect

from resnet_demo.ui.text import LANGUAGES, catalogue
from tests.browser.conftest import Shoot, Visit, open_tab

each_language = pytest.mark.parametrize("language", LANGUAGES)


def t(language: str, key: str) -> str:
    return catalogue(language)[f"degradation.{key}"]


def opened(visit: Visit, language: str, width: int = 1280) -> Page:
    page = visit(language, "?tab=degradation", width=width)
    expect(page.locator("#live-status")).to_contain_text(t(language, "live.idle")[:10])
    return page


@each_language
def test_a_run_starts_draws_and_stops(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language)
    page.locator("#live-start").click()
    expect(page.locator("#live-status progress")).to_be_visible()
    expect(page.locator("#live-chart .main-svg").first).to_be_visible()
    expect(page.locator("#live-status")).to_contain_text(t(language, "live.training"))
    page.locator("#live-stop").click()
    expect(page.locator("#live-status")).to_contain_text(t(language, "live.stopped"))
    expect(page.locator("#live-chart .main-svg").first).to_be_visible()  # what was drawn stays
    shoot(page, f"live-{language}")


def test_a_language_change_reaches_a_run_that_is_going_on(visit: Visit) -> None:
    page = opened(visit, "en")
    page.locator("#live-start").click()
    expect(page.locator("#live-status progress")).to_be_visible()
    page.locator("#language").get_by_text(LANGUAGES["zh"]).click()
    expect(page.locator("#live-status")).to_contain_text(t("zh", "live.training"))
    page.locator("#live-stop").click()
    expect(page.locator("#live-status")).to_contain_text(t("zh", "live.stopped"))


@each_language
def test_a_block_is_cut_out_on_a_phone(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language, width=390)
    open_tab(page, "#degradation-pages", "degradation-lesions", t(language, "lesions.title"))
    page.locator("#lesions-start").click()
    expect(page.locator("#lesions-words")).to_contain_text(re.compile("ResNet-18.*PlainNet-18", re.DOTALL))
    expect(page.locator("#lesions-chart .main-svg").first).to_be_visible()
    shoot(page, f"lesions-{language}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
