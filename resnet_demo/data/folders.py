"""A dataset as an image folder: one folder a class, pictures anywhere below it."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from PIL import Image

from resnet_demo.data.names import composed, folded, is_system_file, text_of
from resnet_demo.data.pictures import FORMATS, format_of, read_picture
from resnet_demo.errors import DatasetError, PictureError

SHOWN = 5
"""How many names an error or a message lists."""
_FOREIGN = (
    "heic heif hif jxl jp2 j2k jpf svg ppm pgm pbm pnm pfm psd tga ico icns pcx eps exr hdr qoi dds xcf "
    "dng cr2 cr3 nef arw raf orf rw2 pef"
)
FOREIGN = {f".{suffix}" for suffix in _FOREIGN.split()}
"""Endings of pictures that are not read here."""


@dataclass(frozen=True)
class ImageFolder:
    """The pictures below a folder, each with its label, decoded when they are asked for.

    Attributes:
        classes: class id to name, in label order.
        left_out: files that are not pictures, such as labels and notes.
    """

    files: tuple[tuple[Path, int], ...]
    classes: dict[str, str]
    left_out: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Image.Image, int]:
        path, label = self.files[index]
        try:
            return read_picture(path), label
        except PictureError as error:
            raise DatasetError("dataset_picture", path=text_of(str(path)), reason=str(error)) from error


def open_folder(folder: Path, known: Mapping[str, str]) -> ImageFolder:
    """The image folder `folder`. Of the `known` classes (id to name), folders may have the id or the name.

    Raises DatasetError for a class without a picture, and for pictures of formats that are not read.
    """
    ids = _folder_names(known)
    found: dict[str, list[Path]] = {}
    left_out: list[Path] = []
    for path in class_folders(folder):
        name = composed(path.name)
        pictures = found.setdefault(ids.get(folded(name), name), [])
        for file in _files(path):
            (pictures if _is_picture(file) else left_out).append(file)
    _check(folder, found, left_out)
    classes = {key: known.get(key, key) for key in sorted(found)}
    files = tuple((file, label) for label, key in enumerate(classes) for file in found[key])
    return ImageFolder(files, classes, tuple(left_out))


def class_folders(folder: Path) -> list[Path]:
    """The folders in `folder` that a person made, in order; none where it is missing."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not is_system_file(path.name))


def names(paths: list[Path] | tuple[Path, ...]) -> str:
    """The first of them, for a message."""
    more = [f"and {len(paths) - SHOWN} more"] if len(paths) > SHOWN else []
    return ", ".join([text_of(f"{path.parent.name}/{path.name}") for path in paths[:SHOWN]] + more)


def _check(folder: Path, found: Mapping[str, list[Path]], left_out: list[Path]) -> None:
    foreign = [path for path in left_out if path.suffix.lower() in FOREIGN]
    if foreign:
        raise DatasetError("dataset_format", path=text_of(str(folder)), count=len(foreign), names=names(foreign))
    if empty := [name for name, pictures in found.items() if not pictures]:
        raise DatasetError("dataset_empty", path=text_of(str(folder)), names=", ".join(empty))


def _folder_names(known: Mapping[str, str]) -> dict[str, str]:
    """What a class's folder may be called, folded, to its id."""
    return {folded(word): key for key, name in known.items() for word in (key, name, f"{key} {name}")}


def _files(folder: Path) -> Iterator[Path]:
    """All files below `folder` in order, through links, each folder once: a link may lead back to where it lies."""
    seen = set()
    for root, below, files in os.walk(folder, onerror=_raise, followlinks=True):
        seen.add(os.path.realpath(root))
        below[:] = sorted(
            name
            for name in below
            if not is_system_file(name) and os.path.realpath(os.path.join(root, name)) not in seen
        )
        yield from (Path(root, name) for name in sorted(files) if not is_system_file(name))


def _raise(error: OSError) -> NoReturn:
    raise error


def _is_picture(file: Path) -> bool:
    """By its ending, or else by its first bytes: pictures from the web may have any name."""
    kinds = Image.registered_extensions()
    if kinds.get(file.suffix.lower()) in FORMATS:
        return True
    if not file.is_file():  # a broken link, or a pipe
        return False
    with file.open("rb") as content:
        return format_of(content.read(16)) is not None
