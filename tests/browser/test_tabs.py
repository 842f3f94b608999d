"""The tabs in a browser, as a visitor uses them. Each test leaves screenshots in its folder (pytest's --basetemp)."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.browser.conftest import Shoot, Visit, open_tab
from tests.helpers.refused import REFUSED, photograph

TABS = ("classify", "gradcam", "blocks", "parameters", "residual", "gradients", "degradation")
RESULT = {
    "classify": "#classify-results .card",
    "gradcam": "#cam-maps canvas",
    "blocks": "#blocks-table table",
    "parameters": "#parameters-chart .stack",
    "residual": "#residual-cards svg",
    "gradients": "#gradients-chart .main-svg",
    "degradation": "#study-plain .main-svg",
}
HTML_LANG = {"en": "en", "zh": "zh-CN"}
OTHER = {"en": "zh", "zh": "en"}
DRAWN = "canvas => canvas.toDataURL()"
each_language = pytest.mark.parametrize("language", LANGUAGES)


def t(language: str, key: str, **values: object) -> str:
    return catalogue(language)[key].format(**values)


def opened(page: Page, language: str) -> Page:
    """Waits until the page is there, in the language."""
    expect(page.locator("html")).to_have_attribute("lang", HTML_LANG[language])
    expect(page.locator("#heading h1")).to_have_text(t(language, "app.title"))
    expect(page).to_have_title(t(language, "app.title"))
    expect(page.locator(RESULT["classify"])).to_have_count(2)
    return page


def go(page: Page, tab: str) -> Locator:
    """Opens a tab and waits for its first result."""
    spoken = "zh" if page.locator("html").get_attribute("lang") == "zh-CN" else "en"
    open_tab(page, "#tabs", f"tab-{tab}", t(spoken, f"{tab}.title"))
    result = page.locator(RESULT[tab]).first
    expect(result).to_be_visible()
    return result


def switch(page: Page, language: str) -> None:
    page.locator("#language").get_by_text(LANGUAGES[language]).click()
    expect(page.locator("html")).to_have_attribute("lang", HTML_LANG[language])
    expect(page).to_have_title(t(language, "app.title"))


def upload(page: Page, tab: str, path: Path) -> None:
    page.locator(f"#{tab}-photo input[type=file]").set_input_files(path)


def remove(page: Page, tab: str) -> None:
    page.locator(f"#{tab}-photo .icon-button-wrapper button").last.click()


def choose(page: Page, box: str, option: str) -> None:
    """Picks an entry of a dropdown by its words."""
    page.locator(f"#{box} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def crop(page: Page) -> Locator:
    return page.locator("#classify-results img.crop").first


def drawn(page: Page) -> str:
    """The first map's pixels, once there are any."""
    canvas = page.locator("#cam-maps canvas").first
    page.wait_for_function("() => document.querySelector('#cam-maps .legend span')")
    return str(canvas.evaluate(DRAWN))


def redrawn(page: Page, before: str) -> str:
    """The first map's pixels, as soon as they differ."""
    page.wait_for_function("before => document.querySelector('#cam-maps canvas')?.toDataURL() !== before", arg=before)
    return drawn(page)


# ------------------------------------------------------------------------------------------------ opening


@each_language
def test_opens_in_the_browsers_language_and_every_tab_answers(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language), language)
    assert page.evaluate("window.shownFirst") == t(language, "app.title")  # no text changed before one's eyes
    assert page.get_by_role("tab").all_inner_texts() == [t(language, f"{tab}.title") for tab in TABS]
    for tab in TABS:
        go(page, tab)
        expect(page.get_by_role("tab", selected=True).first).to_have_text(t(language, f"{tab}.title"))
        expect(page.locator(".intro h2:visible")).to_have_text(t(language, f"{tab}.question"))
        shoot(page, tab)
    expect(page.locator("#parameters-chart")).to_contain_text(t(language, "parameters.role.spatial"))
    assert page.locator("img:not([alt])").count() == 0
    for canvas in page.locator("canvas[role=img]").all():
        words = canvas.get_attribute("aria-label")
        assert words and words.startswith({"en": "Heat map of", "zh": ("ResNet-18 对", "PlainNet-18 对")}[language])
    for picture in page.locator("#classify-results img").all():
        assert picture.get_attribute("alt") == t(language, "classify.crop", side=160)


