"""Weights from the Hub: the real client against a stand-in on localhost, with everything that can go wrong."""

import hashlib
import json
import os
import re
import select
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import close_session, constants
from safetensors.torch import save
from torchvision import models as torchvision_models

from resnet_demo.checkpoints import hub, transfer
from resnet_demo.checkpoints.imagenet import imagenet_card
from resnet_demo.checkpoints.load import fetch
from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.errors import CheckpointError
from resnet_demo.models import load, push
from tests.helpers.published import publish_untrained
from tests.helpers.refused import photograph
from tests.helpers.running import ROOT
from tests.helpers.standin import IMAGENET, TOKEN, Hub, Repository, asking, serving

OWN = "class/our-resnet20"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network with its card, as training leaves it."""
    publish_untrained(tmp_path_factory.mktemp("own") / "weights")
    return next(tmp_path_factory.getbasetemp().glob("own*/weights/resnet20-cifar10.safetensors"))


@pytest.fixture
def shared(standin: Hub, own: Path) -> Repository:
    """The same network on the Hub."""
    repository = standin.repositories[OWN] = Repository()
    repository.add({"model.safetensors": own.read_bytes(), "card.json": own.with_suffix(".json").read_bytes()})
    return repository


def refusal(name: str, weights: str) -> str:
    with pytest.raises(CheckpointError) as caught:
        load(name, weights, "cpu")
    return str(caught.value)


def test_each_release_is_pinned_to_a_commit_and_a_checksum_but_for_the_one_that_is_not_on_record() -> None:
    assert list(hub.IMAGENET) == ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
    for name, release in hub.IMAGENET.items():
        assert (release.name, release.repository) == (name, f"timm/{name}.tv_in1k")
        pinned = re.fullmatch("[0-9a-f]{40}", release.revision) and re.fullmatch("[0-9a-f]{64}", release.sha256)
        assert pinned or name == "resnet101"


def test_imagenet_is_fetched_once_and_is_torchvisions_network(standin: Hub, imagenet: hub.Release) -> None:
    classifier = load("resnet18", "imagenet", "cpu")
    assert len(standin.downloads()) == 1
    assert f"/{IMAGENET}/resolve/{imagenet.revision}/model.safetensors" in [path for _, path, _ in standin.seen]
    torch.manual_seed(0)
    witness = torchvision_models.resnet18().eval()
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 3, 64, 64), dtype=np.float32))
    with torch.inference_mode():
        assert torch.allclose(classifier.network(x), witness(x), atol=1e-4)
    standin.seen.clear()
    load("resnet18", "imagenet", "cpu")
    assert standin.seen == []  # from the cache, and nobody was asked


def test_imagenets_classes_and_preprocessing_are_torchvisions(imagenet: hub.Release) -> None:
    classifier = load("resnet18", "imagenet", "cpu")
    weights = torchvision_models.ResNet18_Weights.IMAGENET1K_V1
    assert classifier.classes == tuple(weights.meta["categories"])
    assert {key: classifier.classes[classifier.index_of(key)] for key in IMAGENETTE} == IMAGENETTE
    assert [classifier.index_of(key) for key in IMAGENETTE] == [0, 217, 482, 491, 497, 566, 569, 571, 574, 701]
    assert len(set(classifier.class_ids)) == 1000
    image = photograph(640, 512)
    assert (classifier.preprocess(image)[0] - weights.transforms()(image)).abs().mean() < 0.01
    assert classifier.card["accuracy"]["top1"] == pytest.approx(0.69758)
    assert classifier.card["parameters"] == 11_689_512


def test_offline_and_not_cached_says_what_to_run(imagenet: hub.Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert hub.cached(imagenet) is None
    assert refusal("resnet18", "imagenet") == (
        f"{IMAGENET} is not on this machine, and HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) forbids downloading it. "
        "With internet access, unset it and run python -m resnet_demo fetch resnet18."
    )


def test_offline_and_cached_loads(standin: Hub, imagenet: hub.Release, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch("resnet18")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    standin.seen.clear()
    assert load("resnet18", "imagenet", "cpu").name == "resnet18"
    assert standin.seen == []


def test_a_server_that_is_not_there_is_offline_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as gone:
        pass
    monkeypatch.delattr("huggingface_hub.utils._http.time.sleep")  # nobody waits
    with asking(gone, tmp_path):
        assert (
            "cannot be reached. On a machine with internet access, run python -m resnet_demo fetch resnet50."
            in refusal("resnet50", "imagenet")
        )
    assert caplog.records == []


@pytest.mark.parametrize(
    ("status", "said"),
    [(403, "refuses timm/resnet18.tv_in1k"), (500, "Downloading model.safetensors from timm/resnet18")],
)
def test_a_hub_that_answers_and_says_no_is_not_called_unreachable(
    standin: Hub, imagenet: hub.Release, monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    standin.status = status
    assert said in refusal("resnet18", "imagenet")
    standin.status = 0
    assert load("resnet18", "imagenet", "cpu").name == "resnet18"


def finish(standin: Hub) -> None:
    """Lets the stand-in answer again, and waits for the download that was given up and goes on in its thread."""
    standin.swallow = None
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join(30)
            assert not thread.is_alive()


def test_a_host_that_swallows_packets_is_given_up_after_one_time_and_told_of_at_once(
    standin: Hub, imagenet: hub.Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(transfer, "PATIENCE", 0.6)
    standin.swallow = 0
    begun = time.monotonic()
    assert refusal("resnet18", "imagenet") == (
        f"{standin.url} has sent nothing for 1 s. What came of {IMAGENET} before is kept: python -m resnet_demo fetch "
        "resnet18 goes on from there. Where a proxy or a mirror is needed, set HTTPS_PROXY or HF_ENDPOINT."
    )
    assert time.monotonic() - begun < 3
    said = f"Asking {standin.url} for model.safetensors of {IMAGENET}; it has 1 s to answer.\n"
    assert capsys.readouterr().err.startswith(said)
    finish(standin)
    assert fetch("resnet18")[0].is_file()


def test_what_came_before_the_silence_is_kept(
    standin: Hub, imagenet: hub.Release, imagenet_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1 << 20)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    monkeypatch.setattr(transfer, "PATIENCE", 1.5)
    standin.cuts = [20 << 20]
    standin.swallow = 4  # twice the metadata, where the file lies, and its beginning
    begun = time.monotonic()
    assert "has sent nothing for 2 s" in refusal("resnet18", "imagenet")
    assert time.monotonic() - begun < 8
    (part,) = Path(constants.HF_HUB_CACHE).rglob("*.incomplete")
    assert imagenet_file.startswith(part.read_bytes()) and part.stat().st_size >= 19 << 20
    finish(standin)
    assert fetch("resnet18")[0].read_bytes() == imagenet_file
    assert [headers.get("range") for headers in standin.downloads()] == [None, f"bytes={20 << 20}-"]


def test_a_slow_hub_that_sends_something_is_waited_for(
    standin: Hub, imagenet: hub.Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1 << 20)
    monkeypatch.setattr(transfer, "PATIENCE", 1.0)
    standin.pace = 0.3  # three seconds in all
    assert fetch("resnet18")[0].is_file()


def test_a_branch_that_is_here_does_without_a_silent_hub(
    standin: Hub, shared: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, card = fetch(OWN)
    monkeypatch.setattr(transfer, "PATIENCE", 0.5)
    standin.swallow = len(standin.seen)
    assert fetch(OWN) == (path, card)
    finish(standin)


def test_a_cache_that_cannot_be_written_is_named_with_its_remedy(
    standin: Hub, imagenet: hub.Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    remedy = "where timm/resnet18.tv_in1k would be kept. Set HF_HOME to a folder of your own."
    with monkeypatch.context() as patch:
        patch.setattr("huggingface_hub.file_download.os.makedirs", refuse)
        words = refusal("resnet18", "imagenet")
        assert words.startswith(f"Nothing can be written to {constants.HF_HUB_CACHE}/") and words.endswith(remedy)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", "~/.cache/huggingface/hub")  # a user without a home
    assert refusal("resnet18", "imagenet") == f"Nothing can be written to ~/.cache/huggingface/hub, {remedy}"


@contextmanager
def socks() -> Iterator[tuple[str, list[str]]]:
    """A SOCKS 5 proxy: its own address, and those that it was asked to connect to."""
    asked: list[str] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(262)  # the ways to log in that the client knows
            self.request.sendall(b"\x05\x00")  # none is needed
            self.request.recv(3)
            kind = self.request.recv(1)[0]  # 1: IPv4, 3: a name
            host = self.request.recv(4 if kind == 1 else self.request.recv(1)[0])
            port = int.from_bytes(self.request.recv(2), "big")
            name = socket.inet_ntoa(host) if kind == 1 else host.decode()
            self.request.sendall(b"\x05\x00\x00\x01" + bytes(6))
            asked.append(f"{name}:{port}")
            with socket.create_connection((name, port)) as there:
                other = {self.request: there, there: self.request}
                while True:
                    for side in select.select(list(other), [], [])[0]:
                        content = side.recv(1 << 16)
                        if not content:
                            return
                        other[side].sendall(content)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def test_a_socks_proxy_is_gone_through(
    standin: Hub, shared: Repository, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also under the name that a desktop's settings give it."""
    close_session()  # the next one reads the environment
    with socks() as (address, asked):
        monkeypatch.setenv("ALL_PROXY", f"socks://{address}/")
        monkeypatch.setenv("NO_PROXY", "")
        assert fetch(OWN)[0].read_bytes() == own.read_bytes()
    close_session()
    assert {address.replace("localhost", "127.0.0.1") for address in asked} == {standin.url.removeprefix("http://")}


