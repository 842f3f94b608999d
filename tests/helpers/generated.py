"""Small datasets that can be learnt, generated on disk: coloured squares, one colour a class."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from resnet_demo.data.datasets import Pictures

COLOURS = {"cat": (200, 60, 40), "dog": (40, 180, 60), "ship": (50, 70, 200)}


def square(colour: tuple[int, int, int], side: int, seed: int) -> NDArray[np.uint8]:
    """(side, side, 3) RGB: a square of `colour` somewhere on grey noise."""
    draw = np.random.default_rng(seed)
    picture = draw.integers(60, 190, (side, side, 3), dtype=np.uint8)
    size = side // 2
    top, left = draw.integers(0, side - size, 2)
    picture[top : top + size, left : left + size] = colour
    return picture


def image_folder(root: Path, side: int = 32, train: int = 32, test: int = 8, halves: str = "train test") -> Path:
    """`root/<half>/<class>/<n>.png`, `train` and `test` pictures a class; returns `root`."""
    for half, count in zip(halves.split(), (train, test), strict=True):
        for label, (name, colour) in enumerate(COLOURS.items()):
            folder = root / half / name
            folder.mkdir(parents=True)
            for index in range(count):
                seed = 1000 * label + index + (500 if half != "train" else 0)
                Image.fromarray(square(colour, side, seed)).save(folder / f"{index:03}.png")
    return root


def pictures(count: int, side: int = 32, first: int = 0) -> Pictures:
    """`count` pictures in memory, the classes in turn."""
    colours = list(COLOURS.values())
    images = [square(colours[i % len(colours)], side, first + i) for i in range(count)]
    labels = torch.arange(count) % len(colours)
    return Pictures(torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2), labels, {name: name for name in COLOURS})
