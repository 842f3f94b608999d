"""Real test photographs of a dataset, with what they show: at random, of one class, or such as are wanted."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
    """The test photographs of a dataset, in the order of its test half; `classes` are id to name."""

    files: tuple[Path, ...]
    labels: tuple[int, ...]
    classes: dict[str, str]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Photograph:
        return Photograph(self.files[index], list(self.classes)[self.labels[index]], index)

    def draw(self, generator: random.Random, class_id: str | None = None) -> Photograph | None:
        """One at random, of all or of one class; None where there is none. Raises DatasetError for an unknown class."""
        return self.search(generator, lambda _: True, class_id)

    def search(
        self,
        generator: random.Random,
        wanted: Callable[[Photograph], bool],
        class_id: str | None = None,
        limit: int = 200,
    ) -> Photograph | None:
        """The first that is wanted of up to `limit` different ones in random order, of all or of one class.

        With networks behind `wanted`, it finds a photograph on which they disagree without measuring the whole test
        half. None where there is none among them. Raises DatasetError for an unknown class.
        """
        if class_id is not None and class_id not in self.classes:
            raise DatasetError("photographs_class", class_id=class_id, names=", ".join(self.classes))
        fitting = [index for index in range(len(self)) if class_id in (None, self[index].class_id)]
        drawn = generator.sample(fitting, min(limit, len(fitting)))
        return next((self[index] for index in drawn if wanted(self[index])), None)


def photographs_of(dataset: str, data_dir: Path) -> Photographs:
    """The test photographs of an image folder; none is decoded. Raises DatasetError where it is missing."""
    files, classes = find_files(dataset, data_dir, "test")
    return Photographs(tuple(path for path, _ in files), tuple(label for _, label in files), classes)
