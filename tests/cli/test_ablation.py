"""The verb `lesions`, on two untrained networks and three dozen generated pictures."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from resnet_demo.__main__ import main
from resnet_demo.chapters.degradation.ablation import without
from resnet_demo.checkpoints import load as checkpoints
from resnet_demo.cli import ablation
from resnet_demo.cli.arguments import parser
from resnet_demo.data.datasets import read
from resnet_demo.data.locks import writing
from resnet_demo.models import load
from resnet_demo.training.evaluation import answers
from tests.helpers.generated import image_folder
from tests.helpers.published import publish_untrained

MODELS = ("plain20", "resnet20")


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for model in MODELS:
        publish_untrained(tmp_path / "weights", model)
    monkeypatch.setattr(checkpoints, "WEIGHTS", tmp_path / "weights")
    monkeypatch.setattr(ablation, "COUNTS", (1, 4, 10))
    data = image_folder(tmp_path / "data")
    found = ["lesions", "--data-dir", str(data), "--model", *MODELS]
    return [*found, "--draws", "2", "--device", "cpu", "--out", str(tmp_path / "lesions.json")]


def written(words: list[str]) -> dict[str, Any]:
    assert main(words) == 0
    found: dict[str, Any] = json.loads(Path(words[-1]).read_text("utf-8"))
    return found


def test_every_part_by_itself_and_several_at_random(words: list[str]) -> None:
    found = written(words)
    assert (found["draws"], found["seed"]) == (2, 0)
    assert list(found["networks"]) == list(MODELS)
    for name, parts, counts in (("plain20", 16, ["1", "4", "10"]), ("resnet20", 9, ["1", "4"])):
        network = found["networks"][name]
        assert (
            network["sha256"] == json.loads(checkpoints.WEIGHTS.joinpath(f"{name}-cifar10.json").read_text())["sha256"]
        )
        assert len(network["parts"]) == parts
        assert list(network["several"]) == counts
        for errors in ([network["error"]], network["parts"].values(), *network["several"].values()):
            wrong = [error * found["count"] for error in errors]
            assert wrong == pytest.approx([round(number) for number in wrong], abs=1e-3)
            assert 0 <= min(wrong) <= max(wrong) <= found["count"]


def test_what_was_measured_before_is_kept(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the second network and called again: the first is not measured anew. Other weights are."""
    evaluations = []

    def counted(network: Any, cut: list[str]) -> Any:
        evaluations.append(network.architecture.name)
        if stop and evaluations[-1] == "resnet20":
            raise KeyboardInterrupt
        return without(network, cut)

    monkeypatch.setattr(ablation, "without", counted)
    stop = True
    assert main(words) == 130
    assert list(json.loads(Path(words[-1]).read_text("utf-8"))["networks"]) == ["plain20"]
    stop = False
    evaluations.clear()
    first = written(words)
    assert set(evaluations) == {"resnet20"} and list(first["networks"]) == list(MODELS)
    evaluations.clear()
    assert written(words) == first and not evaluations
    publish_untrained(checkpoints.WEIGHTS, "plain20", preactivation=True)
    assert written(words)["networks"]["resnet20"] == first["networks"]["resnet20"]
    assert set(evaluations) == {"plain20"}


def measured(error: float, sha256: str = "-") -> dict[str, Any]:
    return {"sha256": sha256, "error": error, "parts": {"layer1.0": error}, "several": {"1": [error]}}


def earlier(words: list[str], **changes: Any) -> None:
    networks = {"resnet56": measured(0.1), "plain20": measured(0.2), "plain56": measured(0.3)}
    before = {"count": 24, "draws": 2, "seed": 0, "networks": networks}
    Path(words[-1]).write_text(json.dumps(before | changes), "utf-8")


