"""Small datasets in the official formats that torchvision reads; their checksums take the place of the real ones'."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from torchvision import datasets

from resnet_demo.data.datasets import LabelledSTL10
from resnet_demo.data.sources import DATASETS

Pictures = NDArray[np.uint8]
"""(N, side, side, 3) RGB, rows before columns."""


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def write_cifar10(root: Path, patch: pytest.MonkeyPatch, batches: list[tuple[Pictures, list[int]]]) -> Path:
    """CIFAR-10's pickles: five training batches and a test batch, colour plane after colour plane."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    for name, (pictures, labels) in zip(names, batches, strict=True):
        rows = pictures.transpose(0, 3, 1, 2).reshape(len(pictures), -1)
        (folder / name).write_bytes(pickle.dumps({"data": rows, "labels": labels}))
    meta = folder / "batches.meta"
    meta.write_bytes(pickle.dumps({"label_names": list(DATASETS["cifar10"].classes)}))
    sums = [[name, md5(folder / name)] for name in names]
    patch.setattr(datasets.CIFAR10, "train_list", sums[:5])
    patch.setattr(datasets.CIFAR10, "test_list", sums[5:])
    patch.setattr(datasets.CIFAR10, "meta", datasets.CIFAR10.meta | {"md5": md5(meta)})
    return root


def write_stl10(root: Path, patch: pytest.MonkeyPatch, halves: dict[str, tuple[Pictures, list[int]]]) -> Path:
    """STL-10's binary files: colour planes column by column, labels from 1."""
    folder = root / "stl10_binary"
    folder.mkdir(parents=True)
    for half, (pictures, labels) in halves.items():
        np.ascontiguousarray(pictures.transpose(0, 3, 2, 1)).tofile(folder / f"{half}_X.bin")
        (np.array(labels, np.uint8) + 1).tofile(folder / f"{half}_y.bin")
        sums = [[f"{half}_{part}.bin", md5(folder / f"{half}_{part}.bin")] for part in "Xy"]
        patch.setattr(LabelledSTL10, f"{half}_list", sums)
    return root
