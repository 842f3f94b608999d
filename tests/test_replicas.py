"""Two replicas behind nginx, below a path: visitors stay with one each, and go on with the other when it is killed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from resnet_demo.chapters.classify.endpoint import endpoint
from resnet_demo.data.examples import examples
from resnet_demo.kit.offered_networks import Networks
from tests.browser.conftest import NAMES, QUIET
from tests.helpers.replicas import Replicas, behind_nginx

pytestmark = pytest.mark.long
PAIR = ["resnet18-imagenette", "plain18-imagenette"]
VISITORS = 6


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    with behind_nginx(tmp_path) as found:
        yield found


class Script:
    """A visitor without a browser, who keeps the cookie and asks about a photograph of their own."""

    def __init__(self, url: str, photograph: Path) -> None:
        self.client = httpx.Client(base_url=f"{url}/", timeout=120)
        self.photograph = photograph
        self.client.get("healthz").raise_for_status()

    @property
    def cookie(self) -> str:
        return self.client.cookies["visitor"]

    def classify(self) -> list[dict[str, Any]]:
        files = {"files": (self.photograph.name, self.photograph.read_bytes(), "image/png")}
        (path,) = self.client.post("gradio_api/upload", files=files).raise_for_status().json()
        data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, PAIR, "en"]
        event = self.client.post("gradio_api/call/classify", json={"data": data}).raise_for_status().json()["event_id"]
        told = self.client.get(f"gradio_api/call/classify/{event}").text
        assert told.startswith("event: complete"), told
        found: list[dict[str, Any]] = json.loads(told.partition("data: ")[2])[0]
        return found


def test_each_visitor_stays_with_a_replica_and_outlives_it(replicas: Replicas, tmp_path: Path) -> None:
    """Everyone's answer is that of the networks asked directly, before one replica is killed and after."""
    scripts, expected = [], []
    for index, example in enumerate(examples()[:VISITORS]):
        photograph = tmp_path / f"{index}.png"
        example.open().save(photograph)
        scripts.append(Script(replicas.url, photograph))
        expected.append(classes(endpoint(Networks("cpu"), str(photograph), PAIR, "en")))
    assert len({script.cookie for script in scripts}) == VISITORS
    for _ in range(2):
        assert [classes(script.classify()) for script in scripts] == expected
    asked = replicas.asked()
    assert {len(asked[script.cookie]) for script in scripts} == {1}
    assert len(set().union(*asked.values())) == 2, "all visitors were given one replica"
    killed = replicas.answering(scripts[0].cookie)
    assert killed.process
    killed.process.kill()
    killed.process.wait()
    assert [classes(script.classify()) for script in scripts] == expected


def classes(answer: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(one["network"], [guess["id"] for guess in one["classes"]]) for one in answer]


def test_an_open_page_is_told_and_goes_on_with_the_other_replica(replicas: Replicas) -> None:
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, NAMES)), None)
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        page = browser.new_page()
        page.goto(f"{replicas.url}/?lang=en&tab=classify")
        cards = page.locator("#classify-results .card")
        expect(cards).to_have_count(2, timeout=120_000)
        (cookie,) = (one["value"] for one in page.context.cookies() if one["name"] == "visitor")
        killed = replicas.answering(cookie)
        assert killed.process
        killed.process.kill()
        with page.expect_navigation(timeout=120_000):
            expect(page.locator("#server-note")).to_be_visible(timeout=120_000)
        expect(cards).to_have_count(2, timeout=120_000)
        browser.close()
