"""Networks of one's own in the app: offered in every chapter by their own names, and never in another one's place."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file

from resnet_demo import serving, shell
from resnet_demo.chapters.blocks.pages import block as inside
from resnet_demo.chapters.blocks.pages import response
from resnet_demo.chapters.classify.pages.photograph import PAGE as CLASSIFY
from resnet_demo.chapters.classify.pages.photograph import compute
from resnet_demo.chapters.gradcam.pages import choices, drawing, exports, measured_maps
from resnet_demo.chapters.gradcam.pages.measured_maps import Asked
from resnet_demo.chapters.gradients.pages import flow
from resnet_demo.chapters.gradients.pages.measurements import trained_pairs
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.kit.display_names import dataset_title
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.own_networks import OwnNetwork, find_own
from resnet_demo.models import load
from tests.helpers.pages import draw, measure
from tests.helpers.published import publish_untrained
from tests.helpers.running import running
from tests.helpers.standin import Hub, Repository

KEYS = ("resnet20-Garden_birds", "plain20-Garden_birds")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `train --mode compare` leaves: twins of three classes, for pictures of 32 px."""
    found = tmp_path_factory.mktemp("runs")
    for model in ("resnet20", "plain20"):
        publish_untrained(found, model, "Garden_birds")
    return found


@pytest.fixture(scope="module")
def networks(folder: Path) -> Networks:
    shipped = Networks("cpu").keys
    return Networks("cpu", find_own([str(folder)], shipped))


def key_of(model: str, dataset: str, folder: Path, taken: Sequence[str] = ()) -> str:
    publish_untrained(folder, model, "cifar10")
    card = folder / f"{model}-cifar10.json"
    card.write_text(json.dumps(json.loads(card.read_text("utf-8")) | {"dataset": dataset}), "utf-8")
    (found,) = find_own([str(card.with_suffix(".safetensors"))], taken)
    return found.key


def test_a_folder_s_networks_come_after_the_shipped_ones(networks: Networks, folder: Path) -> None:
    shipped = Networks("cpu").keys
    assert networks.keys[: len(shipped)] == shipped
    assert set(networks.keys[len(shipped) :]) == set(KEYS)
    assert ("ResNet-20 · Garden birds", KEYS[0]) in networks.choices
    assert networks.source(KEYS[0]) == "resnet20-Garden_birds.safetensors"
    assert networks.source(shipped[0]) is None
    own = networks.get(KEYS[0])
    assert own.classes == ("cat", "dog", "ship")
    assert networks.get(KEYS[0]) is own  # read once
    direct = load("resnet20", str(folder / "resnet20-Garden_birds.safetensors"), "cpu")
    assert torch.equal(own.network.fc.weight, direct.network.fc.weight)


@pytest.mark.parametrize(
    ("model", "dataset", "key", "title"),
    [
        ("resnet20", "Garden_birds", "resnet20-Garden_birds", "Garden birds"),
        ("resnet20", "stl10", "resnet20-stl10", "STL-10"),
        ("resnet20", "cifar10", "resnet20-cifar10~2", "CIFAR-10 (2)"),
        ("resnet20", "imagenet", "resnet20-imagenet~2", "ImageNet (2)"),
        ("resnet20", "random", "resnet20-random~2", "random (2)"),
        ("resnet20", "<b>a-b</b>/../c.d", "resnet20-b_a_b_b_c_d", "b a b b c d"),
        ("resnet20", "花卉", "resnet20-花卉", "花卉"),
        ("resnet20", "--", "resnet20-own", "own"),
    ],
)
def test_a_key_is_fit_for_pages_and_files_and_is_nobody_else_s(
    tmp_path: Path, model: str, dataset: str, key: str, title: str
) -> None:
    assert key_of(model, dataset, tmp_path, ("resnet20-cifar10",)) == key
    assert Networks.label(key) == f"ResNet-20 · {title}" == f"ResNet-20 · {dataset_title(key.partition('-')[2])}"


