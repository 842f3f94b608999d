"""The heat maps' tab in a browser. Each test leaves screenshots in its folder (pytest's --basetemp)."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.browser.conftest import Shoot, Visit, settle
from tests.browser.test_tabs import OTHER, switch

DRAWN = "canvas => canvas.toDataURL()"
each_language = pytest.mark.parametrize("language", LANGUAGES)


def t(language: str, key: str, **values: object) -> str:
    return catalogue(language)[f"gradcam.{key}"].format(**values)


def opened(visit: Visit, language: str, width: int = 1280) -> Page:
    """The tab with its first two maps drawn."""
    page = visit(language, query="?tab=gradcam", width=width)
    expect(page.locator("#brand h1")).to_have_text(catalogue(language)["app.title"])
    expect(page.locator("#cam-maps .legend span")).to_have_count(4)
    expect(page.locator("#cam-maps .cam-range").first).to_contain_text(t(language, "opacity"))
    return page


def turn(page: Page, language: str, name: str) -> None:
    """Opens one of the tab's pages."""
    page.locator("#cam-pages").get_by_role("tab", name=t(language, f"page.{name}")).click()


def choose(page: Page, box: str, option: str) -> None:
    page.locator(f"#{box} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def redrawn(page: Page, before: str) -> str:
    """The first map's pixels, as soon as they differ."""
    page.wait_for_function("before => document.querySelector('#cam-maps canvas')?.toDataURL() !== before", arg=before)
    return str(page.locator("#cam-maps canvas").first.evaluate(DRAWN))


def control(page: Page, name: str) -> Locator:
    return page.locator(f"#cam-maps [name={name}]")


@each_language
def test_the_browser_draws_alone(visit: Visit, shoot: Shoot, language: str) -> None:
    """Opacity, colours, wipe, outline, scale and values: the picture follows, and no request leaves the page."""
    page = opened(visit, language)
    seen = str(page.locator("#cam-maps canvas").first.evaluate(DRAWN))
    settle(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    control(page, "opacity").focus()
    page.keyboard.press("End")
    seen = redrawn(page, seen)
    control(page, "colours").select_option("grey")
    seen = redrawn(page, seen)
    control(page, "contour").fill("0.5")
    seen = redrawn(page, seen)
    control(page, "wipe").fill("0.5")
    seen = redrawn(page, seen)
    both = [canvas.evaluate(DRAWN) for canvas in page.locator("#cam-maps canvas").all()]
    page.locator("#cam-maps button[data-value=shared]").click()
    page.wait_for_function(
        "before => [...document.querySelectorAll('#cam-maps canvas')].some((c, i) => c.toDataURL() !== before[i])",
        arg=both,
    )
    largest = page.locator("#cam-maps .legend").all_inner_texts()
    assert largest[0] == largest[1]
    values = page.locator("#cam-maps .card > output")
    expect(values).to_have_text(2 * [t(language, "hover")])
    page.locator("#cam-maps canvas").first.hover()
    words = re.escape(t(language, "value", value="N", share="N")).replace("N", r"[\d,]+(\.\d+)?( × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
    expect(values).to_have_text(2 * [re.compile(words)])  # both maps are read at the same place
    shoot(page, "drawn")
    page.mouse.move(0, 0)
    expect(values.first).to_have_text(t(language, "hover"))
    page.locator("#cam-maps canvas").first.focus()
    page.keyboard.press("Home")
    expect(values.first).to_contain_text("100%")
    page.keyboard.press("ArrowUp")
    expect(values.first).not_to_contain_text("100%")
    assert [
        one for one in asked if not one.endswith("/app_id")
    ] == []  # the page looks whether the server is still there


@each_language
def test_a_slow_method_shows_its_progress_and_stops(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language)
    choose(page, "cam-left", "ResNet-50 · Imagenette")  # so many passes that the run outlasts the test's steps
    choose(page, "cam-method", "Score-CAM")
    expect(page.locator("#cam-maps .cam-waiting")).to_contain_text(re.compile(r"2,?048 \+ 512"))
    expect(page.locator("#cam-hint")).to_contain_text(t(language, "slow_mark"))
    start, stop = page.locator("#cam-slow-start"), page.locator("#cam-slow-stop")
    start.click()
    bar = page.get_by_role("progressbar")
    expect(bar).to_contain_text(re.compile(r"[1-9]\d*%"))
    shoot(page, "running")
    mark = {"en": "left", "zh": "约剩"}  # on screen is the page's language alone
    expect(bar).to_contain_text(mark[language], use_inner_text=True)
    expect(bar).not_to_contain_text(mark[OTHER[language]], use_inner_text=True)
    expect(start).to_contain_text(t(language, "run"))
    stop.click()
    settle(page)
    expect(bar).to_have_count(0)
    expect(stop).to_be_hidden()
    expect(start).to_be_enabled()
    expect(page.locator("#cam-maps canvas")).to_have_count(0)
    choose(page, "cam-left", "ResNet-18 · Imagenette")
    choose(page, "cam-method", "HiResCAM")
    expect(page.locator("#cam-maps canvas")).to_have_count(2)
    expect(start).to_be_hidden()
    choose(page, "cam-method", "Ablation-CAM")
    start.click()
    expect(page.locator("#cam-maps .cam-facts").first).to_contain_text("Ablation-CAM")
    shoot(page, "done")
    expect(page).to_have_url(re.compile("cam-method=ablationcam"))
    switch(page, OTHER[language])  # another page: it has the method, and nothing was measured there yet
    expect(page.locator("#cam-maps .cam-waiting")).to_contain_text("Ablation-CAM")
    expect(start).to_have_text(t(OTHER[language], "run"))
    expect(page.locator("#cam-maps canvas")).to_have_count(0)


@each_language
def test_a_check_runs(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language)
    turn(page, language, "checks")
    page.locator("#cam-confidence-start").click()
    expect(page.locator("#cam-confidence-figure .main-svg").first).to_be_visible()
    says = page.locator("#cam-confidence-says")
    expect(says.locator("li")).to_have_count(2)
    expect(says).to_contain_text(catalogue(language)["gradcam.check.confidence.how"][:30])
    shoot(page, "checked")
    choose(page, "cam-target", catalogue(language)["class.n03888257"])  # another map: the verdict on the last is gone
    expect(says.locator("li")).to_have_count(0)
    expect(page.locator("#cam-confidence-figure .main-svg")).to_have_count(0)
    expect(page).to_have_url(re.compile("show=checks.*cam-target=n03888257"))
    switch(page, OTHER[language])
    start = page.locator("#cam-confidence-start")
    expect(start).to_be_visible()  # the same page, which has the class
    expect(start).to_have_text(t(OTHER[language], "check.confidence.run"))
    expect(page.locator("#cam-target input")).to_have_value(catalogue(OTHER[language])["class.n03888257"])
    start.click()
    expect(says.locator("li")).to_have_count(2)
    expect(says).to_contain_text(catalogue(OTHER[language])["gradcam.check.confidence.how"][:30])


@each_language
def test_the_gallery_shows_ten_classes(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language, width=390)
    caveat = page.get_by_text(t(language, "caveat"))
    for name in ("maps", "checks", "gallery"):
        turn(page, language, name)
        expect(caveat).to_be_visible()  # whichever page is open
    rows = page.locator("#cam-gallery .cam-row")
    expect(rows).to_have_count(2)
    for row in rows.all():
        expect(row.locator("canvas")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, "classes")
    page.locator("#cam-gallery-kind").get_by_text(t(language, "gallery.networks")).click()
    expect(rows).to_have_count(1)
    expect(rows.locator("figcaption").last).to_contain_text(t(language, "random"))
    shoot(page, "networks")


@each_language
def test_downloads_hold_what_is_seen(visit: Visit, language: str) -> None:
    page = opened(visit, language)
    files: dict[str, bytes] = {}
    for kind in ("PNG", "NPY", "JSON"):
        with page.expect_download() as arriving:
            page.locator(f"#cam-maps [data-kind={kind}]").first.click()
        assert arriving.value.suggested_filename == f"resnet18-imagenette-gradcam-layer4-n03028079.{kind.lower()}"
        files[kind] = Path(arriving.value.path()).read_bytes()
    overlay = Image.open(io.BytesIO(files["PNG"]))
    assert overlay.size == (160, 160) and len(overlay.getcolors(160 * 160) or []) > 1000
    record, raw = json.loads(files["JSON"]), np.load(io.BytesIO(files["NPY"]))
    assert raw.dtype == np.float32 and list(raw.shape) == record["map"]["shape"] == [5, 5]
    assert float(raw.max()) == pytest.approx(record["map"]["maximum"])
    assert record["drawing"]["colours"] == "inferno" and record["target"]["id"] == "n03028079"


def test_one_network_alone_and_its_untrained_control(visit: Visit, shoot: Shoot) -> None:
    page = opened(visit, "en")
    choose(page, "cam-right", t("en", "alone"))
    expect(page.locator("#cam-maps canvas")).to_have_count(1)
    expect(page.locator(".cam-agreement")).to_have_count(0)
    choose(page, "cam-right", "ResNet-18 · random weights")
    expect(page.locator("#cam-maps .card h3").last).to_have_text("ResNet-18random weights (control)")
    expect(page.locator(".cam-agreement")).to_have_count(1)
    shoot(page, "control")
