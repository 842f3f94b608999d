"""The address is the place: on a phone, after Back, inside another page; the header stays one row in view."""

import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import LOCALES, Visit, settle
from tests.browser.test_tabs import each_language, t
from tests.helpers.running import App


def last_page(page: Page, tab: str) -> str:
    """The last page of a chapter, which no phone has room for beside the others."""
    ids = page.locator(f"[role=tab][id^='{tab}-page-']").evaluate_all("all => all.map(one => one.id)")
    return re.sub(r"^.*-page-|-button$", "", ids[-1])


@pytest.mark.parametrize("tab", ["parameters", "gradients", "degradation"])
def test_a_link_and_back_lead_to_the_last_page_on_a_phone(visit: Visit, tab: str) -> None:
    page = visit("en", query=f"?tab={tab}", width=390, height=844)
    expect(page.locator(f"[role=tab][id^='{tab}-page-']").first).to_be_attached()
    show = last_page(page, tab)
    page = visit("en", query=f"?tab={tab}&show={show}", width=390, height=844)
    opened = page.locator(f"#{tab}-page-{show}-button")
    expect(opened).to_have_attribute("aria-selected", "true")
    expect(page.locator(".overflow-menu button:visible")).to_have_count(0)
    box = opened.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.locator("#tab-classify-button").click()
    expect(page).to_have_url(re.compile("tab=classify"))
    page.go_back()
    expect(opened).to_have_attribute("aria-selected", "true")
    expect(opened).to_be_visible()


def test_the_pair_is_in_the_address_and_back_undoes_it(visit: Visit) -> None:
    page = visit("en")
    names = page.locator("#classify-results h3")
    expect(names).to_have_text(["ResNet-18 · Imagenette", "PlainNet-18 · Imagenette"])
    page.locator("#classify-results a[data-pair]").click()
    expect(names).to_have_text(["ResNet-50 · Imagenette", "PlainNet-50 · Imagenette"])
    expect(page).to_have_url(re.compile(r"[?&]pair=resnet50-imagenette\b"))
    page.go_back()
    expect(names).to_have_text(["ResNet-18 · Imagenette", "PlainNet-18 · Imagenette"])
    page.locator("#pair input").click()
    page.get_by_role("option", name="ResNet-56 / PlainNet-56 · CIFAR-10").click()
    expect(names).to_have_text(["ResNet-56 · CIFAR-10", "PlainNet-56 · CIFAR-10"])
    expect(page).to_have_url(re.compile(r"[?&]pair=resnet56-cifar10\b"))
    page.go_back()
    expect(page.locator("#pair input")).to_have_value("ResNet-18 / PlainNet-18 · Imagenette")
    expect(names).to_have_text(["ResNet-18 · Imagenette", "PlainNet-18 · Imagenette"])
    page.go_forward()
    expect(names).to_have_text(["ResNet-56 · CIFAR-10", "PlainNet-56 · CIFAR-10"])
    settle(page)
    page.reload()
    expect(names).to_have_text(["ResNet-56 · CIFAR-10", "PlainNet-56 · CIFAR-10"])


def test_settings_by_their_names_of_before_are_still_set(visit: Visit) -> None:
    page = visit("en", query="?tab=classify&classify-networks=resnet56-cifar10&hide=classify-networks")
    expect(page.locator("#classify-results h3")).to_have_text(["ResNet-56 · CIFAR-10"])
    expect(page).to_have_url(re.compile(r"\?tab=classify&hide=chosen&chosen=resnet56-cifar10$"))
    expect(page.locator("#classify-chosen")).not_to_be_visible()
    expect(page.locator("#address-note")).to_have_text("")
    page = visit("en", query="?tab=blocks&show=anysize&blocks-anysize=256&blocks-anysize-name=resnet50")
    expect(page.locator("#blocks-anysize-size input[type=number]")).to_have_value("256")
    expect(page.locator("#blocks-anysize-name input")).to_have_value("ResNet-50")
    expect(page.locator("#address-note")).to_have_text("")


