"""Two processes of torchrun, gloo on the CPU, train what one process trains."""

import json
import os
import subprocess
import sys
import termios
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from resnet_demo.__main__ import main
from resnet_demo.data.datasets import read
from resnet_demo.errors import DemoError
from resnet_demo.training import loop, parallel
from resnet_demo.training.loop import augmentation, draw_only
from resnet_demo.training.recipe import Recipe
from resnet_demo.training.start import RANDOM, begin
from resnet_demo.training.verification import nowhere, verify
from tests.helpers.generated import image_folder, pictures
from tests.helpers.published import publish_untrained
from tests.helpers.running import ROOT

TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A training without BatchNorm: from a file whose card says so."""
    data = image_folder(tmp_path / "data")
    publish_untrained(tmp_path / "start", norm="none")
    start = tmp_path / "start" / "resnet20-cifar10.safetensors"
    words = ["train", "--dataset", "cifar10", "--data-dir", str(data), "--model", "resnet20", "--init", str(start)]
    words += [
        "--batch_size",
        "16",
        "--valid-ratio",
        "0.1",
        "--epochs",
        "3",
        "--learning-rate",
        "0.01",
        "--device",
        "cpu",
        "--json",
    ]
    return [*words, "--out", str(tmp_path)]


COMMAND, IN_FLOAT32 = ["-m", "resnet_demo"], [str(ROOT / "tests" / "helpers" / "in_float32.py")]


def torchrun(program: list[str], *words: str) -> tuple[int, str, str]:
    """Status, standard output, and what a terminal shows of standard error."""
    terminal, end = os.openpty()
    termios.tcsetwinsize(end, (24, 120))
    command = [sys.executable, *TORCHRUN, *program, *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=end, text=True)
    os.close(end)
    shown = b""
    with suppress(OSError):  # how a terminal ends
        while part := os.read(terminal, 4096):
            shown += part
    os.close(terminal)
    out, _ = running.communicate()
    return running.returncode, out, shown.decode()


def test_two_processes_follow_the_curve_of_one(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "autocast", lambda device: nullcontext())
    alone, both = tmp_path / "alone", tmp_path / "both"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert main([*words, "--out", str(alone)]) == 0
    finally:
        torch.set_num_threads(threads)
    capsys.readouterr()
    status, out, shown = torchrun(IN_FLOAT32, *words, "--out", str(both))
    assert status == 0, shown
    one, two = (json.loads((folder / "history.json").read_text("utf-8"))["networks"] for folder in (alone, both))
    rows = list(zip(one["resnet20"]["history"], two["resnet20"]["history"], strict=True))
    assert len(rows) == 3
    for expected, found in rows:
        for line in ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy"):
            assert found[line] == pytest.approx(expected[line], abs=2e-4), line
    weights = [load_file(folder / "resnet20-cifar10.safetensors") for folder in (alone, both)]
    assert all(torch.allclose(weights[0][key], value, atol=1e-3) for key, value in weights[1].items())
    # One checkpoint, one history, one result, one bar, one line an epoch.
    assert sorted(path.name for path in both.iterdir()) == [
        "history.json",
        "history.png",
        "resnet20-cifar10.json",
        "resnet20-cifar10.safetensors",
    ]
    assert json.loads(out)["resnet20"]["epochs"] == 3
    assert [shown.count(f"resnet20 {epoch}/3 at 32 px:   0%") for epoch in (1, 2, 3)] == [1, 1, 1]
    assert [shown.count(f"epoch {epoch}/3  loss") for epoch in (1, 2, 3)] == [1, 1, 1]
    card = json.loads((both / "resnet20-cifar10.json").read_text("utf-8"))
    assert card["machine"]["processes"] == 2
    assert card["how"].startswith("torchrun --nproc-per-node 2 -m resnet_demo train ")
    assert verify(both / "resnet20-cifar10.json", nowhere) == []


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (
            "--batch_size",
            "15",
            "batch_size = 15: 2 processes share it in equal parts of at least two images each. The nearest is 16.",
        ),
        (
            "--batch_size",
            "2",
            "batch_size = 2: 2 processes share it in equal parts of at least two images each. The nearest is 4.",
        ),
        ("--epochs", "0", "epochs = 0: give a number from 1 to 10000."),
    ],
)
def test_an_error_is_said_once(words: list[str], option: str, value: str, said: str) -> None:
    status, out, shown = torchrun(COMMAND, *words, option, value)
    assert (status, out) == (1, "")
    assert shown.count(f"resnet_demo train: {said}") == 1


def test_batch_normalisation_takes_a_part_of_the_batch_and_keeps_the_first_process_s_statistics(tmp_path: Path) -> None:
    """A pair with two seeds in one command. The rate is too low to move a weight, so the statistics are those of the
    first halves."""
    data, out = image_folder(tmp_path / "data"), tmp_path / "both"
    words = ["train", "--dataset", "cifar10", "--data-dir", str(data), "--model", "resnet20", "--mode", "compare"]
    words += ["--batch_size", "16", "--epochs", "1", "--valid-ratio", "0.1", "--learning-rate", "0.000001"]
    words += ["--seeds", "0", "1"]
    status, said, shown = torchrun(IN_FLOAT32, *words, "--device", "cpu", "--json", "--out", str(out))
    assert status == 0, shown
    found = json.loads(said)
    assert [*found] == ["resnet20", "plain20"]
    assert [[run["seed"] for run in one["seeds"]["runs"]] for one in found.values()] == [[0, 1], [0, 1]]
    recipe = Recipe(1, 16, 1e-6, 32, 32, 32, "pad-crop", valid_ratio=0.1)
    train, _ = read("cifar10", data, "train").split(recipe.valid_ratio, recipe.seed)
    for model in ("resnet20", "plain20"):
        network = begin(model, 3, RANDOM, recipe.seed).train()
        torch.manual_seed(0)
        with torch.no_grad():
            for images, _ in loop.Trainer(network, recipe, torch.device("cpu"), tmp_path)._batches(train, 32, 5):
                network(images[:8])
        kept = load_file(out / f"{model}-cifar10.safetensors")
        for key in ("bn1.running_mean", "bn1.running_var", "layer3.2.bn2.running_mean"):
            assert torch.allclose(kept[key].float(), network.state_dict()[key], rtol=5e-3, atol=5e-3), key


def test_a_process_alone_has_the_whole_batch_and_nobody_to_ask() -> None:
    assert (parallel.count(), parallel.is_first(), parallel.own_part(16)) == (1, True, range(16))
    assert parallel.mean((1.5, 2.0), torch.device("cpu")) == (1.5, 2.0)
    network = torch.nn.Linear(2, 2)
    assert parallel.averaging(network) is network
    with parallel.joined("cpu") as device:
        assert (device.type, torch.distributed.is_initialized()) == ("cpu", False)


@pytest.mark.parametrize("rank", ["0", "1"])
def test_each_process_takes_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch, rank: str) -> None:
    """All of them find that there are too few, so that none waits for the others."""
    for name, value in {"RANK": rank, "LOCAL_RANK": rank, "LOCAL_WORLD_SIZE": "2", "TORCHELASTIC_RUN_ID": "x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    said = "^2 processes were started, but this machine has 1 GPUs and each process needs one. Start 1, or"
    with pytest.raises(DemoError, match=said), parallel.joined("cuda"):
        pytest.fail("joined")


@pytest.fixture
def apple(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first of two processes on a machine with an Apple GPU; the backends by which it joined the other."""
    for name, value in {"RANK": "0", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "2", "TORCHELASTIC_RUN_ID": "x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    joined: list[str] = []
    monkeypatch.setattr(torch.distributed, "init_process_group", joined.append)
    return joined


def test_processes_share_no_apple_gpu_and_take_the_processor(apple: list[str]) -> None:
    with parallel.joined("auto") as device:
        assert (device, apple) == (torch.device("cpu"), ["gloo"])


def test_an_apple_gpu_is_refused_to_several_processes_and_not_to_one(
    apple: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DemoError) as caught, parallel.joined("mps"):
        pytest.fail("joined")
    assert apple == []
    assert str(caught.value) == (
        "torchrun processes cannot share gradients on mps. Train with --device cpu, or in one process, without "
        "torchrun."
    )
    monkeypatch.delenv("TORCHELASTIC_RUN_ID")
    for name in ("auto", "mps"):
        with parallel.joined(name) as device:
            assert device.type == "mps"


def test_each_process_takes_its_own_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "count", lambda: 3)
    assert list(parallel.own_part(12)) == [0, 1, 2, 3]
    with pytest.raises(DemoError) as caught:
        parallel.check(Recipe(1, 10, 0.1, 32, 32, 32, "pad-crop"))
    assert (
        str(caught.value)
        == "batch_size = 10: 3 processes share it in equal parts of at least two images each. The nearest is 9."
    )


@pytest.mark.parametrize(("kind", "side", "size"), [("pad-crop", 32, 32), ("resized-crop", 40, 24)])
def test_a_picture_left_to_another_process_draws_as_many_numbers(kind: str, side: int, size: int) -> None:
    augment = augmentation(Recipe(1, 16, 0.1, size, size, size, kind), size)  # type: ignore[arg-type]
    first, second = pictures(2, side).images
    torch.manual_seed(3)
    augment(first)
    expected = augment(second)
    torch.manual_seed(3)
    draw_only(augment, first)
    assert torch.equal(augment(second), expected)