@pytest.mark.parametrize(("browsers", "asked"), [("en", "zh"), ("zh", "en")])
def test_the_address_wins_over_the_browsers_language(visit: Visit, shoot: Shoot, browsers: str, asked: str) -> None:
    page = opened(visit(browsers, query=f"?lang={asked}"), asked)
    assert page.get_by_role("tab").all_inner_texts() == [t(asked, f"{tab}.title") for tab in TABS]
    expect(page.locator("#language input:checked")).to_have_value(asked)
    shoot(page, "opened")


# ------------------------------------------------------------------------------------------------ photographs


@each_language
def test_examples_by_mouse_and_by_keyboard(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language), language)
    seen = crop(page).get_attribute("src")
    strip = page.locator("#classify-examples button")
    expect(strip.first).to_have_attribute("aria-pressed", "true")
    strip.nth(2).click()
    expect(crop(page)).not_to_have_attribute("src", seen or "")
    expect(strip.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#classify-examples button[aria-pressed=true]")).to_have_count(1)
    expect(strip.nth(2)).to_have_text(t(language, "example.parachute_drawn"))
    switch(page, OTHER[language])
    expect(strip.nth(2)).to_have_text(t(OTHER[language], "example.parachute_drawn"))
    expect(strip.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#classify-examples button[aria-pressed=true]")).to_have_count(1)
    seen = crop(page).get_attribute("src")
    strip.nth(8).focus()
    page.keyboard.press("Enter")
    expect(crop(page)).not_to_have_attribute("src", seen or "")
    shoot(page, "ninth")
    go(page, "gradcam")
    before = drawn(page)
    page.locator("#gradcam-examples button").nth(8).focus()
    page.keyboard.press("Space")
    redrawn(page, before)
    shoot(page, "maps")


@each_language
def test_a_broken_file_then_a_good_one(visit: Visit, shoot: Shoot, language: str, tmp_path: Path) -> None:
    page = opened(visit(language), language)
    results, notice = page.locator("#classify-results"), page.locator("#classify-results .notice")
    remove(page, "classify")
    expect(notice).to_have_text(t(language, "error.picture_none"))
    expect(page.locator("#classify-examples button[aria-pressed=true]")).to_have_count(0)
    upload(page, "classify", REFUSED["truncated"].write(tmp_path))
    expect(notice).to_have_text(REFUSED["truncated"].said[language])
    shoot(page, "notice")
    switch(page, OTHER[language])
    expect(notice).to_have_text(REFUSED["truncated"].said[OTHER[language]])
    remove(page, "classify")
    upload(page, "classify", REFUSED["text"].write(tmp_path))
    expect(notice).to_have_text(REFUSED["text"].said[OTHER[language]])
    good = tmp_path / "good.png"
    photograph().save(good)
    remove(page, "classify")
    upload(page, "classify", good)
    expect(results.locator(".card")).to_have_count(2)
    expect(notice).to_have_count(0)
    go(page, "gradcam")
    remove(page, "gradcam")
    notice = page.locator("#cam-maps .notice")
    expect(notice).to_have_text(t(OTHER[language], "error.picture_none"))
    shoot(page, "maps-notice")
    upload(page, "gradcam", good)
    expect(page.locator("#cam-maps canvas")).to_have_count(2)
    shoot(page, "recovered")


def test_two_visitors_keep_their_own_pictures(visit: Visit, shoot: Shoot) -> None:
    """Both choose at once, and both change the language: each page shows its own picture again."""
    pages = [opened(visit("en"), "en"), opened(visit("zh"), "zh")]
    first = crop(pages[0]).get_attribute("src") or ""
    assert crop(pages[1]).get_attribute("src") == first
    for page, index in zip(pages, (9, 11), strict=True):
        page.locator("#classify-examples button").nth(index).click()
    for page in pages:
        expect(crop(page)).not_to_have_attribute("src", first)
    seen = [crop(page).get_attribute("src") or "" for page in pages]
    assert seen[0] != seen[1]
    for page, language in zip(pages, ("zh", "en"), strict=True):
        switch(page, language)
    for page, language, picture in zip(pages, ("zh", "en"), seen, strict=True):
        expect(page.locator("#classify-results .hint").last).to_have_text(t(language, "classify.crop_note"))
        expect(crop(page)).to_have_attribute("src", picture)
        shoot(page, f"then-{language}")


# ------------------------------------------------------------------------------------------------ language


@each_language
def test_the_language_changes_and_nothing_else(visit: Visit, shoot: Shoot, language: str, tmp_path: Path) -> None:
    then = OTHER[language]
    page = opened(visit(language), language)
    own = tmp_path / "own.png"
    photograph(seed=7).save(own)
    first = crop(page).get_attribute("src") or ""
    upload(page, "classify", own)
    expect(crop(page)).not_to_have_attribute("src", first)
    page.locator("#classify-networks").get_by_text("PlainNet-18").click()
    expect(page.locator("#classify-results .card")).to_have_count(1)
    picture = crop(page).get_attribute("src") or ""
    go(page, "gradcam")
    before = drawn(page)
    choose(page, "cam-target", t(language, "class.n03028079"))
    choose(page, "cam-method", "LayerCAM")
    choose(page, "cam-layer", t(language, "gradcam.stage", number=3))
    expect(page.locator("#cam-maps .cam-facts").first).to_contain_text("10 × 10")
    page.locator("#cam-maps input[name=opacity]").fill("0.2")
    page.locator("#cam-maps select").first.select_option("viridis")
    redrawn(page, before)
    go(page, "blocks")
    choose(page, "blocks-name", "PlainNet-34")
    page.locator("#blocks-size input[type=range]").fill("128")
    expect(page.locator("#blocks-diagram .summary")).to_contain_text("128 × 128")
    go(page, "parameters")
    page.locator("#parameters-a-channels_in input").fill("64")
    expect(page.locator("#parameters-a-card")).to_contain_text("737,792")

    switch(page, then)

    expect(page.locator("#heading h1")).to_have_text(t(then, "app.title"))
    for tab, name in enumerate(TABS):
        expect(page.get_by_role("tab").nth(tab)).to_have_text(t(then, f"{name}.title"))
    expect(page.locator("#parameters-a-channels_in")).to_contain_text(t(then, "parameters.field.channels_in"))
    expect(page.locator("#parameters-a-channels_in input")).to_have_value("64")
    expect(page.locator("#parameters-a-kind input")).to_have_value(t(then, "parameters.kind.vgg"))
    expect(page.locator("#parameters-a-card")).to_contain_text("737,792")
    expect(page.locator("#parameters-chart")).to_contain_text(t(then, "parameters.role.bias"))
    shoot(page, "parameters")
    go(page, "blocks")
    summary = page.locator("#blocks-diagram .summary")
    expect(summary).to_contain_text("PlainNet-34")
    expect(summary).to_contain_text("128 × 128")
    expect(page.locator("#blocks-table thead th").first).to_have_text(t(then, "blocks.block"))
    shoot(page, "blocks")
    go(page, "gradcam")
    expect(page.locator("#cam-target input")).to_have_value(t(then, "class.n03028079"))
    expect(page.locator("#cam-method input")).to_have_value("LayerCAM")
    expect(page.locator("#cam-layer")).to_contain_text(t(then, "gradcam.stage", number=3))
    expect(page.locator("#cam-maps canvas").first).to_have_attribute(
        "aria-label", re.compile(re.escape(t(then, "class.n03028079")))
    )
    expect(page.locator("#cam-maps .cam-facts").first).to_contain_text("10 × 10")
    expect(page.locator("#cam-maps input[name=opacity]")).to_have_value("0.2")
    expect(page.locator("#cam-maps select").first).to_have_value("viridis")
    shoot(page, "gradcam")
    go(page, "classify")
    expect(page.locator("#classify-results .card")).to_have_count(1)
    expect(crop(page)).to_have_attribute("src", picture)
    expect(page.locator("#classify-networks")).to_contain_text(t(then, "classify.networks_info"))
    names = {text for key, text in catalogue(then).items() if key.startswith("class.")}
    assert set(page.locator("#classify-results .what").all_inner_texts()) <= names
    shoot(page, "classify")


# ------------------------------------------------------------------------------------------------ layout


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh", True)], ids=["en-light", "zh-dark"])
def test_nothing_hangs_over_the_edge(visit: Visit, shoot: Shoot, language: str, dark: bool) -> None:
    """From a phone to a projector: no tab makes the page scroll sideways."""
    page = opened(visit(language, width=390, height=844, dark=dark), language)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = [int(number) for number in re.findall(r"\d+", background)[:3]]
    assert (sum(channels) < 200) == dark
    wide = {}
    for tab in TABS:
        go(page, tab)
        for width in (390, 1920):
            page.set_viewport_size({"width": width, "height": 844 if width == 390 else 1080})
            expect(page.locator(RESULT[tab]).first).to_be_visible()
            wide[tab, width] = page.evaluate("document.documentElement.scrollWidth")
            shoot(page, f"{tab}-{width}")
        page.set_viewport_size({"width": 390, "height": 844})
    assert {place: size for place, size in wide.items() if size > place[1]} == {}
    expect(page.locator("footer .divider").first).not_to_be_visible()
