"""Uploads: one deleted while a phone was locked is sent again; every file that is chosen reaches the server."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from resnet_demo.kit.text import LANGUAGES
from tests.browser.conftest import Visit
from tests.browser.test_tabs import crop, opened, upload
from tests.helpers.refused import REFUSED, encoded, photograph
from tests.helpers.running import App


def with_uploads(page: Page) -> list[Path]:
    """The files that the page uploads from now on."""
    paths: list[Path] = []

    def note(response: Response) -> None:
        if response.url.split("?")[0].endswith("/upload"):
            paths.extend(map(Path, response.json()))

    page.on("response", note)
    return paths


def test_a_deleted_upload_is_sent_again(browser: Browser, app: App, tmp_path: Path) -> None:
    photograph(seed=7).save(tmp_path / "own.png")
    page = browser.new_context(locale="en-US").new_page()
    page.goto(app.url)
    results = page.locator("#classify-results .card")
    expect(results).to_have_count(2)
    example = crop(page).get_attribute("src") or ""
    paths = with_uploads(page)
    upload(page, tmp_path / "own.png")
    expect(crop(page)).not_to_have_attribute("src", example)
    own = crop(page).get_attribute("src") or ""
    (path,) = paths
    path.unlink()
    page.locator("#classify-chosen").get_by_text("PlainNet-18").click()
    expect(results).to_have_count(1)
    expect(crop(page)).to_have_attribute("src", own)
    assert paths == [path, path] and path.read_bytes() == (tmp_path / "own.png").read_bytes()
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_real_test_photograph_with_its_class_to_unfold(visit: Visit, language: str) -> None:
    """It becomes the photo of the app, and stays after a reload; the drawer, which has its class, closes before."""
    page = opened(visit(language, width=390, height=844), language)
    example = crop(page).get_attribute("src") or ""
    page.locator("#photo-chip").click()
    page.locator("#real-class input").click()
    page.get_by_role("option", name={"en": "church", "zh": "教堂"}[language], exact=True).click()
    page.locator("#real-random").click()
    told = page.locator("#real-told")
    expect(told).to_contain_text({"en": "of 5.", "zh": "共 5 张。"}[language])
    expect(told).not_to_be_visible()
    page.locator("#photo-chip").click()
    told.locator("summary").click()
    expect(told.locator("details p")).to_have_text({"en": "church", "zh": "教堂"}[language])
    expect(crop(page)).not_to_have_attribute("src", example)
    expect(page.locator("#examples button[aria-pressed=true]")).to_have_count(0)
    page.reload()
    expect(page.locator("#classify-results .card")).to_have_count(2)
    expect(crop(page)).not_to_have_attribute("src", example)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_without_an_ending_is_taken_and_a_huge_file_refused_in_the_language(
    visit: Visit, language: str, tmp_path: Path
) -> None:
    """Gradio's page would refuse both in English, and leave the old results."""
    page = opened(visit(language), language)
    example = crop(page).get_attribute("src") or ""
    (tmp_path / "photograph").write_bytes(encoded(photograph(seed=7), "JPEG"))
    upload(page, tmp_path / "photograph")
    expect(crop(page)).not_to_have_attribute("src", example)
    huge = REFUSED["heavy"].write(tmp_path)
    os.truncate(huge, 70_000_000)
    upload(page, huge)
    expect(page.locator("#classify-results .notice")).to_have_text(REFUSED["heavy"].said[language])
    expect(page.locator("#classify-results .card")).to_have_count(0)
