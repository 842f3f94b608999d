"""Imagenette, STL-10, CIFAR-10, or any folder of the same layout, decoded once into uint8 tensors.

Decoding a JPEG takes longer than training on it, so each image is decoded once and kept as
(3, side, side) uint8: 730 MB for Imagenette at 160 px.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Protocol

import torch
from PIL import Image
from torch import Tensor
from torchvision import datasets
from torchvision.transforms.v2 import functional
from tqdm import tqdm

from resnet_demo.data.folders import SHOWN, ImageFolder, class_folders, names, open_folder
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.data.sources import DatasetInfo, Half, info_of
from resnet_demo.errors import DatasetError


class LabelledSTL10(datasets.STL10):  # type: ignore[misc]  # torchvision has no types
    """STL-10 without its unlabelled photographs: 2.7 GB of the 3 GB, which nothing here needs."""

    train_list: ClassVar[list[list[str]]] = [
        entry for entry in datasets.STL10.train_list if not entry[0].startswith("unlabeled")
    ]


class Source(Protocol):
    """Images with their labels, decoded on access."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> tuple[Image.Image, int]: ...


@dataclass(frozen=True)
class Pictures:
    """One half of a dataset: images (N, 3, side, side) uint8 RGB, labels (N,) int64 and the classes in label order."""

    images: Tensor
    labels: Tensor
    classes: dict[str, str]

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, indices: Tensor) -> "Pictures":
        return Pictures(self.images[indices], self.labels[indices], self.classes)

    def split(self, ratio: float, seed: int) -> tuple["Pictures", "Pictures"]:
        """Training and validation part; `ratio` of each class is held out. Raises DatasetError if a part is empty."""
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
    Raises DatasetError when it is missing or pictures are damaged. Files that are not pictures are left out, which is
    said on standard error.
    """
    info = info_of(name)
    source, classes = _open(info, Path(data_dir), half)
    if isinstance(source, ImageFolder) and source.left_out:
        count, listed = len(source.left_out), names(source.left_out)
        tqdm.write(f"{info.title} {half}: {count} files are not pictures and are left out: {listed}", sys.stderr)
    decode = partial(_decode, source, Preprocessing(info.side, info.side))
    # A photograph of 48 megapixels takes 430 MB while it is decoded, so no more at once than the processor has cores.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        decoded = pool.map(decode, range(len(source)))
        bar = tqdm(decoded, f"{info.title} {half}", len(source), unit="img", leave=False, disable=None)
        return _gathered(info, classes, len(source), bar)


def sample(name: str, data_dir: str | Path, half: Half, count: int, draw: torch.Generator) -> Pictures:
    """Up to `count` images of one half, chosen at random. Only these are decoded, in the calling thread.

    Raises DatasetError like `read`.
    """
    info = info_of(name)
    source, classes = _open(info, Path(data_dir), half)
    chosen = torch.randperm(len(source), generator=draw)[:count].tolist()
    decode = partial(_decode, source, Preprocessing(info.side, info.side))
    return _gathered(info, classes, len(chosen), map(decode, chosen))


def find_classes(name: str, data_dir: str | Path, halves: Sequence[Half] = ("train", "test")) -> dict[str, str]:
    """The classes of a dataset: id to English name, in label order. Decodes no picture.

    Raises DatasetError unless these halves are there, with the same classes, two or more, and all of them classes of
    the dataset: another one in the same layout must not go by its name.
    """
    info = info_of(name)
    first, *others = (_open(info, Path(data_dir), half)[1] for half in halves)
    differing = {key for other in others for key in first.keys() ^ other.keys()}
    if differing:
        raise DatasetError("dataset_classes", title=info.title, path=str(data_dir), names=", ".join(sorted(differing)))
    unknown = [key for key in first if info.classes and key not in info.classes]
    if unknown:
        raise DatasetError(
            "dataset_other",
            path=str(data_dir),
            title=info.title,
            count=len(unknown),
            names=", ".join(unknown[:SHOWN]),
        )
    if len(first) < 2:
        raise DatasetError("dataset_one_class", title=info.title, path=str(data_dir), name=next(iter(first)))
    return first


def find_files(name: str, data_dir: str | Path, half: Half) -> tuple[list[tuple[Path, int]], dict[str, str]]:
    """The pictures of one half as files with their labels, in the order of `read`, and its classes.

    Raises DatasetError where it is missing, or is not an image folder.
    """
    source, classes = _open(info_of(name), Path(data_dir), half)
    if not isinstance(source, ImageFolder):
        raise DatasetError("dataset_no_files", title=info_of(name).title, path=str(data_dir))
    return list(source.files), classes


def _open(info: DatasetInfo, data_dir: Path, half: Half) -> tuple[Source, dict[str, str]]:
    """The images, and the classes in label order."""
    data_dir = data_dir.expanduser()
    if info.official and (data_dir / info.official).is_dir():
        return _open_official(info, info.official, data_dir, half), info.classes
    for folder in (data_dir / info.folder / info.halves[half], data_dir / info.halves[half]):
        if class_folders(folder):
            found = open_folder(folder, info.classes)
            return found, found.classes
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
    """Torchvision checks the checksum of every file before it reads any of them."""
    try:
        if folder == datasets.CIFAR10.base_folder:
            found: Source = datasets.CIFAR10(data_dir, train=half == "train")
        else:
            found = LabelledSTL10(data_dir, split=half)
    except (RuntimeError, OSError) as error:
        raise DatasetError(
            "dataset_damaged", path=str(data_dir / folder), title=info.title, where=info.where
        ) from error
    return found


def _decode(source: Source, shape: Preprocessing, index: int) -> tuple[Tensor, int] | DatasetError:
    try:
        image, label = source[index]
    except DatasetError as error:
        return error
    return functional.pil_to_tensor(shape.crop(image)), label


def _gathered(
    info: DatasetInfo, classes: dict[str, str], count: int, decoded: Iterable[tuple[Tensor, int] | DatasetError]
) -> Pictures:
    """Raises DatasetError after all were tried, and so names all that cannot be used."""
    images = torch.empty(count, 3, info.side, info.side, dtype=torch.uint8)
    labels = torch.empty(count, dtype=torch.int64)
    damaged = []
    for index, found in enumerate(decoded):
        if isinstance(found, DatasetError):
            damaged.append(found)
        else:
            images[index], labels[index] = found
    if len(damaged) == 1:
        raise damaged[0]
    if damaged:
        raise DatasetError(
            "dataset_pictures",
            count=len(damaged),
            title=info.title,
            names=", ".join(str(error.values["path"]) for error in damaged[:SHOWN]),
        )
    return Pictures(images, labels, classes)
