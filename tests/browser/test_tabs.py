"""The tabs in a browser, as a visitor uses them. Each test leaves screenshots in its folder (pytest's --basetemp)."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.browser.conftest import Shoot, Visit, open_tab, settle
from tests.helpers.refused import REFUSED, photograph

TABS = ("classify", "gradcam", "blocks", "parameters", "residual", "gradients", "degradation")
RESULT = {
    "classify": "#classify-results .card",
    "gradcam": "#gradcam-maps-pair canvas",
    "blocks": "#blocks-network-table table",
    "parameters": "#parameters-blocks-chart .stack",
    "residual": "#residual-one_block-cards svg",
    "gradients": "#gradients-flow-chart .main-svg",
    "degradation": "#degradation-study-plain .main-svg",
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
    expect(page.locator("#brand h1")).to_have_text(t(language, "app.title"))
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
    """Follows the link to the other language, and waits until the page is there."""
    page.locator(f"a[data-language={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", HTML_LANG[language])
    expect(page.locator("#brand h1")).to_have_text(t(language, "app.title"))


def open_drawer(page: Page) -> None:
    """Opens the drawer with the photo, if it is closed."""
    if page.locator("#photo-chip").get_attribute("aria-expanded") == "false":
        page.locator("#photo-chip").click()


def upload(page: Page, path: Path) -> None:
    open_drawer(page)
    page.locator("#photo input[type=file]").set_input_files(path)


def remove(page: Page) -> None:
    open_drawer(page)
    page.locator("#photo .icon-button-wrapper button").last.click()


def choose(page: Page, box: str, option: str) -> None:
    """Picks an entry of a dropdown by its words."""
    page.locator(f"#{box} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def crop(page: Page) -> Locator:
    return page.locator("#classify-results img.crop").first


def drawn(page: Page) -> str:
    """The first map's pixels, once there are any."""
    canvas = page.locator("#gradcam-maps-pair canvas").first
    page.wait_for_function("() => document.querySelector('#gradcam-maps-pair .legend span')")
    return str(canvas.evaluate(DRAWN))


def redrawn(page: Page, before: str) -> str:
    """The first map's pixels, as soon as they differ."""
    page.wait_for_function(
        "before => document.querySelector('#gradcam-maps-pair canvas')?.toDataURL() !== before", arg=before
    )
    return drawn(page)


# ------------------------------------------------------------------------------------------------ opening


@each_language
def test_opens_in_the_browsers_language_and_every_tab_answers(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language), language)
    assert page.locator("#tabs > .tab-wrapper").get_by_role("tab").all_inner_texts() == [
        t(language, f"{tab}.title") for tab in ("lesson", *TABS)
    ]
    for tab in TABS:
        go(page, tab)
        expect(page.get_by_role("tab", selected=True).first).to_have_text(t(language, f"{tab}.title"))
        expect(page).to_have_url(re.compile(rf"[?&]tab={tab}\b") if tab != "classify" else re.compile("."))
        shoot(page, tab)
    expect(page.locator("#parameters-blocks-chart")).to_contain_text(t(language, "parameters.role.spatial"))
    for canvas in page.locator("canvas[role=img]").all():
        words = canvas.get_attribute("aria-label")
        assert words and words.startswith({"en": "Heat map of", "zh": ("ResNet-18 对", "PlainNet-18 对")}[language])
    for picture in page.locator("#classify-results img").all():
        assert picture.get_attribute("alt") == t(language, "classify.crop", side=160)


@pytest.mark.parametrize(("browsers", "asked"), [("en", "zh"), ("zh", "en")])
def test_the_address_wins_over_the_browsers_language(visit: Visit, shoot: Shoot, browsers: str, asked: str) -> None:
    page = opened(visit(browsers, query=f"?lang={asked}"), asked)
    expect(page.locator("a[data-language]")).to_have_text(LANGUAGES[OTHER[asked]])
    shoot(page, "opened")


def test_a_closed_chapter_computes_nothing(visit: Visit) -> None:
    """What a visitor has not opened was not asked for: no map, no gradient, no table of another chapter is there."""
    page = opened(visit("en"), "en")
    settle(page)
    assert [tab for tab in TABS if page.locator(RESULT[tab]).count()] == ["classify"]
    computed = page.evaluate("Object.keys(window.resnetState.computed)")
    assert computed == ["classify"]


