"""The datasets as data: their origin, their layout on disk and their contents. This module does not import torch."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from resnet_demo.data.classes import CIFAR10, IMAGENETTE, STL10
from resnet_demo.errors import DatasetError

Half = Literal["train", "test"]


@dataclass(frozen=True)
class DatasetInfo:
    """What is known about a dataset before it is read.

    Attributes:
        side: size in pixels per side at which its images are kept.
        classes: class id (folder or official name) to English name, in label order.
        official: folder of torchvision's own layout below the data directory, if that is not an image folder.
        folder: its image folder below the data directory.
        halves: folder names of the training and the test half in an image folder.
        where: its origin, for the error message.
        terms: the terms of use of its images, for the model cards.
        halves: folder name of the training and the test half in an image folder.
        where: where it comes from, for the error message; "" for an image folder of one's own.
        terms: under which terms its pictures are used, for the cards.
        hub: its id on the Hugging Face Hub, "" where there is no official one.
    """

    title: str
    side: int
    classes: dict[str, str]
    official: str | None
    folder: str
    halves: dict[Half, str]
    where: str
    terms: str
    hub: str = ""


DATASETS = {
    "imagenette": DatasetInfo(
        "Imagenette",
        160,
        IMAGENETTE,
        None,
        "imagenette2-160",
        {"train": "train", "test": "val"},
        "https://github.com/fastai/imagenette (imagenette2-160.tgz)",
        "The pictures are ImageNet's; its terms allow research and teaching.",
        "frgfm/imagenette",
    ),
    "stl10": DatasetInfo(
        "STL-10",
        96,
        STL10,
        "stl10_binary",
        "stl10",
        {"train": "train", "test": "test"},
        "https://cs.stanford.edu/~acoates/stl10 (stl10_binary.tar.gz)",
        "The pictures are ImageNet's; its terms allow research and teaching.",
    ),
    "cifar10": DatasetInfo(
        "CIFAR-10",
        32,
        CIFAR10,
        "cifar-10-batches-py",
        "cifar10",
        {"train": "train", "test": "test"},
        "https://www.cs.toronto.edu/~kriz/cifar.html (cifar-10-python.tar.gz)",
        "Collected by Krizhevsky, Nair and Hinton for research and teaching.",
        "uoft-cs/cifar10",
    ),
}
RESERVED = ("imagenet", "random")
"""What else stands behind the name of a network in the names of weights."""


def data_folder() -> Path:
    """Where datasets lie unless a command is told: RESNET_DEMO_DATA, or data/ in the folder it is started from."""
    return Path(os.environ.get("RESNET_DEMO_DATA", "data")).expanduser()


def info_of(name: str) -> DatasetInfo:
    """The dataset of that name: a known one, or an image folder of one's own, laid out as Imagenette is."""
    if name in DATASETS:
        return DATASETS[name]
    halves: dict[Half, str] = {"train": "train", "test": "val"}
    return DatasetInfo(
        name.replace("_", " "), 160, {}, None, name, halves, "", "Whoever trained it knows the terms of its pictures."
    )


def dataset_name(text: str) -> str:
    """What `text` is called in the names of files: "Garden birds" is "Garden_birds", and its title "Garden birds".

    Raises DatasetError for a name without letters and digits, a very long one, and one that means something else.
    """
    name = re.sub(r"[\W_]+", "_", text).strip("_")
    if not name or len(name) > 60 or name in RESERVED:
        raise DatasetError("dataset_name", name=text, reserved=", ".join(RESERVED))
    return name