def test_an_address_without_its_scheme_is_named(shared: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.constants, "ENDPOINT", "hf-mirror.example")
    with pytest.raises(CheckpointError, match="^HF_ENDPOINT = hf-mirror.example: give a whole address that starts"):
        fetch(OWN)


@pytest.mark.parametrize("missing", ["pretrained/resnet20.th", "Models/Net.PTH", "runs/resnet20-cifar10", "./a"])
def test_a_file_that_is_missing_is_not_asked_of_the_hub(
    standin: Hub, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs" / "resnet20").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    words = refusal("resnet20", missing)
    assert missing.removeprefix("./") in words and ("is not opened: " in words or "There is no file " in words)
    assert "There is no file runs/resnet20." in refusal("resnet20", "runs/resnet20")  # a folder
    assert standin.seen == []
    assert refusal("resnet20", "runs/resnet20@main").startswith(f"{standin.url} refuses runs/resnet20: ")


@pytest.mark.parametrize("name", ["imagenet", "resnet20", "runs"])
def test_a_folder_that_happens_to_have_a_name_of_ours_is_not_taken_for_a_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert not hub.is_path(name)


@pytest.mark.parametrize(
    "text",
    [
        "../weights",
        "a--b/c",
        ".x/y",
        "a/b.git",
        "runs/best.safetensors",
        "runs/model_best.pth.tar",
        "runs/net.pkl",
        "a",
    ],
)
def test_what_is_a_path_or_no_name_at_all_is_no_hub_id(text: str) -> None:
    assert hub.hub_id(text) is None


def test_a_hub_id_may_name_a_revision() -> None:
    assert hub.hub_id("a/b@v1") == hub.Release("a/b@v1", "a/b", "v1")
    assert hub.hub_id("a/b") == hub.Release("a/b", "a/b", "main")


def test_a_file_of_ones_own_is_never_taken_out_of_a_cache(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`fetch` mends the cache; a path beside the user's own files is none of its business."""
    for suffix in (".safetensors", ".json"):
        target = tmp_path / "weights" / f"mine{suffix}"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(own.with_suffix(suffix).read_bytes())
    (tmp_path / "weights" / "mine.safetensors").write_bytes(b"harmed")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match=r"weights/mine\.safetensors does not match"):
        fetch("weights/mine.safetensors")
    assert (tmp_path / "weights" / "mine.safetensors").read_bytes() == b"harmed"


def test_every_architecture_s_card_is_torchvision_s_metadata() -> None:
    cards = {name: imagenet_card(release, "") for name, release in hub.IMAGENET.items()}
    told = {name: (card["parameters"], round(card["accuracy"]["top1"], 5)) for name, card in cards.items()}
    assert told == {
        "resnet18": (11_689_512, 0.69758),
        "resnet34": (21_797_672, 0.73314),
        "resnet50": (25_557_032, 0.7613),
        "resnet101": (44_549_160, 0.77374),
        "resnet152": (60_192_808, 0.78312),
    }
    assert {(card["preprocessing"]["resize"], card["preprocessing"]["size"]) for card in cards.values()} == {(256, 224)}


def test_a_bottleneck_network_is_fetched_too(standin: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """ResNet-50 as timm saves it: torchvision's own network under torchvision's keys."""
    torch.manual_seed(1)
    witness = torchvision_models.resnet50().eval()
    content = save(witness.state_dict(), {"format": "pt"})
    repository = standin.repositories["timm/resnet50.tv_in1k"] = Repository()
    commit = repository.add({"model.safetensors": content})
    release = hub.Release("resnet50", "timm/resnet50.tv_in1k", commit, hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(hub.IMAGENET, "resnet50", release)
    classifier = load("resnet50", "imagenet", "cpu")
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 3, 64, 64), dtype=np.float32))
    with torch.inference_mode():
        assert torch.allclose(classifier.network(x), witness(x), rtol=1e-3, atol=1e-3)


