"""An explanation leaves nothing behind: not in the network, not in torch, not in memory; and threads do not meet."""

import copy
import gc
import sys
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain import METHODS, SLOW, Analysis, explain
from resnet_demo.explain.faithfulness import average_drop, deletion_insertion, randomisation
from resnet_demo.explain.methods import _formula
from resnet_demo.models.checkpoints import Classifier
from resnet_demo.models.resnet import ResNet, build

Make = Callable[..., Classifier]


class CancelledError(Exception):
    """What a visitor who stops a run causes."""


def cancel(done: int, total: int) -> None:
    raise CancelledError


def state(network: ResNet) -> list[object]:
    """All that a careless explanation would change."""
    hooks = [
        len(found)
        for module in network.modules()
        for name, found in vars(module).items()
        if name.endswith("_hooks") and found is not None
    ]
    assert len(hooks) > 100
    assert sum(hooks) == 0
    flags = [module.training for module in network.modules()]
    weights = [
        (p.requires_grad, p.data_ptr(), None if p.grad is None else p.grad.tolist()) for p in network.parameters()
    ]
    values = [value.sum().item() for value in network.state_dict().values()]
    children = [id(module) for module in network.modules()]
    return [hooks, flags, weights, values, children, torch.is_grad_enabled(), torch.get_rng_state().tolist()]


def classifier_of(trainable: bool) -> Classifier:
    network = build("resnet20", 5).eval().requires_grad_(trainable)
    if trainable:
        network.fc.weight.grad = torch.ones_like(network.fc.weight)
    names = tuple("abcde")
    return Classifier(network, names, names, {}, torch.device("cpu"), Preprocessing(32, 32))


@pytest.mark.parametrize("trainable", [False, True])
def test_the_network_is_left_as_it_was(trainable: bool, picture: Image.Image) -> None:
    classifier = classifier_of(trainable)
    before = state(classifier.network)
    _formula.cache_clear()  # so that the library's objects are made anew
    for method in METHODS:
        explain(classifier, picture, method, ["layer3", "layer1.0"], 1, against=2)
    found = Analysis(classifier, picture).every_class("eigengradcam", "layer2")[0]
    deletion_insertion(classifier, found)
    average_drop(classifier, found)
    randomisation(classifier, picture, found)
    assert state(classifier.network) == before


@pytest.mark.parametrize("method", sorted(SLOW))
def test_a_cancelled_run_leaves_the_network_as_it_was(method: str, picture: Image.Image) -> None:
    classifier = classifier_of(True)
    before = state(classifier.network)
    with pytest.raises(CancelledError):
        explain(classifier, picture, method, "layer3", progress=cancel)
    assert state(classifier.network) == before


def test_cancelled_checks_leave_the_network_as_it_was(picture: Image.Image) -> None:
    classifier = classifier_of(True)
    found = explain(classifier, picture, "layercam", "layer3")
    before = state(classifier.network)
    with pytest.raises(CancelledError):
        deletion_insertion(classifier, found, cancel)
    with pytest.raises(CancelledError):
        randomisation(classifier, picture, found, cancel)
    assert state(classifier.network) == before


def test_a_training_network_is_seen_as_it_will_be_used_and_goes_on_training(picture: Image.Image) -> None:
    classifier = classifier_of(True)
    expected = explain(classifier, picture, "layercam", "layer3").map
    classifier.network.train()
    before = state(classifier.network)
    assert np.array_equal(explain(classifier, picture, "layercam", "layer3").map, expected)
    assert state(classifier.network) == before


