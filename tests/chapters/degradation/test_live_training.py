"""Training to watch: small networks of any depth, curves that arrive while it runs, an end at once."""

import json
from dataclasses import replace

import pytest
import torch

from resnet_demo.chapters.degradation import live_training
from resnet_demo.chapters.degradation.live_training import Settings, network, start, train
from resnet_demo.models import build

SMALL = Settings((8, 14), 4, 1, 0.05, pictures=256, device="cpu")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_training, "INTERVAL", 0.0)


def test_the_names_of_four_networks() -> None:
    assert SMALL.models == ["plain8", "resnet8", "plain14", "resnet14"]
    assert replace(SMALL, depths=(44, 8)).models == ["plain8", "resnet8", "plain44", "resnet44"]


@pytest.mark.parametrize("model", ["plain20", "resnet20", "plain56", "resnet56"])
def test_with_sixteen_channels_they_are_the_paper_s(model: str) -> None:
    ours, named = network(model, 16, 10).state_dict(), build(model).state_dict()
    assert {key: value.shape for key, value in ours.items()} == {key: value.shape for key, value in named.items()}


def test_any_depth_counts_its_layers() -> None:
    for depth in (8, 14, 32):
        net = network(f"plain{depth}", 4, 10)
        weighted = [module for module in net.modules() if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)]
        assert len(weighted) == depth


@pytest.mark.usefixtures("few")
def test_curves_grow_to_the_end_and_repeat_themselves() -> None:
    points, again = list(train(SMALL)), list(train(SMALL))
    assert points == again
    assert [point.model for point in points] == [model for model in SMALL.models for _ in range(4)]
    assert [point.epoch for point in points[:4]] == [0.25, 0.5, 0.75, 1.0]
    for half in ("watched", "test"):
        assert [getattr(point, half) is not None for point in points[:4]] == [False, False, False, True]
    assert points[3].watched == points[3].test
    progress = [point.progress for point in points]
    assert progress == sorted(progress) and progress[-1] == pytest.approx(1)
    assert all(0 <= point.training <= 1 for point in points)


@pytest.mark.usefixtures("few")
def test_a_held_out_part_chooses_the_epoch_and_stops() -> None:
    """By hand: the errors on the held-out part, the epoch with the least, the latest of ties, and two more."""
    settings = replace(SMALL, depths=(8, 14), epochs=6, learning_rate=0.001, held_out="stop")
    points = list(train(settings))
    for model in settings.models:
        watched = [point.watched for point in points if point.model == model and point.watched is not None]
        best = max(range(len(watched)), key=lambda epoch: (-watched[epoch], epoch))
        assert len(watched) == min(6, best + 1 + live_training.PATIENCE)
        assert [point.epoch for point in points if point.model == model and point.test is not None] == [len(watched)]
    batches = [point.epoch for point in points if point.model == "plain8" and point.epoch <= 1]
    assert len(batches) == 3  # 256 images, of which 51 are held out, in batches of 64
    assert points[-1].progress == pytest.approx(1)


@pytest.mark.usefixtures("few")
def test_each_switch_changes_the_training() -> None:
    """The images stay the same: the first batch's error differs by augmentation or seed, later ones by the schedule."""
    curves = {
        name: [point.training for point in train(replace(SMALL, depths=(8, 14), epochs=2, **changed))]
        for name, changed in {
            "first": {},
            "augment": {"augment": False},
            "schedule": {"schedule": "step"},
            "seed": {"seed": 1},
        }.items()
    }
    assert len({tuple(curve) for curve in curves.values()}) == 4


def test_a_run_of_its_own_tells_points_and_ends_at_once() -> None:
    process = start(replace(SMALL, depths=(8, 56), epochs=30))
    assert process.stdout is not None
    first = live_training.Point(**json.loads(process.stdout.readline()))
    assert first.model == "plain8" and 0 < first.progress < 0.1
    process.kill()
    assert process.wait(5) != 0
    process.stdout.close()


def test_an_expected_error_is_told_by_its_key() -> None:
    with start(replace(SMALL, device="nowhere")) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.read())
    assert (told["error"], told["values"]["name"]) == ("device_missing", "nowhere")


def test_an_unexpected_error_is_told_on_the_app_s_own_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    with start(replace(SMALL, width=-1)) as process:
        pass
    assert process.returncode == 1
    assert "RuntimeError" in capfd.readouterr().err


def test_where_nobody_reads_any_more_it_ends_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    process = start(replace(SMALL, epochs=30))
    assert process.stdout is not None and process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 1
    assert capfd.readouterr().err == ""
