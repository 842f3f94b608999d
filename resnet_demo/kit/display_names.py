"""Proper names of networks, alike in every language."""

import re

from resnet_demo.models.architectures import ARCHITECTURES

SPECIAL = {"vgg19": "VGG-19", "resnext50_32x4d": "ResNeXt-50 32×4d", "wide_resnet50_2": "Wide ResNet-50-2"}
TOKEN = re.compile(r"~[0-9a-f]{32}")
"""What makes the key of a visitor's network one that nobody else can guess: see `visitors.py`."""
DATASETS = {"imagenette": "Imagenette", "stl10": "STL-10", "cifar10": "CIFAR-10", "imagenet": "ImageNet"}


def dataset_title(name: str) -> str:
    """ "cifar10" as a person writes it: "CIFAR-10"; one's own, "garden_birds": "garden birds".

    A number after "~" tells networks of one's own from others of the same name: "imagenette~2" is "Imagenette (2)".
    """
    known, _, number = without_token(name).partition("~")
    return DATASETS.get(known, known.replace("_", " ")) + (f" ({number})" if number else "")


def without_token(key: str) -> str:
    """A key for others to read, in a file or an address."""
    return TOKEN.sub("", key)


def title(name: str) -> str:
    """ "resnet18" as a person writes it: "ResNet-18"; "plain18": "PlainNet-18"."""
    if name in SPECIAL:
        return SPECIAL[name]
    family = "PlainNet" if name.startswith("plain") else "ResNet"
    return f"{family}-{name.removeprefix('resnet').removeprefix('plain')}"


def family(name: str) -> str:
    """The colour class of a network: "residual" or "plain"."""
    return "residual" if ARCHITECTURES[name].residual else "plain"
