"""For everyone: radios as one group, charts with a name, the headline announced, a way past the header, paper."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_keyboard_and_screen_reader(visit: Visit) -> None:
    page = visit("en", query="?tab=gradients", width=390, height=844)
    chart = page.locator("#gradients-page-flow .js-plotly-plot:visible").first
    expect(chart).to_have_attribute("role", "figure")
    assert (chart.get_attribute("aria-label") or "").strip()
    assert chart.evaluate("one => one._fullLayout.width <= innerWidth")
    expect(page.locator("#announcer")).not_to_be_empty()
    names = page.locator("fieldset:visible:has(input[type=radio])").first.locator("input[type=radio]")
    assert len(set(names.evaluate_all("all => all.map(one => one.name)"))) == 1 < names.count()
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('#tabs h2, #tabs h3')")
    page.emulate_media(media="print")
    expect(page.locator("#header")).not_to_be_visible()
    expect(page.locator(".tab-wrapper:visible")).to_have_count(0)


def test_a_card_has_all_its_sides(visit: Visit) -> None:
    page = visit("en")
    card = page.locator("#classify-results .card").first
    expect(card).to_be_visible()
    sides = "one => ['Top', 'Right', 'Bottom', 'Left'].map(side => getComputedStyle(one)[`border${side}Width`])"
    assert card.evaluate(sides) == ["4px", "1px", "1px", "1px"]
