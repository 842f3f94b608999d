"""Image folders as people have them: with leftovers of systems, formats of all kinds, and readable names."""

import os
from pathlib import Path

import pytest
from PIL import Image

from resnet_demo.data.datasets import find_classes, read
from resnet_demo.data.sources import DATASETS
from resnet_demo.errors import DatasetError
from tests.helpers.generated import COLOURS, image_folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two training pictures and a test picture of a cat, a dog and a ship."""
    return image_folder(tmp_path, train=2, test=1)


def refusal(data: Path, name: str = "cifar10") -> str:
    with pytest.raises(DatasetError) as caught:
        find_classes(name, data)
    return str(caught.value)


@pytest.mark.parametrize("leftover", [".ipynb_checkpoints", ".thumbnails", "__MACOSX", "@eaDir", "lost+found"])
def test_a_leftover_folder_is_neither_a_class_nor_part_of_one(data: Path, leftover: str) -> None:
    for folder in (data / "train", data / "train" / "cat"):
        (folder / leftover).mkdir()
        Image.new("RGB", (32, 32)).save(folder / leftover / "a-checkpoint.png")
    assert list(find_classes("cifar10", data)) == list(COLOURS)
    assert read("cifar10", data, "train").labels.tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("leftover", ["._000.png", "._x.JPEG", "Thumbs.db", "desktop.ini", ".DS_Store", "000.png~"])
def test_a_leftover_file_is_no_picture(data: Path, leftover: str, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "train" / "cat" / leftover).write_bytes(b"\x00\x05\x16\x07" + bytes(200))
    assert len(read("cifar10", data, "train")) == 6
    assert "left out" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a.gif", "a.avif", "a.jfif", "a.webp", "a.bmp", "a.TIF", "a.JPE"])
def test_every_format_that_the_app_reads_is_read_from_a_folder(data: Path, name: str) -> None:
    Image.new("RGB", (32, 32), (200, 40, 40)).save(data / "train" / "cat" / name)
    train = read("cifar10", data, "train")
    assert train.labels.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert train.images[2].float().mean((1, 2)).tolist() == pytest.approx([200, 40, 40], abs=4)


@pytest.mark.parametrize("name", ["photograph", "photograph.jpg_large", "1,200"])
def test_a_picture_may_have_any_ending(data: Path, name: str) -> None:
    Image.new("RGB", (32, 32)).save(data / "train" / "cat" / name, "JPEG")
    assert len(read("cifar10", data, "train")) == 7


def test_pictures_in_formats_that_are_not_read_are_named_before_any_is_decoded(data: Path) -> None:
    Image.new("RGB", (32, 32)).save(data / "train" / "cat" / "a.ppm")
    (data / "train" / "dog" / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    assert refusal(data) == (
        f"{data / 'train'} has 2 images in formats that cannot be read: cat/a.ppm, dog/IMG_1.HEIC. "
        "Save them as JPEG or PNG, or remove them from the dataset."
    )


def test_other_files_are_left_out_and_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "train" / "cat" / "labels.csv").write_text("000.png,cat\n", "utf-8")
    (data / "train" / "dog" / "gone").symlink_to(data / "nowhere")
    assert len(read("cifar10", data, "train")) == 6
    assert capsys.readouterr().err.splitlines()[-1] == (
        "CIFAR-10 train: 2 files are not pictures and are left out: cat/labels.csv, dog/gone"
    )


def test_a_link_that_leads_back_is_followed_once(data: Path) -> None:
    (data / "train" / "cat" / "again").symlink_to(data / "train" / "cat", target_is_directory=True)
    assert read("cifar10", data, "train").labels.tolist() == [0, 0, 1, 1, 2, 2]


def test_a_folder_that_may_not_be_read_is_an_error(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "train" / "cat" / "more").mkdir()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "more":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(PermissionError, match="more"):
        read("cifar10", data, "train")


def test_all_damaged_pictures_are_named_at_once(data: Path) -> None:
    paths = [data / "train" / name / "000.png" for name in COLOURS]
    for path in paths:
        path.write_bytes(b"")
    with pytest.raises(DatasetError) as caught:
        read("cifar10", data, "train")
    assert str(caught.value) == (
        f"3 images of CIFAR-10 cannot be used, among them {paths[0]}, {paths[1]}, {paths[2]}. "
        "Replace them, or remove them from the dataset."
    )


@pytest.mark.parametrize(
    ("church", "springer"),
    [
        ("church", "English springer"),
        ("Church", "English_springer"),
        ("n03028079-church", "n02102040_English-springer"),
        ("church", "n02102040"),
    ],
)
def test_folders_may_be_called_by_id_or_by_readable_name(tmp_path: Path, church: str, springer: str) -> None:
    """The labels are in the order of the ids, whatever the folders' order."""
    for half in ("train", "val"):
        for folder, colour in ((church, "red"), (springer, "blue")):
            (tmp_path / half / folder).mkdir(parents=True)
            Image.new("RGB", (160, 160), colour).save(tmp_path / half / folder / "a.png")
    train = read("imagenette", tmp_path, "train")
    assert list(train.classes.items()) == [("n02102040", "English springer"), ("n03028079", "church")]
    assert train.images[:, :, 0, 0].tolist() == [[0, 0, 255], [255, 0, 0]]
    assert train.labels.tolist() == [0, 1]


