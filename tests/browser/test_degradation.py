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


def opened(visit: Visit, language: str, name: str = "live_training", width: int = 1280) -> Page:
    """A page of the tab."""
    page = visit(language, "?tab=degradation", width=width)
    expect(page.locator("#degradation-study-answer .summary")).to_have_count(2)
    open_tab(page, "#degradation-pages", f"degradation-page-{name}", t(language, f"{name}.title"))
    return page


@each_language
@pytest.mark.parametrize("width", [1280, 390])
def test_the_study_s_curves_and_table(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = opened(visit, language, "study", width)
    for family in ("plain", "residual"):
        expect(page.locator(f"#degradation-study-{family} .legendtext")).to_have_count(4)
        expect(page.locator(f"#degradation-study-{family} .scatterlayer .js-fill")).to_have_count(4)  # bands over seeds
    page.locator("#degradation-study-depths").get_by_text("56", exact=True).click()
    for family in ("plain", "residual"):
        expect(page.locator(f"#degradation-study-{family} .legendtext")).to_have_count(2)
    page.locator("#degradation-study-more > button").click()
    expect(page.locator("#degradation-study-details tbody tr")).to_have_count(4)  # the table keeps them all
    expect(page.locator("#degradation-study-imagenette .findings li").first).to_contain_text("11.95")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"study-{width}-{language}")
    page.locator("#study-gradients").click()
    expect(page.locator("#gradients-chart")).to_be_visible()


@each_language
def test_a_run_starts_draws_and_stops(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language)
    page.locator("#live-start").click()
    expect(page.locator("#live-status progress")).to_be_visible()
    expect(page.locator("#live-chart .main-svg").first).to_be_visible()
    expect(page.locator("#live-status")).to_contain_text(t(language, "live_training.training"))
    page.locator("#live-stop").click()
    expect(page.locator("#live-status")).to_contain_text(t(language, "live_training.stopped"))
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
    expect(page.locator("#live-status")).to_contain_text(t("en", "live_training.training"))
    assert len(trainings(app)) == 1
    expect(page).to_have_url(re.compile("show=live_training"))
    switch(page, "zh")
    expect(page.locator("#live-start")).to_have_text(t("zh", "live_training.start"))
    expect(page.locator("#live-start")).to_be_visible()
    expect(page.locator("#live-status progress")).to_have_count(0)
    gone = time.monotonic() + 20
    while trainings(app) and time.monotonic() < gone:
        page.wait_for_timeout(100)
    assert trainings(app) == set()
    page.locator("#live-start").click()
    expect(page.locator("#live-status")).to_contain_text(t("zh", "live_training.training"))
    page.locator("#live-stop").click()
    expect(page.locator("#live-status")).to_contain_text(t("zh", "live_training.stopped"))


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
    expect(second.locator("#live-status")).to_contain_text(t("en", "live_training.training"))
    assert len(trainings(app)) == MOST_RUNS
    for page in (*first[1:], second):
        page.locator("#live-stop").click()


@each_language
@pytest.mark.parametrize("width", [1280, 390])
def test_a_block_is_removed(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = opened(visit, language, "ablation", width)
    expect(page.locator("#degradation-ablation-answer .summary")).to_be_visible()
    expect(page.locator("#degradation-ablation-single .legendtext")).to_have_count(4)
    words = re.compile("ResNet-18.*PlainNet-18", re.DOTALL)
    expect(page.locator("#degradation-ablation-words")).to_contain_text(words)
    expect(page.locator("#degradation-ablation-photo .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"ablation-{width}-{language}")


@each_language
@pytest.mark.parametrize("width", [1280, 390])
def test_stopping_early(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    """The slider fades what lies behind the block that it names, without asking the server."""
    page = opened(visit, language, "early_exit", width)
    expect(page.locator("#degradation-early_exit-bars li")).to_have_count(18)
    expect(page.locator("#degradation-early_exit-chart .legendtext")).to_have_count(4)
    last = page.locator("#degradation-early_exit-bars .residual li").last
    assert last.evaluate("(one) => getComputedStyle(one).opacity") == "1"
    page.locator("#degradation-early_exit-bars input").fill("4")
    expect(page.locator("#degradation-early_exit-bars output")).to_have_text("4")
    assert last.evaluate("(one) => getComputedStyle(one).opacity") == "0.2"
    shoot(page, f"early_exit-{width}-{language}")
    page.locator("#degradation-early_exit-pair").get_by_text("ResNet-20").click()
    expect(page.locator("#degradation-early_exit-bars li")).to_have_count(6)
    page.locator("#degradation-early_exit-more > button").click()
    expect(page.locator("#degradation-early_exit-maps img")).to_have_count(6)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@each_language
@pytest.mark.parametrize("width", [1280, 390])
def test_a_point_moves_over_the_landscape(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = opened(visit, language, "landscape", width)
    answer = page.locator("#degradation-landscape-answer")
    expect(answer.locator(".findings li").first).to_contain_text("(0.00, 0.00)")
    expect(page.locator("#degradation-landscape-chart .contourlayer .contour")).to_have_count(2)
    page.locator("#degradation-landscape-x input[type=number]").fill("0.4")
    expect(answer.locator(".findings li").first).to_contain_text("(0.40, 0.00)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"landscape-{width}-{language}")
