"""Datasets in torchvision's official layouts, generated, and as image folders; what is missing or damaged is named."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_demo.data import datasets
from resnet_demo.data.datasets import find_classes, read, sample
from resnet_demo.data.sources import DATASETS, dataset_name, info_of
from resnet_demo.errors import DatasetError
from tests.helpers.generated import COLOURS, image_folder, pictures, square
from tests.helpers.official import Pictures, write_cifar10, write_stl10


@pytest.fixture
def cifar10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures in each of CIFAR-10's pickles; the k-th of all has the colour (k, 2k, 3k) and the label k % 10."""

    def batch(i: int) -> tuple[Pictures, list[int]]:
        pictures = [np.full((32, 32, 3), (k, 2 * k, 3 * k), np.uint8) for k in (2 * i, 2 * i + 1)]
        return np.stack(pictures), [2 * i % 10, (2 * i + 1) % 10]

    return write_cifar10(tmp_path, monkeypatch, [batch(i) for i in range(6)])


@pytest.fixture
def stl10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """STL-10's binary files: picture k has a white pixel at row 3, column k."""

    def half(count: int) -> tuple[Pictures, list[int]]:
        pictures = np.zeros((count, 96, 96, 3), np.uint8)
        pictures[range(count), 3, range(count)] = 255
        return pictures, [k % 10 for k in range(count)]

    return write_stl10(tmp_path, monkeypatch, {"train": half(10), "test": half(20)})


def refusal(name: str, path: Path, half: str = "train") -> str:
    with pytest.raises(DatasetError) as caught:
        read(name, path, half)  # type: ignore[arg-type]
    return str(caught.value)


def test_cifar10_in_its_official_pickles(cifar10: Path) -> None:
    train, test = read("cifar10", cifar10, "train"), read("cifar10", cifar10, "test")
    assert (train.images.shape, train.images.dtype) == ((10, 3, 32, 32), torch.uint8)
    assert train.labels.tolist() == list(range(10))
    assert train.images[7, :, 5, 9].tolist() == [7, 14, 21]
    assert (len(test), test.labels.tolist(), test.images[1, :, 0, 0].tolist()) == (2, [0, 1], [11, 22, 33])
    assert list(train.classes) == list(DATASETS["cifar10"].classes) == list(find_classes("cifar10", cifar10))


def test_stl10_in_its_official_binary_format(stl10: Path) -> None:
    train, test = read("stl10", stl10, "train"), read("stl10", stl10, "test")
    assert (train.images.shape, len(test)) == ((10, 3, 96, 96), 20)
    assert train.labels.tolist() == list(range(10))
    assert train.images[7].nonzero().tolist() == [[colour, 3, 7] for colour in range(3)]
    assert list(train.classes)[7] == "monkey"


def test_a_sample_decodes_only_what_is_drawn(cifar10: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []
    decode = datasets._decode
    monkeypatch.setattr(datasets, "_decode", lambda *given: decoded.append(given[-1]) or decode(*given))
    draw = torch.Generator().manual_seed(0)
    drawn, few = sample("cifar10", cifar10, "train", 4, draw), sample("cifar10", cifar10, "test", 4, draw)
    labels = drawn.labels.tolist()
    assert decoded[:4] == labels and len(set(labels)) == 4 and len(decoded) == 4 + 2
    assert drawn.images[:, :, 5, 9].tolist() == [[k, 2 * k, 3 * k] for k in labels]
    assert (len(few), drawn.classes) == (2, DATASETS["cifar10"].classes)


@pytest.mark.parametrize("harm", ["missing", "altered"])
@pytest.mark.parametrize(("name", "file"), [("cifar10", "data_batch_3"), ("stl10", "test_y.bin")])
def test_a_damaged_official_dataset_names_its_folder(
    request: pytest.FixtureRequest, name: str, file: str, harm: str
) -> None:
    root: Path = request.getfixturevalue(name)
    folder = root / {"cifar10": "cifar-10-batches-py", "stl10": "stl10_binary"}[name]
    if harm == "missing":
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(b"x")
    assert refusal(name, root) == (
        f"{folder} is damaged or incomplete (a file is missing, or its checksum is wrong). "
        f"Unpack {DATASETS[name].title} again from {DATASETS[name].where}."
    )


@pytest.mark.parametrize("nested", [True, False])
def test_imagenette_as_it_is_unpacked(tmp_path: Path, nested: bool) -> None:
    folder = tmp_path / "imagenette2-160" if nested else tmp_path
    for half, wnids in (("train", ("n03028079", "n01440764")), ("val", ("n01440764", "n03028079"))):
        for wnid in wnids:
            (folder / half / wnid).mkdir(parents=True)
            Image.new("RGB", (160, 160), "red" if wnid == "n01440764" else "blue").save(
                folder / half / wnid / "a.JPEG", quality=95
            )
    train = read("imagenette", tmp_path, "train")
    assert train.classes == {"n01440764": "tench", "n03028079": "church"} == find_classes("imagenette", tmp_path)
    assert (train.images.shape, train.labels.tolist()) == ((2, 3, 160, 160), [0, 1])
    assert train.images[0, 0].min() > 240  # the tench is the red one
    assert len(read("imagenette", tmp_path, "test")) == 2


def test_an_image_folder_of_ones_own_is_read_as_imagenette_is(tmp_path: Path) -> None:
    image_folder(tmp_path / "Garden_birds", side=200, train=2, test=1, halves="train val")
    train = read("Garden_birds", tmp_path, "train")
    assert train.images.shape == (6, 3, 160, 160)
    assert train.classes == find_classes("Garden_birds", tmp_path) == {name: name for name in COLOURS}
    assert len(read("Garden_birds", tmp_path / "Garden_birds", "test")) == 3
    assert refusal("Garden_birds", tmp_path / "nowhere", "test") == (
        f"No images of Garden birds in {tmp_path / 'nowhere'}: looked for Garden_birds/val, val. "
        "Give the folder that holds train and val, each with a folder for each class, as --data-dir."
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [("imagenette", "imagenette"), ("Garden birds-2", "Garden_birds_2"), (" 花卉/../x ", "花卉_x"), ("a__b", "a_b")],
)
def test_a_name_is_made_fit_for_files(text: str, name: str) -> None:
    assert dataset_name(text) == name
    assert dataset_name(name) == name
    assert info_of("Garden_birds_2").title == "Garden birds 2"


@pytest.mark.parametrize("text", ["", "--", "../..", "imagenet", "random", 61 * "a"])
def test_what_cannot_be_a_name_is_refused(text: str) -> None:
    with pytest.raises(DatasetError) as caught:
        dataset_name(text)
    assert str(caught.value) == (
        f"{text} cannot be the name of a data set. Give it letters, digits or spaces, 60 at most; imagenet, random "
        "mean something else."
    )


def test_cifar10_as_an_image_folder(tmp_path: Path) -> None:
    image_folder(tmp_path / "cifar10", train=2, test=1)
    train = read("cifar10", tmp_path, "train")
    assert (list(train.classes), train.labels.tolist()) == (list(COLOURS), [0, 0, 1, 1, 2, 2])
    wanted = torch.from_numpy(square(COLOURS["dog"], 32, 1001)).permute(2, 0, 1)
    assert torch.equal(train.images[3], wanted)
    assert len(read("cifar10", tmp_path, "test")) == 3


def test_pictures_of_other_sizes_are_cut_to_the_datasets(tmp_path: Path) -> None:
    image_folder(tmp_path, side=50, train=1, test=1)
    assert read("cifar10", tmp_path, "train").images.shape == (3, 3, 32, 32)


def test_grey_pictures_become_rgb(tmp_path: Path) -> None:
    image_folder(tmp_path, train=1, test=1)
    Image.new("L", (32, 32), 77).save(tmp_path / "train" / "cat" / "000.png")
    assert bool((read("cifar10", tmp_path, "train").images[0] == 77).all())


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        ("imagenette", "imagenette2-160/val, val"),
        ("stl10", "stl10_binary, stl10/test, test"),
        ("cifar10", "cifar-10-batches-py, cifar10/test, test"),
    ],
)
def test_a_missing_dataset_names_what_was_looked_for(tmp_path: Path, name: str, folders: str) -> None:
    info = DATASETS[name]
    assert refusal(name, tmp_path / "nowhere", "test") == (
        f"{info.title} is not in {tmp_path / 'nowhere'}: looked for {folders}. "
        f"Download it from {info.where} and unpack it there, or give the folder that contains it as --data-dir."
    )


