"""The gradient tab in a browser: what a class sees first, and what moves when the controls do."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.browser.conftest import MOUNTED, Shoot, Visit
from tests.browser.test_tabs import OTHER, switch

each_language = pytest.mark.parametrize("language", LANGUAGES)
PATH = "#gradients-chart .scatterlayer .trace path.js-line"
CURVES = f"() => [...document.querySelectorAll('{PATH}')].map((line) => line.getAttribute('d')).join()"
INSIDE = """() => {
  const chart = document.querySelector("#gradients-chart .main-svg").getBoundingClientRect();
  const frame = document.querySelector("#gradients-chart").getBoundingClientRect();
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
    page.wait_for_timeout(MOUNTED)


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
    sentence = page.locator("#gradients-reading .summary")
    expect(sentence).to_contain_text("ResNet-56")
    expect(sentence).to_contain_text(t(language, "none_vanishes").strip())
    assert page.locator("#gradients-chart").bounding_box()["y"] < 560  # type: ignore[index]
    first = page.evaluate(CURVES)
    page.locator("#gradients-axis").get_by_text(t(language, "axis.linear")).click()
    page.wait_for_function(f"(before) => ({CURVES})() !== before", arg=first)
    page.locator("#gradients-quantity").get_by_text(t(language, "quantity.signal")).click()
    expect(page.locator("#gradients-chart")).to_contain_text(t(language, "axis.signal"))
    expect(page).to_have_url(re.compile("(?=.*gradients-quantity=signal)(?=.*gradients-axis=linear)"))
    with page.expect_download() as saved:
        page.locator("#gradients-csv").click()
    assert saved.value.suggested_filename == "gradients-cifar-56.csv"
    with open(saved.value.path(), encoding="utf-8") as file:
        assert {row["network"] for row in csv.DictReader(file)} == {"resnet56", "plain56"}
    shoot(page, f"flow-{language}")
    switch(page, OTHER[language])  # measured again there, and shown as it was chosen
    expect(sentence).to_contain_text("ResNet-56")
    expect(page.locator("#gradients-chart")).to_contain_text(t(OTHER[language], "axis.signal"))
    expect(page.locator("#gradients-chart")).to_contain_text(t(OTHER[language], "chart.depth"))


@each_language
def test_three_claims_and_shattered_gradients(visit: Visit, shoot: Shoot, language: str) -> None:
    page = opened(visit(language, query="?tab=gradients", dark=language == "zh"))
    part(page, language, "claims")
    expect(page.locator(".gradients-mark.holds")).to_have_count(3)  # the second claim, after training
    expect(page.locator(".gradients-mark.fails")).to_have_count(1)  # and before
    expect(page.locator("#gradients-claims .main-svg .scatterlayer")).to_have_count(3)
    expect(page.locator("#gradients-verdict-plain_with_norm")).to_contain_text("28.54")
    expect(page.locator("#gradients-claims .legendtext").first).to_be_visible()
    assert page.evaluate(LEGENDS) == [True] * 3
    shoot(page, f"claims-{language}")
    part(page, language, "shattered_gradients")
    expect(page.locator("#gradients-correlation .main-svg").first).to_be_visible()
    expect(page.locator("#gradients-shattered-verdict .summary")).to_contain_text("ResNet-")
    page.locator("#gradients-shattered-stop").click()
    expect(page.locator("#gradients-shattered-verdict progress")).to_have_count(0)
    shoot(page, f"shattered-{language}")


def test_the_depth_grows_and_stops_on_a_phone(visit: Visit, shoot: Shoot) -> None:
    page = opened(visit("en", query="?tab=gradients", width=390, height=844))
    assert page.evaluate(INSIDE)
    page.locator("#gradients-grow").click()
    sentence = page.locator("#gradients-reading .summary")
    expect(sentence).to_contain_text("ResNet-20")
    expect(page.locator("#gradients-reading progress")).to_have_count(1)
    page.locator("#gradients-stop").click()
    expect(page.locator("#gradients-reading progress")).to_have_count(0)
    kept = sentence.inner_text()
    page.wait_for_timeout(1500)  # another depth would be there by now
    assert sentence.inner_text() == kept and re.search(r"ResNet-\d+", kept)
    shoot(page, "grown")


def test_a_new_choice_does_not_wait_for_the_old_measurement(visit: Visit) -> None:
    """Ten seeds at 110 layers take a minute and more; the slider answers to the keyboard."""
    page = opened(visit("en", query="?tab=gradients"))
    page.locator("#gradients-more button").first.click()
    slider = page.locator("#gradients-seeds input[type=range]")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_value("10")
    expect(page.locator("#gradients-note")).to_contain_text("Seeds: 10.")
    page.locator("#gradients-pair input").click()
    page.get_by_role("option", name="110 layers, CIFAR stem").click()
    expect(page.locator("#gradients-reading progress")).to_have_attribute("max", "10")
    expect(page.locator("#gradients-reading .summary")).to_contain_text("ResNet-110")
    page.locator("#gradients-norm").get_by_text("none").click()
    expect(page.locator("#gradients-note")).to_contain_text("normalisation: none")
    done = page.locator("#gradients-reading progress").get_attribute("value")
    assert done is not None and int(done) <= 2


@each_language
@pytest.mark.parametrize("width", [1280, 390])
def test_paths_of_each_length(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = visit(language, query="?tab=gradients&show=paths", width=width)
    expect(page.locator("#gradients-paths-answer .summary")).to_contain_text("134,217,728")
    expect(page.locator("#gradients-paths-shares .legendtext")).to_have_count(3)
    page.locator("#gradients-paths-network").get_by_text("ResNet-20").click()
    expect(page.locator("#gradients-paths-answer .summary")).to_contain_text("512")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(page, f"paths-{width}-{language}")
