"""The degradation tab in a browser: a live run starts, draws and stops, in both languages; a block is cut out."""

import re
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from resnet_demo.chapters.degradation.pages.live_processes import MOST_RUNS
from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.browser.conftest import Shoot, Visit, open_tab
from tests.browser.test_tabs import switch
from tests.helpers.running import App

each_language = pytest.mark.parametrize("language", LANGUAGES)


def t(language: str, key: str) -> str:
    return catalogue(language)[f"degradation.{key}"]


def opened(visit: Visit, language: str, name: str = "live", width: int = 1280) -> Page:
    """A page of the tab."""
    page = visit(language, "?tab=degradation", width=width)
    expect(page.locator("#study-table table")).to_be_visible()
    expect(page.locator("#study-table")).to_contain_text(t(language, "study.conjecture_question"))
    open_tab(page, "#degradation-pages", f"degradation-page-{name}", t(language, f"{name}.title"))
    return page


@each_language
def test_the_study_s_curves_and_table(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language, "study")
    for family in ("plain", "residual"):
        expect(page.locator(f"#study-{family} .legendtext")).to_have_count(4)
        expect(page.locator(f"#study-{family} .scatterlayer .js-fill")).to_have_count(4)  # bands over the seeds
    expect(page.locator("#study-table tbody tr")).to_have_count(4)
    expect(page.locator("#study-words .findings li")).to_have_count(5)
    page.locator("#study-depths").get_by_text("56", exact=True).click()
    for family in ("plain", "residual"):
        expect(page.locator(f"#study-{family} .legendtext")).to_have_count(2)
    expect(page.locator("#study-table tbody tr")).to_have_count(4)  # the table keeps them all
    page.locator("#study-depths").get_by_text("20", exact=True).click()
    expect(page.locator("#study-words .none")).to_be_visible()
    expect(page.locator("#study-plain")).to_be_hidden()
    page.locator("#study-depths").get_by_text("20", exact=True).click()
    expect(page.locator("#study-plain .legendtext")).to_have_count(2)
    assert page.locator("#study-plain .main-svg").first.evaluate("(chart) => chart.clientWidth") > 500
    shoot(page, f"study-{language}")
    page.locator("#study-gradients").click()
    expect(page.locator("#gradients-chart")).to_be_visible()


@each_language
def test_the_study_on_a_phone(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language, "study", width=390)
    expect(page.locator("#study-residual .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"study-phone-{language}")


@each_language
@pytest.mark.parametrize("width", [1280, 390])
def test_the_networks_of_photographs(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = opened(visit, language, "photographs", width)
    charts = page.locator("[id^=photographs-]:has(.js-plotly-plot)")
    expect(charts.first).to_be_visible()
    for chart in charts.all():
        expect(chart.locator(".legendtext")).to_have_count(4)
    expect(page.locator("#photographs-words tbody tr")).to_have_count(2 * charts.count())
    expect(page.locator("#photographs-words .findings li").first).to_contain_text("11.95")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"photographs-{width}-{language}")


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


def trainings(app: App) -> set[int]:
    """The processes in which this app trains, as Linux lists them."""
    port, found = app.url.rpartition(":")[2], set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"resnet_demo.chapters.degradation.live_training" in (folder / "cmdline").read_bytes():
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                if port in Path("/proc", parent, "cmdline").read_text().split("\0"):
                    found.add(int(folder.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks at Linux' processes")
def test_a_run_ends_with_its_page_when_the_language_changes(visit: Visit, app: App) -> None:
    """The other language is another page: it shows the same settings at rest, and nobody trains for the one left."""
    page = opened(visit, "en")
    page.locator("#live-start").click()
    expect(page.locator("#live-status progress")).to_be_visible()
    expect(page.locator("#live-status")).to_contain_text(t("en", "live.training"))
    assert len(trainings(app)) == 1
    expect(page).to_have_url(re.compile("show=live"))
    switch(page, "zh")
    expect(page.locator("#live-start")).to_have_text(t("zh", "live.start"))
    expect(page.locator("#live-start")).to_be_visible()
    expect(page.locator("#live-status progress")).to_have_count(0)
    gone = time.monotonic() + 20
    while trainings(app) and time.monotonic() < gone:
        page.wait_for_timeout(100)
    assert trainings(app) == set()
    page.locator("#live-start").click()
    expect(page.locator("#live-status")).to_contain_text(t("zh", "live.training"))
    page.locator("#live-stop").click()
    expect(page.locator("#live-status")).to_contain_text(t("zh", "live.stopped"))


@pytest.mark.skipif(sys.platform != "linux" or MOST_RUNS > 4, reason="looks at Linux' processes, and fills every place")
def test_a_visitor_who_waits_is_told_and_follows_when_another_leaves(visit: Visit, app: App) -> None:
    first = [opened(visit, "en") for _ in range(MOST_RUNS)]
    second = opened(visit, "en")
    for page in first:
        page.locator("#live-start").click()
        expect(page.locator("#live-status progress")).to_be_visible()
    before = trainings(app)
    assert len(before) == MOST_RUNS
    second.locator("#live-start").click()
    expect(second.locator("#live-status .progress-text")).to_contain_text("queue: 1/1")
    first[0].close()
    gone = time.monotonic() + 10
    while before <= trainings(app) and time.monotonic() < gone:
        second.wait_for_timeout(100)
    assert not before <= trainings(app)
    expect(second.locator("#live-status")).to_contain_text(t("en", "live.training"))
    assert len(trainings(app)) == MOST_RUNS
    for page in (*first[1:], second):
        page.locator("#live-stop").click()


@each_language
def test_the_cuts_of_the_whole_test_set(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language, "lesions")
    expect(page.locator("#cuts-words .findings li")).to_have_count(4)
    for chart in ("single", "several"):
        expect(page.locator(f"#cuts-{chart} .legendtext")).to_have_count(4)
    shoot(page, f"cuts-{language}")


@each_language
def test_a_block_is_cut_out_on_a_phone(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language, "lesions", width=390)
    page.locator("#lesions-start").click()
    expect(page.locator("#lesions-words")).to_contain_text(re.compile("ResNet-18.*PlainNet-18", re.DOTALL))
    expect(page.locator("#lesions-chart .main-svg").first).to_be_visible()
    shoot(page, f"lesions-{language}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
