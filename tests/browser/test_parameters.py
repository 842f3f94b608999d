"""The parameters in a browser, counted by a class. Each test leaves screenshots in its folder (pytest's --basetemp)."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.browser.conftest import Shoot, Visit, laid_out, open_tab, settle, unfold

HTML_LANG = {"en": "en", "zh": "zh-CN"}
PAGES = {
    "heads": "#parameters-heads-table .card",
    "networks": "#parameters-networks-chart .main-svg",
    "depth": "#parameters-depth-chart .main-svg",
}
# The chart fills its frame: it was not drawn while its sub-page was hidden.
FITTED = """(name) => {
  const frame = document.querySelector(`#parameters-${name}-chart`);
  const chart = frame?.querySelector(".main-svg");
  return chart && Math.abs(chart.getBoundingClientRect().width - frame.getBoundingClientRect().width) < 40;
}"""
COPIED = "navigator.clipboard.readText()"
each_language = pytest.mark.parametrize("language", LANGUAGES)


def t(language: str, key: str, **values: object) -> str:
    return catalogue(language)[key].format(**values)


def opened(page: Page, language: str) -> Page:
    expect(page.locator("html")).to_have_attribute("lang", HTML_LANG[language])
    expect(page.locator("#parameters-blocks-chart .stack").first).to_be_visible()
    laid_out(page)
    return page


def card(page: Page, letter: str) -> Locator:
    return page.locator(f"#parameters-blocks-cards .col-{letter}")


def box(page: Page, letter: str, name: str) -> Locator:
    return page.locator(f"#parameters-blocks-boxes .col-{letter} [name={name}]")


@each_language
def test_a_class_calls_out_numbers(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language, query="?tab=parameters"), language)
    bottleneck, width = card(page, "c"), box(page, "c", "width")
    expect(page.locator("#parameters-blocks-answer .summary")).to_contain_text("94.03%")
    expect(card(page, "a")).to_contain_text("1,180,160")
    expect(bottleneck).to_contain_text("70,400")
    expect(page.get_by_label(t(language, "parameters.field.width"))).to_have_value("64")
    width.fill("128")
    expect(bottleneck).to_contain_text("214,016")  # 256·128 + 9·128² + 128·256, and 2·(2·128 + 256)
    expect(bottleneck).to_contain_text("81.87%")
    width.fill("")
    empty = t(language, "error.count_empty", name=t(language, "parameters.field.width"), low=1, high=10**6)
    expect(bottleneck.locator(".notice")).to_have_text(empty)
    expect(width).to_be_focused()
    expect(page.locator("#parameters-blocks-chart .stack")).to_have_count(2)  # the others stay
    shoot(page, "notice")
    width.fill("64")
    expect(page.locator("#parameters-blocks-chart .stack")).to_have_count(3)
    # Only what matters for a kind can be seen, and a kind brings its own numbers.
    expect(box(page, "b", "width")).to_have_count(0)
    box(page, "b", "kind").select_option("resnext")
    expect(box(page, "b", "width")).to_have_value("128")
    expect(box(page, "b", "groups")).to_have_value("32")
    expect(card(page, "b")).to_contain_text("71,168")
    box(page, "d", "kind").select_option("depthwise")
    expect(card(page, "d")).to_contain_text("68,864")  # 9·256 + 256², and 2·2·256
    box(page, "d", "norm").uncheck()
    expect(card(page, "d")).to_contain_text("67,840")
    box(page, "d", "kind").select_option("")
    expect(page.locator("#parameters-blocks-chart .stack")).to_have_count(3)
    page.locator("#parameters-blocks-against label").nth(2).click()
    expect(card(page, "c")).to_contain_text(t(language, "parameters.reference"))
    unfold(page, "parameters-blocks")
    page.locator("#parameters-blocks-size input[type=number]").fill("28")
    expect(bottleneck).to_contain_text("54,591,488")  # a quarter of the MACs at 56 px
    shoot(page, "followed")


@pytest.mark.parametrize("slower", [1, 8])
def test_what_is_typed_while_an_answer_is_on_its_way_is_kept(visit: Visit, slower: int) -> None:
    """The processor's pace decides which answers come twice, and which come after the next digit."""
    page = opened(visit("en", query="?tab=parameters"), "en")
    devtools = page.context.new_cdp_session(page)
    late = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
    devtools.send("Network.emulateNetworkConditions", late)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    width, stride = box(page, "c", "width"), box(page, "c", "stride")
    width.click()
    for _ in range(3):  # 2, 21 and 216 are asked for one by one
        page.keyboard.press("ControlOrMeta+a")
        for digit in "216":
            page.keyboard.type(digit)
            page.wait_for_timeout(180)
    stride.fill("2")
    expect(width).to_have_value("216")
    expect(stride).to_have_value("2")
    expect(page).to_have_url(re.compile("c=bottleneck.*width:216.*stride:2"))


