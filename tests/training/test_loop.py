"""The loop: it learns, repeats itself, can be taken up again, and stops when it should."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from torch import Tensor
from torch.optim.swa_utils import update_bn

from resnet_demo.data.datasets import Pictures
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.models import build
from resnet_demo.models.resnet import ResNet
from resnet_demo.training import loop
from resnet_demo.training.evaluation import Result, evaluate, recalibrate
from resnet_demo.training.history import kept
from resnet_demo.training.loop import Trainer, augmentation
from resnet_demo.training.machine import made
from resnet_demo.training.recipe import Recipe
from resnet_demo.training.state import read_state
from tests.helpers.generated import pictures

RECIPE = Recipe(3, 16, 0.05, 32, 32, 32, "pad-crop", patience=0)
TRAIN, VALID = pictures(36), pictures(12, first=500)
CPU = torch.device("cpu")


def trainer(state: Path, recipe: Recipe = RECIPE, model: str = "resnet20", **options: object) -> Trainer:
    torch.manual_seed(recipe.seed)
    return Trainer(build(model, 3, **options), recipe, CPU, state)


def weights_and_momentum(run: Trainer) -> dict[str, Tensor]:
    state = {f"{name} momentum": run.optimiser.state[p] for name, p in run.network.named_parameters()}
    momentum = {name: values["momentum_buffer"] for name, values in state.items() if "momentum_buffer" in values}
    return run.network.state_dict() | momentum


def assert_same(a: Trainer, b: Trainer) -> None:
    """The same weights, the same momentum and the same history, to the last bit."""
    assert [replace(row, seconds=0.0) for row in a.history] == [replace(row, seconds=0.0) for row in b.history]
    left, right = weights_and_momentum(a), weights_and_momentum(b)
    assert left.keys() == right.keys()
    assert [key for key in left if not torch.equal(left[key], right[key])] == []


def scripted(monkeypatch: pytest.MonkeyPatch, *accuracies: float) -> list[dict[str, Tensor]]:
    """Makes validation give these accuracies; returns the weights that it was called with, in a growing list."""
    seen: list[dict[str, Tensor]] = []
    left: Iterator[float] = iter(accuracies)

    def stand_in(network: torch.nn.Module, *_: object) -> Result:
        seen.append({key: value.clone() for key, value in network.state_dict().items()})
        return Result(1.0, next(left), 12)

    monkeypatch.setattr(loop, "evaluate", stand_in)
    return seen


def test_it_learns(tmp_path: Path) -> None:
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=8))
    history = run.fit(pictures(96), VALID)
    assert [row.epoch for row in history] == list(range(1, 9))
    assert history[-1].train_loss < history[0].train_loss
    assert max(row.valid_accuracy for row in history) > 0.9  # one in three is chance


def test_one_seed_gives_one_result_and_another_seed_another(tmp_path: Path) -> None:
    first, second, other = (trainer(tmp_path / f"{i}", replace(RECIPE, seed=i // 2)) for i in range(3))
    for run in (first, second, other):
        run.fit(TRAIN, VALID)
    assert_same(first, second)
    assert not torch.equal(first.network.fc.weight, other.network.fc.weight)


class Killed(Trainer):
    """Is killed in the middle of its third epoch: an epoch has two steps here."""

    steps_left = 5

    def _step(self, rate: float, images: Tensor, labels: Tensor) -> tuple[float, Tensor]:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise KeyboardInterrupt
        return super()._step(rate, images, labels)


@pytest.mark.parametrize("change", [{}, {"momentum": 0.0}, {"ema": 0.9, "mixing": "cutmix"}], ids=str)
def test_a_killed_run_taken_up_again_equals_an_uninterrupted_one(tmp_path: Path, change: dict[str, Any]) -> None:
    recipe = replace(RECIPE, **change)
    whole, killed = trainer(tmp_path / "whole", recipe), trainer(tmp_path / "killed", recipe)
    whole.fit(TRAIN, VALID)
    killed.__class__ = Killed
    with pytest.raises(KeyboardInterrupt):
        killed.fit(TRAIN, VALID)
    resumed = trainer(tmp_path / "killed", recipe)
    resumed.resume()
    assert [row.epoch for row in resumed.history] == [1, 2]
    resumed.fit(TRAIN, VALID)
    assert_same(whole, resumed)


def test_early_stopping_waits_for_the_patience_and_keeps_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = scripted(monkeypatch, 0.5, 0.7, 0.6, 0.7, 0.6, 0.5)
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=20, patience=2))
    history = run.fit(TRAIN, VALID)
    assert [row.valid_accuracy for row in history] == [0.5, 0.7, 0.6, 0.7, 0.6, 0.5]
    for key, value in run.network.named_parameters():
        assert torch.equal(value, seen[3][key]), key  # epoch 4, the latest of the best
    assert not torch.equal(run.network.fc.weight, seen[5]["fc.weight"])


def test_a_finished_run_taken_up_again_only_loads_its_best_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = scripted(monkeypatch, 0.7, 0.6, 0.5)
    trainer(tmp_path / "state").fit(TRAIN, VALID)
    again = trainer(tmp_path / "state")
    again.resume()
    again.fit(TRAIN, VALID)
    assert len(seen) == 3
    assert torch.equal(again.network.fc.weight, seen[0]["fc.weight"])


def test_no_patience_never_stops_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, 0.7, 0.6, 0.5)
    assert len(trainer(tmp_path / "state").fit(TRAIN, VALID)) == 3


def test_only_training_pictures_are_augmented(tmp_path: Path) -> None:
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=1))
    shown: dict[bool, list[Tensor]] = {True: [], False: []}
    run.network.register_forward_pre_hook(lambda network, inputs: shown[network.training].append(inputs[0].clone()))
    run.fit(TRAIN, VALID)
    plain = Preprocessing(32, 32)
    assert torch.equal(torch.cat(shown[False]), plain.batch(VALID.images))
    originals = plain.batch(TRAIN.images)
    augmented = torch.cat(shown[True])
    assert len(augmented) == 32
    unchanged = [any(torch.equal(x, original) for original in originals) for x in augmented]
    assert sum(unchanged) < 4  # 1 in 162: no shift (1/81) and no flip


def test_where_nothing_is_held_out_the_last_epoch_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = trainer(tmp_path / "state", replace(RECIPE, valid_ratio=0, patience=1))
    history = run.fit(TRAIN, VALID)
    weights = {key: value.clone() for key, value in run.network.state_dict().items()}
    assert len(history) == 3  # no patience: there is nothing to be patient for
    assert kept(history, run.recipe) is history[-1]
    assert f"%  test {history[0].valid_accuracy:.2%}  " in capsys.readouterr().err
    state = read_state(tmp_path / "state", run._identity())
    assert all(torch.equal(weights[key], value) for key, value in state.network.items())


def test_a_moving_average_of_the_weights_is_measured_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decay 1/2, two steps an epoch: the first step is copied, then each average is half-way to the new weights."""
    seen = scripted(monkeypatch, 0.5)
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=1, ema=0.5))
    after: list[Tensor] = []
    run.optimiser.register_step_post_hook(lambda *_: after.append(run.network.fc.weight.detach().clone()))
    run.fit(TRAIN, VALID)
    first, second = after
    assert not torch.equal(first, second)
    expected = (first + second) / 2
    assert torch.allclose(seen[0]["fc.weight"], expected, rtol=0, atol=1e-7)
    assert torch.equal(run.network.fc.weight, seen[0]["fc.weight"])
    with safe_open(run.state, "pt") as file:
        assert torch.equal(file.get_tensor("network.fc.weight"), second)
        assert torch.equal(file.get_tensor("average.module.fc.weight"), seen[0]["fc.weight"])


