"""Real test photographs: drawn by lot with their true class, of one class, or those on which the twins disagree."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from resnet_demo.checkpoints.card import WEIGHTS, disagreement, mask
from resnet_demo.data.datasets import read
from resnet_demo.data.photographs import Photograph, Photographs, photographs_of
from resnet_demo.errors import DatasetError
from tests.helpers.archives import COUNTS, imagenette
from tests.helpers.official import write_stl10


@pytest.fixture
def photographs(tmp_path: Path) -> Photographs:
    imagenette(tmp_path / "imagenette2-160")
    return photographs_of("imagenette", tmp_path)


def test_every_photograph_is_one_of_its_class(photographs: Photographs, tmp_path: Path) -> None:
    assert len(photographs) == sum(COUNTS.values()) == 5
    first = tmp_path / "imagenette2-160" / "val" / "n01440764" / "n01440764_0.JPEG"
    assert photographs[0] == Photograph(first, "n01440764", 0)
    assert [photographs[i].class_id for i in range(5)] == ["n01440764"] * 3 + ["n03028079"] * 2
    assert all(photographs[i].path.parent.name == photographs[i].class_id for i in range(5))
    assert photographs.classes == {"n01440764": "tench", "n03028079": "church"}


def test_they_are_counted_as_cards_count_them(photographs: Photographs, tmp_path: Path) -> None:
    """Cards are measured on what `read` gives, in its order."""
    test = read("imagenette", tmp_path, "test")
    assert test.labels.tolist() == list(photographs.labels)
    colours = test.images.float().mean((2, 3))[:, 0]
    assert torch.allclose(colours, torch.tensor([0.0, 60, 120, 0, 60]), atol=3)


def draws(photographs: Photographs, **wishes: object) -> set[int]:
    generator = random.Random(0)
    found = [photographs.draw(generator, **wishes) for _ in range(60)]  # type: ignore[arg-type]
    return {one.index for one in found if one is not None}


def test_they_are_drawn_of_all_of_one_class_and_of_some(photographs: Photographs) -> None:
    some = np.array([True, False, False, True, False])
    assert draws(photographs) == {0, 1, 2, 3, 4}
    assert draws(photographs, class_id="n03028079") == {3, 4}
    assert draws(photographs, among=some) == {0, 3}
    assert draws(photographs, class_id="n03028079", among=some) == {3}
    assert draws(photographs, among=np.zeros(5, bool)) == set()


def test_what_is_not_there_is_named(photographs: Photographs, tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"^There is no class n1 among these photographs\. Choose one of: n01440764,"
    ):
        photographs.draw(random.Random(0), "n1")
    with pytest.raises(
        DatasetError, match=r"^There are 5 test photographs here, and the networks were measured on 7\."
    ):
        photographs.draw(random.Random(0), among=np.ones(7, bool))
    with pytest.raises(DatasetError, match="No Imagenette in"):
        photographs_of("imagenette", tmp_path / "nowhere")


def test_a_dataset_without_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = (np.zeros((2, 96, 96, 3), np.uint8), [0, 1])
    write_stl10(tmp_path, monkeypatch, {"train": one, "test": one})
    with pytest.raises(DatasetError, match=r"^STL-10 in .* is not an image folder, so its pictures have no files\."):
        photographs_of("stl10", tmp_path)


def test_twins_disagree_where_one_of_them_is_right() -> None:
    wrong = [np.array([False, True, True, False, False]), np.array([False, False, True, True, False])]
    cards = [{"accuracy": {"data": "five", "count": 5, "wrong": mask(one)}} for one in wrong]
    assert disagreement(*cards).tolist() == [False, True, False, True, False]
    cards[1]["accuracy"]["data"] = "others"
    with pytest.raises(ValueError, match="five and others"):
        disagreement(*cards)


def test_the_shipped_twins_disagree_on_a_part_of_the_test_photographs() -> None:
    cards = [json.loads((WEIGHTS / f"{model}18-imagenette.json").read_text("utf-8")) for model in ("resnet", "plain")]
    found = disagreement(*cards)
    count = cards[0]["accuracy"]["count"]
    gap = abs(cards[0]["accuracy"]["top1"] - cards[1]["accuracy"]["top1"])
    assert len(found) == count
    assert gap * count <= found.sum() < count / 2
