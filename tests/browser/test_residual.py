"""The residual tab in a browser, page by page, on a screen and on a phone. Both languages."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from resnet_demo.kit.text import catalogue
from tests.browser.conftest import Shoot, Visit, open_tab
from tests.browser.test_tabs import OTHER, switch

DONE = "(id) => { const bar = document.querySelector(`#${id} progress`); return bar && bar.value === bar.max; }"


def t(language: str, key: str, **values: object) -> str:
    return catalogue(language)[key].format(**values)


def go(page: Page, name: str, language: str) -> None:
    open_tab(page, "#residual-pages", f"residual-page-{name}", t(language, f"residual.{name}.title"))
    expect(page.locator("h3:visible").first).to_have_text(t(language, f"residual.{name}.question"))


def download(page: Page, link: str) -> str:
    """What the browser saves when a link is clicked."""
    with page.expect_download() as caught:
        page.locator(f'a[download="{link}"]').click()
    return caught.value.path().read_text("utf-8")


@pytest.mark.parametrize("language", ["en"])
def test_numbers_and_curves(visit: Visit, shoot: Shoot, language: str) -> None:
    page = visit(language, query="?tab=residual")
    cards = page.locator("#residual-cards")
    expect(cards.locator(".residual b.forward")).to_have_text(["1.0", "1.0", "−0.1", "1.9", "1.9"])
    expect(cards.locator(".plain b.forward").last).to_have_text("0.0")
    expect(cards.locator("h3").first).to_have_text(t(language, "residual.form.residual"))
    shoot(page, "hand")
    page.locator("#residual-w2 input[type=number]").fill("-0.5")
    page.keyboard.press("Tab")
    expect(cards.locator(".residual b.forward")).to_have_text(["1.0", "1.0", "−0.5", "1.5", "1.5"])
    page.locator("#residual-activation").get_by_text("tanh").click()
    expect(cards.locator(".residual b.forward").nth(1)).to_have_text("0.7616")
    rows = json.loads(download(page, "resnet-residual-step.json"))
    assert [row["form"] for row in rows] == ["residual", "plain"] and rows[0]["conv1"] == 1
    go(page, "stack", language)
    expect(page.locator("#residual-stack-gradients .main-svg").first).to_be_visible()
    page.locator("#residual-start").get_by_text(t(language, "residual.start.nan"), exact=True).click()
    page.locator("#residual-blocks input[type=range]").fill("100")
    verdicts = page.locator("#residual-stack-words .verdict")
    expect(verdicts).to_have_text([t(language, f"residual.fate.{fate}") for fate in ("nan", "nan", "exploded")])
    expect(page.locator("#residual-stack-gradients")).to_contain_text(t(language, "residual.leaves.nan", at="₀"))
    shoot(page, "stack-nan")
    page.locator("#residual-axis").get_by_text(t(language, "residual.axis.linear")).click()
    page.locator("#residual-start").get_by_text(t(language, "residual.start.below"), exact=True).click()
    expect(verdicts.first).to_have_text(t(language, "residual.fate.exploded"))  # 1.1^100 = 13,781
    shoot(page, "stack-linear")
    expect(page).to_have_url(re.compile("show=stack.*residual-start=below"))
    switch(page, OTHER[language])
    expect(verdicts.first).to_be_visible()
    expect(verdicts.first).to_have_text(t(OTHER[language], "residual.fate.exploded"))
    expect(page.locator("#residual-stack-gradients")).to_contain_text(t(OTHER[language], "residual.form.plain"))


@pytest.mark.parametrize("language", ["zh"])
def test_measurements(visit: Visit, shoot: Shoot, language: str) -> None:
    page = visit(language, query="?tab=residual")
    expect(page.locator("#residual-cards h3").first).to_have_text(t(language, "residual.form.residual"))
    go(page, "fit", language)
    steps, seeds = (page.locator(f"#residual-{name} input[type=range]") for name in ("steps", "seeds"))
    start, stop = page.locator("#residual-fit-start"), page.locator("#residual-fit-stop")
    steps.fill("50")
    seeds.fill("2")
    start.click()
    said = page.locator("#residual-fit-words .progress-line")
    expect(said).to_have_text(t(language, "residual.fit.progress", step=50, steps=50))
    expect(page.locator("#residual-fit-chart .main-svg").first).to_be_visible()
    expect(start).to_be_enabled()
    shoot(page, "fit")
    steps.fill("500")  # the chart's library is loaded by now: what follows comes in time to stop it
    seeds.fill("10")
    start.click()
    stop.click()
    expect(start).to_be_enabled()
    expect(stop).to_be_disabled()
    expect(said).not_to_have_text(t(language, "residual.fit.progress", step=500, steps=500))
    go(page, "identity", language)
    expect(page.locator("#residual-identity-tables table")).to_have_count(2)
    expect(page.locator("#residual-identity-words .summary")).to_contain_text(
        {"en": "V2: the equation holds", "zh": "V2：等式成立"}[language]
    )
    shoot(page, "identity")
    go(page, "zero", language)
    expect(page.locator("#residual-zero-table td.nil")).to_have_text(18 * ["0"])
    shoot(page, "zero")
    go(page, "halving", language)
    page.wait_for_function(DONE, arg="residual-halves")
    page.locator("#residual-keep").get_by_text(t(language, "residual.halving.target.edges")).click()
    expect(page.locator("#residual-halves .kernel td").nth(3)).to_have_text("−0.5")
    page.wait_for_function(DONE, arg="residual-halves")
    expect(page.locator("#residual-halving-chart .main-svg").first).to_be_visible()
    assert page.locator("img:not([alt])").count() == 0
    shoot(page, "halving")
    expect(page).to_have_url(re.compile("show=halving.*residual-keep=edges"))
    switch(page, OTHER[language])
    expect(page.locator("#residual-halves h3").first).to_be_visible()
    expect(page.locator("#residual-halves .kernel td").nth(3)).to_have_text("−0.5")
    expect(page.locator("#residual-halves h3").first).to_have_text(t(OTHER[language], "residual.halving.way.max"))


def test_on_a_phone_nothing_hangs_over_the_edge(visit: Visit, shoot: Shoot) -> None:
    page = visit("en", query="?tab=residual", width=390, height=844, dark=True)
    expect(page.locator("#residual-cards svg")).to_have_count(2)
    for name, result in {
        "hand": "#residual-cards svg",
        "stack": "#residual-stack-gradients .main-svg",
        "identity": "#residual-identity-tables table",
        "zero": "#residual-zero-table table",
        "halving": "#residual-halves .kernel",
    }.items():
        if name != "hand":
            go(page, name, "en")
        expect(page.locator(result).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        shoot(page, name)
    moving = page.locator("#residual-cards .down").first
    assert moving.evaluate("line => getComputedStyle(line).animationName") == "run-down"
    page.emulate_media(reduced_motion="reduce")
    assert moving.evaluate("line => getComputedStyle(line).animationName") == "none"