def test_batchnorm_of_the_average_is_calibrated_on_whole_pictures(tmp_path: Path) -> None:
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=1, ema=0.5, augmentation="resized-crop"))
    run.fit(TRAIN, VALID)
    seen = run.network.conv1(run.preprocessing.batch(TRAIN.images))
    assert torch.allclose(run.network.bn1.running_mean, seen.mean((0, 2, 3)), atol=1e-5)


@pytest.mark.parametrize("kind", ["cutmix", "mixup"])
def test_half_of_the_batches_are_mixed_with_their_labels(tmp_path: Path, kind: Any) -> None:
    """Pictures of three flat colours: the part of each colour in a mixed one is what its label says."""
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=20, mixing=kind, augmentation="resized-crop"))
    colours = torch.eye(3).mul(255).byte()[:, :, None, None].expand(3, 3, 32, 32)
    labels = torch.arange(3).repeat(160)
    train = Pictures(colours[labels], labels, {str(i): str(i) for i in range(3)})
    torch.manual_seed(0)
    mixed = 0
    for images, probabilities in run._batches(train, 0, 30):
        if probabilities.ndim == 1:
            continue
        mixed += 1
        assert torch.allclose(probabilities.sum(1), torch.ones(16))
        mean, std = torch.tensor(run.preprocessing.mean), torch.tensor(run.preprocessing.std)
        assert torch.allclose(images.mean((2, 3)) * std + mean, probabilities, atol=1e-5)
        assert (probabilities > 0).sum() > 16  # two labels somewhere
    assert 8 <= mixed <= 22
    assert all(one.ndim == 1 for _, one in run._batches(train, 17, 30))  # the last 15 %


