"""The degradation study: both families, several depths and seeds, killed and taken up again."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_demo.__main__ import main
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.training import study
from resnet_demo.training.recipe import DEPTHS, PRESETS
from tests.helpers.generated import image_folder

SMALL = replace(PRESETS["short"], epochs=2, batch_size=16)


def plan(tmp_path: Path, **changes: Any) -> study.Study:
    given = study.Study(
        tmp_path / "data", (20,), (0,), SMALL, torch.device("cpu"), tmp_path / "out", 1, "by hand", "squares"
    )
    return replace(given, **changes)


def test_the_paper_s_schedule() -> None:
    """Section 4.2: 64,000 iterations of 128 pictures, the rate divided by ten at 32,000 and 48,000."""
    paper = PRESETS["paper"]
    assert pytest.approx(paper.epochs, abs=0.2) == 64_000 * 128 / 50_000
    assert (paper.learning_rate, paper.momentum, paper.weight_decay) == (0.1, 0.9, 1e-4)
    assert [paper.rate(epoch) for epoch in (0, 81, 82, 122, 123, 163)] == pytest.approx(
        [0.1, 0.1, 0.01, 0.01, 1e-3, 1e-3]
    )
    assert (paper.valid_ratio, paper.label_smoothing, paper.augmentation) == (0, 0, "pad-crop")
    assert {f"{family}{depth}" for depth in DEPTHS for family in study.FAMILIES} <= set(ARCHITECTURES)


def test_the_deepest_come_first_and_each_seed_has_its_folder(tmp_path: Path) -> None:
    plans = list(plan(tmp_path, depths=(20, 56), seeds=(0, 3)).plans())
    assert [p.models[0] for p in plans] == 2 * ["plain56", "resnet56", "plain20", "resnet20"]
    assert [p.recipe.seed for p in plans] == 4 * [0] + 4 * [3]
    assert {p.out for p in plans} == {tmp_path / "out" / "seed0", tmp_path / "out" / "seed3"}


def test_two_networks_stopped_and_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first network is finished and the second has one epoch when the study is killed."""
    image_folder(tmp_path / "data" / "cifar10", train=12, test=4)
    whole = [study._train(p) for p in plan(tmp_path, out=tmp_path / "whole").plans()]
    first, second = plan(tmp_path).plans()
    study._train(first)
    started: list[int] = []
    save = study.run.__globals__["Trainer"]._save

    def killed(self: Any) -> None:
        save(self)
        started.append(len(self.history))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(study.run.__globals__["Trainer"], "_save", killed)
        with pytest.raises(KeyboardInterrupt):
            study._train(second)
    assert started == [1]
    result = study.conduct(plan(tmp_path))
    assert json.loads((tmp_path / "out" / "degradation.json").read_text("utf-8")) == result
    assert [(r["model"], r["seed"], len(r["history"])) for r in result["runs"]] == [
        ("plain20", 0, 2),
        ("resnet20", 0, 2),
    ]
    assert result["runs"][0]["parameters"] == result["runs"][1]["parameters"] == 269_722 - 7 * 65  # three classes
    assert (result["note"], result["how"], result["recipe"]["epochs"]) == ("squares", "by hand", 2)
    for resumed, uninterrupted in zip(result["runs"], whole, strict=True):
        for one, other in zip(resumed["history"], uninterrupted["history"], strict=True):
            assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-4)


def test_the_command_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image_folder(tmp_path / "cifar10", train=8, test=4)
    words = [
        "degradation",
        "--data-dir",
        str(tmp_path),
        "--depths",
        "20",
        "--epochs",
        "1",
        "--out",
        str(tmp_path / "out"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "short", replace(SMALL, batch_size=8))
        assert main(words) == 0
    header, plain, residual = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0] == "network"
    assert plain.startswith("plain20        1     269,267") and plain.count("%") == 2
    assert residual.startswith("resnet20")
    card = json.loads((tmp_path / "out" / "seed0" / "resnet20-cifar10.json").read_text("utf-8"))
    assert (
        card["how"]
        == "python -m resnet_demo degradation --data-dir <folder> --depths 20 --seeds 0 --preset short --epochs 1"
    )


def test_a_refusal_in_a_worker_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["degradation", "--data-dir", str(tmp_path), "--depths", "20", "--jobs", "2", "--device", "cpu"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    assert f"resnet_demo degradation: CIFAR-10 is not in {tmp_path}: looked for" in capsys.readouterr().err
