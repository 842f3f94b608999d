"""A page whose upload was deleted, as a phone's that was locked for a while, sends the browser's copy again."""

from pathlib import Path

from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.test_tabs import crop, upload
from tests.helpers.refused import photograph
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
    page.locator("#classify-networks").get_by_text("PlainNet-18").click()
    expect(results).to_have_count(1)
    expect(crop(page)).to_have_attribute("src", own)
    assert paths == [path, path] and path.read_bytes() == (tmp_path / "own.png").read_bytes()
    page.context.close()
