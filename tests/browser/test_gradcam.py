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
    expect(page.locator("#gradcam-maps-pair .legend span")).to_have_count(4)
    expect(page.locator("#gradcam-maps-pair .cam-range").first).to_contain_text(t(language, "opacity"))
    return page


def turn(page: Page, language: str, name: str) -> None:
    """Opens one of the tab's pages."""
    page.locator("#gradcam-pages").get_by_role("tab", name=t(language, f"{name}.title")).click()


def choose(page: Page, box: str, option: str) -> None:
    page.locator(f"#{box} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def redrawn(page: Page, before: str) -> str:
    """The first map's pixels, as soon as they differ."""
    page.wait_for_function(
        "before => document.querySelector('#gradcam-maps-pair canvas')?.toDataURL() !== before", arg=before
    )
    return str(page.locator("#gradcam-maps-pair canvas").first.evaluate(DRAWN))


def control(page: Page, name: str) -> Locator:
    return page.locator(f"#gradcam-maps-pair [name={name}]")


@each_language
def test_the_browser_draws_alone(visit: Visit, shoot: Shoot, language: str) -> None:
    """Opacity, colours, wipe, outline, scale and values: the picture follows, and no request leaves the page."""
    page = opened(visit, language)
    seen = str(page.locator("#gradcam-maps-pair canvas").first.evaluate(DRAWN))
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
    both = [canvas.evaluate(DRAWN) for canvas in page.locator("#gradcam-maps-pair canvas").all()]
    page.locator("#gradcam-maps-pair button[data-value=shared]").click()
    page.wait_for_function(
        "before => [...document.querySelectorAll('#gradcam-maps-pair canvas')]"
        ".some((canvas, i) => canvas.toDataURL() !== before[i])",
        arg=both,
    )
    largest = page.locator("#gradcam-maps-pair .legend").all_inner_texts()
    assert largest[0] == largest[1]
    values = page.locator("#gradcam-maps-pair .card > output")
    expect(values).to_have_text(2 * [t(language, "hover")])
    page.locator("#gradcam-maps-pair canvas").first.hover()
    words = re.escape(t(language, "value", value="N", share="N")).replace("N", r"[\d,]+(\.\d+)?( × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
    expect(values).to_have_text(2 * [re.compile(words)])  # both maps are read at the same place
    shoot(page, "drawn")
    page.mouse.move(0, 0)
    expect(values.first).to_have_text(t(language, "hover"))
    page.locator("#gradcam-maps-pair canvas").first.focus()
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
    choose(page, "gradcam-left", "ResNet-50 · Imagenette")  # so many passes that the run outlasts the test's steps
    choose(page, "gradcam-method", "Score-CAM")
    expect(page.locator("#gradcam-maps-answer .cam-waiting")).to_contain_text(re.compile(r"2,?048 \+ 512"))
    expect(page.locator("#gradcam-maps-method")).to_contain_text(t(language, "slow_mark"))
    start, stop = page.locator("#gradcam-maps-start"), page.locator("#gradcam-maps-stop")
    start.click()
    bar = page.get_by_role("progressbar")
    expect(bar).to_contain_text(re.compile(r"[1-9]\d*%"))
    shoot(page, "running")
    expect(bar).to_contain_text({"en": "left", "zh": "约剩"}[language])
    choose(page, "gradcam-target", catalogue(language)["class.n03888257"])  # another question ends it
    expect(bar).to_have_count(0)
    expect(start).to_be_enabled()
    settle(page)
    start.click()
    expect(bar).to_contain_text(re.compile(r"[1-9]\d*%"))
    stop.click()
    settle(page)
    expect(bar).to_have_count(0)
    expect(stop).to_be_hidden()
    expect(start).to_be_enabled()
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(0)
    choose(page, "gradcam-left", "ResNet-18 · Imagenette")
    choose(page, "gradcam-method", "HiResCAM")
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(2)
    expect(start).to_be_hidden()
    choose(page, "gradcam-method", "Ablation-CAM")
    start.click()
    expect(page.locator("#gradcam-maps-pair .cam-facts").first).to_contain_text("Ablation-CAM")
    shoot(page, "done")
    expect(page).to_have_url(re.compile("[?&]method=ablationcam"))
    switch(page, OTHER[language])  # another page: it has the method, and nothing was measured there yet
    expect(page.locator("#gradcam-maps-answer .cam-waiting")).to_contain_text("Ablation-CAM")
    expect(start).to_have_text(t(OTHER[language], "run"))
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(0)


@each_language
def test_a_check_runs(visit: Visit, shoot: Shoot, language: str) -> None:
    """One check is there at once, for this photo; its button adds the examples. Another map: the verdict is its own."""
    page = opened(visit, language)
    turn(page, language, "checks")
    answers, details = page.locator("#gradcam-checks-answer li"), page.locator("#gradcam-checks-details")
    expect(answers).to_have_count(2)
    expect(page.locator("#gradcam-checks-chart .main-svg").first).to_be_visible()
    shoot(page, "at-once")
    page.locator("#gradcam-checks-start").click()
    examples = catalogue(language)["gradcam.check.confidence.mean"].format(count=8, drop="", increase="")[:12]
    expect(details).to_contain_text(examples)
    expect(details).to_contain_text(catalogue(language)["gradcam.check.confidence.how"][:30])
    shoot(page, "checked")
    choose(page, "gradcam-target", catalogue(language)["class.n03888257"])
    expect(details).to_contain_text(catalogue(language)["class.n03888257"])
    expect(details).not_to_contain_text(examples)
    expect(page).to_have_url(re.compile("show=checks.*[?&]target=n03888257"))
    switch(page, OTHER[language])
    start = page.locator("#gradcam-checks-start")
    expect(start).to_have_text(t(OTHER[language], "checks.run"))  # the same page, which has the class
    expect(page.locator("#gradcam-target input")).to_have_value(catalogue(OTHER[language])["class.n03888257"])
    expect(details).to_contain_text(catalogue(OTHER[language])["gradcam.check.confidence.how"][:30])


def test_answer_and_picture_start_in_the_first_screen(visit: Visit) -> None:
    """Of every page, on a laptop and on a phone, in both languages."""
    pictures = {
        "maps": "#gradcam-maps-pair canvas",
        "checks": "#gradcam-checks-chart .main-svg",
        "gallery": "figure canvas",
        "film": "#gradcam-film-grid canvas",
    }
    for language in LANGUAGES:
        for width, height in ((1280, 720), (390, 844)):
            page = opened(visit, language, width=width)
            page.set_viewport_size({"width": width, "height": height})
            for name, picture in pictures.items():
                turn(page, language, name)
                page.evaluate("scrollTo(0, 0)")
                for seen in (f"#gradcam-{name}-answer", picture):
                    first = page.locator(seen).locator("visible=true").first
                    expect(first).to_be_visible()
                    box = first.bounding_box()
                    assert box and box["y"] + 40 < height, (language, width, name, seen, box)


def test_old_links_set_what_they_named(visit: Visit) -> None:
    page = visit(
        "en", query="?tab=compare_cam&show=gallery&cam-method=layercam&cam-layer=layer3&cam-gallery-kind=stages"
    )
    expect(page.locator("#gradcam-gallery-answer")).to_contain_text("LayerCAM at the end of every stage")
    expect(page).to_have_url(re.compile(r"(?=.*[?&]method=layercam)(?=.*[?&]layer=layer3)(?=.*[?&]kind=stages)"))


@each_language
def test_the_gallery_shows_ten_classes(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit, language, width=390)
    caveat = page.get_by_text(t(language, "caveat")).locator("visible=true")
    for name in ("maps", "checks", "film", "gallery"):
        turn(page, language, name)
        expect(caveat).to_have_count(1)  # whichever page is open
    rows = page.locator("#gradcam-gallery-grid .cam-row")
    expect(rows).to_have_count(2)
    for row in rows.all():
        expect(row.locator("canvas")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, "classes")
    page.locator("#gradcam-gallery-kind").get_by_text(t(language, "gallery.networks")).click()
    expect(rows).to_have_count(1)
    expect(rows.locator("figcaption").last).to_contain_text(t(language, "random"))
    shoot(page, "networks")


def test_the_film_follows_slider_and_photo(visit: Visit, shoot: Shoot) -> None:
    """It asks no question of its own, so the chapter's controls are hidden on its page, and on no other."""
    page = opened(visit, "en")
    turn(page, "en", "film")
    expect(page.locator("#gradcam-method")).not_to_be_visible()
    answer, grid = page.locator("#gradcam-film-answer .summary"), page.locator("#gradcam-film-grid")
    expect(answer).to_contain_text("After epoch 5: ResNet-18 predicts “")
    expect(grid.locator("canvas")).to_have_count(6)
    page.locator("#gradcam-film-epoch input[type=number]").fill("0")
    page.keyboard.press("Tab")
    expect(answer).to_contain_text("Before training: ResNet-18 predicts “")
    expect(grid.locator(".chosen b")).to_have_text(["untrained", "untrained"])
    expect(page).to_have_url(re.compile("show=film.*[?&]epoch=0"))
    page.locator("#photo-chip").click()
    page.locator("#examples [data-key=golf_ball_drawn]").click()
    expect(answer).to_contain_text("ResNet-18 settles on “golf ball”")
    shoot(page, "film")
    page.keyboard.press("Escape")
    turn(page, "en", "maps")
    expect(page.locator("#gradcam-method")).to_be_visible()


@each_language
def test_downloads_hold_what_is_seen(visit: Visit, language: str) -> None:
    page = opened(visit, language)
    files: dict[str, bytes] = {}
    for kind in ("PNG", "NPY", "JSON"):
        with page.expect_download() as arriving:
            page.locator(f"#gradcam-maps-pair [data-kind={kind}]").first.click()
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
    choose(page, "gradcam-right", t("en", "alone"))
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(1)
    expect(page.locator(".cam-answer.one")).to_have_count(1)
    choose(page, "gradcam-right", "ResNet-18 · random weights")
    expect(page.locator("#gradcam-maps-pair .card h3").last).to_have_text("ResNet-18random weights (control)")
    expect(page.locator(".cam-answer.one")).to_have_count(0)
    shoot(page, "control")
