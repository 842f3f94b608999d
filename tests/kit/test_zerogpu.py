"""Where a page's networks run: ZeroGPU's lent GPU, and the CPU when a GPU's memory is full."""

import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from resnet_demo.chapters.classify.pages.photograph import predictions
from resnet_demo.chapters.gradcam.pages.maps import search
from resnet_demo.chapters.gradcam.pages.measured_checks import measured
from resnet_demo.chapters.gradcam.pages.measured_maps import Asked, seconds
from resnet_demo.kit import zerogpu
from resnet_demo.kit.offered_networks import Networks, trained
from tests.helpers.running import ROOT
from tests.helpers.standin_gpu import standing_in

PAIR = ["resnet18-imagenette", "plain18-imagenette"]


def slow(picture: str, *keys: str) -> Asked:
    return Asked(picture, keys or tuple(PAIR), method="ablationcam")


# ------------------------------------------------------------------------------------------------ ZeroGPU


@pytest.fixture(scope="module")
def lent(picture: str) -> Any:
    """What happened in an app on a Space with ZeroGPU."""
    command = [sys.executable, "-m", "tests.helpers.zero_space", picture]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_spaces_comes_before_torch(lent: Any) -> None:
    assert lent["torch_came_before_spaces"] is False


def test_slow_maps_and_checks_are_computed_on_the_lent_gpu(lent: Any, networks: Networks, picture: str) -> None:
    *steps, last = search(networks, slow(picture))
    for found, look in zip(lent["maps"], last.looks, strict=True):
        np.testing.assert_allclose(found, look.explanation.map, rtol=2e-3, atol=2e-4)
    *_, curves = measured(networks, "curves", slow(picture, PAIR[0]))
    expected = [one.curves.deletion_area for one in curves.found]
    np.testing.assert_allclose(lent["deletion"], expected, rtol=2e-3, atol=2e-4)
    assert lent["steps"] == len(steps) > 2
    assert lent["cascade"] == ["fc", "layer4", "layer3", "layer2", "layer1", "stem"]
    assert lent["problem"] == "picture_none"


def test_the_app_itself_stays_on_the_cpu(lent: Any) -> None:
    """A GPU is there only inside a lent function, and what its process keeps is lost."""
    assert (lent["device"], lent["cuda_here"], lent["loaded_here"]) == ("cpu", False, 0)


def test_seconds_fit_the_work(lent: Any) -> None:
    """The maps of two networks; of one with its curves, with a cascade of six such maps, and of no photo; the slip."""
    assert lent["seconds"] == [25, 45, 105, 45, 1]
    assert seconds(Asked("photo.png", tuple(PAIR))) == 5


def test_a_tensor_of_the_gpu_is_not_handed_over(lent: Any) -> None:
    assert lent["slip"] == "PicklingError"


@pytest.mark.parametrize(("zero", "device", "home"), [(True, "auto", "cpu"), (False, "auto", "auto")])
def test_home(monkeypatch: pytest.MonkeyPatch, zero: bool, device: str, home: str) -> None:
    monkeypatch.setattr(zerogpu, "ZERO", zero)
    assert zerogpu.home(device) == home


def test_without_zerogpu_nothing_is_lent() -> None:
    assert zerogpu.lent(len)(iter) is iter


# ------------------------------------------------------------------------------------------------ a full GPU


@pytest.fixture(params=[0, 2_000_000], ids=["nothing fits", "no weights fit"])
def full(request: pytest.FixtureRequest) -> Iterator[Networks]:
    """The networks on a GPU whose memory is full."""
    with standing_in(largest=request.param):
        yield Networks("cuda")
    trained.cache_clear()


def test_on_a_full_gpu_the_cpu_answers(full: Networks, networks: Networks, picture: str) -> None:
    image = Image.open(picture).convert("RGB")
    with pytest.warns(UserWarning, match="The GPU is out of memory") as told:
        found = predictions(full, PAIR, image)
    assert "GPU 显存已满" in str(told[0].message)
    expected = predictions(networks, PAIR, image)
    np.testing.assert_allclose([one.prediction.logits for one in found], [one.prediction.logits for one in expected])


def test_on_a_full_gpu_steps_start_again_on_the_cpu(full: Networks, networks: Networks, picture: str) -> None:
    with pytest.warns(UserWarning, match="The GPU is out of memory"):
        *_, last = search(full, slow(picture))
    *_, expected = search(networks, slow(picture))
    for one, other in zip(last.looks, expected.looks, strict=True):
        np.testing.assert_array_equal(one.explanation.map, other.explanation.map)


def test_smaller_batches_come_before_the_cpu(networks: Networks, picture: str) -> None:
    """One picture's maps fit, sixteen pictures' do not."""
    question = Asked(picture, ("resnet18-imagenette",), layers=("layer1",), method="scorecam")
    with standing_in(largest=10_000_000) as gpu, warnings.catch_warnings():
        warnings.simplefilter("error")
        *_, last = search(Networks("cuda"), question)
        assert gpu.operations > 1_000
    trained.cache_clear()
    *_, expected = search(networks, question)
    np.testing.assert_allclose(last.looks[0].explanation.map, expected.looks[0].explanation.map, rtol=2e-3, atol=2e-4)


def test_other_errors_are_not_taken_for_a_full_gpu(networks: Networks) -> None:
    def broken(_: Networks) -> None:
        raise RuntimeError("a defect")

    def broken_steps(_: Networks) -> Iterator[int]:
        yield 1
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError, match="a defect"):
        zerogpu.accelerated(broken)(networks)
    with pytest.raises(RuntimeError, match="a defect"):
        list(zerogpu.accelerated(broken_steps)(networks))


def test_the_message_reaches_the_visitor_once(monkeypatch: pytest.MonkeyPatch, networks: Networks) -> None:
    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", said.append)

    @zerogpu.accelerated
    def work(on: Networks) -> str:
        if on.device != "cpu":
            raise torch.OutOfMemoryError("full")
        return "done"

    assert work(Networks("cuda")) == work(networks) == "done"
    assert len(said) == 1 and said[0].count("<span lang=") == 2
