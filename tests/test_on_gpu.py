"""Everything that computes, on a GPU: the machine's own, or a stand-in that fails where tensors are misplaced."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from resnet_demo import shell
from resnet_demo.__main__ import main
from resnet_demo.chapters.blocks import activations, follow_pixel
from resnet_demo.chapters.blocks.responses import responses
from resnet_demo.chapters.degradation import early_exit, live_training
from resnet_demo.chapters.degradation.ablation import lesions
from resnet_demo.chapters.gradients import flow, paths, shattered_gradients
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.datasets import read
from resnet_demo.errors import DemoError
from resnet_demo.explain import METHODS, SLOW, Analysis, classify, explain, explain_all
from resnet_demo.explain.faithfulness import average_drop, deletion_insertion, randomisation
from resnet_demo.kit import offered_networks as networks
from resnet_demo.models import build, load
from resnet_demo.models.device import autocast, choose_device
from resnet_demo.training.loop import Trainer
from resnet_demo.training.machine import machine
from resnet_demo.training.verification import verify
from tests.helpers.commands import answer, train_words
from tests.helpers.generated import image_folder
from tests.helpers.refused import photograph
from tests.helpers.standin_gpu import NAME, standing_in
from tests.helpers.visitor import Visitor

NETWORKS = ("resnet18", "plain18")
IMAGE = photograph()


@pytest.fixture(scope="module", params=["cuda", "mps"])
def gpu(request: pytest.FixtureRequest) -> Iterator[str]:
    """The device's name."""
    kind: str = request.param
    if {"cuda": torch.cuda, "mps": torch.backends.mps}[kind].is_available():
        yield kind
        return
    with standing_in(kind):
        yield kind


@pytest.fixture(scope="module")
def cpu_classifier() -> Classifier:
    return load("resnet18", device="cpu")


@pytest.fixture(scope="module")
def classifier(gpu: str) -> Classifier:
    return load("resnet18", device=gpu)


def alike(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-4)


# ------------------------------------------------------------------------------------------------ it would be seen