def test_there_is_no_plain_network_with_imagenet_weights(standin: Hub) -> None:
    words = refusal("plain18", "imagenet")
    assert words.startswith("There are no ImageNet weights for plain18. Choose one of: resnet18, resnet34,")
    assert standin.seen == []


def test_a_network_of_ones_own_by_its_hub_id(standin: Hub, shared: Repository, own: Path) -> None:
    found, wanted = load("resnet20", OWN, "cpu"), load("resnet20", str(own), "cpu")
    assert found.card == wanted.card
    assert found.class_ids == wanted.class_ids
    assert all(torch.equal(found.network.state_dict()[k], v) for k, v in wanted.network.state_dict().items())


def test_an_older_revision_stays_to_be_had(shared: Repository, own: Path) -> None:
    (first,) = shared.commits
    card = json.loads(own.with_suffix(".json").read_text("utf-8"))
    shared.add({"card.json": json.dumps(card | {"note": "newer"}).encode()})
    assert load("resnet20", OWN, "cpu").card["note"] == "newer"
    assert load("resnet20", f"{OWN}@{first}", "cpu").card["note"] == "a remark"
    assert refusal("resnet20", f"{OWN}@nowhere") == (
        f"{OWN} has no revision nowhere. Give an existing commit or branch."
    )


