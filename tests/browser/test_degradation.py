"""The degradation tab in a browser: a live run starts, draws and stops, in both languages; a block is cut out."""

import re
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from resnet_demo.chapters.degradation.live_runs import MOST_RUNS, recorded
from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.browser.conftest import Shoot, Visit, each_screen, open_tab, unfold
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


@each_screen
def test_the_study_s_curves_and_table(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = opened(visit, language, "study", width)
    for family in ("plain", "residual"):
        expect(page.locator(f"#degradation-study-{family} .legendtext")).to_have_count(4)
        expect(page.locator(f"#degradation-study-{family} .scatterlayer .js-fill")).to_have_count(4)  # bands over seeds
    page.locator("#degradation-study-depths").get_by_text("56", exact=True).click()
    for family in ("plain", "residual"):
        expect(page.locator(f"#degradation-study-{family} .legendtext")).to_have_count(2)
    unfold(page, "degradation-study")
    expect(page.locator("#degradation-study-details tbody tr")).to_have_count(4)  # the table keeps them all
    expect(page.locator("#degradation-study-imagenette .findings li").first).to_contain_text("11.95")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"study-{width}-{language}")
    page.locator("#degradation-study-details a[data-go=gradients]").click()
    expect(page.locator("#gradients-flow-chart")).to_be_visible()


LIVE = "#degradation-live_training"


@each_screen
def test_live_training_arrives_with_a_recorded_run(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    """Other settings wait for theirs."""
    page = opened(visit, language, width=width)
    answer = page.locator(f"{LIVE}-answer")
    expect(answer).to_contain_text("29.97")  # PlainNet-44's training error, in percent
    expect(page.locator(f"{LIVE}-chart .legendtext")).to_have_count(8)
    expect(page.locator(f"{LIVE}-runs tbody tr")).to_have_count(len(recorded()[0]))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"live-{width}-{language}")
    unfold(page, "degradation-live_training")
    page.locator(f"{LIVE}-seed input").fill("7")
    page.keyboard.press("Tab")
    expect(answer).to_contain_text(t(language, "live_training.waiting"))


@each_language
def test_a_run_starts_draws_and_stops(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language)
    page.locator(f"{LIVE}-start").click()
    expect(page.locator(f"{LIVE}-answer")).to_contain_text(t(language, "live_training.training"), timeout=60_000)
    expect(page.locator(f"{LIVE}-progress .run-progress")).to_be_visible()
    expect(page.locator(f"{LIVE}-chart .main-svg").first).to_be_visible()
    page.locator(f"{LIVE}-stop").click()
    expect(page.locator(f"{LIVE}-progress .run-progress")).to_have_count(0)
    expect(page.locator(f"{LIVE}-answer")).to_contain_text(t(language, "live_training.training"))  # it stays
    shoot(page, f"live-stopped-{language}")


@pytest.mark.timeout(600)
def test_a_finished_run_joins_the_table(visit: Visit) -> None:
    """One epoch of the smallest networks; the visitor's own run then is what these settings show.

    Training gives way to everything else on the machine, other tests among them.
    """
    query = "&".join(f"{name}={value}" for name, value in {"deep": 14, "width": 4, "epochs": 1}.items())
    page = visit("en", f"?tab=degradation&show=live_training&{query}")
    answer = page.locator(f"{LIVE}-answer")
    expect(answer).to_contain_text(t("en", "live_training.waiting"))
    page.locator(f"{LIVE}-start").click()
    own = page.locator(f"{LIVE}-runs tbody tr").nth(len(recorded()[0]))
    expect(own).to_contain_text("your run 1: 8 and 14 layers, 4 channels, epochs: 1", timeout=400_000)
    expect(answer).to_contain_text("Compared with the first run")
    page.locator(f"{LIVE}-augment input").uncheck()
    expect(answer).to_contain_text(t("en", "live_training.waiting"))
    page.locator(f"{LIVE}-augment input").check()
    expect(answer).to_contain_text("Compared with the first run")
    expect(own).to_be_visible()


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
    page.locator(f"{LIVE}-start").click()
    expect(page.locator(f"{LIVE}-answer")).to_contain_text(t("en", "live_training.training"), timeout=60_000)
    assert len(trainings(app)) == 1
    expect(page).to_have_url(re.compile("show=live_training"))
    switch(page, "zh")
    expect(page.locator(f"{LIVE}-start")).to_have_text(t("zh", "live_training.start"))
    expect(page.locator(f"{LIVE}-start")).to_be_visible()
    expect(page.locator(f"{LIVE}-progress .run-progress")).to_have_count(0)
    gone = time.monotonic() + 20
    while trainings(app) and time.monotonic() < gone:
        page.wait_for_timeout(100)
    assert trainings(app) == set()
    page.locator(f"{LIVE}-start").click()
    expect(page.locator(f"{LIVE}-answer")).to_contain_text(t("zh", "live_training.training"), timeout=60_000)
    page.locator(f"{LIVE}-stop").click()
    expect(page.locator(f"{LIVE}-progress .run-progress")).to_have_count(0)


@pytest.mark.skipif(sys.platform != "linux" or MOST_RUNS > 4, reason="looks at Linux' processes, and fills every place")
def test_a_visitor_who_waits_is_told_and_follows_when_another_leaves(visit: Visit, app: App) -> None:
    first = [opened(visit, "en") for _ in range(MOST_RUNS)]
    second = opened(visit, "en")
    for page in first:
        page.locator(f"{LIVE}-start").click()
        expect(page.locator(f"{LIVE}-answer")).to_contain_text(t("en", "live_training.training"), timeout=60_000)
    before = trainings(app)
    assert len(before) == MOST_RUNS
    second.locator(f"{LIVE}-start").click()
    expect(second.locator(f"{LIVE}-progress")).to_contain_text("Waiting for its turn")
    first[0].close()
    gone = time.monotonic() + 10
    while before <= trainings(app) and time.monotonic() < gone:
        second.wait_for_timeout(100)
    assert not before <= trainings(app)
    expect(second.locator(f"{LIVE}-answer")).to_contain_text(t("en", "live_training.training"), timeout=60_000)
    assert len(trainings(app)) == MOST_RUNS
    for page in (*first[1:], second):
        page.locator(f"{LIVE}-stop").click()


@each_screen
def test_a_block_is_removed(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = opened(visit, language, "ablation", width)
    expect(page.locator("#degradation-ablation-answer .summary")).to_be_visible()
    expect(page.locator("#degradation-ablation-single .legendtext")).to_have_count(4)
    words = re.compile("ResNet-18.*PlainNet-18", re.DOTALL)
    expect(page.locator("#degradation-ablation-words")).to_contain_text(words)
    expect(page.locator("#degradation-ablation-photo .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"ablation-{width}-{language}")


@each_screen
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
    page.locator("#degradation-early_exit-pair input").click()
    page.get_by_role("option", name="ResNet-20").click()
    expect(page.locator("#degradation-early_exit-bars li")).to_have_count(6)
    unfold(page, "degradation-early_exit")
    expect(page.locator("#degradation-early_exit-maps img")).to_have_count(6)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@each_screen
def test_a_point_moves_over_the_landscape(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = opened(visit, language, "landscape", width)
    point = page.locator("#degradation-landscape-points li").first
    expect(point).to_contain_text("(0.00, 0.00)")
    expect(page.locator("#degradation-landscape-chart .contourlayer .contour")).to_have_count(2)
    page.locator("#degradation-landscape-x input[type=number]").fill("0.4")
    expect(point).to_contain_text("(0.40, 0.00)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"landscape-{width}-{language}")