@each_language
def test_a_place_that_is_not_there_is_said(visit: Visit, language: str) -> None:
    page = visit(language, query="?tab=nowhere&pair=resnet9-mnist")
    expect(page.locator("#address-note")).to_contain_text(t(language, "page.address_ignored"))
    expect(page.locator("#address-note")).to_contain_text("tab")
    expect(page.locator("#address-note")).to_contain_text("pair")
    expect(page.locator("#classify-results .card")).to_have_count(2)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 720), (1920, 1080)])
@each_language
def test_the_header_is_one_row_that_stays_in_view(visit: Visit, language: str, width: int, height: int) -> None:
    page = visit(language, width=width, height=height)
    expect(page.locator("#classify-results .card")).to_have_count(2)
    page.evaluate("window.scrollTo(0, 500)")
    header = page.locator("#header").bounding_box()
    assert header and (header["y"], header["height"]) == (0, 56)
    parts = page.locator("#photo-chip, #pair .wrap:has(input), #dark, #tools a").all()
    middles = [box["y"] + box["height"] / 2 for part in parts if (box := part.bounding_box())]
    assert len(middles) == 4 and max(middles) - min(middles) <= 1
    edges = [(box["x"], box["x"] + box["width"]) for part in parts if (box := part.bounding_box())]
    assert edges[0][0] >= 0 and edges[-1][1] <= width
    assert all(one[1] <= other[0] for one, other in pairwise(edges))
    assert page.locator("#pair .wrap:has(input)").evaluate("one => getComputedStyle(one).borderTopWidth") == "1px"
    page.evaluate("window.scrollTo(0, 0)")
    question = page.locator("#tabs h2").first.bounding_box()
    assert question and question["y"] < 160


def test_type_grows_with_the_window_and_in_projector_mode(visit: Visit) -> None:
    page = visit("en", query="?tab=gradients", width=1280, height=720)
    expect(page.locator("#gradients-flow-chart .main-svg").first).to_be_visible()
    size = "parseFloat(getComputedStyle(document.querySelector('#gradients-page-flow h2')).fontSize)"
    chart = "document.querySelector('#gradients-flow-chart .js-plotly-plot')._fullLayout.font.size"
    small, drawn = page.evaluate(size), page.evaluate(chart)
    page.set_viewport_size({"width": 1920, "height": 1080})
    wide = page.evaluate(size)
    assert wide == pytest.approx(1.25 * small)
    page.locator("#projector").click()
    assert page.evaluate(size) == pytest.approx(1.7 * small, rel=0.05)
    page.wait_for_function(f"() => {chart} === {1.5 * drawn}")
    assert page.evaluate("document.querySelector('#tabs').offsetWidth") > 1800
    assert page.evaluate("document.documentElement.scrollWidth") <= 1920


# ------------------------------------------------------------------------------------------------ sharing


@each_language
def test_every_page_gives_its_link_and_its_frame(visit: Visit, language: str) -> None:
    page = visit(language, query="?tab=parameters&show=depth&conv3_x=8")
    expect(page.locator("#parameters-depth-answer")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=t(language, "page.copy_link")).click()
    expect(page.locator("#share [role=status]")).to_have_text(t(language, "page.copied"))
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.get_by_role("button", name=t(language, "page.embed")).click()
    frame = page.locator("#share input").input_value()
    (address,) = re.findall(r'src="([^"]+)"', frame)
    assert address.startswith(page.url.replace("&", "&amp;")) and "&amp;embed=1" in address
    page.goto(address.replace("&amp;", "&"))
    expect(page.locator("#parameters-depth-cards")).to_contain_text(t(language, "parameters.depth.here"))
    expect(page.locator("#header")).not_to_be_visible()


def test_without_a_clipboard_the_link_is_selected(visit: Visit) -> None:
    page = visit("en")
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.reload()
    expect(page.locator("#classify-results .card")).to_have_count(2)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#share [role=status]")).to_have_text("Selected: copy it with Ctrl+C.")
    assert page.evaluate("document.activeElement.value.slice(0, document.activeElement.selectionEnd)") == page.url