SLIPS = {
    "an operation on two devices": (lambda gpu: torch.ones(3, device=gpu) + torch.ones(3), "on the same device"),
    "weights here, a picture there": (
        lambda gpu: torch.nn.Conv2d(3, 4, 1).to(gpu)(torch.ones(1, 3, 8, 8)),
        "same|on the same device",
    ),
    "a list of tensors": (lambda gpu: torch.cat([torch.ones(3), torch.ones(3, device=gpu)]), "on the same device"),
    "a gradient's direction": (
        lambda gpu: torch.autograd.grad(2 * (x := torch.ones(3, device=gpu, requires_grad=True)), x, torch.ones(3)),
        "device",
    ),
    "numpy without a copy": (lambda gpu: torch.ones(3, device=gpu).numpy(), "Use Tensor.cpu"),
    "numpy by itself": (lambda gpu: np.asarray(torch.ones(3, device=gpu)), "Use Tensor.cpu"),
    "a generator of the CPU": (
        lambda gpu: torch.randn(3, device=gpu, generator=torch.Generator()),
        "device type for generator",
    ),
    "an index of the GPU": (lambda gpu: torch.ones(3)[torch.tensor([0], device=gpu)], "device"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_seen(gpu: str, slip: str) -> None:
    does, words = SLIPS[slip]
    with pytest.raises((RuntimeError, TypeError, ValueError), match=words):
        does(gpu)


def test_what_is_allowed_on_a_gpu_is_allowed(gpu: str) -> None:
    x = torch.arange(6.0, device=gpu).view(2, 3)
    x[:, torch.tensor([0])] = 5
    assert (x * torch.tensor(2.0)).cpu().numpy().tolist() == [[10, 2, 4], [10, 8, 10]]
    assert x.to("cpu").device.type == "cpu" and x.to(gpu) is x and x[0, 0].item() == 5


def test_apples_gpu_has_no_float64(gpu: str) -> None:
    if gpu == "mps":
        with pytest.raises(TypeError, match="float64"):
            torch.ones(3, device=gpu).double()
    else:
        assert torch.ones(3, device=gpu).double().dtype == torch.float64


# ------------------------------------------------------------------------------------------------ which device


def test_a_gpu_is_chosen_where_there_is_one(gpu: str) -> None:
    assert choose_device("auto").type == choose_device(gpu).type == gpu
    with pytest.raises(DemoError, match=f"There is no device {gpu}:7 here. Choose auto or one of: cpu, {gpu}."):
        choose_device(f"{gpu}:7")


@pytest.mark.parametrize(
    ("capability", "precision"), [((7, 5), torch.float32), ((8, 0), torch.bfloat16), ((9, 0), torch.bfloat16)]
)
def test_bfloat16_where_the_gpu_has_it(capability: tuple[int, int], precision: torch.dtype) -> None:
    with standing_in(capability=capability):
        device = choose_device("cuda")
        x = torch.ones(2, 2, device=device)
        with autocast(device):
            assert (x @ x).dtype == precision
        assert machine(device)["processor"] == NAME


# ------------------------------------------------------------------------------------------------ what is explained


def test_the_network_is_there(classifier: Classifier, gpu: str) -> None:
    assert {p.device.type for p in classifier.network.parameters()} == {gpu} == {classifier.device.type}
    assert {b.device.type for b in classifier.network.buffers()} == {gpu}


def test_classify(classifier: Classifier, cpu_classifier: Classifier) -> None:
    found, expected = classify(classifier, IMAGE), classify(cpu_classifier, IMAGE)
    alike(found.logits, expected.logits)
    assert [guess.class_id for guess in found.top] == [guess.class_id for guess in expected.top]


@pytest.mark.parametrize("method", METHODS)
def test_maps(classifier: Classifier, cpu_classifier: Classifier, method: str) -> None:
    layer = "layer1" if method in SLOW else ["layer3", "layer4.0"]  # 64 channels of it
    for options in ({}, {"against": 1, "counterfactual": True}):
        found, expected = (explain(c, IMAGE, method, layer, 0, **options) for c in (classifier, cpu_classifier))
        alike(found.map, expected.map)
        alike(found.heatmap, expected.heatmap)


@pytest.mark.parametrize("method", sorted(METHODS.keys() - SLOW))
def test_one_pass_for_several_maps(classifier: Classifier, cpu_classifier: Classifier, method: str) -> None:
    found, expected = (Analysis(c, IMAGE) for c in (classifier, cpu_classifier))
    for one, other in zip(found.every_class(method)[:3], expected.every_class(method), strict=False):
        alike(one.map, other.map)
    alike(found.explain(method, "layer4").map, expected.explain(method, "layer4").map)


@pytest.mark.parametrize("method", ["gradcam", "layercam", "fullgrad"])
def test_a_batch(classifier: Classifier, cpu_classifier: Classifier, method: str) -> None:
    images = [IMAGE, photograph(seed=1)]
    for found, expected in zip(*(explain_all(c, images, method) for c in (classifier, cpu_classifier)), strict=True):
        alike(found.map, expected.map)
        alike(found.prediction.logits, expected.prediction.logits)


def test_checks_of_a_map(classifier: Classifier, cpu_classifier: Classifier) -> None:
    both = (classifier, cpu_classifier)
    maps = [explain(c, IMAGE) for c in both]
    found, expected = (deletion_insertion(c, m) for c, m in zip(both, maps, strict=True))
    alike(found.deletion, expected.deletion)
    alike(found.insertion, expected.insertion)
    found, expected = (average_drop(c, m) for c, m in zip(both, maps, strict=True))
    alike((found.before, found.after), (expected.before, expected.after))
    found, expected = (randomisation(c, IMAGE, m) for c, m in zip(both, maps, strict=True))
    alike([step.rank_correlation or 0 for step in found], [step.rank_correlation or 0 for step in expected])


def test_blocks_cut_out(classifier: Classifier, cpu_classifier: Classifier) -> None:
    (_, found), (_, expected) = (lesions(c, IMAGE) for c in (classifier, cpu_classifier))
    alike([one.probability for one in found], [one.probability for one in expected])


# ------------------------------------------------------------------------------------------------ what is taken apart


def test_inside_a_block(classifier: Classifier, cpu_classifier: Classifier) -> None:
    found, expected = (activations.open_block(c, IMAGE, "layer2.0") for c in (classifier, cpu_classifier))
    alike(found.output, expected.output)
    followed = follow_pixel.follow(classifier, IMAGE, "layer2.0", channel=5, row=3, column=2)
    assert followed.holds


def test_responses_of_layers(classifier: Classifier, cpu_classifier: Classifier) -> None:
    found, expected = (responses(c, [IMAGE, photograph(seed=1)]) for c in (classifier, cpu_classifier))
    alike([one.std for one in found.layers], [one.std for one in expected.layers])


def test_gradients(gpu: str) -> None:
    torch.manual_seed(0)
    pictures, labels, direction = torch.randn(4, 3, 32, 32), torch.arange(4), torch.randn(4, 3, 32, 32)
    networks = {device: build("resnet20", 10) for device in (gpu, "cpu")}
    networks[gpu].load_state_dict(networks["cpu"].state_dict())
    given = {where: [x.to(where) for x in (pictures, labels, direction)] for where in networks}
    flows = [flow.measure(network.to(where), *given[where][:2]) for where, network in networks.items()]
    alike([one.gradient for one in flows[0].inputs], [one.gradient for one in flows[1].inputs])
    found, expected = (shattered_gradients.shattering(networks[where], *given[where]) for where in networks)
    alike(found.correlations, expected.correlations)
    found, expected = (
        shattered_gradients.walk(networks[where], *given[where], (0.0, 0.01, 0.02)) for where in networks
    )
    alike(found, expected)


def test_stopped_early(classifier: Classifier, cpu_classifier: Classifier) -> None:
    found, expected = (early_exit.exits(one, IMAGE) for one in (classifier, cpu_classifier))
    assert [one.top for one in found] == [one.top for one in expected]
    for name in ("probability", "winner", "alignment", "ratio"):
        alike([getattr(one, name) for one in found], [getattr(one, name) for one in expected])


@pytest.mark.parametrize("name", ["resnet18", "resnet20"])
def test_paths(gpu: str, name: str) -> None:
    """Also through shortcuts that slice, as option A's do."""
    torch.manual_seed(0)
    networks = {device: build(name, 10).eval().requires_grad_(False) for device in (gpu, "cpu")}
    networks[gpu].load_state_dict(networks["cpu"].state_dict())
    x = torch.randn(1, 3, 32, 32)
    found, expected = (paths.measure_paths(network.to(where), x.to(where)) for where, network in networks.items())
    alike(found.shares, expected.shares)
    alike(found.single, expected.single)


# ------------------------------------------------------------------------------------------------ the app


@pytest.mark.long
def test_every_listener_of_the_app_to_its_end(gpu: str) -> None:
    """As a page asks: photographs, maps, checks, galleries, gradients, cut networks."""
    demo = shell.build(gpu)
    visitor = Visitor(demo, "en")
    for fn in visitor.listeners:
        steps = 1 if fn.concurrency_id == "training" else 1_000  # which another process does
        words = json.dumps(visitor.run(fn, steps), default=str)
        assert "notice" not in words, fn.name
    networks.trained.cache_clear()
    networks.untrained.cache_clear()


def test_training_to_watch(gpu: str) -> None:
    points = list(live_training.train(live_training.Settings((8, 14), 4, 1, 0.05, pictures=128, device=gpu)))
    assert {point.model for point in points} == {"plain8", "resnet8", "plain14", "resnet14"}
    assert all(point.test is not None for point in points if point.epoch == 1)


# ------------------------------------------------------------------------------------------------ training


def history(out: Path) -> list[dict[str, Any]]:
    card = json.loads((out / "resnet20-cifar10.json").read_text("utf-8"))
    return [row | {"seconds": 0} for row in card["history"]]


def test_training_resumed_and_evaluated(
    gpu: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the precision that the device has; a run killed after an epoch goes on there, or on the CPU."""
    data = image_folder(tmp_path / "data")
    words = {out: [*train_words(data, tmp_path / out, "--epochs", "2"), "--device", gpu] for out in ("whole", "cut")}
    found = answer(capsys, *words["whole"])
    assert found["resnet20"]["count"] == 24
    with monkeypatch.context() as killed:
        killed.setattr(Trainer, "_save", saved_once(Trainer._save))
        assert main(words["cut"]) == 130
    shutil.copytree(tmp_path / "cut", tmp_path / "elsewhere")
    answer(capsys, *words["cut"], "--resume")
    assert history(tmp_path / "cut") == history(tmp_path / "whole")
    answer(capsys, *train_words(data, tmp_path / "elsewhere", "--epochs", "2"), "--device", "cpu", "--resume")
    assert len(history(tmp_path / "elsewhere")) == 2
    weights = str(tmp_path / "whole" / "resnet20-cifar10.safetensors")
    asked = ["evaluate", "--model", "resnet20", "--weights", weights, "--dataset", "cifar10", "--data-dir", str(data)]
    there, here = (answer(capsys, *asked, "--device", device) for device in (gpu, "cpu"))
    alike(there["loss"], here["loss"])
    assert there["accuracy"] == here["accuracy"]
    assert verify(tmp_path / "whole" / "resnet20-cifar10.json", lambda _: read("cifar10", data, "test")) == []


def saved_once(save: Any) -> Any:
    """Saves the first epoch, and ends the process as a keyboard's interrupt does."""

    def then_interrupted(self: Trainer) -> None:
        save(self)
        raise KeyboardInterrupt

    return then_interrupted
