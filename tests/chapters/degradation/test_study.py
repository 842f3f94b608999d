"""The study as numbers: means and bands by hand, and findings that can also fail."""

import json
from pathlib import Path
from typing import Any

import pytest

from resnet_demo.chapters.degradation.study import Finding, Study, curves, findings, study, table

pytestmark = pytest.mark.quick


def history(*errors: tuple[float, float]) -> list[dict[str, Any]]:
    """Rows of a history from (training, test) errors in percent."""
    return [
        {"epoch": i + 1, "train_accuracy": 1 - training / 100, "valid_accuracy": 1 - test / 100}
        for i, (training, test) in enumerate(errors)
    ]


RUNS = {
    ("plain20", 0): ((40, 42), (10, 12)),
    ("plain20", 1): ((44, 46), (12, 14)),
    ("resnet20", 0): ((35, 36), (8, 11)),
    ("resnet20", 1): ((37, 40), (9, 11)),
    ("plain56", 0): ((70, 72), (15, 17)),
    ("plain56", 1): ((72, 76), (19, 19)),
    ("resnet56", 0): ((50, 52), (4, 9)),
    ("resnet56", 1): ((50, 54), (6, 9)),
}


@pytest.fixture
def found(tmp_path: Path) -> Study:
    runs = [
        {"model": model, "seed": seed, "parameters": 269_722, "seconds": 100.0 + seed, "history": history(*errors)}
        for (model, seed), errors in RUNS.items()
    ]
    path = tmp_path / "degradation.json"
    path.write_text(json.dumps({"recipe": {"epochs": 2}, "note": "by hand", "runs": runs}), "utf-8")
    return study(path)


def test_networks_come_shallow_first_and_plain_first(found: Study) -> None:
    assert found.models == ("plain20", "resnet20", "plain56", "resnet56")
    assert found.about == {"recipe": {"epochs": 2}, "note": "by hand"}
    assert [(run.depth, run.residual) for run in found.of("resnet56")] == 2 * [(56, True)]


def test_a_curve_is_the_mean_with_the_least_and_the_greatest(found: Study) -> None:
    first = {(curve.model, curve.half): curve for curve in curves(found)}
    assert len(first) == 8
    plain = first["plain20", "training"]
    assert plain.mean == pytest.approx((42, 11))
    assert plain.low == pytest.approx((40, 10))
    assert plain.high == pytest.approx((44, 12))
    assert first["resnet56", "test"].mean == pytest.approx((53, 9))


def test_the_final_table(found: Study) -> None:
    plain20, resnet20, plain56, resnet56 = table(found)
    assert (plain20.training_error, plain20.test_error) == (pytest.approx(11), pytest.approx(13))
    assert plain20.spread == pytest.approx(2**0.5)
    assert (plain20.seeds, plain20.seconds, plain20.paper) == (2, 100.5, None)
    assert (resnet20.paper, resnet56.paper) == (8.75, 6.97)  # Table 6
    assert plain56.test_error == pytest.approx(18)


def test_the_findings_are_decided_by_the_numbers(found: Study) -> None:
    decided = {(one.key, one.depth): one for one in findings(table(found))}
    assert {key: (one.worse, one.better) for key, one in decided.items()} == {
        ("plain_training", 56): pytest.approx((17, 11)),
        ("plain_test", 56): pytest.approx((18, 13)),
        ("residual_training", 56): pytest.approx((8.5, 5)),
        ("residual_not_worse", 20): pytest.approx((13, 11)),
        ("residual_not_worse", 56): pytest.approx((18, 9)),
    }
    assert all(one.holds for one in decided.values())


def test_a_finding_can_fail() -> None:
    assert not Finding("plain_training", 9.0, 10.0, 56, 20).holds
    assert not Finding("plain_training", 10.0, 10.0, 56, 20).holds


def test_a_single_run_has_no_spread(tmp_path: Path) -> None:
    path = tmp_path / "degradation.json"
    run = {"model": "plain20", "seed": 0, "parameters": 1, "seconds": 1.0, "history": history((20, 30))}
    path.write_text(json.dumps({"runs": [run]}), "utf-8")
    (line,) = table(study(path))
    assert line.spread is None
    assert [(curve.low, curve.high) for curve in curves(study(path))] == [
        (curve.mean,) * 2 for curve in curves(study(path))
    ]


# ------------------------------------------------------------------------------------------------ what is shipped


def test_the_shipped_study_is_of_both_families_at_both_depths() -> None:
    shipped = study()
    assert {"plain20", "resnet20", "plain56", "resnet56"} <= set(shipped.models)
    parameters = {model: {run.parameters for run in shipped.of(model)} for model in shipped.models}
    assert parameters["plain20"] == parameters["resnet20"] == {269_722}  # option A: a pair has the same number
    assert parameters["plain56"] == parameters["resnet56"] == {853_018}
    epochs = shipped.about["recipe"]["epochs"]
    assert all(len(run.training_error) == len(run.test_error) == epochs for run in shipped.runs)


def test_deeper_is_worse_for_plain_networks_and_better_for_residual_ones() -> None:
    """Over the seeds, and for each seed alone: He et al. 2015, section 4.2."""
    shipped = study()
    assert len(findings(table(shipped))) == 5 and all(one.holds for one in findings(table(shipped)))
    for seed in {run.seed for run in shipped.runs}:
        last = {run.model: (run.training_error[-1], run.test_error[-1]) for run in shipped.runs if run.seed == seed}
        assert last["plain56"][0] > last["plain20"][0]
        assert last["plain56"][1] > last["plain20"][1]
        assert last["resnet56"][0] < last["resnet20"][0]
        assert last["resnet20"][1] < last["plain20"][1] and last["resnet56"][1] < last["plain56"][1]
