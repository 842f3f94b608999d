"""A .pth file becomes weights with a card: whatever it is wrapped in, exactly, and never by running code."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from torchvision import models as torchvision_models

from resnet_demo.__main__ import main
from resnet_demo.checkpoints.bare import find_weights
from resnet_demo.checkpoints.convert import class_names, convert, read_pickle
from resnet_demo.checkpoints.matching import structure
from resnet_demo.errors import CheckpointError
from resnet_demo.models import build, load
from tests.helpers.commands import answer, refusal

State = dict[str, Tensor]


def network(seed: int = 0, model: str = "resnet20", **options: object) -> nn.Module:
    torch.manual_seed(seed)
    return build(model, 3, **options)


def file(tmp_path: Path, content: object, name: str = "best.pth") -> Path:
    torch.save(content, tmp_path / name)
    return tmp_path / name


def test_torchvisions_network_gives_the_same_logits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    witness = torchvision_models.resnet18(num_classes=3).eval()
    names = tmp_path / "names.txt"
    names.write_text("tench\nmy cat\n\nmy dog\n", "utf-8")
    path = file(tmp_path, witness.state_dict(), "resnet18-mine.v2.pth")
    words = ["convert", str(path), "--model", "resnet18", "--classes", str(names), "--out", str(tmp_path / "out")]
    found = answer(capsys, *words)
    weights = tmp_path / "out" / "resnet18-resnet18_mine.safetensors"
    assert found == {
        "path": str(weights),
        "model": "resnet18",
        "classes": 3,
        "parameters": 11_178_051,
        "preprocessing": {
            "resize": 256,
            "size": 224,
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
        },
        "place": [],
        "left_out": [],
    }
    classifier = load("resnet18", str(weights), "cpu")
    assert classifier.classes == ("tench", "my cat", "my dog")
    assert classifier.class_ids == ("n01440764", "my cat", "my dog")
    assert classifier.card["dataset"] == "resnet18_mine"
    assert str(tmp_path) not in json.dumps(classifier.card)
    x = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(classifier.network(x), witness(x), rtol=0, atol=1e-4)
    state = classifier.network.state_dict()
    assert all(torch.equal(value, state[key]) for key, value in witness.state_dict().items() if "tracked" not in key)


def test_the_command_says_what_it_assumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file(tmp_path, {"state_dict": nn.DataParallel(network()).state_dict(), "epoch": 3})
    assert main(["convert", str(path), "--model", "resnet20", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"resnet20, 3 classes, 269,267 parameters: written to {tmp_path / 'resnet20-best.safetensors'}"
    assert lines[1] == "taken from state_dict, module"
    assert lines[2].startswith("The file does not say how the network was shown pictures. The card assumes the shorter")
    assert "at 32 px, the centre 32 x 32" in lines[2]
    assert load("resnet20", str(tmp_path / "resnet20-best.safetensors"), "cpu").classes == (
        "class 0",
        "class 1",
        "class 2",
    )


def lightning(net: nn.Module) -> dict[str, Any]:
    state = {f"model.{key}": value for key, value in net.state_dict().items()}
    return {"state_dict": state | {"criterion.weight": torch.ones(3)}, "epoch": 1, "hyper_parameters": {"lr": 0.1}}


def training_script(net: nn.Module) -> dict[str, Any]:
    optimiser = torch.optim.SGD(net.parameters(), 0.1, 0.9)
    net(torch.zeros(2, 3, 32, 32)).sum().backward()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    optimiser.step()
    return {"model": before, "optimizer": optimiser.state_dict(), "best": 0.5}


def compiled_part(net: nn.Module) -> State:
    return {key.replace("layer1.", "layer1._orig_mod."): value for key, value in net.state_dict().items()}


WRAPPERS: dict[str, tuple[Callable[[nn.Module], object], list[str], list[str]]] = {
    "bare": (lambda net: net.state_dict(), [], []),
    "DataParallel": (lambda net: nn.DataParallel(net).state_dict(), ["module"], []),
    "compiled": (lambda net: torch.compile(net).state_dict(), [], []),
    "compiled part": (compiled_part, [], []),
    "compiled in DataParallel": (lambda net: nn.DataParallel(torch.compile(net)).state_dict(), ["module"], []),
    "AveragedModel": (lambda net: AveragedModel(net).state_dict(), ["module"], ["n_averaged"]),
    "lightning": (lightning, ["state_dict", "model"], ["criterion.weight"]),
    "training script": (training_script, ["model"], []),
    "backbone": (lambda net: {"net": nn.ModuleDict({"backbone": net}).state_dict()}, ["net", "backbone"], []),
}


@pytest.mark.parametrize("kind", WRAPPERS)
def test_wrappers_and_prefixes_are_taken_off(tmp_path: Path, kind: str) -> None:
    wrap, place, left_out = WRAPPERS[kind]
    net = network()
    path = file(tmp_path, wrap(net))
    found = find_weights(read_pickle(path), path)
    expected = {key: value for key, value in network().state_dict().items() if "tracked" not in key}
    assert found.tensors.keys() == expected.keys()
    # A pass in training mode moves BatchNorm's statistics.
    moved = "running" if kind == "training script" else "none"
    assert all(torch.equal(found.tensors[key], value) for key, value in expected.items() if moved not in key)
    assert (list(found.place), list(found.left_out)) == (place, left_out)
    convert(path, "resnet20")


@pytest.mark.parametrize(
    "wrap",
    [
        lambda own, ema: {"state_dict": own, "state_dict_ema": ema},
        lambda own, ema: {"model": own, "model_ema": {"module": ema, "decay": 0.999}},
        lambda own, ema: (
            {f"online_model.{k}": v for k, v in own.items()} | {f"ema_model.{k}": v for k, v in ema.items()}
        ),
        lambda own, ema: {"schema": own, "EMA": ema},
    ],
)
def test_a_moving_average_is_preferred_to_what_it_averages(
    tmp_path: Path, wrap: Callable[[State, State], object]
) -> None:
    own, ema = network(0).state_dict(), network(1).state_dict()
    path = file(tmp_path, wrap(own, ema))
    assert torch.equal(find_weights(read_pickle(path), path).tensors["fc.weight"], ema["fc.weight"])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(tmp_path: Path, dtype: torch.dtype) -> None:
    state = {
        key: value.to(dtype) if value.is_floating_point() else value for key, value in network().state_dict().items()
    }
    made = convert(file(tmp_path, state), "resnet20")
    assert {value.dtype for value in made.found.tensors.values()} == {torch.float32}
    assert torch.equal(made.found.tensors["fc.weight"], state["fc.weight"].float())
    assert made.card["dtype"] == "float32"


def test_tensors_that_share_memory_are_written_apart(tmp_path: Path) -> None:
    state = network().state_dict()
    state["layer1.1.bn1.bias"] = state["layer1.0.bn1.bias"]
    state["layer1.0.conv1.weight"] = state["layer1.0.conv1.weight"].to(memory_format=torch.channels_last)
    made = convert(file(tmp_path, state), "resnet20")
    assert torch.equal(made.found.tensors["layer1.0.conv1.weight"], state["layer1.0.conv1.weight"])


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_a_file_that_runs_code_runs_none(tmp_path: Path) -> None:
    path = file(tmp_path, {"state_dict": network().state_dict(), "extra": Trap(tmp_path / "sprung")})
    with pytest.raises(CheckpointError) as caught:
        convert(path, "resnet20")
    assert str(caught.value) == (
        f"{path} holds more than tensors ({os.mkdir.__module__}.mkdir), and reading it could run code. Where the "
        "network was trained, save its weights alone: torch.save(network.state_dict(), 'weights.pth')."
    )
    assert not (tmp_path / "sprung").exists()


def test_a_whole_network_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"holds more than tensors \(resnet_demo\.models\.resnet\.ResNet\)"):
        convert(file(tmp_path, network()), "resnet20")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*TorchScript archive:UserWarning")
def test_torchscript_is_refused_with_the_remedy(tmp_path: Path) -> None:
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), tmp_path / "script.pt")
    with pytest.raises(CheckpointError, match=r"holds more than tensors \(TorchScript\)"):
        convert(tmp_path / "script.pt", "resnet20")


@pytest.mark.parametrize("content", [b"", b"no tensors", b"PK\x03\x04 half", b"\x80\x02}q\x00."])
def test_what_is_not_torchs_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "best.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        convert(path, "resnet20")
    assert str(caught.value) == f"{path} is not a whole file of torch.save. Get it again from where it came from."


def test_a_file_cut_off_is_refused(tmp_path: Path) -> None:
    path = file(tmp_path, network().state_dict())
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(CheckpointError, match=r"is not a whole file of torch\.save"):
        convert(path, "resnet20")


@pytest.mark.parametrize(
    ("content", "holds"),
    [({"features.0.weight": torch.zeros(1)}, "features.0.weight"), ([1, 2], "list"), (torch.zeros(2), "Tensor")],
)
def test_a_file_without_a_resnet_says_what_it_holds(tmp_path: Path, content: object, holds: str) -> None:
    path = file(tmp_path, content)
    with pytest.raises(CheckpointError) as caught:
        convert(path, "resnet20")
    assert str(caught.value) == (
        f"{path} holds no ResNet: it has no tensor named layer1.0.conv1.weight, with any prefix. It holds: {holds}."
    )


@pytest.mark.parametrize(
    ("saved", "options", "asked", "fits", "first"),
    [
        ("resnet34", {}, "resnet18", "resnet34", "resnet34"),  # another depth
        ("plain18", {}, "resnet18", "plain18", "plain18"),  # no shortcuts
        ("resnet18", {"stem": "cifar"}, "resnet18", "resnet18 --stem cifar", "resnet18 --stem cifar"),  # another stem
        ("resnet20", {}, "resnet32", "resnet20, plain20", "resnet20"),  # option A has no tensors
        ("wide_resnet50_2", {}, "resnet50", "wide_resnet50_2", "wide_resnet50_2"),
    ],
)
def test_a_network_that_fits_another_name_says_which(
    tmp_path: Path, saved: str, options: dict[str, Any], asked: str, fits: str, first: str
) -> None:
    path = file(tmp_path, network(0, saved, **options).state_dict())
    with pytest.raises(CheckpointError) as caught:
        convert(path, asked)
    assert str(caught.value) == (
        f"{path} does not fit {asked}. Its tensors have the names and shapes of {fits}: "
        f"convert it with --model {first}."
    )
    model, _, stem = first.partition(" --stem ")
    assert convert(path, model, stem).card["options"] == options


def test_a_network_that_fits_none_lists_what_differs(tmp_path: Path) -> None:
    state = network().state_dict()
    for key in ("fc.weight", "fc.bias"):
        state[key.replace("fc", "linear")] = state.pop(key)
    state["layer2.0.bn1.bias"] = torch.zeros(5)
    path = file(tmp_path, state)
    with pytest.raises(CheckpointError) as caught:
        convert(path, "resnet20")
    both = "conv1 3x3, 3+3+3 blocks of 2 conv, 0 downsample, "
    assert str(caught.value) == (
        f"{path} does not fit resnet20. Missing: fc.weight, fc.bias. Unexpected: linear.weight, linear.bias. "
        f"Of another shape: layer2.0.bn1.bias [5], not [32]. The file holds: {both}no fc; resnet20 has: {both}fc 10. "
        "Give the --model that it was saved from, or save that network with torchvision's names."
    )


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        ("resnet18", {}, "conv1 7x7, 2+2+2+2 blocks of 2 conv, 3 downsample, fc 3"),
        ("resnet50", {}, "conv1 7x7, 3+4+6+3 blocks of 3 conv, 4 downsample, fc 3"),
        ("plain34", {"stem": "cifar"}, "conv1 3x3, 3+4+6+3 blocks of 2 conv, 0 downsample, fc 3"),
    ],
)
def test_a_network_is_described_by_its_tensors(model: str, options: dict[str, Any], told: str) -> None:
    with torch.device("meta"):
        state = build(model, 3, **options).state_dict()
    assert structure({key: tuple(value.shape) for key, value in state.items()}) == told
    assert structure({}) == "no conv1,  blocks of 0 conv, 0 downsample, no fc"


PAIRS = [("", "cat"), ("", "dog")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cat\ndog", PAIRS),
        ("\ufeffcat\r\n\r\ndog\r\n", PAIRS),
        ('["cat", "dog"]', PAIRS),
        ('{"1": "dog", "0": "cat"}', PAIRS),
        ('{"dog": 1, "cat": 0}', PAIRS),
        ('{"0": ["n1", "cat"], "1": ["n2", "dog"]}', [("n1", "cat"), ("n2", "dog")]),
    ],
)
def test_names_of_classes_are_read_from_lines_and_from_json(
    tmp_path: Path, text: str, named: list[tuple[str, str]]
) -> None:
    (tmp_path / "names").write_bytes(text.encode())
    assert class_names(tmp_path / "names") == named


@pytest.mark.parametrize("content", [b"", b"[]", b"[1, 2]", b'{"0": "cat", "2": "dog"}', b'["cat", ""]', b"\xff\xfe"])
def test_what_names_no_classes_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "names").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"is not a list of class names\. Write one name on each line, or"):
        class_names(tmp_path / "names")


def test_a_wrong_number_of_names_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = tmp_path / "names"
    names.write_text("cat\ndog", "utf-8")
    path = file(tmp_path, network().state_dict())
    told = refusal(capsys, "convert", str(path), "--model", "resnet20", "--classes", str(names), "--out", str(tmp_path))
    assert told == (
        f"resnet_demo convert: {names} names 2 classes; the network has 3. "
        "Give a name for each, in the order of its logits.\n"
    )
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_name_that_occurs_twice_gets_an_id_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "names").write_text("crane\ncrane\ntench", "utf-8")
    card = convert(file(tmp_path, network().state_dict()), "resnet20", classes=tmp_path / "names").card
    assert card["classes"] == [
        {"id": "crane 0", "name": "crane"},
        {"id": "crane 1", "name": "crane"},
        {"id": "n01440764", "name": "tench"},
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refusal(capsys, "convert", str(tmp_path / "none.pth"), "--model", "resnet20")
    assert "No such file or directory" in told and "none.pth" in told
    assert "Unknown architecture resnet19." in refusal(capsys, "convert", "none.pth", "--model", "resnet19")
