"""Real test photographs of a dataset, with what they show: at random, of one class, or some of them only."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resnet_demo.data.datasets import find_files
from resnet_demo.errors import DatasetError


@dataclass(frozen=True)
class Photograph:
    """A test photograph: its file, the id of the class that it shows, and its place in the test half, from 0."""

    path: Path
    class_id: str
    index: int


@dataclass(frozen=True)
class Photographs:
    """The test photographs of a dataset, in the order in which cards count them; `classes` are id to name."""

    files: tuple[Path, ...]
    labels: tuple[int, ...]
    classes: dict[str, str]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Photograph:
        return Photograph(self.files[index], list(self.classes)[self.labels[index]], index)

    def draw(
        self, generator: random.Random, class_id: str | None = None, among: NDArray[np.bool_] | None = None
    ) -> Photograph | None:
        """One by lot: of all, of one class, of those marked in `among`, or of both; None where there is none.

        Raises DatasetError for an unknown class, and where `among` marks another number of photographs.
        """
        if class_id is not None and class_id not in self.classes:
            raise DatasetError("photographs_class", class_id=class_id, names=", ".join(self.classes))
        if among is not None and len(among) != len(self):
            raise DatasetError("photographs_count", count=len(self), expected=len(among))
        wanted = None if class_id is None else list(self.classes).index(class_id)
        fitting = [
            index
            for index, label in enumerate(self.labels)
            if wanted in (None, label) and (among is None or among[index])
        ]
        return self[generator.choice(fitting)] if fitting else None


def photographs_of(dataset: str, data_dir: Path) -> Photographs:
    """The test photographs of an image folder; none is decoded. Raises DatasetError where it is missing."""
    files, classes = find_files(dataset, data_dir, "test")
    return Photographs(tuple(path for path, _ in files), tuple(label for _, label in files), classes)
