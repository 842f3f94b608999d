"""ImageNet's weights fetched in the page from a stand-in for the Hub, while the visitor watches the bar."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from huggingface_hub import constants
from playwright.sync_api import expect

from resnet_demo import shell
from resnet_demo.kit.text import LANGUAGES
from resnet_demo.serving import launch_options
from tests.browser.conftest import Shoot, Visit
from tests.browser.test_tabs import choose, go, open_drawer, opened, t
from tests.helpers.running import App, free_port
from tests.helpers.standin import Hub


@pytest.fixture
def app(standin: Hub, imagenet: Any) -> Iterator[App]:
    """The app in this process, whose client asks the stand-in. Started in a thread without Playwright's loop."""
    demo = shell.build("cpu")
    options = launch_options() | {"server_port": free_port(), "prevent_thread_lock": True, "quiet": True}
    with ThreadPoolExecutor(1) as thread:
        thread.submit(demo.launch, **options).result()
        yield App(str(demo.local_url).rstrip("/"))
        demo.close()


# Notes each share of the bar that is seen, and whether all of it lies in its place on the page.
WATCH = """() => {
  window.shares = [];
  window.whole = [];
  const place = document.querySelector("#classify-more-said");
  new MutationObserver(() => {
    const bar = place.querySelector("[role=progressbar]");
    if (!bar) return;
    const [inner, outer] = [bar.getBoundingClientRect(), place.getBoundingClientRect()];
    window.shares.push(Number(bar.getAttribute("aria-valuenow")));
    window.whole.push(inner.height > 8 && inner.top >= outer.top && inner.bottom <= outer.bottom);
  }).observe(place, { subtree: true, attributes: true, childList: true });
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_download_shows_how_far_it_is_and_then_the_network_answers(
    visit: Visit, shoot: Shoot, standin: Hub, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1 << 20)
    standin.pace = 0.25
    page = opened(visit(language, width=1280 if language == "en" else 390), language)
    page.locator("#classify-more").get_by_text(t(language, "classify.more")).click()
    choose(page, "classify-more-name", "ResNet-18")
    page.evaluate(WATCH)
    page.locator("#classify-more-fetch").click()
    page.wait_for_function("() => window.shares.at(-1) > 40")
    shoot(page, "half-way")
    expect(page.locator("#classify-more-said")).to_contain_text(
        t(language, "classify.more_done", network="ResNet-18 · ImageNet")
    )
    shares = page.evaluate("window.shares")
    assert shares == sorted(shares) and len({*shares}) >= 4, shares
    assert all(page.evaluate("window.whole"))
    cards = page.locator("#classify-results .card")
    expect(cards).to_have_count(3)
    expect(cards.last).to_contain_text("11,689,512")
    assert len(standin.downloads()) == 1
    go(page, "gradcam")  # every chapter offers the network that came
    choose(page, "gradcam-left", "ResNet-18 · ImageNet")
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(2)


def test_all_else_goes_on_after_a_download_that_failed_and_while_one_lasts(
    visit: Visit, standin: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    page = opened(visit("en"), "en")
    said = page.locator("#classify-more-said")

    def another_photograph_is_classified(example: int) -> None:
        seen = page.locator("#classify-results img.crop").first
        before = seen.get_attribute("src")
        open_drawer(page)
        page.locator("#examples button").nth(example).click()
        expect(seen).not_to_have_attribute("src", str(before))
        expect(page.locator("#classify-results .card")).to_have_count(2)

    page.locator("#classify-more").get_by_text(t("en", "classify.more")).click()
    choose(page, "classify-more-name", "ResNet-18")
    standin.status = 500
    page.locator("#classify-more-fetch").click()
    expect(said).to_contain_text("Downloading model.safetensors from timm/resnet18.tv_in1k was interrupted (")
    another_photograph_is_classified(3)
    standin.status, standin.pace = 0, 3
    page.locator("#classify-more-fetch").click()
    bar = said.locator("[role=progressbar]")
    expect(bar).to_be_visible()
    another_photograph_is_classified(5)
    expect(bar).to_be_visible()  # it has not ended
    standin.pace = 0
    expect(said).to_contain_text(t("en", "classify.more_done", network="ResNet-18 · ImageNet"))
