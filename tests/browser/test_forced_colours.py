"""Windows' contrast themes, as Chromium emulates them: what is chosen, bars, legend and sliders can still be seen."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Shoot, Visit, open_tab, settle


def pixels(place: Locator) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.asarray(Image.open(io.BytesIO(place.screenshot(animations="disabled"))).convert("RGB"))


def colours(place: Locator) -> int:
    """How many colours fill at least a fiftieth of it."""
    found = pixels(place).reshape(-1, 3)
    _, counts = np.unique(found // 32, axis=0, return_counts=True)
    return int((counts > len(found) / 50).sum())


def edge(place: Locator) -> tuple[int, ...]:
    """The colour of its frame, half-way up the left side."""
    drawn = pixels(place)
    return tuple(drawn[len(drawn) // 2, 1].tolist())


@pytest.fixture(params=[False, True], ids=["on white", "on black"])
def page(request: pytest.FixtureRequest, visit: Visit) -> Page:
    page = visit("en", dark=request.param)
    page.emulate_media(forced_colors="active")
    expect(page.locator("#classify-results .card")).to_have_count(2)
    settle(page)
    return page


def test_what_is_chosen_stands_out(page: Page, shoot: Shoot) -> None:
    shoot(page, "classify")
    page.locator("#photo-chip").click()
    examples = page.locator("#examples button")
    expect(examples.first).to_have_attribute("aria-pressed", "true")
    assert edge(examples.first) != edge(examples.nth(1)) == edge(examples.nth(2))
    tabs = page.locator("#tabs > .tab-wrapper button[role='tab']")
    background = "tab => getComputedStyle(tab).backgroundColor"
    chosen = page.locator("#tab-classify-button").evaluate(background)
    others = [tab.evaluate(background) for tab in tabs.all() if tab.get_attribute("id") != "tab-classify-button"]
    assert len(others) == 7 and chosen not in others
    networks = page.locator("#classify-chosen label")
    checked, unchecked = (networks.nth(i).locator("input") for i in (0, 2))
    assert (checked.is_checked(), unchecked.is_checked()) == (True, False)
    assert not np.array_equal(pixels(checked), pixels(unchecked))


def test_bars_show_their_share(page: Page) -> None:
    bar = page.locator("#classify-results .bar").first
    share = bar.locator("i").evaluate("part => part.offsetWidth / part.parentElement.offsetWidth")
    assert 0 < share < 1
    drawn = pixels(bar)
    middle = drawn[len(drawn) // 2]
    assert tuple(middle[3]) != tuple(middle[-4])


def test_legend_and_sliders_can_be_seen(page: Page, shoot: Shoot) -> None:
    open_tab(page, "#tabs", "tab-gradcam", "Grad-CAM")
    expect(page.locator("#gradcam-maps-pair canvas").first).to_be_visible()
    shoot(page, "maps")
    assert colours(page.locator("#gradcam-maps-pair .legend > div").first) >= 4
    assert colours(page.locator("#gradcam-maps-pair input[type='range']").first) >= 2
    open_tab(page, "#tabs", "tab-residual", "Residual")
    assert colours(page.locator("#residual-one_block-w2 input[type='range']")) >= 2
    shoot(page, "residual")
