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
