"""Real test photographs: at random with their true class, of one class, or such as are wanted."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

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


def draws(photographs: Photographs, class_id: str | None = None) -> set[int]:
    generator = random.Random(0)
    found = [photographs.draw(generator, class_id) for _ in range(60)]
    return {one.index for one in found if one is not None}


def test_they_are_drawn_of_all_and_of_one_class(photographs: Photographs) -> None:
    assert draws(photographs) == {0, 1, 2, 3, 4}
    assert draws(photographs, "n03028079") == {3, 4}


def test_a_search_asks_about_different_ones_until_one_is_wanted(photographs: Photographs) -> None:
    asked: list[int] = []

    def wanted(one: Photograph) -> bool:
        asked.append(one.index)
        return one.index == 3

    generator = random.Random(1)
    found = photographs.search(generator, wanted)
    assert found is not None and found.index == 3 == asked[-1]
    assert len(asked) == len(set(asked))
    assert photographs.search(generator, wanted, "n01440764") is None
    assert sorted(asked[-3:]) == [0, 1, 2]
    asked.clear()
    photographs.search(generator, lambda one: bool(asked.append(one.index)), limit=2)
    assert len(asked) == 2


def test_what_is_not_there_is_named(photographs: Photographs, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no class n1 among these photos\. Choose one of: n01440764,"):
        photographs.draw(random.Random(0), "n1")
    with pytest.raises(DatasetError, match="Imagenette is not in"):
        photographs_of("imagenette", tmp_path / "nowhere")


def test_a_dataset_without_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = (np.zeros((2, 96, 96, 3), np.uint8), [0, 1])
    write_stl10(tmp_path, monkeypatch, {"train": one, "test": one})
    with pytest.raises(DatasetError, match=r"^STL-10 in .* is not an image folder, so its images have no files\."):
        photographs_of("stl10", tmp_path)