def test_networks_that_are_not_named_stay(words: list[str]) -> None:
    """`--model resnet20 resnet20`: measured once; what the file holds of others stays, the shallow ones first."""
    earlier(words)
    at = words.index("--model")
    found = written([*words[: at + 1], "resnet20", "resnet20", *words[at + 3 :]])
    assert list(found["networks"]) == ["plain20", "resnet20", "plain56", "resnet56"]
    assert [found["networks"][name]["error"] for name in ("plain20", "plain56", "resnet56")] == [0.2, 0.3, 0.1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            {"seed": 7},
            "was measured with seed = 7, not 0. Use the same options and images as that run, or choose another",
        ),
        ({"draws": 5}, "was measured with draws = 5, not 2."),
        ({"count": 10_000}, "was measured with count = 10000, not 24."),
        (
            {"count": "?", "seed": None},
            "is not a result of `lesions`, or it is damaged (it lacks count, seed). Delete it, or",
        ),
        ({"networks": {"plain20": {"sha256": "-"}}}, "damaged (plain20 is incomplete)"),
        ({"networks": {"plain21": measured(0)}}, "damaged (plain21 is not a network)"),
        ("{", "is not a result of `lesions`, or it is damaged (it is not JSON: "),
        ("[]", "is not a result of `lesions`, or it is damaged (it is not a JSON object)"),
    ],
)
def test_another_file_is_refused_and_left_as_it_is(
    words: list[str], capsys: pytest.CaptureFixture[str], content: dict[str, Any] | str, said: str
) -> None:
    path = Path(words[-1])
    if isinstance(content, str):
        path.write_text(content, "utf-8")
    else:
        earlier(words, **content)
    before = path.read_bytes()
    assert main(words) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"resnet_demo lesions: {path} ") and said in err
    assert path.read_bytes() == before


def test_networks_of_a_study_by_their_folder(words: list[str], tmp_path: Path) -> None:
    """The weights of one seed's folder are measured, and the folder of --out is made."""
    sha256 = publish_untrained(tmp_path / "runs", "resnet20", preactivation=True)["sha256"]
    at = words.index("--model")
    out = tmp_path / "new" / "lesions.json"
    more = [*words[: at + 1], "resnet20", "--draws", "1", "--weights", str(tmp_path / "runs"), "--out", str(out)]
    assert written(more)["networks"]["resnet20"]["sha256"] == sha256


def test_a_dataset_of_other_classes_is_refused(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for half in ("train", "test"):
        (tmp_path / "data" / half / "ship").rename(tmp_path / "data" / half / "truck")
    assert main(words) == 2
    assert "cifar10 was trained on different classes from those of cifar10: cat, dog, ship." in capsys.readouterr().err


def test_classes_are_compared_by_what_they_are_not_by_their_number(words: list[str], tmp_path: Path) -> None:
    """Without cats the dataset's class 0 is the network's class 1."""
    for half in ("train", "test"):
        shutil.rmtree(tmp_path / "data" / half / "cat")
    found = written(words)
    network = load("resnet20", "cifar10", "cpu")
    test = read("cifar10", tmp_path / "data", "test")
    logits = answers(network.network, test, network.preprocessing, network.device)
    right = (logits[:, 1:].argmax(1) == test.labels).double().mean().item()
    assert found["networks"]["resnet20"]["error"] == pytest.approx(1 - right, abs=1e-6)


@pytest.mark.parametrize(
    "words", [["lesions", "--draws", "0"], ["degradation", "--jobs", "0"], ["degradation", "--jobs", "-1"]]
)
def test_nothing_at_a_time_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*words, "--data-dir", "."])
    assert caught.value.code == 2
    assert f"argument {words[1]}: {words[2]}: give 1 or more" in capsys.readouterr().err


def test_what_is_named_twice_is_done_once() -> None:
    words = "degradation --data-dir . --depths 56 20 56 --seeds 1 0 1"
    found = parser().parse_args(words.split())
    assert (found.depths, found.seeds) == ([56, 20], [1, 0])


def test_two_measurements_into_one_file_at_once_are_refused(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second would lack what the first measures, and replace it."""
    with writing(tmp_path / "lesions.json"):
        assert main(words) == 2
    assert f"{tmp_path / 'lesions.json'} is being written by another process." in capsys.readouterr().err
    assert not (tmp_path / "lesions.json").exists()
