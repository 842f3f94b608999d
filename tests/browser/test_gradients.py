"""The gradient tab in a browser: what a class sees first, and what moves when the controls do."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.browser.conftest import Shoot, Visit, each_screen, laid_out, unfold
from tests.browser.test_tabs import OTHER, switch

each_language = pytest.mark.parametrize("language", LANGUAGES)
PATH = "#gradients-flow-chart .scatterlayer .trace path.js-line"
CURVES = f"() => [...document.querySelectorAll('{PATH}')].map((line) => line.getAttribute('d')).join()"
INSIDE = """() => {
  const chart = document.querySelector("#gradients-flow-chart .main-svg").getBoundingClientRect();
  const frame = document.querySelector("#gradients-flow-chart").getBoundingClientRect();
  const fits = chart.left >= frame.left - 1 && chart.right <= frame.right + 1;
  return fits && document.documentElement.scrollWidth <= innerWidth;
}"""


def t(language: str, key: str) -> str:
    return catalogue(language)[f"gradients.{key}"]


def opened(page: Page) -> Page:
    """Waits for the first two curves."""
    expect(page.locator(PATH)).to_have_count(2)
    return page


def part(page: Page, language: str, name: str) -> None:
    page.locator("#gradients-pages").get_by_role("tab", name=t(language, f"{name}.title")).click()
    laid_out(page)


# Of each chart on screen, whether its legend is in the picture.
LEGENDS = """
[...document.querySelectorAll("#gradients-pages .js-plotly-plot")].filter((plot) => plot.offsetParent).map((plot) => {
  const legend = plot.querySelector(".legend")?.getBoundingClientRect(), frame = plot.getBoundingClientRect();
  return legend !== undefined && legend.height > 0 && legend.bottom <= frame.bottom + 1;
})
"""


@each_language
def test_a_class_sees_two_curves_and_one_sentence(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language, query="?tab=gradients"))
    sentence = page.locator("#gradients-flow-answer .summary")
    expect(sentence).to_contain_text("ResNet-56")
    expect(sentence).to_contain_text(t(language, "none_vanishes").strip())
    assert page.locator("#gradients-flow-chart").bounding_box()["y"] < 560  # type: ignore[index]
    first = page.evaluate(CURVES)
    unfold(page, "gradients-flow")
    page.locator("#gradients-flow-axis").get_by_text(t(language, "axis.linear")).click()
    page.wait_for_function(f"(before) => ({CURVES})() !== before", arg=first)
    page.locator("#gradients-flow-quantity").get_by_text(t(language, "quantity.signal")).click()
    expect(page.locator("#gradients-flow-chart")).to_contain_text(t(language, "axis.signal"))
    expect(page).to_have_url(re.compile("(?=.*quantity=signal)(?=.*axis=linear)"))
    with page.expect_download() as saved:
        page.locator("#gradients-flow-csv").click()
    assert saved.value.suggested_filename == "gradients-cifar-56.csv"
    with open(saved.value.path(), encoding="utf-8") as file:
        assert {row["network"] for row in csv.DictReader(file)} == {"resnet56", "plain56"}
    shoot(page, f"flow-{language}")
    switch(page, OTHER[language])  # measured again there, and shown as it was chosen
    expect(sentence).to_contain_text("ResNet-56")
    expect(page.locator("#gradients-flow-chart")).to_contain_text(t(OTHER[language], "axis.signal"))
    expect(page.locator("#gradients-flow-chart")).to_contain_text(t(OTHER[language], "chart.depth"))


@each_language
def test_three_claims_and_shattered_gradients(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language, query="?tab=gradients", dark=language == "zh"))
    part(page, language, "claims")
    answer = page.locator("#gradients-claims-answer")
    expect(answer.locator(".gradients-mark.holds")).to_have_count(3)  # the second claim, after training
    expect(answer.locator(".gradients-mark.fails")).to_have_count(1)  # and before
    expect(page.locator("#gradients-page-claims .main-svg .scatterlayer")).to_have_count(3)
    expect(page.locator("#gradients-claims-verdicts")).to_contain_text("28.54")
    expect(page.locator("#gradients-page-claims .legendtext").first).to_be_visible()
    assert page.evaluate(LEGENDS) == [True] * 3
    shoot(page, f"claims-{language}")
    part(page, language, "shattered_gradients")
    place = "#gradients-shattered_gradients"
    expect(page.locator(f"{place}-correlation .main-svg").first).to_be_visible()
    expect(page.locator(f"{place}-answer .summary")).to_contain_text("ResNet-")
    page.locator(f"{place}-stop").click()
    expect(page.locator(f"{place}-stop")).to_be_hidden()
    expect(page.locator(f"{place}-progress .run-progress")).to_have_count(0)
    shoot(page, f"shattered-{language}")


def test_the_depth_grows_and_stops_on_a_phone(visit: Visit, shoot: Shoot) -> None:
    page = opened(visit("en", query="?tab=gradients", width=390, height=844))
    assert page.evaluate(INSIDE)
    page.locator("#gradients-flow-start").click()
    sentence = page.locator("#gradients-flow-answer .summary")
    expect(sentence).to_contain_text("ResNet-20")
    expect(page.locator("#gradients-flow-progress .run-progress")).to_have_count(1)
    page.locator("#gradients-flow-stop").click()
    expect(page.locator("#gradients-flow-progress .run-progress")).to_have_count(0)
    kept = sentence.inner_text()
    page.wait_for_timeout(1500)  # another depth would be there by now
    assert sentence.inner_text() == kept and re.search(r"ResNet-\d+", kept)
    shoot(page, "grown")


def test_a_new_choice_does_not_wait_for_the_old_measurement(visit: Visit) -> None:
    """Ten seeds at 110 layers take a minute and more; the slider answers to the keyboard."""
    page = opened(visit("en", query="?tab=gradients"))
    unfold(page, "gradients-flow")
    slider = page.locator("#gradients-flow-seeds input[type=range]")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_value("10")
    expect(page.locator("#gradients-flow-conditions")).to_contain_text("Seeds: 10.")
    page.locator("#gradients-flow-twins input").click()
    page.get_by_role("option", name="110 layers, CIFAR stem").click()
    expect(page.locator("#gradients-flow-progress")).to_contain_text(re.compile("[1-9]0%"))
    expect(page.locator("#gradients-flow-answer .summary")).to_contain_text("ResNet-110")
    page.locator("#gradients-flow-norm").get_by_text("none").click()
    expect(page.locator("#gradients-flow-conditions")).to_contain_text("normalisation: none")
    done = page.locator("#gradients-flow-progress .run-progress span").get_attribute("aria-valuenow")
    assert done is not None and int(done) <= 20


@each_screen
def test_paths_of_each_length(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = visit(language, query="?tab=gradients&show=paths", width=width)
    expect(page.locator("#gradients-paths-answer .summary")).to_contain_text("134,217,728")
    expect(page.locator("#gradients-paths-shares .legendtext")).to_have_count(3)
    page.locator("#gradients-paths-network").get_by_text("ResNet-20").click()
    expect(page.locator("#gradients-paths-answer .summary")).to_contain_text("512")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"paths-{width}-{language}")