# ------------------------------------------------------------------------------------------------ the address


def test_svelte_keeps_no_proxies_of_the_listeners(visit: Visit) -> None:
    """Laying out the page reads them half a million times: as proxies, they took 40% of the browser's work."""
    page = visit("en")
    expect(page.locator(RESULT["classify"])).to_have_count(2)
    plain = "Object.getPrototypeOf(window.gradio_config.dependencies[0]) === Object.prototype"
    assert not page.evaluate(plain)


@each_language
def test_back_and_forward_and_a_link_lead_to_the_same_place(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language), language)
    go(page, "parameters")
    page.locator("#parameters-page-depth-button").click()
    page.locator("#parameters-depth-preset-152").click()
    expect(page.locator("#parameters-depth-answer")).to_contain_text("60,192,808")
    expect(page).to_have_url(re.compile(r"tab=parameters&show=depth&conv3_x=8&conv4_x=36$"))
    address = page.url
    go(page, "gradcam")
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.locator("#parameters-depth-answer")).to_be_visible()
    page.go_forward()
    expect(page.locator(RESULT["gradcam"]).first).to_be_visible()
    page.goto(address)  # a reload, or a link from somebody else
    expect(page.locator("#parameters-depth-answer")).to_contain_text("60,192,808")
    shoot(page, "linked")
    switch(page, OTHER[language])
    expect(page.locator("#parameters-depth-answer")).to_contain_text("60,192,808")
    expect(page.locator("#parameters-depth-cards")).to_contain_text(t(OTHER[language], "parameters.depth.here"))


@each_language
@pytest.mark.parametrize(
    ("former", "tab"), [("compare_cam", "gradcam"), ("inspector", "blocks"), ("calculator", "parameters")]
)
def test_old_links_go_on_working(visit: Visit, language: str, former: str, tab: str) -> None:
    page = visit(language, query=f"?tab={former}")
    expect(page.locator(RESULT[tab]).first).to_be_visible()


@each_language
def test_what_an_address_cannot_set_is_left_out_and_said(visit: Visit, language: str) -> None:
    page = visit(language, query="?tab=parameters&show=heads&size=448&hidden=many&nonsense=1")
    expect(page.locator("#parameters-heads-table")).to_contain_text("411,045,888")
    expect(page.locator("#address-note")).to_have_text(t(language, "page.address_ignored") + "hidden")


# ------------------------------------------------------------------------------------------------ photographs


@each_language
def test_examples_by_mouse_and_by_keyboard(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language), language)
    seen = crop(page).get_attribute("src")
    open_drawer(page)
    strip = page.locator("#examples button")
    expect(strip.first).to_have_attribute("aria-pressed", "true")
    strip.nth(2).click()
    expect(page.locator("#drawer")).not_to_be_visible()
    expect(crop(page)).not_to_have_attribute("src", seen or "")
    expect(strip.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#examples button[aria-pressed=true]")).to_have_count(1)
    expect(strip.nth(2)).to_have_text(t(language, "example.parachute_drawn"))
    seen = crop(page).get_attribute("src")
    open_drawer(page)
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).not_to_be_visible()
    expect(page.locator("#photo-chip")).to_be_focused()
    open_drawer(page)
    page.mouse.click(900, 28)  # in the header: the drawer is as large as the page
    expect(page.locator("#drawer")).not_to_be_visible()
    open_drawer(page)
    strip.nth(8).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#photo-chip")).to_be_focused()
    expect(crop(page)).not_to_have_attribute("src", seen or "")
    shoot(page, "ninth")
    go(page, "gradcam")
    before = drawn(page)
    open_drawer(page)
    strip.nth(7).focus()
    page.keyboard.press("Space")
    redrawn(page, before)
    shoot(page, "maps")