def test_the_loss_of_a_mixed_batch_is_that_of_both_labels(tmp_path: Path) -> None:
    run = trainer(tmp_path / "state", replace(RECIPE, label_smoothing=0.0))
    run.network.requires_grad_(False)
    run.network.fc.weight.zero_()
    run.network.fc.bias.copy_(torch.tensor([0.0, 0.0, float(torch.tensor(2.0).log())]))  # probabilities 1/4, 1/4, 1/2
    run.network.requires_grad_(True)
    labels = torch.tensor([[0.5, 0.0, 0.5]]).repeat(2, 1)
    loss, _ = run._step(0.0, torch.zeros(2, 3, 32, 32), labels)
    assert loss == pytest.approx(1.0397208, abs=1e-6)  # 1.5 ln 2


@pytest.mark.parametrize(("kind", "side", "size"), [("pad-crop", 32, 32), ("resized-crop", 40, 24)])
def test_augmentation_keeps_bytes_and_gives_the_size(kind: str, side: int, size: int) -> None:
    augment = augmentation(replace(RECIPE, augmentation=kind), size)  # type: ignore[arg-type]
    out = augment(pictures(1, side).images[0])
    assert (out.dtype, tuple(out.shape)) == (torch.uint8, (3, size, size))


def test_every_second_picture_is_flipped() -> None:
    ramp = torch.arange(32, dtype=torch.uint8).expand(3, 32, 32) + 1
    torch.manual_seed(0)
    augment = augmentation(RECIPE, 32)
    rows = [augment(ramp)[0, 16].int() for _ in range(400)]
    flipped = sum(bool((row[8:24].diff() < 0).all()) for row in rows)
    assert 150 < flipped < 250


def test_weight_decay_spares_batchnorm_and_biases(tmp_path: Path) -> None:
    decayed, spared = trainer(tmp_path / "state").optimiser.param_groups
    assert (decayed["weight_decay"], spared["weight_decay"]) == (5e-4, 0.0)
    assert {p.ndim for p in decayed["params"]} == {2, 4}
    assert {p.ndim for p in spared["params"]} == {1}


def test_the_state_file_has_its_layout(tmp_path: Path) -> None:
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=1))
    run.fit(TRAIN, VALID)
    with safe_open(run.state, "pt") as file:
        meta, keys = file.metadata(), set(file.keys())
    assert json.loads(meta["identity"]) == json.loads(
        json.dumps([asdict(run.network.architecture), run.recipe.as_dict(), []])
    )
    assert json.loads(meta["history"]) == [asdict(run.history[0])]
    assert json.loads(meta["made"]) == made(torch.device("cpu"))
    assert {key.split(".")[0] for key in keys} == {"network", "best", "momentum"}
    assert {"network.bn1.running_mean", "best.fc.weight", "momentum.conv1.weight"} <= keys


def test_what_was_read_is_no_view_of_the_file(tmp_path: Path) -> None:
    """Where a file is mapped into memory, Windows does not replace it; here its new content would show through."""
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=1))
    run.fit(TRAIN, VALID)
    state = read_state(run.state, run._identity())
    with run.state.open("r+b") as file:
        file.write(bytes(run.state.stat().st_size))
    assert torch.equal(state.network["conv1.weight"], run.network.conv1.weight)


@pytest.mark.parametrize(
    "other", [{"recipe": replace(RECIPE, seed=1)}, {"model": "plain20"}, {"preactivation": True}], ids=str
)
def test_a_state_of_another_run_is_refused(tmp_path: Path, other: dict[str, object]) -> None:
    trainer(tmp_path / "state", replace(RECIPE, epochs=1)).fit(TRAIN, VALID)
    with pytest.raises(CheckpointError) as caught:
        trainer(tmp_path / "state", **other).resume()  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"{tmp_path / 'state'} was written with a different network, recipe or dataset. "
        "Use that run's options, or choose another --out."
    )


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"no tensors")
    with pytest.raises(CheckpointError, match=r"state is damaged \(.*\)\. Delete it, then train again\."):
        trainer(tmp_path / "state").resume()


