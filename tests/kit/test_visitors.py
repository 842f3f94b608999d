"""Networks that visitors bring: seen by one visitor alone, bounded, checked as any other, deleted after the visit."""

import json
import os
import pickle
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save

from resnet_demo.chapters.classify.pages.photograph import compute
from resnet_demo.chapters.gradcam.pages import choices, exports, gallery, measured_maps
from resnet_demo.chapters.gradcam.pages.measured_maps import Asked
from resnet_demo.chapters.gradients.pages.measurements import trained_pair
from resnet_demo.checkpoints import hub
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.kit import visitors as visitors_module
from resnet_demo.kit.bringing import from_files, from_hub
from resnet_demo.kit.controls import Files
from resnet_demo.kit.memory import CACHES
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.received import read
from resnet_demo.kit.visitors import Visitors
from resnet_demo.models import build
from tests.helpers.published import publish_untrained
from tests.helpers.standin import TOKEN, Hub, Repository

ALICE, BOB = "alice", "bob"


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two networks of three classes, with their cards."""
    folder = tmp_path_factory.mktemp("runs")
    for model in ("resnet20", "plain20"):
        publish_untrained(folder, model, "birds")
    return folder


@pytest.fixture
def networks(tmp_path: Path) -> Networks:
    return Networks("cpu", visitors=Visitors(tmp_path / "visitors", b"secret"))


def files(folder: Path, model: str = "resnet20") -> list[Path]:
    return [folder / f"{model}-birds.safetensors", folder / f"{model}-birds.json"]


def test_a_network_is_its_visitor_s_alone(networks: Networks, twins: Path, picture: str) -> None:
    key = networks.take(ALICE, from_files(files(twins)))
    assert re.fullmatch(r"resnet20-birds~[0-9a-f]{32}", key)
    assert networks.seen_by(ALICE).keys == (*networks.keys[:8], key, *networks.keys[8:])
    assert Networks.label(key) == "ResNet-20 · birds"
    assert networks.seen_by(BOB).keys == networks.keys
    (answer,) = compute(picture, networks, [key])
    assert {guess.name for guess in answer.prediction.top} == {"cat", "dog", "ship"}
    other = key.replace(key[-32:], networks.visitors.token(BOB)[1:]) if networks.visitors else ""
    for guess in ("resnet20-birds", other, "resnet20-birds~" + 32 * "0", "resnet20-birds~../../.."):
        with pytest.raises(
            CheckpointError, match=r"There is no network resnet20-birds\S* here\. Choose one of: "
        ) as caught:
            networks.get(guess)
        assert key[-32:] not in str(caught.value)


def test_the_same_upload_by_two_visitors_has_two_keys_and_outlives_either(networks: Networks, twins: Path) -> None:
    first, second = (networks.take(session, from_files(files(twins))) for session in (ALICE, BOB))
    assert first != second and networks.visitors
    old = time.time() - visitors_module.KEPT
    for folder in networks.visitors.folder.iterdir():
        os.utime(folder, (old, old))
    networks.visitors.sweep([BOB])
    assert networks.seen_by(ALICE).keys == networks.keys
    assert networks.get(second).classes == ("cat", "dog", "ship")
    with pytest.raises(CheckpointError, match="There is no network resnet20-birds here"):
        networks.get(first)
    assert [folder.name for folder in networks.visitors.folder.iterdir()] == [second[-33:]]
    kept = repr([*CACHES["networks"]._kept])
    assert second[-32:] in kept and first[-32:] not in kept


def test_a_visitor_who_has_left_is_remembered_for_ten_minutes(networks: Networks, twins: Path) -> None:
    key = networks.take(ALICE, from_files(files(twins)))
    assert networks.visitors
    (folder,) = networks.visitors.folder.iterdir()
    for minutes, there in ((9.9, True), (10, False)):
        then = time.time() - 60 * minutes
        os.utime(folder, (then, then))
        networks.visitors.sweep([BOB])
        assert (key in networks.seen_by(ALICE).keys) is there


def test_twins_are_a_pair_and_a_third_takes_the_place_of_the_oldest(networks: Networks, twins: Path) -> None:
    residual, plain = (networks.take(ALICE, from_files(files(twins, model))) for model in ("resnet20", "plain20"))
    assert twin(residual) == plain
    seen = networks.seen_by(ALICE)
    assert ("ResNet-20 / PlainNet-20 · birds", residual) in seen.pairs
    assert residual not in {key for _, key in networks.pairs}
    assert trained_pair(networks, f"birds{residual[-33:]}-20") == (residual, plain)
    third = networks.take(ALICE, from_files(files(twins)))
    assert Networks.label(third) == "ResNet-20 · birds (2)"
    assert [key for key in networks.seen_by(ALICE).keys if "birds" in key] == [plain, third]
    assert len([*Path(str(networks.visitors and networks.visitors.folder)).rglob("*.safetensors")]) == 2
    with pytest.raises(CheckpointError, match="There is no network resnet20-birds here"):
        networks.get(residual)


def test_heat_maps_and_their_files_do_not_tell_the_key(networks: Networks, twins: Path, picture: str) -> None:
    key = networks.take(ALICE, from_files(files(twins)))
    asked = Asked(picture, (key, f"resnet20-random{key[-33:]}"), target="dog", layers=("layer3",))
    found = measured_maps.maps(networks, asked)
    for item in found.looks:
        told = json.dumps([exports.filename(item), exports.record(found.picture, item)])
        assert key[-32:] not in told and "visitors" not in told
    assert found.looks[0].source == "resnet20-birds.safetensors"
    rows = gallery.gather(networks, gallery.NETWORKS, asked).rows
    assert [item.key for item in rows[0]][-2:] == [key, "resnet20-random"]
    assert choices.label("en", asked.keys[1]) == "ResNet-20 · random weights"


def test_weights_without_a_card_are_recognised(networks: Networks, tmp_path: Path) -> None:
    path = tmp_path / "resnet18-herbs.v2.safetensors"
    state = {f"module.{name}": value.half() for name, value in build("resnet18", 3).state_dict().items()}
    path.write_bytes(save(state))
    key = networks.take(ALICE, from_files([path]))
    assert Networks.label(key) == "ResNet-18 · resnet18 herbs"
    assert networks.get(key).classes == ("class 0", "class 1", "class 2")
    assert networks.get(key).preprocessing.size == 224


def altered(twins: Path, folder: Path, **lines: object) -> list[Path]:
    """The files of ResNet-20 with other lines in the card."""
    found = [folder / path.name for path in files(twins)]
    found[0].write_bytes(files(twins)[0].read_bytes())
    found[1].write_text(json.dumps(json.loads(files(twins)[1].read_text("utf-8")) | lines), "utf-8")
    return found


def with_nan(twins: Path, folder: Path) -> list[Path]:
    state = build("resnet18", 3).state_dict()
    state["fc.bias"][1] = torch.nan
    (folder / "nan.safetensors").write_bytes(save(state))
    return [folder / "nan.safetensors"]


def cut(twins: Path, folder: Path) -> list[Path]:
    path = folder / "cut.safetensors"
    path.write_bytes(files(twins)[0].read_bytes()[:-9])
    return [path]


def other_tensors(twins: Path, folder: Path) -> list[Path]:
    path = folder / "other.safetensors"
    path.write_bytes(save({"layer1.0.conv1.weight": torch.zeros(1), "fc.bias": torch.zeros(3)}))
    return [path]


def no_tensors(twins: Path, folder: Path) -> list[Path]:
    path = folder / "words.safetensors"
    path.write_bytes(save({"embedding": torch.zeros(1)}))
    return [path]


def large_card(twins: Path, folder: Path) -> list[Path]:
    return altered(twins, folder, history=4_000_000 * "-")


def hostile(twins: Path, folder: Path) -> list[Path]:
    """A card of a network that no machine could hold."""
    return altered(twins, folder, model="wide_resnet50_2", options={"width_per_group": 100_000})


def pickled(twins: Path, folder: Path) -> list[Path]:
    (folder / "best.pth").write_bytes(pickle.dumps({}))
    return [folder / "best.pth"]


@pytest.mark.parametrize(
    ("brought", "sentence"),
    [
        (pickled, "best.pth is not opened: files of this kind can run code when they are read. Convert it first"),
        (lambda twins, _: files(twins)[1:], "These files cannot be used together: resnet20-birds.json. Choose one"),
        (
            lambda twins, _: files(twins) + files(twins, "plain20"),
            "cannot be used together: resnet20-birds.safetensors, ",
        ),
        (lambda twins, _: files(twins)[:1], "resnet20-birds.safetensors fit resnet20, plain20 alike. Choose its model"),
        (cut, "cut.safetensors is not a complete safetensors file"),
        (with_nan, "nan.safetensors contains a NaN or infinite weight in fc.bias"),
        (
            other_tensors,
            "other.safetensors does not hold a ResNet of this project, or its plain twin. It holds: no conv1, 1",
        ),
        (no_tensors, "words.safetensors holds no ResNet"),
        (large_card, "resnet20-birds.json is larger than 4 MB, which no model card is."),
        (lambda *given: altered(*given, sha256="0"), "resnet20-birds.safetensors does not match its model card"),
        (lambda *given: altered(*given, classes=[]), "num_classes = 0"),
        (lambda *given: altered(*given, model=5), "resnet20-birds.json cannot be used. Missing or invalid: model."),
        (hostile, "resnet20-birds.safetensors does not match wide_resnet50_2: "),
        (
            lambda *given: altered(
                *given, preprocessing={"resize": 32, "size": 4096, "mean": [0.0, 0, 0], "std": [1.0, 1, 1]}
            ),
            "resnet20-birds.safetensors is made for images of 4096 px, by its model card.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    brought: Callable[[Path, Path], list[Path]], sentence: str, twins: Path, tmp_path: Path
) -> None:
    with pytest.raises(DemoError) as caught:
        from_files(brought(twins, tmp_path))
    assert sentence in str(caught.value)


def test_weights_that_fail_only_when_loaded_leave_nothing_behind(
    networks: Networks, twins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = [networks.take(ALICE, from_files(files(twins, model))) for model in ("resnet20", "plain20")]
    monkeypatch.setattr(
        Networks, "get", lambda *_: (_ for _ in ()).throw(CheckpointError("checkpoint_nan", path="", key=""))
    )
    with pytest.raises(CheckpointError, match="NaN"):
        networks.take(ALICE, from_files(files(twins)))
    assert [key for key in networks.seen_by(ALICE).keys if "birds" in key] == earlier


def test_all_visitors_together_have_a_bound(networks: Networks, twins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    brought = from_files(files(twins))
    monkeypatch.setattr(visitors_module, "ROOM", int(1.5 * len(brought.weights)))
    networks.take(ALICE, brought)
    with pytest.raises(CheckpointError, match=r"There is no room .* Try again in 10 minutes\."):
        networks.take(BOB, brought)


def put(standin: Hub, twins: Path, private: bool = False) -> None:
    weights, card = (path.read_bytes() for path in files(twins))
    repository = standin.repositories["class/birds"] = Repository(private=private)
    repository.add({"model.safetensors": weights, "card.json": card})


def test_a_hub_id_is_downloaded_for_the_visitor_without_this_machine_s_token(
    networks: Networks, standin: Hub, twins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    put(standin, twins)
    key = networks.take(ALICE, from_hub("class/birds"))
    assert (networks.source(key), networks.get(key).classes) == ("class/birds", ("cat", "dog", "ship"))
    assert networks.seen_by(BOB).keys == networks.keys
    assert standin.seen and not [headers for *_, headers in standin.seen if "authorization" in headers]
    assert hub.cached(hub.Release("", "class/birds")) is None
    put(standin, twins, private=True)
    with pytest.raises(CheckpointError, match="refuses class/birds: there is no such model, or it is private"):
        from_hub("class/birds")


@pytest.mark.parametrize("name", ["birds", "/etc/passwd", "tests/../birds", "a/b/c", "http://x/y", "", "tests\\x/"])
def test_what_is_not_a_hub_id_asks_nobody(standin: Hub, name: str) -> None:
    with pytest.raises(CheckpointError, match=r"is not a name on the Hub\. Write OWNER/NAME\."):
        from_hub(name)
    assert standin.seen == []


def test_a_folder_of_this_machine_is_not_told_from_one_that_is_not_there(standin: Hub) -> None:
    for name in ("tests/kit", "nobody/nothing"):
        with pytest.raises(CheckpointError, match=f"refuses {name}: there is no such model"):
            from_hub(name)


def test_a_download_is_bounded_and_says_when_there_is_none(
    standin: Hub, twins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(standin, twins)
    with monkeypatch.context() as patch:
        patch.setattr(hub, "MOST_MEGABYTES", 0.1)
        with pytest.raises(CheckpointError) as caught:
            from_hub("class/birds")
        assert str(caught.value).startswith(
            "model.safetensors of class/birds has 1 MB, and at most 0.1 MB are downloaded"
        )
        assert [path for _, path, _ in standin.seen if path.startswith("/cdn/") and "safetensors" in path] == []
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match=r"class/birds cannot be downloaded: .* Upload a \.safetensors file, or"):
        from_hub("class/birds")


@pytest.mark.parametrize(
    "value",
    [
        "x",
        {"path": "/etc/passwd"},
        [{"path": "/etc/passwd"}],
        [{"url": "http://x/y"}],
        [5],
        65 * [{}],
        [{"path": None}],
    ],
)
def test_only_uploads_are_read(value: object) -> None:
    with pytest.raises(
        DemoError, match="this is not an upload. Choose the file in the page; paths and addresses are not"
    ):
        read(Files(file_count="multiple"), "Weights", value)


def test_uploads_are_handed_over_by_their_paths(tmp_path: Path) -> None:
    box = Files(file_count="multiple")
    box.GRADIO_CACHE = str(tmp_path)
    (tmp_path / "a.json").touch()
    path = str(tmp_path / "a.json")
    (found,) = read(box, "Weights", [{"path": path, "orig_name": "../b"}])
    assert found == {"path": path, "meta": {"_type": "gradio.FileData"}}
    assert read(box, "Weights", None) is None is read(box, "Weights", [])
