"""The blocks in a browser: blocks chosen by mouse and by keys, files saved, a pixel followed."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

from resnet_demo.chapters.blocks.formats import as_csv
from resnet_demo.chapters.blocks.rows import blocks
from resnet_demo.kit.text import LANGUAGES
from tests.browser.conftest import Shoot, Visit, each_screen, laid_out, settle, unfold
from tests.browser.test_tabs import OTHER, choose, go, open_drawer, opened, switch, t

each_language = pytest.mark.parametrize("language", LANGUAGES)
PAGES = ("network", "block", "decision", "anysize", "response")


def inspector(page: Page, language: str) -> Page:
    go(opened(page, language), "blocks")
    return page


def turn(page: Page, key: str) -> None:
    """Opens a page of the tab."""
    page.locator(f"#blocks-page-{key}-button").click()
    laid_out(page)


def unit(page: Page, name: str) -> Locator:
    """The block in the drawing that is on screen."""
    return page.locator(f'#blocks-network-diagram .unit[data-name="{name}"]:visible')


def expect_chosen(page: Page, name: str) -> None:
    """Marked in the drawing and in the table, and shown from near."""
    expect(page.locator("#blocks-network-diagram .unit[aria-selected=true]:visible")).to_have_attribute(
        "data-name", name
    )
    expect(page.locator("#blocks-network-table tr.chosen")).to_have_attribute("data-name", name)
    expect(page.locator("#blocks-network-detail h3 code")).to_have_text(name)


@each_screen
def test_a_block_by_mouse_and_by_keys(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    page = inspector(visit(language, width=width, height=1080 if width > 400 else 844), language)
    expect_chosen(page, "layer1.0")
    unit(page, "layer3.0").click()
    expect_chosen(page, "layer3.0")
    expect(page.locator("#blocks-network-detail")).to_contain_text(t(language, "blocks.shortcut.projection"))
    page.keyboard.press("Tab")
    unit(page, "layer3.0").focus()
    page.keyboard.press("ArrowRight")
    expect_chosen(page, "layer3.1")
    expect(unit(page, "layer3.1")).to_be_focused()
    assert unit(page, "layer3.1").locator(".frame").evaluate("frame => getComputedStyle(frame).strokeWidth") == "3.5px"
    shoot(page, "keys")
    page.keyboard.press("End")
    expect_chosen(page, "fc")
    page.locator('#blocks-network-table tr[data-name="layer2.0"] code').click()
    expect_chosen(page, "layer2.0")
    size = page.locator("#blocks-network-size input[type=range]")
    size.fill("96")
    expect(page.locator("#blocks-network-answer .summary")).to_contain_text("96 × 96")
    expect(page.locator("#blocks-network-detail")).to_contain_text("128 × 12 × 12")
    expect_chosen(page, "layer2.0")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page).to_have_url(re.compile("size=96"))
    switch(page, OTHER[language])
    expect(page.locator("#blocks-network-answer .summary")).to_contain_text("96 × 96")
    unit(page, "layer2.0").click()
    expect_chosen(page, "layer2.0")
    expect(page.locator("#blocks-network-detail")).to_contain_text(t(OTHER[language], "blocks.shortcut.projection"))
    expect(page.locator("#blocks-network-detail")).to_contain_text("128 × 12 × 12")
    shoot(page, "other-language")


@each_language
def test_the_table_follows_the_network_and_the_size(visit: Visit, shoot: Shoot, language: str) -> None:
    page = inspector(visit(language), language)
    foot = page.locator("#blocks-network-table .rows tfoot td")
    summary = page.locator("#blocks-network-answer .summary")
    expect(foot.nth(0)).to_have_text("11,515,688")
    expect(foot.nth(1)).to_have_text("173,824")
    choose(page, "blocks-network-name", "PlainNet-34")
    expect(foot.nth(0)).to_have_text("21,623,848")
    expect(foot.nth(2)).to_have_text("3,644,493,824")
    expect(page.locator("#blocks-network-shortcut")).to_be_hidden()
    size = page.locator("#blocks-network-size input[type=range]")
    size.fill("448")
    expect(page.locator("#blocks-network-table .rows tbody td").nth(2)).to_have_text("3×448×448 → 64×224×224")
    choose(page, "blocks-network-name", "ResNet-34")
    expect(foot.nth(0)).to_have_text("21,623,848")
    expect(summary).to_contain_text("448 × 448")  # one's own size stays
    box = page.locator("#blocks-network-size input[type=number]")
    box.fill("5000")
    page.keyboard.press("Tab")  # the slider ends at 512
    expect(summary).to_contain_text("512 × 512")
    size.fill("224")
    expect(summary).to_contain_text("224 × 224")
    choose(page, "blocks-network-name", "ResNet-56")
    expect(size).to_have_value("32")
    expect(foot.nth(2)).to_have_text("125,485,696")
    padded = page.locator("#blocks-network-table .shortcut", has_text=t(language, "blocks.shortcut.zero_padding"))
    expect(padded).to_have_count(2)
    unfold(page, "blocks-network")
    page.locator("#blocks-network-shortcut input").nth(1).click()
    expect(padded).to_have_count(0)
    expect(page.locator("#blocks-network-table .rows tfoot td").nth(1)).not_to_have_text("0")
    shoot(page, "resnet56-B")


@each_language
def test_two_side_by_side_and_figure_3(visit: Visit, shoot: Shoot, language: str) -> None:
    page = inspector(visit(language), language)
    drawing, said = page.locator("#blocks-network-diagram"), page.locator("#blocks-network-answer")
    page.locator("#blocks-network-preset-stride").click()
    expect(drawing.locator("svg.net")).to_have_count(2)
    expect(said).to_contain_text("3,857,973,248")
    expect(page.locator("#blocks-network-table .pairs .differs")).to_have_count(2 * 21)
    assert page.locator("#blocks-network-table .scroll").evaluate("frame => frame.scrollWidth <= frame.clientWidth")
    page.locator("#blocks-network-table .scroll").scroll_into_view_if_needed()
    shoot(page, "two")
    expect(page.locator("#blocks-network-detail")).to_be_hidden()
    page.locator("#blocks-network-preset-vgg").click()
    expect(said).to_contain_text("19,632,062,464")
    page.locator("#blocks-network-size input[type=number]").fill("16")
    page.locator("#brand h1").click()  # the number stays when the visitor goes elsewhere
    vanishes = t(language, "error.size_vanishes", name="vgg19", size=16, stage=5, nearest=224)
    expect(said.locator(".notice")).to_have_text(vanishes)
    page.wait_for_timeout(500)
    expect(said.locator(".notice")).to_have_text(vanishes)
    page.locator("#blocks-network-size input[type=number]").fill("224")
    expect(said).to_contain_text("19,632,062,464")
    page.locator("#blocks-network-view input").nth(2).click()
    expect(drawing.locator("svg.figure3")).to_be_visible()
    expect(page.locator("#blocks-network-size")).to_be_hidden()
    shoot(page, "figure3")
    page.locator("#blocks-network-view input").nth(0).click()
    expect(page.locator("#blocks-network-table .rows tfoot td").first).to_have_text("21,623,848")
    expect_chosen(page, "layer1.0")


def test_fast_keys_lose_no_block(visit: Visit) -> None:
    page = inspector(visit("en"), "en")
    unit(page, "layer1.0").click()
    expect_chosen(page, "layer1.0")
    for _ in range(6):  # faster than the answers come
        page.keyboard.press("ArrowRight")
    expect_chosen(page, "layer4.0")
    settle(page)
    expect_chosen(page, "layer4.0")


def test_the_drawing_and_the_table_are_saved(visit: Visit, tmp_path: Path) -> None:
    page = inspector(visit("en"), "en")
    with page.expect_download() as saved:
        page.locator("#blocks-network-diagram button.save:visible").click()
    assert saved.value.suggested_filename == "resnet18-224.svg"
    saved.value.save_as(tmp_path / "drawing.svg")
    root = ElementTree.parse(tmp_path / "drawing.svg").getroot()
    units = [one.get("data-name") for one in root.iter() if one.get("class") == "unit"]
    assert units == [row.name for row in blocks("resnet18")]
    assert root.get("width") and "background: #ffffff" in str(root.get("style"))
    with page.expect_download() as saved:
        page.locator("#blocks-network-export-csv").click()
    assert saved.value.suggested_filename == "resnet18-224.csv"
    saved.value.save_as(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text("utf-8") == as_csv(blocks("resnet18"))


@each_language
def test_a_pixel_is_followed(visit: Visit, shoot: Shoot, language: str) -> None:
    page = inspector(visit(language), language)
    turn(page, "block")
    walk, output = page.locator("#blocks-block-walk"), page.locator("#blocks-block-maps canvas[data-key=output]")
    expect(walk.locator(".check.yes")).to_be_visible()
    expect(output).to_have_count(6)
    before = walk.locator(".summary").inner_text()
    output.nth(2).click(position={"x": 3, "y": 3})
    expect(walk.locator(".summary")).not_to_have_text(before)
    channel = output.nth(2).get_attribute("data-channel")
    place = {"channel": channel, "row": 0, "column": 0, "block": "layer2.0"}
    expect(walk.locator(".summary")).to_have_text(t(language, "blocks.walk.where", **place))
    page.mouse.move(0, 0)
    output.nth(2).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#blocks-block-maps output")).to_contain_text("[1, 0] = ")
    expect(walk.locator(".summary")).to_have_text(t(language, "blocks.walk.where", **{**place, "row": 1}))
    output.nth(0).hover()
    expect(page.locator("#blocks-block-maps output")).to_have_text(re.compile(r"\[\d+, \d+\] = −?\d"))
    shoot(page, "projection")
    page.locator("#blocks-block-block").get_by_text("layer1.1").click()
    expect(walk.locator(".summary")).to_contain_text("layer1.1")
    expect(walk.locator(".check.yes")).to_be_visible()
    choose(page, "blocks-block-network", "PlainNet-18 · Imagenette")
    expect(page.locator("#blocks-block-maps .head")).to_have_count(3)
    expect(walk.locator("section.path")).to_have_count(2)
    expect(walk.locator(".check.yes")).to_be_visible()
    expect(page).to_have_url(re.compile("network=plain18-imagenette"))
    switch(page, OTHER[language])
    expect(walk).to_contain_text(t(OTHER[language], "blocks.walk.path.main"))
    expect(walk.locator(".summary")).to_contain_text("layer1.1")
    expect(page.locator("#blocks-block-maps .head")).to_have_count(3)  # the plain network: no shortcut
    shoot(page, "plain")


# Where the green square is: its channel and its middle, as parts of the first map in which it is found.
SQUARE = """() => {
  for (const canvas of document.querySelectorAll("#blocks-block-maps canvas[data-key=output]")) {
    const { width, height, dataset } = canvas, { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const found = [];
    for (let i = 0; i < width * height; i++)
      if (data[4 * i] === 22 && data[4 * i + 1] === 163 && data[4 * i + 2] === 74) found.push(i);
    const middle = (all, side) => (Math.min(...all) + Math.max(...all) + 1) / 2 / side;
    if (found.length)
      return [dataset.channel, middle(found.map((i) => Math.floor(i / width)), height),
              middle(found.map((i) => i % width), width)];
  }
}"""


def expect_one_pixel(page: Page, language: str, block: str) -> None:
    """The walk follows the pixel with the green square."""
    expect(page.locator("#blocks-block-maps .summary")).to_contain_text(block)
    settle(page)
    facts = page.locator("#blocks-block-maps .summary").inner_text()
    _, height, width = map(int, re.search(r"(\d+)×(\d+)×(\d+)", facts).groups())  # type: ignore[union-attr]
    channel, down, across = page.evaluate(SQUARE)
    place = {"channel": channel, "row": int(down * height), "column": int(across * width), "block": block}
    expect(page.locator("#blocks-block-walk .summary")).to_have_text(t(language, "blocks.walk.where", **place))


def test_the_green_square_is_the_pixel_that_is_followed(visit: Visit) -> None:
    page = inspector(visit("en"), "en")
    turn(page, "block")
    expect_one_pixel(page, "en", "layer2.0")
    open_drawer(page)
    examples = page.locator("#examples button[data-index]")
    examples.nth(1).click()  # nothing was pointed at: another picture, another brightest pixel
    expect_one_pixel(page, "en", "layer2.0")
    page.keyboard.press("Escape")
    page.locator("#blocks-block-maps canvas[data-key=output]").nth(0).click(position={"x": 3, "y": 3})
    for block in ("layer1.1", "layer2.0"):
        page.locator("#blocks-block-block").get_by_text(block, exact=True).click()
        expect_one_pixel(page, "en", block)
    expect(page.locator("#blocks-block-walk .summary")).to_contain_text("row 0, column 0")
    open_drawer(page)
    examples.nth(2).click()
    expect_one_pixel(page, "en", "layer2.0")


@each_language
def test_the_other_pages(visit: Visit, shoot: Shoot, language: str) -> None:
    """From a phone: each page is reached, answers, and stays within the screen."""
    page = inspector(visit(language, width=390, height=844), language)
    turn(page, "block")
    expect(page.locator("#blocks-block-walk .check.yes")).to_be_visible()
    widths = page.locator("#blocks-block-walk .step").evaluate_all("(steps) => steps.map((step) => step.clientWidth)")
    assert min(widths) > 250, "one step below the other"
    turn(page, "decision")
    expect(page.locator("#blocks-decision-stages .card")).to_have_count(4)
    page.locator("#blocks-decision-more button").first.click()
    expect(page.locator("#blocks-decision-code .card")).to_have_count(3)
    expect(page).to_have_url(re.compile("show=decision"))  # chosen from the menu of tabs that found no room, too
    shoot(page, "decision")
    turn(page, "anysize")
    answer = page.locator("#blocks-anysize-drawing")
    expect(answer.locator(".card.yes")).to_have_count(1)
    page.locator("#blocks-anysize-size input[type=range]").fill("256")
    expect(answer).to_contain_text("1x32768 and 25088x1000")
    for head in ("512 ✓", "32,768 ✗"):
        box = answer.locator("svg:visible").get_by_text(head).bounding_box()
        assert box and box["x"] + box["width"] <= 390
    shoot(page, "anysize")
    turn(page, "response")
    expect(page).to_have_url(re.compile("show=response$"))
    expect(page.locator("#blocks-response-chart .main-svg").first).to_be_visible()
    expect(page.locator("#blocks-response-answer")).to_contain_text("13")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, "response")


@each_language
def test_the_other_language_shows_the_open_page(visit: Visit, language: str) -> None:
    """Not the chapter's first page: the one that the visitor had opened, with its size, after Back and Forward, too."""
    page = inspector(visit(language), language)
    turn(page, "anysize")
    answer = page.locator("#blocks-anysize-drawing")
    page.locator("#blocks-anysize-size input[type=range]").fill("256")
    expect(answer).to_contain_text("1x32768 and 25088x1000")
    expect(page).to_have_url(re.compile("tab=blocks&show=anysize&size=256$"))
    switch(page, OTHER[language])
    expect(answer).to_contain_text({"en": "global average pooling", "zh": "全局平均池化"}[OTHER[language]])
    expect(answer).to_contain_text("1x32768 and 25088x1000")
    expect(answer).to_be_visible()
    page.go_back()
    expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
    expect(answer).to_contain_text("1x32768 and 25088x1000")
    expect(answer).to_be_visible()