@each_language
def test_a_broken_file_then_a_good_one(visit: Visit, shoot: Shoot, language: str, tmp_path: Path) -> None:
    page = opened(visit(language), language)
    results, notice = page.locator("#classify-results"), page.locator("#classify-results .notice")
    remove(page)
    expect(notice).to_have_text(t(language, "error.picture_none"))
    expect(page.locator("#examples button[aria-pressed=true]")).to_have_count(0)
    upload(page, REFUSED["truncated"].write(tmp_path))
    expect(notice).to_have_text(REFUSED["truncated"].said[language])
    shoot(page, "notice")
    remove(page)
    upload(page, REFUSED["text"].write(tmp_path))
    expect(notice).to_have_text(REFUSED["text"].said[language])
    good = tmp_path / "good.png"
    photograph().save(good)
    remove(page)
    upload(page, good)
    expect(results.locator(".card")).to_have_count(2)
    expect(notice).to_have_count(0)
    go(page, "gradcam")
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(2)
    remove(page)
    notice = page.locator("#gradcam-maps-answer .notice")
    expect(notice).to_have_text(t(language, "error.picture_none"))
    shoot(page, "maps-notice")
    upload(page, good)
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(2)
    shoot(page, "recovered")


def test_two_visitors_keep_their_own_pictures(visit: Visit, shoot: Shoot) -> None:
    """Both choose at once, and both change the language: each page shows its own picture again."""
    pages = [opened(visit("en"), "en"), opened(visit("zh"), "zh")]
    first = crop(pages[0]).get_attribute("src") or ""
    assert crop(pages[1]).get_attribute("src") == first
    for page, index in zip(pages, (9, 11), strict=True):
        open_drawer(page)
        page.locator("#examples button").nth(index).click()
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


@each_language
def test_the_photo_is_there_in_every_chapter_after_a_reload_and_in_the_other_language(
    visit: Visit, shoot: Shoot, language: str, tmp_path: Path
) -> None:
    page = opened(visit(language), language)
    own = tmp_path / "own.png"
    photograph(seed=7).save(own)
    first = crop(page).get_attribute("src") or ""
    upload(page, own)
    expect(crop(page)).not_to_have_attribute("src", first)
    page.wait_for_function("() => localStorage.getItem('resnet-photo')")
    assert page.evaluate("localStorage.getItem('resnet-photo').length") <= 300_000
    page.reload()
    opened(page, language)
    expect(crop(page)).not_to_have_attribute("src", first)
    expect(page.locator("#photo-chip img")).to_have_attribute("src", re.compile("photo"))
    go(page, "gradcam")
    mine = drawn(page)
    switch(page, OTHER[language])
    expect(page.locator(RESULT["gradcam"]).first).to_be_visible()
    assert drawn(page) == mine
    open_drawer(page)
    page.locator("#photo-forget").click()
    assert page.evaluate("localStorage.getItem('resnet-photo')") is None
    shoot(page, "forgotten")


@each_language
def test_the_other_language_shows_the_open_page_with_its_settings(visit: Visit, shoot: Shoot, language: str) -> None:
    then = OTHER[language]
    page = opened(visit(language), language)
    go(page, "blocks")
    choose(page, "blocks-network-name", "PlainNet-34")
    page.locator("#blocks-network-size input[type=range]").fill("128")
    expect(page.locator("#blocks-network-answer .summary")).to_contain_text("128 × 128")
    expect(page).to_have_url(re.compile("size=128"))
    switch(page, then)
    summary = page.locator("#blocks-network-answer .summary")
    expect(summary).to_contain_text("PlainNet-34")
    expect(summary).to_contain_text("128 × 128")
    expect(page.locator("#blocks-network-table thead th").first).to_have_text(t(then, "blocks.block"))
    shoot(page, "blocks")


# ------------------------------------------------------------------------------------------------ layout


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh", True)], ids=["en-light", "zh-dark"])
def test_nothing_hangs_over_the_edge(visit: Visit, shoot: Shoot, language: str, dark: bool) -> None:
    """From a phone to a projector: no tab makes the page scroll sideways."""
    page = opened(visit(language, width=390, height=844, dark=dark), language)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = [int(number) for number in re.findall(r"\d+", background)[:3]]
    assert (sum(channels) < 200) == dark
    link = page.locator("a[data-language]").bounding_box()
    assert link and link["x"] + link["width"] <= 390
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
