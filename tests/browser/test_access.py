"""For everyone: radios as one group, charts with a name, the headline announced, a way past the header, paper."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit, unfold


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


def test_the_code_behind_a_page_is_unfolded(visit: Visit) -> None:
    """Also at the address of the other language, and once, however often it is unfolded."""
    page = visit("zh", query="?tab=parameters&show=heads")
    code = page.locator("#parameters-page-heads .code-behind")
    for _ in range(3):
        code.locator("summary").click()
    expect(code.locator("pre").first).to_contain_text("def head(trunk: str")
    page.wait_for_timeout(500)
    expect(code.locator("pre")).to_have_count(1)  # the page shows one function


def test_a_card_has_all_its_sides(visit: Visit) -> None:
    page = visit("en")
    card = page.locator("#classify-results .card").first
    expect(card).to_be_visible()
    sides = "one => ['Top', 'Right', 'Bottom', 'Left'].map(side => getComputedStyle(one)[`border${side}Width`])"
    assert card.evaluate(sides) == ["4px", "1px", "1px", "1px"]


def test_a_charts_data_are_a_table_one_key_away(visit: Visit) -> None:
    page = visit("en", query="?tab=residual&show=many_blocks&blocks=7")
    chart = page.locator("#residual-many_blocks-gradients .js-plotly-plot")
    expect(chart).to_have_attribute("role", "figure")
    expect(chart.locator(".modebar-group:visible")).to_have_count(1)
    chart.focus()
    page.keyboard.press("Enter")
    table = page.locator("#chart-data table")
    expect(table.locator("caption")).to_have_text(chart.get_attribute("aria-label") or "")
    points = chart.evaluate("one => one._fullData.map(line => line.y?.length ?? 0)")
    expect(table.locator("tr")).to_have_count(1 + sum(points))
    start = chart.evaluate(
        "({ _fullData: [line] }) => [line.name, String(line.x?.[0] ?? 0), String(Number(line.y[0].toPrecision(6)))]"
    )
    assert table.locator("tr").nth(1).locator("td").all_inner_texts() == start
    page.keyboard.press("Escape")
    expect(table).not_to_be_visible()
    expect(chart).to_be_focused()


def test_focus_can_be_seen_wherever_the_tab_key_leads(visit: Visit) -> None:
    page = visit("en", query="?tab=residual")
    expect(page.locator("#residual-one_block-cards svg").first).to_be_visible()
    ring = """() => [document.activeElement, document.activeElement.closest("label")].filter(Boolean).map((one) => {
        const style = getComputedStyle(one);
        return style.outlineStyle === "solid" ? parseFloat(style.outlineWidth) : 0;
    })"""
    widths: dict[str, float] = {}
    for _ in range(80):
        page.keyboard.press("Tab")
        where = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if where.startswith("<body"):
            break
        widths[where] = max(page.evaluate(ring))
    assert len(widths) > 20
    assert [where for where, width in widths.items() if width < 2] == []


def test_a_jump_starts_at_the_top_of_the_page_with_the_focus_on_its_question(visit: Visit) -> None:
    page = visit("en", query="?tab=degradation&show=study")
    unfold(page, "degradation-study")
    jump = page.locator("#degradation-study-details a[data-go=gradients]")
    jump.scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 100
    jump.click()
    expect(page.locator("#gradients-page-flow h2")).to_be_focused()
    assert page.evaluate("scrollY") == 0