def test_some_classes_of_a_known_dataset_are_that_dataset_and_others_are_not(data: Path) -> None:
    assert list(find_classes("cifar10", data)) == ["cat", "dog", "ship"]
    for half in ("train", "test"):
        (data / half / "cat").rename(data / half / "apple")
    assert refusal(data) == (
        f"{data} is not CIFAR-10: 1 of its classes are unknown there (apple). Give your data set a name of its own "
        "with --dataset, for example --dataset garden_birds."
    )


def test_class_names_are_text_whichever_system_wrote_them(tmp_path: Path) -> None:
    """macOS takes an accent apart; an archive from Chinese Windows has names in GBK."""
    chinese = os.fsdecode("鸟".encode("gbk"))
    for half, names in (("train", ("caf\u00e9", chinese)), ("test", ("cafe\u0301", chinese))):
        for name in names:
            (tmp_path / half / name).mkdir(parents=True)
            Image.new("RGB", (32, 32)).save(tmp_path / half / name / "a.png")
    train, test = read("cifar10", tmp_path, "train"), read("cifar10", tmp_path, "test")
    assert list(train.classes) == list(test.classes) == ["\\xc4\\xf1", "caf\u00e9"]
    assert len(test) == 2


def test_a_picture_whose_name_is_not_utf_8_is_read_and_named(tmp_path: Path) -> None:
    data = image_folder(tmp_path, train=1, test=1)
    path = data / "train" / "cat" / os.fsdecode("照片.png".encode("gbk"))
    Image.new("RGB", (32, 32)).save(tmp_path / "good.png")
    (tmp_path / "good.png").rename(path)
    assert len(read("cifar10", data, "train")) == 4
    path.write_bytes(b"")
    with pytest.raises(DatasetError) as caught:
        read("cifar10", data, "train")
    assert str(caught.value).startswith(f"{data / 'train' / 'cat'}/\\xd5\\xd5\u01ac.png cannot be used. ")


def test_stl10_needs_no_unlabelled_photographs() -> None:
    """What torchvision would look for, but for the 2.7 GB without labels, with its own checksums."""
    from torchvision import datasets

    from resnet_demo.data.datasets import LabelledSTL10

    assert LabelledSTL10.train_list == datasets.STL10.train_list[:2]
    assert [file for file, _ in LabelledSTL10.train_list + LabelledSTL10.test_list] == [
        "train_X.bin",
        "train_y.bin",
        "test_X.bin",
        "test_y.bin",
    ]
    assert DATASETS["stl10"].official == LabelledSTL10.base_folder