def test_the_token_goes_to_the_hub_and_not_to_where_it_redirects(
    standin: Hub, shared: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.private = True
    words = refusal("resnet20", OWN)
    assert words == (
        f"{standin.url} refuses {OWN}: there is no such model, or it is private. Check the name, or set "
        "HF_TOKEN to a token with read access."
    )
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert load("resnet20", OWN, "cpu").name == "resnet20"
    assert [headers for headers in standin.downloads() if "authorization" in headers] == []


def test_a_model_that_is_not_there_is_named(standin: Hub) -> None:
    assert f"refuses {OWN}: there is no such model" in refusal("resnet20", OWN)


@pytest.mark.parametrize("file", ["card.json", "model.safetensors"])
def test_a_model_without_safetensors_or_card_is_refused_and_its_pickle_is_not_fetched(
    standin: Hub, shared: Repository, file: str
) -> None:
    shared.add({"pytorch_model.bin": b"cos\nsystem\n(S'exit 1'\ntR."})
    del list(shared.commits.values())[-1][file]
    words = refusal("resnet20", OWN)
    assert words.startswith(f"{OWN} has no {file} at revision ")
    assert "a pickle such as pytorch_model.bin can run code when it is read" in words
    assert [path for _, path, _ in standin.seen if path.endswith(".bin")] == []


def test_a_cut_download_is_taken_up_where_it_broke_off(
    standin: Hub, shared: Repository, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    standin.cuts = [1500, 1 << 20, 200_000]  # the card, its rest, the weights
    assert load("resnet20", OWN, "cpu").name == "resnet20"
    ranges = [headers.get("range") for headers in standin.downloads()]
    assert ranges == [None, "bytes=1000-", None, "bytes=200000-"]


def test_a_download_that_keeps_breaking_off_says_so(
    standin: Hub, shared: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    standin.cuts = [0] * 20
    words = refusal("resnet20", OWN)
    assert words.startswith(f"Downloading card.json from {OWN} was interrupted (")
    assert words.endswith(f"Try again, or run python -m resnet_demo fetch {OWN}.")
    standin.cuts.clear()
    assert load("resnet20", OWN, "cpu").name == "resnet20"


def test_a_damaged_file_in_the_cache_is_refused_by_name_and_fetched_again(standin: Hub, imagenet: hub.Release) -> None:
    path, _ = fetch("resnet18")
    path.resolve().write_bytes(path.read_bytes()[:-5000])
    assert refusal("resnet18", "imagenet").startswith(f"{path} does not match its model card")
    assert fetch("resnet18")[0] == path
    assert load("resnet18", "imagenet", "cpu").name == "resnet18"


@pytest.mark.parametrize("file", ["card.json", "model.safetensors"])
def test_a_damaged_model_of_ones_own_is_fetched_again_card_and_all(
    standin: Hub, shared: Repository, own: Path, file: str
) -> None:
    path, card = fetch(OWN)
    harmed = path.with_name(file)
    harmed.resolve().write_bytes(harmed.read_bytes()[:-100])
    assert str(harmed) in refusal("resnet20", OWN)
    assert fetch(OWN) == (path, card)
    assert path.read_bytes() == own.read_bytes()
    assert load("resnet20", OWN, "cpu").name == "resnet20"


def test_a_file_in_the_cache_may_be_a_link_to_a_link(
    imagenet: hub.Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the client lays out what came by its other way of transfer: the last file is named by another hash."""
    monkeypatch.setitem(hub.IMAGENET, "resnet18", replace(imagenet, revision="main", sha256=""))
    path, _ = fetch("resnet18")
    blob, elsewhere = path.resolve(), tmp_path / ("0" * 64)
    blob.rename(elsewhere)
    blob.symlink_to(elsewhere)
    assert load("resnet18", "imagenet", "cpu").card["sha256"] == imagenet.sha256


def test_without_a_checksum_on_record_the_hubs_own_counts(
    imagenet: hub.Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hub.IMAGENET, "resnet18", replace(imagenet, revision="main", sha256=""))
    path, card = fetch("resnet18")
    assert card["sha256"] == imagenet.sha256
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.resolve().write_bytes(content)
    assert refusal("resnet18", "imagenet").startswith(f"{path} does not match its model card")


def test_other_weights_under_the_pinned_name_are_refused(
    standin: Hub, imagenet: hub.Release, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = standin.repositories[IMAGENET].add({"model.safetensors": own.read_bytes()})
    monkeypatch.setitem(hub.IMAGENET, "resnet18", replace(imagenet, revision=commit))
    assert "does not match its model card: it was altered" in refusal("resnet18", "imagenet")
    monkeypatch.setitem(hub.IMAGENET, "resnet18", replace(imagenet, revision="main", sha256=""))
    assert "does not match resnet18: " in refusal("resnet18", "imagenet")


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (b"[]", "is not a JSON object."),
        (b"{", "is not a JSON object."),
        (b'{"model": 5}', "Missing or invalid: classes, dataset, model, options, preprocessing, sha256."),
    ],
)
def test_a_strangers_card_is_checked(shared: Repository, card: bytes, reason: str) -> None:
    shared.add({"card.json": card})
    assert reason in refusal("resnet20", OWN)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("preprocessing.size", 0),
        ("preprocessing.size", "32"),
        ("preprocessing.resize", 1e9),
        ("preprocessing.mean", 5),
        ("preprocessing.mean", [0, 0]),
        ("preprocessing.std", [1, 1, 0]),
        ("preprocessing.std", [1, 1, float("nan")]),
        ("options.replace_stride_with_dilation", 5),
        ("options.groups", True),
    ],
)
def test_a_strangers_card_holds_values_that_can_be_used(
    shared: Repository, own: Path, line: str, value: object
) -> None:
    card = json.loads(own.with_suffix(".json").read_text("utf-8"))
    outer, inner = line.split(".")
    card[outer][inner] = value
    shared.add({"card.json": json.dumps(card).encode()})
    assert f"Missing or invalid: {line}." in refusal("resnet20", OWN)


@pytest.mark.parametrize("option", ["num_classes", "colour"])
def test_a_strangers_card_states_no_other_options(shared: Repository, own: Path, option: str) -> None:
    card = json.loads(own.with_suffix(".json").read_text("utf-8")) | {"options": {option: 3}}
    shared.add({"card.json": json.dumps(card).encode()})
    assert f"Missing or invalid: options.{option}." in refusal("resnet20", OWN)


def test_what_is_pushed_can_be_loaded_by_its_hub_id(standin: Hub, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    commit = push(own, OWN)
    assert list(standin.repositories[OWN].commits) == [commit]
    files = standin.repositories[OWN].commits[commit]
    assert sorted(files) == ["README.md", "card.json", "model.safetensors"]
    assert files["model.safetensors"] == own.read_bytes()
    assert f'load("resnet20", "{OWN}")' in files["README.md"].decode()
    assert load("resnet20", OWN, "cpu").card == load("resnet20", str(own), "cpu").card


def test_an_altered_file_is_not_pushed(standin: Hub, own: Path, tmp_path: Path) -> None:
    for suffix in (".safetensors", ".json"):
        (tmp_path / own.name).with_suffix(suffix).write_bytes(own.with_suffix(suffix).read_bytes())
    (tmp_path / own.name).write_bytes(own.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="does not match its model card"):
        push(tmp_path / own.name, OWN)
    assert standin.seen == []


def test_fetch_obeys_the_environment(standin: Hub, shared: Repository, tmp_path: Path) -> None:
    """A process of its own: HF_ENDPOINT, HF_TOKEN, HF_HOME and HF_HUB_OFFLINE are read when it starts."""
    shared.private = True
    given = {"HF_ENDPOINT": standin.url, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0"}
    given["TQDM_POSITION"] = "-1"  # huggingface_hub then draws its bar although nobody watches
    done = run_fetch(OWN, **given)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["model"] == "resnet20"
    assert Path(found["path"]).is_relative_to(tmp_path / "home" / "hub")
    assert "model.safetensors: 100%" in done.stderr  # the progress bar
    assert [path for _, path, _ in standin.seen if "nowhere" in path] == []  # no other way of transfer
    offline = run_fetch("resnet50", **given | {"HF_HUB_OFFLINE": "1"})
    assert (offline.returncode, offline.stdout) == (2, "")
    assert offline.stderr == (
        "resnet_demo fetch: timm/resnet50.tv_in1k is not on this machine, and HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) "
        "forbids downloading it. With internet access, unset it and run python -m resnet_demo fetch resnet50.\n"
    )


def run_fetch(name: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    return subprocess.run(
        [sys.executable, "-m", "resnet_demo", "fetch", name, "--json"],
        cwd=ROOT,
        env=kept | {"NO_PROXY": "127.0.0.1,localhost"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
