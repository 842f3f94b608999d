"""Which networks the app offers: its own, and ImageNet's once they are on this machine. It asks no network for them."""

import re
from html import escape
from pathlib import Path

import gradio as gr
import pytest
from huggingface_hub import constants
from torch import Tensor, nn

from resnet_demo import shell
from resnet_demo.chapters.classify.pages import more_networks
from resnet_demo.chapters.classify.pages.photograph import PAGE, compute
from resnet_demo.chapters.gradcam.endpoint import endpoint as compare_cam
from resnet_demo.chapters.gradcam.pages.choices import targets
from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.load import fetch
from resnet_demo.kit.format import class_name
from resnet_demo.kit.offered_networks import Networks, trained, untrained
from resnet_demo.kit.text import LANGUAGES
from resnet_demo.models import ResNet
from tests.helpers.pages import draw
from tests.helpers.refused import photograph
from tests.helpers.standin import Hub

PAGE_OF_NOBODY = gr.Request(session_hash="nobody")


def test_imagenets_networks_are_offered_once_they_are_cached(
    standin: Hub, imagenet: hub.Release, tmp_path: Path
) -> None:
    networks = Networks("cpu")
    own = networks.keys
    assert not [key for key in own if key.endswith("-imagenet")]
    assert standin.seen == []
    fetch("resnet18")
    standin.seen.clear()
    assert networks.keys == (*own, "resnet18-imagenet")
    assert networks.choices[-1] == ("ResNet-18 · ImageNet", "resnet18-imagenet")
    photograph(300, 260).save(tmp_path / "photo.png")
    (answer,) = compute(str(tmp_path / "photo.png"), networks, ["resnet18-imagenet"])
    assert answer.prediction.crop.size == (224, 224)
    assert len({guess.class_id for guess in answer.prediction.top}) == 5
    said = (
        "69.8% accuracy on ImageNet&#39;s 50,000 validation images (95% interval 69.4–70.2%), according to torchvision"
    )
    assert said in draw("classify", PAGE, [answer])["results"]
    both = draw("classify", PAGE, [answer, *compute(str(tmp_path / "photo.png"), networks, own[:1])])["results"]
    assert re.findall("<h3>(.*?)</h3>", both) == ["ResNet-18 · ImageNet", "ResNet-18 · Imagenette"]
    named = dict(targets(networks, ["resnet18-imagenet"], "zh"))
    assert named["丁鱥"] == "n01440764"
    assert named["虎斑猫"] == "imagenet-281"
    assert dict(targets(networks, ["resnet18-imagenet"], "en"))["tabby"] == "imagenet-281"
    for language in LANGUAGES:
        shown = draw("classify", PAGE, [answer], language)["results"]
        names = [class_name(language, guess) for guess in answer.prediction.top]
        assert all(f'<span class="what">{escape(name)}</span>' in shown for name in names)
        assert [name.isascii() for name in names] == 5 * [language == "en"]
    assert dict(targets(networks, ["resnet18-imagenet", own[0]], "zh"))["丁鱥"] == "n01440764"
    looked = compare_cam(
        networks, str(tmp_path / "photo.png"), "resnet18-imagenet", own[0], "n01440764", "layer4", "gradcam", "en"
    )
    assert [item["class"]["id"] for item in looked] == ["n01440764", "n01440764"]
    assert standin.seen == []


def test_a_network_has_run_once_before_its_time_is_taken(tmp_path: Path) -> None:
    """A first pass also prepares kernels: it took 38 ms where the next took 11, and the twin found them prepared."""
    sizes: list[tuple[int, ...]] = []

    def count(module: nn.Module, inputs: tuple[Tensor], _: Tensor) -> None:
        if isinstance(module, ResNet):
            sizes.append(tuple(inputs[0].shape))

    trained.cache_clear()
    untrained.cache_clear()
    photograph(300, 260).save(tmp_path / "photo.png")
    networks = Networks("cpu")
    hook = nn.modules.module.register_module_forward_hook(count)
    try:
        for keys in (["plain18-imagenette"], ["resnet18-imagenette", "plain18-imagenette"]):
            compute(str(tmp_path / "photo.png"), networks, keys)
        networks.get("resnet18-random")
    finally:
        hook.remove()
    assert sizes == [(1, 3, 160, 160)] * 6  # three are prepared, three are timed
    assert not any(parameter.requires_grad for parameter in networks.get("resnet18-random").network.parameters())


