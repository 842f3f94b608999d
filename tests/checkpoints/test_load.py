"""Weights on disk: what is loaded, and what is refused in which words."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from resnet_demo.checkpoints import card as cards
from resnet_demo.checkpoints import load as checkpoints
from resnet_demo.checkpoints.load import available, faults, golden_input, load
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.kit.messages import Problem, message
from resnet_demo.models.options import OPTIONS
from tests.helpers.generated import COLOURS
from tests.helpers.published import publish_untrained


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    publish_untrained(tmp_path)
    return tmp_path / "resnet20-cifar10.safetensors"


def refusal(name: str, weights: str) -> str:
    with pytest.raises(CheckpointError) as caught:
        load(name, weights, "cpu")
    return str(caught.value)


def test_a_classifier_is_ready_to_use(weights: Path) -> None:
    classifier = load("resnet20", str(weights), "cpu")
    assert classifier.name == "resnet20"
    assert classifier.classes == classifier.class_ids == tuple(COLOURS)
    assert classifier.card == json.loads(weights.with_suffix(".json").read_text("utf-8"))
    assert classifier.preprocessing == Preprocessing(32, 32)
    assert not classifier.network.training
    assert [p for p in classifier.network.parameters() if p.requires_grad or p.dtype != torch.float32] == []
    assert classifier.preprocess(Image.new("RGB", (50, 40))).shape == (1, 3, 32, 32)


def test_the_weights_are_those_of_the_file(weights: Path) -> None:
    network, stored = load("resnet20", str(weights), "cpu").network, load_file(weights)
    state = network.state_dict()
    assert [key for key in stored if not torch.equal(stored[key].float(), state[key])] == []


def test_shipped_weights_are_found_by_their_dataset(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "WEIGHTS", weights.parent)
    assert load("resnet20", "cifar10", "cpu").name == "resnet20"


def test_what_is_available_is_sorted_by_depth_with_the_resnet_first(tmp_path: Path) -> None:
    for model in ("plain20", "resnet32", "resnet20"):
        publish_untrained(tmp_path, model)
    assert available(tmp_path) == [("resnet20", "cifar10"), ("plain20", "cifar10"), ("resnet32", "cifar10")]


def test_an_unfinished_run_or_a_file_without_its_card_is_not_offered(weights: Path) -> None:
    """The app starts and goes on while somebody trains into its folder, or has put a file there."""
    weights.with_name("resnet20-cifar10.state.safetensors").write_bytes(b"an unfinished run")
    weights.with_name("resnet20-cifar10.state.json").write_text("[]", "utf-8")
    weights.with_name("plain20-cifar10.safetensors").write_bytes(weights.read_bytes())
    assert available(weights.parent) == [("resnet20", "cifar10")]


def test_missing_weights_name_those_that_are_there(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "WEIGHTS", weights.parent)
    assert refusal("resnet20", "stl10").startswith("There are no weights resnet20-stl10.")


@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
def test_a_missing_file_is_named(weights: Path, suffix: str) -> None:
    weights.with_suffix(suffix).unlink()
    assert refusal("resnet20", str(weights)).startswith(f"There is no file {weights.with_suffix(suffix)}.")


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin", ".ckpt"])
def test_a_pickle_is_not_opened(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"resnet20{suffix}"
    path.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert refusal("resnet20", str(path)).startswith(f"{path} is not opened: files of this kind can run c")


def test_altered_weights_are_refused(weights: Path) -> None:
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert refusal("resnet20", str(weights)).startswith(f"{weights} does not match its model card")


def test_truncated_weights_are_refused(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-100])
    assert refusal("resnet20", str(weights)).startswith(f"{weights} does not match its model card")


def resign(weights: Path) -> None:
    """Makes the card vouch for the file as it is now."""
    card = json.loads(weights.with_suffix(".json").read_text("utf-8"))
    card["sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    weights.with_suffix(".json").write_text(json.dumps(card), "utf-8")


@pytest.mark.parametrize("content", [b"", b"no tensors at all", b"\xff" * 64])
def test_a_file_without_tensors_is_refused_even_if_its_card_vouches_for_it(weights: Path, content: bytes) -> None:
    weights.write_bytes(content)
    resign(weights)
    assert refusal("resnet20", str(weights)).startswith(f"{weights} is not a complete safetensors file (")


def test_tensors_that_do_not_fit_are_counted_and_the_first_is_named(weights: Path) -> None:
    tensors = load_file(weights)
    tensors["fc.bias"] = torch.zeros(4, dtype=torch.float16)
    del tensors["conv1.weight"]
    tensors["extra"] = torch.zeros(1)
    save_file(tensors, weights)
    resign(weights)
    assert refusal("resnet20", str(weights)).startswith(
        f"{weights} does not match resnet20: 3 tensors differ; the first is conv1.weight."
    )


def test_weights_of_another_network_are_refused(weights: Path) -> None:
    assert refusal("plain20", str(weights)).startswith(f"{weights} contains resnet20, not plain20.")


def test_a_device_that_is_not_there_is_refused(weights: Path) -> None:
    for name in ("tpu", "cuda:99", "cuda:x", "cpu:1", "", ":0"):
        with pytest.raises(DemoError, match=f"There is no device {name} here. Choose auto or one of: cpu"):
            load("resnet20", str(weights), name)
    assert load("resnet20", str(weights), "cpu:0").device.type == "cpu"


def test_the_golden_input_is_a_wave() -> None:
    x = golden_input(Preprocessing(32, 32))
    assert (x.shape, x.dtype) == ((1, 3, 32, 32), torch.float32)
    assert x[0, 0, 0, :3].tolist() == pytest.approx([0.0, 0.7232308, 1.3485756], abs=1e-6)  # 2 sin 0, 0.37, 0.74
    assert x[0, 2, 31, 31].item() == pytest.approx(-1.6682457, abs=1e-6)  # 2 sin(0.37 * 3071)


def test_a_card_that_is_no_json_or_lacks_a_line_is_refused_by_name(weights: Path):
    card = weights.with_suffix(".json")
    whole = json.loads(card.read_text("utf-8"))
    del whole["sha256"]
    card.write_text(json.dumps(whole), "utf-8")
    assert f"The model card {card} cannot be used. Missing or invalid: sha256." in refusal("resnet20", str(weights))
    card.write_text("{", "utf-8")
    assert f"The model card {card} is not a JSON object." in refusal("resnet20", str(weights))


def test_a_card_is_read_once_and_again_when_its_file_changes(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = cards.parse_json
    monkeypatch.setattr(cards, "parse_json", lambda text: parsed.append(text) or parse(text))
    assert [available(weights.parent) for _ in range(3)] == [[("resnet20", "cifar10")]] * 3
    assert len(parsed) == 1
    card = weights.with_suffix(".json")
    card.write_text(json.dumps(json.loads(parsed[0]) | {"title": "another title"}), "utf-8")
    assert [available(weights.parent) for _ in range(3)] == [[("resnet20", "cifar10")]] * 3
    assert len(parsed) == 2 and cards.read_card(weights)["title"] == "another title"


def test_a_stray_json_beside_the_weights_is_no_checkpoint(weights: Path):
    weights.with_name("history.json").write_text("[]", "utf-8")
    assert available(weights.parent) == [("resnet20", "cifar10")]


def swap(weights: Path) -> None:
    publish_untrained(weights.parent, "resnet32")
    weights.write_bytes(weights.with_name("resnet32-cifar10.safetensors").read_bytes())


def link_out(weights: Path) -> None:
    elsewhere = weights.parent.parent / "elsewhere.safetensors"
    weights.rename(elsewhere)
    weights.symlink_to(elsewhere)


def rename(weights: Path) -> None:
    for suffix in (".safetensors", ".json"):
        weights.with_suffix(suffix).rename(weights.with_name(f"resnet56-cifar10{suffix}"))


def spoil(weights: Path) -> None:
    tensors = load_file(weights)
    tensors["fc.bias"][1] = float("nan")
    save_file(tensors, weights)
    resign(weights)


def pickle(weights: Path) -> None:
    torch.save({key: tensor.clone() for key, tensor in load_file(weights).items()}, weights)
    resign(weights)


FAULTS = {
    "altered": (lambda weights: weights.write_bytes(weights.read_bytes()[:-1] + b"x"), "does not match its model card"),
    "cut short": (lambda weights: weights.write_bytes(weights.read_bytes()[:1000]), "does not match its model card"),
    "swapped": (swap, "does not match its model card"),
    "pickled": (pickle, "is not a complete safetensors file ("),
    "linked from elsewhere": (link_out, "is a link to a file outside its folder."),
    "renamed": (rename, "contains resnet20, not resnet56-cifar10."),
    "NaN inside": (spoil, "contains a NaN or infinite weight in fc.bias."),
    "a card of nothing": (
        lambda weights: weights.with_suffix(".json").write_text("[" * 9999, "utf-8"),
        "is not a JSON object",
    ),
    "a card in no encoding": (
        lambda weights: weights.with_suffix(".json").write_bytes(b"\xff\xfe"),
        "is not a JSON object",
    ),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_cannot_be_used_is_left_out_by_name_and_the_rest_is_offered(weights: Path, kind: str) -> None:
    publish_untrained(weights.parent, "plain20")
    assert available(weights.parent) == [("resnet20", "cifar10"), ("plain20", "cifar10")]
    spoil, said = FAULTS[kind]
    spoil(weights)
    assert ("resnet20", "cifar10") not in available(weights.parent)
    assert ("plain20", "cifar10") in available(weights.parent)
    ((path, fault),) = faults(weights.parent).items()
    assert str(path) in str(fault) or str(path.with_suffix(".json")) in str(fault)
    assert said in str(fault)
    for language in ("en", "zh"):  # a visitor reads the file's name, not where it lies
        told = message(language, Problem(fault.key, fault.values))
        assert path.stem in told and str(path.parent) not in told


@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
def test_a_file_that_cannot_be_read_is_left_out_by_name(
    weights: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_untrained(weights.parent, "plain20")
    closed, read = weights.with_suffix(suffix), Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert available(weights.parent) == [("plain20", "cifar10")]
    (fault,) = faults(weights.parent).values()
    assert str(fault) == f"{closed} cannot be read (Permission denied). Check who may read it."


def test_a_checkpoint_that_was_mended_is_offered_again(weights: Path) -> None:
    content = weights.read_bytes()
    weights.write_bytes(content[:-1])
    assert available(weights.parent) == []
    weights.write_bytes(content)
    assert available(weights.parent) == [("resnet20", "cifar10")] and faults(weights.parent) == {}


def test_a_card_may_state_every_option_but_the_number_of_classes() -> None:
    assert cards.Options.model_fields.keys() == set(OPTIONS) - {"num_classes"}