def test_two_networks_of_one_name_get_two_keys(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    for model in ("resnet20", "plain20"):
        publish_untrained(again, model, "Garden_birds")
    found = find_own([str(folder), str(again)], ())
    assert [one.key for one in found] == sorted(KEYS) + [f"{key}~2" for key in sorted(KEYS)]
    assert trained_pairs(Networks("cpu", found)).keys() >= {"Garden_birds-20", "Garden_birds~2-20"}


def test_its_own_classes_and_preprocessing_answer(networks: Networks, picture: str) -> None:
    answers = compute(picture, networks, ["resnet18-imagenette", *KEYS])
    assert [answer.prediction.crop.size for answer in answers] == [(160, 160), (32, 32), (32, 32)]
    assert {guess.name for guess in answers[1].prediction.top} == {"cat", "dog", "ship"}
    shown = draw("classify", CLASSIFY, answers)["results"]
    assert re.findall("<h3>(.*?)</h3>", shown)[1:] == ["ResNet-20 · Garden birds", "PlainNet-20 · Garden birds"]
    assert "accuracy on 24 test images" in shown
    assert (
        '<span class="what">猫</span>' in draw("classify", CLASSIFY, answers, "zh")["results"]
    )  # as CIFAR-10's cat is called


def test_heat_maps_of_own_networks(networks: Networks, picture: str) -> None:
    found = measured_maps.maps(networks, Asked(picture, KEYS, target="dog", layers=("layer3",)))
    assert [item.explanation.map.shape for item in found.looks] == [(8, 8), (8, 8)]
    assert drawing.weights_of("en", KEYS[0]) == "Garden birds"
    assert (choices.label("zh", KEYS[1]), KEYS[1]) in choices.networks_of(networks, "zh")
    assert list(choices.shared_classes(networks, KEYS)) == ["cat", "dog", "ship"]


def test_the_record_of_a_map_loads_the_own_file_and_names_no_folder(
    networks: Networks, picture: str, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = measured_maps.maps(networks, Asked(picture, KEYS[:1], target="dog", layers=("layer3",)))
    (item,) = found.looks
    record = json.loads(json.dumps(exports.record(found.picture, item)))
    assert record["network"]["weights"] == "resnet20-Garden_birds.safetensors"
    assert record["network"]["sha256"] == networks.get(KEYS[0]).card["sha256"]
    assert str(folder) not in json.dumps(record)
    for file in [Path(picture), *folder.iterdir()]:
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {}
    exec("\n".join(record["program"]), scope)
    assert np.allclose(scope["found"].map, item.explanation.map, rtol=1e-3, atol=1e-6)


def test_blocks_and_gradients_take_own_networks(networks: Networks, picture: str) -> None:
    words, _ = response.draw(response.compute(networks, *KEYS, "depth"), "en")
    assert "ResNet-20 · Garden birds" in words
    assert len(inside.numbers(networks, KEYS[0], "layer3.0", [])["choices"]) == 64
    assert ("20 layers, trained on Garden birds", "Garden_birds-20") in flow.pair_choices(
        SimpleNamespace(initial="en", networks=networks)
    )
    *_, last = measure("gradients", flow.PAGE, "en", networks, twins="Garden_birds-20")
    assert last["shown"].run.current.trained and "Garden birds" in last["conditions"]


def test_the_app_offers_them_in_every_chapter_that_asks_for_a_network(networks: Networks) -> None:
    demo = shell.build("cpu", own=networks.own)
    boxes = {block.elem_id: block for block in demo.blocks.values() if getattr(block, "choices", None)}
    for name in ("classify-chosen", "gradcam-left", "gradcam-right", "blocks-block-network", "blocks-response-first"):
        assert set(KEYS) <= {key for _, key in boxes[name].choices}, name
    assert "Garden_birds-20" in {key for _, key in boxes["gradients-flow-twins"].choices}


def test_a_hub_id_is_fetched_at_the_start_and_read_from_the_cache_afterwards(standin: Hub, folder: Path) -> None:
    weights = folder / "resnet20-Garden_birds.safetensors"
    repository = standin.repositories["class/birds"] = Repository()
    repository.add({"model.safetensors": weights.read_bytes(), "card.json": weights.with_suffix(".json").read_bytes()})
    (own,) = find_own(["class/birds"], ())
    assert own == OwnNetwork("resnet20-Garden_birds", "resnet20", "class/birds", "class/birds")
    standin.status = 500
    standin.seen.clear()
    assert Networks("cpu", (own,)).get(own.key).classes == ("cat", "dog", "ship")
    assert standin.seen == []


def test_weights_that_cannot_be_used_are_named(tmp_path: Path, standin: Hub, folder: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for source in (str(empty), "rnus"):
        with pytest.raises(CheckpointError) as caught:
            find_own([source], ())
        assert str(caught.value) == (
            f"There are no weights in {source}. Give a folder that train or convert wrote, a .safetensors file with "
            "its model card, or the id of a model on the Hub, OWNER/NAME."
        )
    with pytest.raises(CheckpointError, match=r"best\.pth is not opened: .* Convert it first: python -m resnet_demo"):
        find_own(["best.pth"], ())
    with pytest.raises(CheckpointError, match="refuses nobody/nothing: there is no such model"):
        find_own(["nobody/nothing"], ())
    copy = tmp_path / "resnet20-birds.safetensors"
    copy.write_bytes((folder / "resnet20-Garden_birds.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match=r"There is no file .*resnet20-birds\.json\. A checkpoint is"):
        find_own([str(copy)], ())


def test_weights_that_do_not_fit_end_the_start(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resnet20-birds.safetensors").write_bytes((folder / "resnet20-Garden_birds.safetensors").read_bytes())
    card = json.loads((folder / "resnet20-Garden_birds.json").read_text("utf-8"))
    card["classes"] = card["classes"][:2]
    (tmp_path / "resnet20-birds.json").write_text(json.dumps(card), "utf-8")
    monkeypatch.setattr(serving, "build", lambda *_, **__: pytest.fail("built"))
    with pytest.raises(DemoError, match=r"does not match resnet20: 2 tensors differ; the first is fc\.bias\."):
        serving.serve(None, None, None, "cpu", False, weights=[str(tmp_path)])


def test_the_running_app_answers_with_an_own_network(folder: Path, picture: str, tmp_path: Path) -> None:
    with running(tmp_path, "--device", "cpu", "--weights", str(folder)) as app:
        assert f"{KEYS[0]}: ResNet-20 · Garden birds, 3 classes, from {folder}" in app.log
        client = Client(app.url, verbose=False, analytics_enabled=False, download_files=str(tmp_path))
        (found,) = client.predict(handle_file(picture), [KEYS[0]], "en", api_name="/classify")
    assert (found["network"], found["weights"]) == ("resnet20", "Garden_birds")
    assert {one["id"] for one in found["classes"]} == {"cat", "dog", "ship"}
