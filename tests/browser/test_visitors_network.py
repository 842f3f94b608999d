"""A network of the visitor's own: uploaded or fetched by its Hub id, offered in every chapter, to nobody else."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect
from safetensors.torch import save

from resnet_demo import shell
from resnet_demo.checkpoints.load import sha256_of
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.models import build
from resnet_demo.serving import launch_options
from tests.browser.conftest import Shoot, Visit
from tests.browser.test_tabs import choose, go, opened, t
from tests.helpers.running import App, free_port
from tests.helpers.standin import Hub, Repository

CLASSES = ("blue tit", "<b>wren</b>", "喜鹊")
LABEL = "ResNet-18 · garden birds"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """ResNet-18 with three classes and its card."""
    torch.manual_seed(0)
    weights, card = tmp_path / "best.safetensors", tmp_path / "best.json"
    weights.write_bytes(save(build("resnet18", 3).half().state_dict()))
    told = {
        "model": "resnet18",
        "options": {},
        "dataset": "garden birds",
        "classes": [{"id": name, "name": name} for name in CLASSES],
        "preprocessing": Preprocessing(96, 96).as_dict(),
        "sha256": sha256_of(weights.read_bytes()),
    }
    card.write_text(json.dumps(told), "utf-8")
    return [weights, card]


@pytest.fixture
def app(standin: Hub) -> Iterator[App]:
    """The app in this process, whose client asks the stand-in. Started in a thread without Playwright's loop."""
    demo = shell.build("cpu")
    options = launch_options() | {"server_port": free_port(), "prevent_thread_lock": True, "quiet": True}
    with ThreadPoolExecutor(1) as thread:
        thread.submit(demo.launch, **options).result()
        yield App(str(demo.local_url).rstrip("/"))
        demo.close()


def unfold(page: Page, language: str) -> None:
    with page.expect_response(lambda answer: "/run/" in answer.url):
        page.locator("#classify-more").get_by_text(t(language, "classify.more")).click()


def upload(page: Page, files: list[Path]) -> None:
    page.locator("#classify-more-files input[type=file]").set_input_files(files)


def test_an_upload_is_its_visitor_s_alone_and_gone_after_a_reload(
    visit: Visit, shoot: Shoot, files: list[Path]
) -> None:
    page = opened(visit("en"), "en")
    unfold(page, "en")
    upload(page, files)
    said = page.locator("#classify-more-said")
    expect(said).to_contain_text(t("en", "classify.more_yours", network=LABEL, count=3))
    cards = page.locator("#classify-results .card")
    expect(cards).to_have_count(3)
    for name in CLASSES:
        expect(cards.last).to_contain_text(name)
    shoot(page, "uploaded")
    go(page, "gradcam")
    choose(page, "gradcam-left", LABEL)
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(2)
    page.wait_for_function("() => location.search.includes('tab=gradcam')")
    assert "~" not in page.url

    other = opened(visit("zh"), "zh")
    unfold(other, "zh")
    expect(other.locator("#classify-chosen")).to_contain_text("ResNet-50 · Imagenette")
    expect(other.locator("#classify-chosen")).not_to_contain_text("garden birds")

    go(page, "classify")
    page.reload()
    opened(page, "en")
    unfold(page, "en")
    expect(page.locator("#classify-results .card")).to_have_count(2)
    expect(page.locator("#classify-chosen")).not_to_contain_text("garden birds")
    expect(page.locator("#address-note")).to_be_empty()


def test_a_hub_id_is_typed_and_an_unknown_one_is_named(visit: Visit, standin: Hub, files: list[Path]) -> None:
    weights, card = (path.read_bytes() for path in files)
    standin.repositories["class/birds"] = Repository()
    standin.repositories["class/birds"].add({"model.safetensors": weights, "card.json": card})
    page = opened(visit("zh", width=390, height=844), "zh")
    unfold(page, "zh")
    said, name = page.locator("#classify-more-said"), page.locator("#classify-more-name input")
    name.fill("nobody/nothing")
    page.locator("#classify-more-fetch").click()
    expect(said).to_contain_text("nobody/nothing")
    expect(said.get_by_role("alert")).to_be_visible()
    name.fill("class/birds")
    page.locator("#classify-more-fetch").click()
    expect(said).to_contain_text(t("zh", "classify.more_yours", network=LABEL, count=3))
    expect(page.locator("#classify-results .card")).to_have_count(3)