def test_a_batch_larger_than_the_training_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DemoError) as caught:
        trainer(tmp_path / "state", replace(RECIPE, batch_size=64)).fit(TRAIN, VALID)
    assert str(caught.value) == "batch_size = 64: there are only 36 training images. Give 36 or fewer."


def test_a_loss_that_is_no_number_ends_the_run_with_the_remedy(tmp_path: Path) -> None:
    run = trainer(tmp_path / "state", replace(RECIPE, learning_rate=100.0), norm="none")
    with pytest.raises(DemoError, match="Lower the learning rate \\(now 100.0\\)"):
        run.fit(TRAIN, VALID)


def test_evaluation_by_hand() -> None:
    """Logits 0 give a loss of ln 3 and class 0 for every picture: a third of twelve."""
    network = build("resnet20", 3).requires_grad_(False)
    network.fc.weight.zero_()
    network.fc.bias.zero_()
    found = evaluate(network, VALID, Preprocessing(32, 32), CPU)
    assert found.loss == pytest.approx(1.0986123, abs=1e-6)
    assert (found.accuracy, found.count) == (4 / 12, 12)
    assert not network.training


def test_batchnorm_is_measured_anew_on_whole_pictures_and_nothing_else_changes(tmp_path: Path) -> None:
    run = trainer(tmp_path / "state", replace(RECIPE, epochs=1, augmentation="resized-crop"))
    run.fit(TRAIN, VALID)
    seen = run.network.conv1(run.preprocessing.batch(TRAIN.images))  # one batch: its statistics are BatchNorm's
    assert torch.allclose(run.network.bn1.running_mean, seen.mean((0, 2, 3)), atol=1e-5)
    assert torch.allclose(run.network.bn1.running_var, seen.var((0, 2, 3)), rtol=1e-4)
    for name, parameter in run.network.named_parameters():
        assert torch.equal(parameter, run.best[name]), name
    assert run.network.bn1.momentum == 0.1  # as it was


@pytest.fixture
def shown() -> tuple[ResNet, list[int]]:
    """A network, and how many pictures each batch has that it is shown, in a growing list."""
    torch.manual_seed(0)
    network, sizes = build("resnet20", 3), []
    network.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    return network, sizes


def statistics(network: ResNet) -> Tensor:
    return torch.cat([value for key, value in network.state_dict().items() if "running" in key])


def test_batchnorm_is_measured_on_batches_of_all_classes(shown: tuple[ResNet, list[int]]) -> None:
    """Pictures class after class, as in a folder, give what the same pictures give in any order."""
    network, sizes = shown
    turns, plain = pictures(384), Preprocessing(32, 32)
    sorted_ = turns.subset(turns.labels.argsort(stable=True))
    before = torch.get_rng_state()
    found = []
    for train in (turns, sorted_):
        recalibrate(network, train, plain, CPU)
        found.append(statistics(network))
    assert torch.equal(torch.get_rng_state(), before)
    assert sizes == [128] * 6
    update_bn((plain.batch(images) for images in sorted_.images.split(128)), network)  # one class in each batch
    expected, same, other = (*found, statistics(network))
    scale = expected.norm()
    assert (same - expected).norm() < 0.01 * scale
    assert (other - expected).norm() > 0.2 * scale


@pytest.mark.parametrize(("count", "batches"), [(2, [2]), (127, [127]), (130, [128]), (256, [128, 128])])
def test_a_batch_that_is_not_whole_measures_nothing_unless_it_is_the_only_one(
    shown: tuple[ResNet, list[int]], count: int, batches: list[int]
) -> None:
    network, sizes = shown
    recalibrate(network, pictures(count), Preprocessing(32, 32), CPU)
    assert sizes == batches


def test_recalibration_leaves_a_network_without_batchnorm_alone() -> None:
    network = build("resnet20", 3, norm="none")
    before = {key: value.clone() for key, value in network.state_dict().items()}
    recalibrate(network, TRAIN, Preprocessing(32, 32), CPU)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