def test_a_missing_half_is_noticed_before_anything_is_decoded(tmp_path: Path) -> None:
    image_folder(tmp_path, train=1, test=1)
    (tmp_path / "test").rename(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="looked for cifar-10-batches-py, cifar10/test, test"):
        find_classes("cifar10", tmp_path)


def test_an_empty_class_is_named(tmp_path: Path) -> None:
    image_folder(tmp_path, train=1, test=1)
    (tmp_path / "train" / "zebra").mkdir()
    assert refusal("cifar10", tmp_path) == (
        f"{tmp_path / 'train'} has no image of zebra. Add some to each of these folders, or remove the folders."
    )


def test_halves_with_other_classes_are_refused(tmp_path: Path) -> None:
    image_folder(tmp_path, train=1, test=1)
    (tmp_path / "test" / "ship").rename(tmp_path / "test" / "truck")
    with pytest.raises(DatasetError) as caught:
        find_classes("cifar10", tmp_path)
    assert str(caught.value) == (
        f"The training and test parts of CIFAR-10 in {tmp_path} have different classes: ship, truck appear "
        "in only one of them. "
        "Give both the same folders."
    )


@pytest.mark.parametrize("content", [b"", b"no picture"], ids=["empty", "no picture"])
def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    image_folder(tmp_path, train=1, test=1)
    path = tmp_path / "train" / "dog" / "000.png"
    path.write_bytes(content)
    words = refusal("cifar10", tmp_path)
    assert words.startswith(f"{path} cannot be used. ")
    assert words.endswith("Or remove it from the dataset.")


def test_a_truncated_picture_is_named(tmp_path: Path) -> None:
    image_folder(tmp_path, train=1, test=1)
    path = tmp_path / "train" / "dog" / "000.png"
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal("cifar10", tmp_path).startswith(f"{path} cannot be used. ")


def test_the_split_takes_a_part_of_each_class_and_loses_nothing() -> None:
    whole = pictures(60)
    train, valid = whole.split(0.1, seed=0)
    assert (len(train), len(valid)) == (54, 6)
    assert valid.labels.bincount().tolist() == [2, 2, 2]
    together = torch.cat([train.images, valid.images]).flatten(1)
    assert sorted(map(bytes, together.numpy())) == sorted(map(bytes, whole.images.flatten(1).numpy()))


def test_the_split_follows_its_seed() -> None:
    whole = pictures(60)
    first, again, other = (whole.split(0.1, seed)[1].images for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_split_that_holds_nothing_out_is_refused() -> None:
    with pytest.raises(DatasetError) as caught:
        pictures(12).split(0.05, seed=0)
    assert str(caught.value) == (
        "12 training images in 3 classes are too few to hold out 0.05 of each class. "
        "Raise --valid-ratio, or use more images."
    )