@each_language
def test_an_equal_budget_and_a_link(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language, query="?tab=parameters", width=390, height=844), language)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    unfold(page, "parameters-blocks")
    solution = page.locator("#parameters-blocks-budget")
    expect(solution).to_contain_text(t(language, "parameters.budget.none"))
    expect(solution).to_contain_text("69,440")
    shoot(page, "budget")
    solution.get_by_role("button").click()
    expect(box(page, "b", "channels_in")).to_have_value("62")
    expect(card(page, "b")).to_contain_text("69,440")
    page.locator("#parameters-blocks-syntax label").nth(1).click()
    expect(page.locator("#parameters-blocks-export textarea")).to_have_value(re.compile(r"^\\begin\{tabular\}"))
    expect(page).to_have_url(re.compile("b=basic,channels_in:62.*syntax=latex"))
    page.get_by_role("button", name=catalogue(language)["page.copy_link"]).click()
    expect(page.locator("#share [role=status]")).to_have_text(catalogue(language)["page.copied"])
    link = urlsplit(page.evaluate(COPIED))
    other = opened(visit(language, query=f"?{link.query}"), language)
    expect(box(other, "b", "channels_in")).to_have_value("62")
    expect(card(other, "b")).to_contain_text("69,440")
    expect(card(other, "c")).to_contain_text("70,400")
    shoot(other, "linked")


def test_a_preset_replaces_what_was_set(visit: Visit) -> None:
    page = opened(visit("en", query="?tab=parameters&a=vgg,channels_in:nonsense&b=basic,channels_in:64"), "en")
    expect(card(page, "a").locator(".notice")).to_contain_text("cannot be read")
    box(page, "b", "channels_in").fill("32")  # which leaves alone what cannot be read
    expect(page).to_have_url(re.compile("a=vgg,channels_in:nonsense&b=basic,channels_in:32"))
    expect(card(page, "a").locator(".notice")).to_contain_text("nonsense")
    laid_out(page)
    page.locator("#parameters-blocks-preset-relatives").click()
    expect(box(page, "b", "kind")).to_have_value("resnext")
    expect(page.locator("#parameters-blocks-chart .stack")).to_have_count(3)
    expect(page.locator(".calc-column .notice")).to_have_count(0)


def test_a_preset_that_changes_nothing_takes_back_what_is_on_its_way(visit: Visit) -> None:
    page = opened(visit("en", query="?tab=parameters"), "en")
    late = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", late)
    width, preset = box(page, "c", "width"), page.locator("#parameters-blocks-preset-bottleneck")
    expect(width).to_have_value("64")
    for pause in (0, 300):  # before the digits are sent, and before they are answered
        width.fill("32")
        page.wait_for_timeout(pause)
        preset.click()
        expect(width).to_have_value("64")
        page.wait_for_timeout(1500)
        expect(width).to_have_value("64")
        expect(card(page, "c")).to_contain_text("70,400")


