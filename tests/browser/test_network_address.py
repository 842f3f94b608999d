"""A class on the local network: plain http at an address that is not localhost, and a server that is restarted."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from resnet_demo.kit.classroom import address
from resnet_demo.kit.text import LANGUAGES
from tests.browser.conftest import LOCALES, settle
from tests.browser.test_tabs import crop, open_drawer, t
from tests.helpers.refused import photograph
from tests.helpers.running import free_port, running

PASTE = """async (source) => {
  const photo = await (await fetch(source)).blob();
  const given = new DataTransfer();
  given.items.add(new File([photo], "pasted.png", { type: "image/png" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: given, bubbles: true }));
}"""
"""What Ctrl-V does with a picture: Chromium lets no test fill the clipboard of an insecure page."""


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_class_pastes_copies_and_survives_a_restart(browser: Browser, tmp_path: Path, language: str) -> None:
    port = free_port()
    there = address(None, port)
    context = browser.new_context(locale=LOCALES[language])
    page = context.new_page()
    (tmp_path / "first").mkdir()
    with running(tmp_path / "first", "--device", "cpu", "--host", "0.0.0.0", "--port", str(port)):
        page.goto(f"{there}?tab=classify&chosen=resnet18-imagenette")
        expect(page.locator("#classify-results .card")).to_have_count(1)
        assert page.evaluate("[isSecureContext, navigator.clipboard, navigator.mediaDevices]") == [False, None, None]

        open_drawer(page)
        expect(page.get_by_text(t(language, "photo.insecure"))).to_be_visible()
        expect(page.locator("#photo .source-selection button:visible")).to_have_count(1)  # upload, but no camera
        shown = crop(page).get_attribute("src") or ""
        photograph(seed=7).save(tmp_path / "own.png")
        page.route("**/own.png", lambda route: route.fulfill(path=tmp_path / "own.png"))
        page.evaluate(PASTE, f"{there}own.png")
        expect(crop(page)).not_to_have_attribute("src", shown)
        pasted = crop(page).get_attribute("src") or ""
        page.wait_for_function("() => localStorage.getItem('resnet-photo')")

        page.get_by_role("button", name=t(language, "page.copy_link")).click()
        expect(page.locator("#share [role=status]")).to_have_text(t(language, "page.selected"))
        assert page.evaluate("getSelection().toString()") == page.url
        settle(page)
        page.evaluate("window.before = true")
    expect(page.locator("#server-note")).to_be_visible()
    expect(page.locator("#server-note")).to_have_text(t(language, "app.server_gone"))
    assert crop(page).get_attribute("src") == pasted
    (tmp_path / "second").mkdir()
    with running(tmp_path / "second", "--device", "cpu", "--host", "0.0.0.0", "--port", str(port)):
        page.wait_for_function("() => !window.before")
        expect(page).to_have_url(re.compile("chosen=resnet18-imagenette$"))
        expect(page.locator("#classify-results .card")).to_have_count(1)
        expect(page.locator("#photo-chip img")).to_have_attribute("src", re.compile("photo"))
        page.wait_for_function(
            "shown => document.querySelector('#classify-results img.crop')?.src !== shown", arg=shown
        )
    context.close()
