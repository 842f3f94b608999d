"""The residual tab in a browser, page by page, on a screen and on a phone. Both languages."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from resnet_demo.kit.text import catalogue
from tests.browser.conftest import Shoot, Visit, open_tab, settle, unfold
from tests.browser.test_tabs import OTHER, switch

EXPERTS = ("identity_mappings", "zero_gamma", "downsampling", "downsampled_positions")


def t(language: str, key: str, **values: object) -> str:
    return catalogue(language)[key].format(**values)


def go(page: Page, name: str, language: str) -> None:
    title = t(language, f"residual.{name}.title")
    label = f"{title} ◆" if name in EXPERTS else title
    open_tab(page, "#residual-pages", f"residual-page-{name}", label)
    expect(page.locator(f"#residual-{name}-opening h2")).to_have_text(t(language, f"residual.{name}.question"))


def download(page: Page, link: str) -> str:
    """What the browser saves when a link is clicked."""
    with page.expect_download() as caught:
        page.locator(f'a[download="{link}"]').click()
    return caught.value.path().read_text("utf-8")


@pytest.mark.parametrize("language", ["en"])
def test_numbers_and_curves(visit: Visit, shoot: Shoot, language: str) -> None:
    page = visit(language, query="?tab=residual")
    cards = page.locator("#residual-one_block-cards")
    expect(cards.locator(".residual b.forward")).to_have_text(["1.0", "1.0", "−0.1", "1.9", "1.9"])
    expect(cards.locator(".plain b.forward").last).to_have_text("0.0")
    expect(cards.locator("h3").first).to_have_text(t(language, "residual.form.residual"))
    shoot(page, "one_block")
    page.locator("#residual-one_block-w2 input[type=number]").fill("-0.5")
    page.keyboard.press("Tab")
    expect(cards.locator(".residual b.forward")).to_have_text(["1.0", "1.0", "−0.5", "1.5", "1.5"])
    unfold(page, "residual-one_block")
    page.locator("#residual-one_block-activation").get_by_text("tanh").click()
    expect(cards.locator(".residual b.forward").nth(1)).to_have_text("0.7616")
    rows = json.loads(download(page, "resnet-residual-step.json"))
    assert [row["form"] for row in rows] == ["residual", "plain"] and rows[0]["conv1"] == 1
    go(page, "many_blocks", language)
    expect(page.locator("#residual-many_blocks-gradients .main-svg").first).to_be_visible()
    page.locator("#residual-many_blocks-preset-nan").click()
    verdicts = page.locator("#residual-many_blocks-cards .verdict")
    expect(verdicts).to_have_text([t(language, f"residual.fate.{fate}") for fate in ("nan", "nan", "exploded")])
    expect(page.locator("#residual-many_blocks-gradients")).to_contain_text(t(language, "residual.leaves.nan", at="₀"))
    shoot(page, "stack-nan")
    unfold(page, "residual-many_blocks")
    page.locator("#residual-many_blocks-axis").get_by_text(t(language, "residual.axis.linear")).click()
    page.locator("#residual-many_blocks-preset-below").click()
    page.locator("#residual-many_blocks-blocks input[type=range]").fill("100")
    expect(verdicts.first).to_have_text(t(language, "residual.fate.exploded"))  # 1.1^100 = 13,781
    shoot(page, "stack-linear")
    expect(page).to_have_url(re.compile("show=many_blocks.*blocks=100"))
    settle(page)  # the address has the preset's other values, too
    switch(page, OTHER[language])
    expect(verdicts.first).to_be_visible()
    expect(verdicts.first).to_have_text(t(OTHER[language], "residual.fate.exploded"))
    expect(page.locator("#residual-many_blocks-gradients")).to_contain_text(t(OTHER[language], "residual.form.plain"))


@pytest.mark.parametrize("language", ["zh"])
def test_measurements(visit: Visit, shoot: Shoot, language: str) -> None:
    page = visit(language, query="?tab=residual")
    expect(page.locator("#residual-one_block-cards h3").first).to_have_text(t(language, "residual.form.residual"))
    go(page, "fitting", language)
    answer, progress = page.locator("#residual-fitting-answer"), page.locator("#residual-fitting-progress")
    expect(answer).to_contain_text("300")
    expect(page.locator("#residual-fitting-chart .main-svg").first).to_be_visible()
    unfold(page, "residual-fitting")
    steps, seeds = (page.locator(f"#residual-fitting-{name} input[type=range]") for name in ("steps", "seeds"))
    start, stop = page.locator("#residual-fitting-start"), page.locator("#residual-fitting-stop")
    steps.fill("50")
    seeds.fill("2")
    expect(answer).to_have_text(t(language, "residual.fitting.waiting"))
    start.click()
    expect(answer).to_contain_text("50")
    expect(start).to_be_enabled()
    shoot(page, "fitting")
    seeds.fill("10")
    expect(answer).to_have_text(t(language, "residual.fitting.waiting"))
    start.click()
    stop.click()
    expect(start).to_be_enabled()
    expect(stop).to_be_hidden()
    expect(progress).to_have_text("")
    go(page, "identity_mappings", language)
    unfold(page, "residual-identity_mappings")
    expect(page.locator("#residual-identity_mappings-numbers table")).to_have_count(2)
    expect(page.locator("#residual-identity_mappings-answer .summary")).to_contain_text(
        {"en": "V2: the equation holds", "zh": "V2：等式成立"}[language]
    )
    shoot(page, "identity_mappings")
    go(page, "zero_gamma", language)
    expect(page.locator("#residual-zero_gamma-table b.nil")).to_have_text(18 * ["0"])
    shoot(page, "zero_gamma")
    go(page, "downsampling", language)
    page.locator("#residual-downsampling-target").get_by_text(t(language, "residual.downsampling.target.edges")).click()
    kernel = page.locator("#residual-downsampling-pictures .kernel td")
    expect(kernel.nth(3)).to_have_text("−0.5")
    page.locator("#residual-downsampling-start").click()
    expect(page.locator("#residual-downsampling-progress")).not_to_have_text("")
    expect(page.locator("#residual-downsampling-progress")).to_have_text("")
    expect(kernel.nth(3)).to_have_text("−0.5")
    expect(page.locator("#residual-downsampling-chart .main-svg").first).to_be_visible()
    go(page, "downsampled_positions", language)
    expect(page.locator("#residual-downsampled_positions-maps .missed").first).to_be_visible()
    go(page, "downsampling", language)
    assert page.locator("img:not([alt])").count() == 0
    shoot(page, "downsampling")
    page.locator("#residual-downsampling-target").get_by_text(
        t(language, "residual.downsampling.target.average")
    ).click()
    expect(page).to_have_url(re.compile("show=downsampling.*target=average"))
    switch(page, OTHER[language])
    ways = page.locator("#residual-downsampling-pictures h3")
    expect(ways.first).to_be_visible()
    expect(ways.first).to_have_text(t(OTHER[language], "residual.downsampling.way.max"))
    expect(page.locator("#residual-downsampling-answer")).to_contain_text(
        t(OTHER[language], "residual.downsampling.target.average")
    )


def test_links_with_the_pages_former_names_open_them(visit: Visit) -> None:
    page = visit("en", query="?tab=residual&show=stack&blocks=7")
    expect(page.locator("#residual-many_blocks-answer")).to_contain_text("After 7 blocks")


def test_on_a_phone_nothing_hangs_over_the_edge(visit: Visit, shoot: Shoot) -> None:
    page = visit("en", query="?tab=residual", width=390, height=844, dark=True)
    expect(page.locator("#residual-one_block-cards svg")).to_have_count(2)
    for name, result in {
        "one_block": "#residual-one_block-cards svg",
        "many_blocks": "#residual-many_blocks-gradients .main-svg",
        "downsampling": "#residual-downsampling-pictures .kernel",
        "downsampled_positions": "#residual-downsampled_positions-maps .positions",
        "identity_mappings": "#residual-identity_mappings-diagrams svg",
        "zero_gamma": "#residual-zero_gamma-table table",
    }.items():
        if name != "one_block":
            go(page, name, "en")
        expect(page.locator(result).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        shoot(page, name)
    moving = page.locator("#residual-one_block-cards .down").first
    assert moving.evaluate("line => getComputedStyle(line).animationName") == "run-down"
    page.emulate_media(reduced_motion="reduce")
    assert moving.evaluate("line => getComputedStyle(line).animationName") == "none"