def test_numbers_that_a_browser_could_not_hold_keep_their_digits(visit: Visit, shoot: Shoot) -> None:
    """2·999,999²·10¹² + 2·10⁶ is far beyond 2⁵³: the server writes it, the browser shows it."""
    page = opened(visit("en", query="?tab=parameters&a=vgg,channels_in:1000000,kernel:999999&b=&c=", width=390), "en")
    expect(card(page, "a")).to_contain_text("1,999,996,000,002,000,002,000,000")
    expect(page.locator("#parameters-blocks-chart .stack")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, "digits")


@pytest.mark.parametrize(("language", "dark"), [("en", True), ("zh", False)], ids=["en-dark", "zh-light"])
def test_every_sub_page_answers_and_fits(visit: Visit, shoot: Shoot, language: str, dark: bool) -> None:
    page = opened(visit(language, query="?tab=parameters", width=390, height=844, dark=dark), language)
    for name, result in PAGES.items():
        page.set_viewport_size({"width": 390, "height": 844})
        open_tab(page, "#parameters-pages", f"parameters-page-{name}", t(language, f"parameters.{name}.title"))
        expect(page.locator(result).first).to_be_visible()
        expect(page.locator(".intro h2:visible")).to_have_text(t(language, f"parameters.{name}.question"))
        for width in (390, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(FITTED, arg=name)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            shoot(page, f"{name}-{width}")
    page.locator("#parameters-depth-preset-152").click()
    expect(page.locator("#parameters-depth-answer")).to_contain_text("60,192,808")
    expect(page.locator("#parameters-depth-conv4_x input[type=number]")).to_have_value("36")
    page.locator("#parameters-page-heads-button").click()
    page.locator("#parameters-heads-size input[type=number]").fill("448")
    expect(page.locator("#parameters-heads-table")).to_contain_text("411,041,792")
    expect(page.locator("#parameters-heads-table")).to_contain_text("2,049,000")


@each_language
def test_a_link_reopens_each_sub_page(visit: Visit, shoot: Shoot, language: str) -> None:
    def there(name: str, query: str = "") -> Page:
        page = visit(language, query=query or f"?tab=parameters&show={name}", width=390, height=844)
        expect(page.locator("html")).to_have_attribute("lang", HTML_LANG[language])
        expect(page.locator(PAGES[name]).first).to_be_visible()
        settle(page)
        return page

    def size(page: Page) -> Locator:
        return page.locator("#parameters-heads-size input[type=number]")

    page = there("heads")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    size(page).fill("448")
    expect(page.locator("#parameters-heads-table")).to_contain_text("411,041,792")
    expect(page).to_have_url(re.compile("size=448"))
    page.get_by_role("button", name=catalogue(language)["page.copy_link"]).click()
    expect(page.locator("#share [role=status]")).to_have_text(catalogue(language)["page.copied"])
    link = urlsplit(page.evaluate(COPIED))
    assert link.query == "tab=parameters&show=heads&size=448"  # hidden and classes are the page's own
    other = there("heads", f"?{link.query}")
    expect(size(other)).to_have_value("448")
    expect(other.locator("#parameters-heads-table")).to_contain_text("411,041,792")
    depth = there("depth", "?tab=parameters&show=depth&kind=basic&conv4_x=23")
    expect(depth.locator("#parameters-depth-conv4_x input[type=number]")).to_have_value("23")
    expect(depth).to_have_url(re.compile("kind=basic.*conv4_x=23"))
    expect(depth.locator("#address-note")).to_be_empty()
    networks = there("networks", "?tab=parameters&show=networks&across=price")
    expect(networks.locator("#address-note")).to_have_text(t(language, "page.address_ignored") + "across")
    for name, seen in (("heads", other), ("depth", depth), ("networks", networks)):
        assert seen.evaluate("document.documentElement.scrollWidth") <= 390, name
        shoot(seen, name)