def test_a_frame_on_another_page_that_may_store_nothing(browser: Browser, app: App, tmp_path: Path) -> None:
    """One page without header and tabs, without the controls that a teacher leaves out; nothing is too wide."""
    context = browser.new_context(locale=LOCALES["en"], viewport={"width": 900, "height": 800})
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    address = f"{app.url}/?embed=1&amp;lang=en&amp;tab=parameters&amp;show=heads&amp;hide=hidden,bogus"
    (tmp_path / "index.html").write_text(f'<iframe src="{address}" width="640" height="480"></iframe>')
    school = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    Thread(target=school.serve_forever, daemon=True).start()
    page.goto(f"http://localhost:{school.server_port}/")  # another origin
    frame = page.frame_locator("iframe")
    expect(frame.locator("#parameters-heads-table")).to_contain_text("102,764,544")
    for gone in ("#header", "#share", "#tab-classify-button", "#parameters-page-depth-button"):
        expect(frame.locator(gone)).not_to_be_visible()
    expect(frame.locator("#parameters-heads-size")).to_be_visible()
    expect(frame.locator("#parameters-heads-hidden")).not_to_be_visible()
    expect(frame.locator("#address-note")).to_have_text(t("en", "page.address_ignored") + "bogus")
    inner = frame.locator("html")
    assert inner.evaluate("html => html.scrollWidth <= html.clientWidth")
    assert complaints == []
    context.close()
    school.shutdown()
    school.server_close()


def test_a_server_that_went_away_is_said_and_a_new_one_opens_the_page_again(visit: Visit) -> None:
    page = visit("en", query="?tab=parameters&show=depth&conv3_x=8")
    expect(page.locator("#parameters-depth-answer")).to_be_visible()
    page.evaluate("window.before = true")
    own = page.evaluate("window.gradio_config.app_id")
    answers = {"app_id": None}

    def answer(route: Route) -> None:
        route.fulfill(json=answers) if answers["app_id"] else route.fulfill(body="gone")

    page.route("**/app_id", answer)
    expect(page.locator("#server-note")).to_have_text(t("en", "app.server_gone"))
    expect(page.locator("#server-note")).to_be_visible()
    answers["app_id"] = own
    expect(page.locator("#server-note")).not_to_be_visible()
    answers["app_id"] = 1
    page.wait_for_function("() => !window.before && document.querySelector('#parameters-depth-answer')")
    page.unroute("**/app_id")
    expect(page.locator("#parameters-depth-conv3_x input[type=number]")).to_have_value("8")


PLACES = """() => Object.fromEntries(window.gradio_config.dependencies
  .filter(({ api_name }) => /^(shown|adopt)/.test(api_name))
  .map(({ id, targets }) => [id, window.gradio_config.components.find((one) => one.id === targets[0][0]).props.elem_id])
)"""
"""By the number of each listener that computes a page or fits its controls to the pair, what wakes it."""


def test_another_pair_computes_nothing_on_closed_pages(visit: Visit) -> None:
    """Networks that follow the pair change everywhere; the open page computes, and once for all of them."""
    page = visit("en", query="?tab=residual")
    settle(page)
    page.locator("#tab-classify-button").click()
    names = page.locator("#classify-results h3")
    expect(names).to_have_count(2)
    settle(page)
    places, asked = page.evaluate(PLACES), []
    page.on("request", lambda request: asked.append(request) if "/queue/join" in request.url else None)
    assert "blocks-response-wake" in places.values()
    page.locator("#pair input").click()
    page.get_by_role("option", name="ResNet-56 / PlainNet-56 · CIFAR-10").click()
    expect(names).to_have_text(["ResNet-56 · CIFAR-10", "PlainNet-56 · CIFAR-10"])
    settle(page)
    numbers = [str(request.post_data_json["fn_index"]) for request in asked]
    assert [places[one] for one in numbers if one in places] == ["classify-wake"]
    page.evaluate("window.resnet.go('blocks', 'block')")
    expect(page.locator("#blocks-block-answer")).to_contain_text("ResNet-56")
    expect(page.locator("#blocks-block-block label")).to_have_count(27)


def test_the_first_page_stays_small(visit: Visit) -> None:
    """What a first visitor on a slow line waits for: requests, and bytes as they travel."""
    page = visit("en")
    expect(page.locator("#classify-results .card")).to_have_count(2)
    settle(page)
    count, size = page.evaluate(
        "(all => [all.length, all.reduce((sum, one) => sum + one.transferSize, 0)])"
        "([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')])"
    )
    assert 0 < count <= 110 and 0 < size <= 1_000_000