def test_the_app_is_built_without_asking_the_hub(standin: Hub) -> None:
    """Nothing is cached, and the Hub would say no: neither the start nor a page that opens takes notice."""
    standin.status = 500
    demo = shell.build("cpu")
    for fn in demo.fns.values():
        if fn.name == "offer":
            fn.fn(PAGE_OF_NOBODY)  # type: ignore[misc]
    assert standin.seen == []


def test_a_network_is_fetched_from_the_page_and_chosen(standin: Hub, imagenet: hub.Release) -> None:
    networks = Networks("cpu")
    found, words = more_networks.brought(networks, "en", "page", "resnet18", None)
    assert found == "resnet18-imagenet" and "ResNet-18 · ImageNet is ready and selected" in words
    assert ("ResNet-18 · ImageNet", "resnet18-imagenet") in networks.choices
    chosen = ["resnet18-imagenet", "gone", "plain18-imagenette"]
    assert more_networks.chosen_with(found, chosen, networks) == ["plain18-imagenette", "resnet18-imagenet"]
    assert more_networks.chosen_with("", ["x"], networks) == gr.skip()
    for name in (None, ""):
        nothing = more_networks.brought(networks, "zh", "page", name, None)
        assert nothing == ("", '<p class="hint">请先选择一个网络，或输入 Hub 上的模型名。</p>')


def test_fetching_offline_says_what_to_run_and_keeps_the_choice(
    imagenet: hub.Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    networks = Networks("cpu")
    found, words = more_networks.brought(networks, "zh", "page", "resnet18", None)
    assert 'class="notice"' in words and "python -m resnet_demo fetch resnet18" in words
    assert more_networks.chosen_with(found, ["plain18-imagenette"], networks) == gr.skip()


def test_what_was_fetched_is_offered_by_every_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the page's language is known, and after a fetch: the app may be older than the weights."""
    demo = shell.build("cpu")
    listeners = [fn for fn in demo.fns.values() if fn.name == "offer"]
    assert len(listeners) == 2 * len(LANGUAGES)
    names = ["pair", "classify-chosen", "gradcam-left", "gradcam-right"]
    names += ["blocks-block-network", "blocks-response-first", "blocks-response-second"]
    names += ["gradients-flow-twins", "gradients-paths-network", "degradation-early_exit-pair"]
    assert all([box.elem_id for box in fn.outputs] == names for fn in listeners)
    monkeypatch.setattr(hub, "cached", lambda release: release.name == "resnet34")
    found = [*listeners[0].fn(PAGE_OF_NOBODY).values()]  # type: ignore[misc]
    single = [*found[1:7], found[8]]  # the others offer pairs
    assert all(("ResNet-34 · ImageNet", "resnet34-imagenet") in update["choices"] for update in single)
    untrained = [key for update in found[2:4] for _, key in update["choices"] if key == "resnet34-random"]
    assert len(untrained) == 2 and found[3]["choices"][-1][1] == "none"
    assert not any("value" in update for update in found)  # what is chosen stays


def test_gradio_shows_the_progress_of_a_download() -> None:
    """The page's progress follows tqdm's bars in a listener that asks for it."""
    demo = shell.build("cpu")
    fetching = [fn for fn in demo.fns.values() if fn.name == "bring"]
    assert len(fetching) == len(LANGUAGES) and all(fn.tracks_progress for fn in fetching)
