"""An explanation leaves nothing behind: not in the network, not in torch, not in memory; and threads do not meet."""

import copy
import gc
import mmap
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

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain import METHODS, SLOW, Analysis, explain
from resnet_demo.explain.faithfulness import average_drop, deletion_insertion, randomisation
from resnet_demo.explain.methods import _formula
from resnet_demo.models.resnet import ResNet, build
from tests.helpers.traces import MEGABYTE, RESIDENT, growth, live, state

Make = Callable[..., Classifier]


class CancelledError(Exception):
    """What a visitor who stops a run causes."""


def cancel(done: int, total: int) -> None:
    raise CancelledError


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


@pytest.mark.parametrize("trace", ["hooks", "train flags", "requires_grad", "gradients", "values", "modules", "torch"])
def test_a_trace_would_be_seen(trace: str) -> None:
    """Each careless change alters that part of what the tests compare, and no other but its own."""
    network = classifier_of(True).network
    before = state(network)

    def add_hook() -> None:
        network.layer3.register_forward_hook(lambda *_: None)

    def write_and_put_back() -> None:
        network.bn1.running_mean.add_(1).sub_(1)

    changes: dict[str, Callable[[], object]] = {
        "hooks": add_hook,
        "train flags": network.layer2.train,
        "requires_grad": lambda: network.conv1.weight.requires_grad_(False),
        "gradients": lambda: network.fc.weight.grad.mul_(2),  # type: ignore[union-attr]
        "values": write_and_put_back,
        "modules": lambda: setattr(network, "layer1", copy.deepcopy(network.layer1)),
        "torch": lambda: torch.rand(1),
    }
    with torch.no_grad():
        changes[trace]()
    after = state(network)
    different = {key for key in before if after[key] != before[key]}
    assert trace in different and different <= {trace, *({"values"} if trace == "modules" else ())}


def test_four_threads_at_once_leave_the_network_as_it_was(
    picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is answered, one meets an exception, one is cancelled half-way, one asks for the checks; and in the middle
    of it all, seen from inside a slow run, nothing is changed for the time being either."""
    classifier = classifier_of(True)
    network, stem, failing = classifier.network, ResNet.stem, threading.local()
    before = state(network)
    own = {"torch"}  # a thread's own: gradients are off inside a run

    def fragile(self: ResNet, x: Tensor) -> Tensor:
        if getattr(failing, "now", False):
            raise ZeroDivisionError("on the way")
        return stem(self, x)

    def watch(done: int, total: int) -> None:
        now = state(network)
        assert {key: now[key] for key in now.keys() - own} == {key: before[key] for key in before.keys() - own}
        if 2 * done > total:
            raise CancelledError

    def answered() -> None:
        for method in METHODS:
            explain(classifier, picture, method, ["layer3", "layer1.0"], 1, against=2)
        Analysis(classifier, picture).every_class("layercam", "layer2")

    def broken() -> None:
        failing.now = True
        for method in METHODS:
            with pytest.raises(ZeroDivisionError):
                explain(classifier, picture, method, "layer2")

    def cancelled() -> None:
        for method in sorted(SLOW):
            with pytest.raises(CancelledError):
                explain(classifier, picture, method, ["layer3", "layer1"], progress=watch)

    def checked() -> None:
        found = explain(classifier, picture, "layercam", "layer3")
        average_drop(classifier, found)
        for check in (deletion_insertion, lambda c, f, told: randomisation(c, picture, f, told)):
            with pytest.raises(CancelledError):
                check(classifier, found, watch)

    monkeypatch.setattr(ResNet, "stem", fragile)
    start = threading.Barrier(4)

    def work(job: Callable[[], None]) -> dict[str, object]:
        start.wait()
        job()
        return state(network)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [answered, broken, cancelled, checked]))
    assert state(network) == before


def test_memory_stays_flat(make: Make, picture: Image.Image) -> None:
    """Over 300 calls of ResNet-18 not one tensor more, and less than 16 MB: a tenth of what one call holds at a time,
    left behind by each, would be more."""
    classifier = make("resnet18")
    methods = [method for method in METHODS if method not in SLOW]
    layers = ["layer4", "layer2.0", ["layer3", "layer1"]]
    tensors, size, megabytes = growth(
        lambda i: explain(classifier, picture, methods[i % len(methods)], layers[i % len(layers)]), 300, 30
    )
    assert (tensors, size) == (0, 0)
    assert megabytes < 16


def test_a_leak_would_be_seen(make: Make) -> None:
    """A graph that is kept, as by a forgotten reference to a score."""
    network, held = make("resnet18").network, []
    x = torch.zeros(1, 3, 64, 64, requires_grad=True)
    tensors, size, _ = growth(lambda _: held.append(network(x).sum().grad_fn), 60, 5)
    assert tensors >= 60
    assert size > 16 * MEGABYTE


@pytest.mark.skipif(not RESIDENT.exists(), reason="nothing here tells how much memory a process holds")
def test_a_leak_outside_python_would_be_seen() -> None:
    """Pages of their own, since an allocator hands out again what an earlier test gave back."""
    held = []

    def leak(_: int) -> None:
        pages = mmap.mmap(-1, 2 * MEGABYTE)
        pages.write(bytes(2 * MEGABYTE))
        held.append(pages)

    tensors, size, megabytes = growth(leak, 60, 5)
    assert (tensors, size) == (0, 0)
    assert megabytes > 100


@pytest.mark.parametrize("method", sorted(SLOW))
def test_memory_stays_flat_with_slow_methods(method: str, make: Make, picture: Image.Image) -> None:
    """Each third run is cancelled in the middle."""
    classifier = make("narrow_resnet18")

    def stop(done: int, total: int) -> None:
        if 2 * done >= total:
            raise CancelledError

    def work(i: int) -> None:
        try:
            explain(classifier, picture, method, ["layer3", "layer4"], progress=stop if i % 3 == 0 else None)
        except CancelledError:
            assert i % 3 == 0

    tensors, size, megabytes = growth(work, 30, 6)
    assert (tensors, size) == (0, 0)
    assert megabytes < 16


def test_memory_stays_flat_with_checks(make: Make, picture: Image.Image) -> None:
    """The copies that are randomised are gone, too."""
    classifier = make("narrow_resnet18")
    found = explain(classifier, picture, "layercam", "layer3")

    def work(_: int) -> None:
        deletion_insertion(classifier, found)
        average_drop(classifier, found)
        randomisation(classifier, picture, found)

    tensors, size, megabytes = growth(work, 10, 3)
    assert (tensors, size) == (0, 0)
    assert megabytes < 16


def test_python_holds_nothing_more(tiny: Classifier, red_and_green: Image.Image) -> None:
    methods = [method for method in METHODS if method not in SLOW and "eigen" not in method]

    def work(times: int) -> int:
        for i in range(times):
            explain(tiny, red_and_green, methods[i % len(methods)], layer="layer1")
        return live()[0]

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
        return live()[0]

    assert work(300) == work(301)
    assert len(analysis._forward._gradients) <= 8