@pytest.mark.parametrize("place", ["stem", "head"])
def test_the_network_is_left_as_it_was_after_an_exception(
    place: str, tiny: Classifier, red_and_green: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = tiny.network
    explain(tiny, red_and_green, layer="layer1")

    def fail(self: ResNet, x: Tensor) -> Tensor:
        raise ZeroDivisionError("on the way")

    before = [len(m._forward_hooks) + len(m._backward_hooks) for m in network.modules()], network.training
    weights = copy.deepcopy(network.state_dict())
    with monkeypatch.context() as patch:
        patch.setattr(ResNet, place, fail)
        for method in METHODS:
            with pytest.raises(ZeroDivisionError):
                explain(tiny, red_and_green, method, layer="layer1")
    assert ([len(m._forward_hooks) + len(m._backward_hooks) for m in network.modules()], network.training) == before
    assert all(p.grad is None and not p.requires_grad for p in network.parameters())
    assert all(torch.equal(value, weights[key]) for key, value in network.state_dict().items())
    assert torch.is_grad_enabled()
    assert explain(tiny, red_and_green, layer="layer1").map[0, 0] == 0.125


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("method", METHODS)
def test_works_where_the_caller_has_switched_gradients_off(
    method: str, off: Callable[[], torch.no_grad], tiny: Classifier, red_and_green: Image.Image
) -> None:
    expected = explain(tiny, red_and_green, method, layer="layer1", target=0).map
    with off():
        assert np.array_equal(explain(tiny, red_and_green, method, layer="layer1", target=0).map, expected)
        assert not torch.is_grad_enabled()


def test_nothing_fails_silently_when_objects_are_deleted(
    tiny: Classifier, red_and_green: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    for method in METHODS:
        explain(tiny, red_and_green, method, "layer1")
    _formula.cache_clear()
    gc.collect()
    assert complaints == []


def test_four_threads_share_a_network(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18")
    fast = [method for method in METHODS if method not in SLOW]
    jobs = [(method, layer, target) for method in fast for layer in ("layer4", "layer2.0") for target in (0, 4)]
    before = state(classifier.network)

    def work(job: tuple[str, str, int]) -> NDArray[np.float32]:
        return explain(classifier, picture, *job).map

    alone = [work(job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(work, jobs))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-5 * one.max())
    assert state(classifier.network) == before


def test_four_threads_share_an_analysis(make: Make, picture: Image.Image) -> None:
    """Also while one of them is cancelled in the middle of a slow run."""
    classifier = make("narrow_resnet18")
    jobs = [(method, layer, target) for method in METHODS for layer in ("layer4", "layer1") for target in (0, 1, 4)]
    alone = [explain(classifier, picture, *job).map for job in jobs]
    before = state(classifier.network)
    shared = Analysis(classifier, picture)
    start = threading.Barrier(4)

    def work(part: int) -> list[NDArray[np.float32]]:
        start.wait()
        with pytest.raises(CancelledError):
            shared.explain("scorecam", progress=cancel)
        return [shared.explain(*job).map for job in jobs[part::4]]

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(work, range(4)))
    for index, one in enumerate(alone):
        np.testing.assert_allclose(parts[index % 4][index // 4], one, atol=1e-4 * one.max() + 1e-5)
    assert state(classifier.network) == before


def test_memory_stays_flat(tiny: Classifier, red_and_green: Image.Image) -> None:
    methods = [method for method in METHODS if method not in SLOW and "eigen" not in method]

    def work(times: int) -> int:
        for i in range(times):
            explain(tiny, red_and_green, methods[i % len(methods)], layer="layer1")
        gc.collect()
        return sum(issubclass(type(found), Tensor) for found in gc.get_objects())

    work(10)
    tracemalloc.start()
    try:
        tensors, size = work(1), tracemalloc.get_traced_memory()[0]
        assert work(300) == tensors
        assert tracemalloc.get_traced_memory()[0] - size < 100_000
    finally:
        tracemalloc.stop()


def test_one_analysis_does_not_grow(tiny: Classifier, red_and_green: Image.Image) -> None:
    """300 questions to one photograph: the gradients of few are kept."""
    analysis = Analysis(tiny, red_and_green)

    def work(times: int) -> int:
        for i in range(times):
            analysis.explain("gradcam", "layer1", i % 3, against=i % 2, counterfactual=i % 5 == 0)
        gc.collect()
        return sum(issubclass(type(found), Tensor) for found in gc.get_objects())

    assert work(300) == work(301)
    assert len(analysis._forward._gradients) <= 8
