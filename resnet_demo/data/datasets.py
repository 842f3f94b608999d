"""Imagenette, STL-10, CIFAR-10, or any folder of the same layout, decoded once into uint8 tensors.

Decoding a JPEG costs more than training on it, so each picture is decoded once and kept as
(3, side, side) uint8: 730 MB for Imagenette at 160 px.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor
from torchvision import datasets
from torchvision.transforms.v2 import functional
from tqdm import tqdm

from resnet_demo.data.pictures import read_picture
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.data.sources import DatasetInfo, Half, info_of
from resnet_demo.errors import DatasetError, PictureError


class Source(Protocol):
    """Pictures with their labels, decoded when they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> tuple[Image.Image, int]: ...


@dataclass(frozen=True)
class Pictures:
    """Half a dataset: images (N, 3, side, side) uint8 RGB, labels (N,) int64, and the classes in label order."""

    images: Tensor
    labels: Tensor
    classes: dict[str, str]

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, indices: Tensor) -> "Pictures":
        return Pictures(self.images[indices], self.labels[indices], self.classes)

    def split(self, ratio: float, seed: int) -> tuple["Pictures", "Pictures"]:
        """Training and validation part; `ratio` of each class is held out. Raises DatasetError if that is none."""
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))
        held_out = torch.zeros(len(self), dtype=torch.bool)
        for label in range(len(self.classes)):
            members = order[self.labels[order] == label]
            held_out[members[: round(len(members) * ratio)]] = True
        if not held_out.any():
            raise DatasetError("dataset_few", count=len(self), classes=len(self.classes), ratio=ratio)
        return self.subset(order[~held_out[order]]), self.subset(order[held_out[order]])


def read(name: str, data_dir: str | Path, half: Half) -> Pictures:
    """Reads one half of dataset `name` below `data_dir`, in torchvision's official layout or as an image folder.

    The image folder is `<data_dir>/<folder>/<half>/<class>/*` or `<data_dir>/<half>/<class>/*`.
    Raises DatasetError when it is missing or a picture is damaged.
    """
    info = info_of(name)
    source, classes = _open(info, Path(data_dir), half)
    decode = partial(_decode, source, Preprocessing(info.side, info.side))
    with ThreadPoolExecutor() as pool:
        decoded = pool.map(decode, range(len(source)))
        bar = tqdm(decoded, f"{info.title} {half}", len(source), unit="img", leave=False, disable=None)
        return _gathered(info, classes, len(source), bar)


def sample(name: str, data_dir: str | Path, half: Half, count: int, draw: torch.Generator) -> Pictures:
    """Up to `count` pictures of one half, drawn by lot. Only these are decoded, and in this thread.

    Raises DatasetError as `read` does.
    """
    info = info_of(name)
    source, classes = _open(info, Path(data_dir), half)
    chosen = torch.randperm(len(source), generator=draw)[:count].tolist()
    decode = partial(_decode, source, Preprocessing(info.side, info.side))
    return _gathered(info, classes, len(chosen), map(decode, chosen))


def find_classes(name: str, data_dir: str | Path) -> dict[str, str]:
    """The classes of a dataset: id to English name, in label order. Decodes no picture.

    Raises DatasetError unless both halves are there, with the same classes, two or more.
    """
    _, train = _open(info_of(name), Path(data_dir), "train")
    _, test = _open(info_of(name), Path(data_dir), "test")
    if train != test:
        raise DatasetError(
            "dataset_classes",
            title=info_of(name).title,
            path=str(data_dir),
            names=", ".join(sorted(train.keys() ^ test.keys())),
        )
    if len(train) < 2:
        raise DatasetError("dataset_one_class", title=info_of(name).title, path=str(data_dir), name=next(iter(train)))
    return train


def find_files(name: str, data_dir: str | Path, half: Half) -> tuple[list[tuple[Path, int]], dict[str, str]]:
    """The pictures of one half as files with their labels, in the order of `read`, and its classes.

    Raises DatasetError where it is missing, or is not an image folder.
    """
    source, classes = _open(info_of(name), Path(data_dir), half)
    if not isinstance(source, datasets.ImageFolder):
        raise DatasetError("dataset_no_files", title=info_of(name).title, path=str(data_dir))
    return [(Path(path), label) for path, label in source.samples], classes


def _open(info: DatasetInfo, data_dir: Path, half: Half) -> tuple[Source, dict[str, str]]:
    """The pictures and the classes in label order."""
    if info.official and (data_dir / info.official).is_dir():
        return _open_official(info, info.official, data_dir, half), info.classes
    for folder in (data_dir / info.folder / info.halves[half], data_dir / info.halves[half]):
        if folder.is_dir() and any(entry.is_dir() for entry in folder.iterdir()):
            return _open_folder(info, folder)
    looked = (info.official or "", f"{info.folder}/{info.halves[half]}", info.halves[half])
    if not info.where:
        raise DatasetError(
            "dataset_missing_own", title=info.title, path=str(data_dir.resolve()), folders=", ".join(looked[1:])
        )
    raise DatasetError(
        "dataset_missing",
        title=info.title,
        path=str(data_dir.resolve()),
        folders=", ".join(filter(None, looked)),
        where=info.where,
    )


def _open_official(info: DatasetInfo, folder: str, data_dir: Path, half: Half) -> Source:
    """Torchvision compares the checksum of every file before it reads any."""
    try:
        if folder == datasets.CIFAR10.base_folder:
            found: Source = datasets.CIFAR10(data_dir, train=half == "train")
        else:
            found = datasets.STL10(data_dir, split=half)
    except (RuntimeError, OSError) as error:
        raise _damaged(info, data_dir / folder, "a file is missing, or its checksum is wrong") from error
    return found


def _open_folder(info: DatasetInfo, folder: Path) -> tuple[Source, dict[str, str]]:
    try:
        found = datasets.ImageFolder(str(folder), loader=_load)
    except OSError as error:  # among them a class without a picture
        raise _damaged(info, folder, str(error)) from error
    return found, {key: info.classes.get(key, key) for key in found.classes}


def _damaged(info: DatasetInfo, path: Path, reason: str) -> DatasetError:
    return DatasetError("dataset_damaged", path=str(path), reason=reason, title=info.title, where=info.where)


def _load(path: str) -> Image.Image:
    try:
        return read_picture(path)
    except PictureError as error:
        raise DatasetError("dataset_picture", path=path, reason=str(error)) from error


def _decode(source: Source, shape: Preprocessing, index: int) -> tuple[Tensor, int]:
    image, label = source[index]
    return functional.pil_to_tensor(shape.crop(image)), label


def _gathered(
    info: DatasetInfo, classes: dict[str, str], count: int, decoded: Iterable[tuple[Tensor, int]]
) -> Pictures:
    images = torch.empty(count, 3, info.side, info.side, dtype=torch.uint8)
    labels = torch.empty(count, dtype=torch.int64)
    for index, (image, label) in enumerate(decoded):
        images[index], labels[index] = image, label
    return Pictures(images, labels, classes)
