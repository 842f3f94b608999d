"""Names from any system: as text, cut to what a file system takes, and told apart from what systems leave behind."""

import os

import pytest

from resnet_demo.data.names import composed, folded, is_system_file, stem_of, text_of


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("照片.jpg", "照片.jpg"),
        (os.fsdecode("照片.jpg".encode("gbk")), "\\xd5\\xd5\u01ac.jpg"),
        ("two\nlines\x1b[31m.jpg", "two\\x0alines\\x1b[31m.jpg"),
        ("\U0001f600 50%.jpg", "\U0001f600 50%.jpg"),
    ],
)
def test_any_name_is_one_line_of_utf_8(name: str, text: str) -> None:
    assert text_of(name) == text
    assert text.encode("utf-8").decode("utf-8") == text


@pytest.mark.parametrize(
    "name",
    [
        ".ipynb_checkpoints",
        ".thumbnails",
        "._n01440764_1.JPEG",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        "Icon\r",
        "__MACOSX",
        "@eaDir",
        "lost+found",
        "$RECYCLE.BIN",
        "a.jpg~",
    ],
)
def test_what_systems_leave_behind(name: str) -> None:
    assert is_system_file(name)


@pytest.mark.parametrize("name", ["a.jpg", "n01440764", "thumbs", "a.b", "~a.jpg", "_a.jpg", "noext", "lost", "README"])
def test_what_persons_make(name: str) -> None:
    assert not is_system_file(name)


def test_a_name_is_the_same_whichever_system_wrote_it() -> None:
    assert composed("cafe\u0301") == composed("caf\u00e9") == "caf\u00e9"


def test_readable_names_are_one_name_however_they_are_joined() -> None:
    assert {folded(name) for name in ("English springer", "english_springer", "English-Springer ")} == {
        "english springer"
    }


def test_a_long_name_is_cut_where_a_character_ends_and_stays_apart_from_others() -> None:
    assert stem_of("a.jpg", "-resnet18") == "a.jpg-resnet18"
    first, second = (stem_of("照" * 83 + last, "-resnet18-imagenette") for last in ("a.jpg", "b.jpg"))
    assert first != second
    for stem in (first, second):
        assert stem.startswith("照" * 60) and stem.endswith("-resnet18-imagenette")
        assert len(f"{stem}.json.partial".encode()) <= 255
