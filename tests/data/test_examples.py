"""The example pictures: there offline, the same each time, and honest about what they show."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.data.examples import DRAWN, Example, drawn, examples, packaged
from resnet_demo.data.scenes.__main__ import SCENES, write
from resnet_demo.errors import PictureError

every_example = pytest.mark.parametrize("example", examples(), ids=lambda example: example.key)


@every_example
def test_opens_as_rgb_of_a_fit_size_and_the_same_each_time(example: Example) -> None:
    first, second = example.open(), example.open()
    assert first is not second  # what one visitor does to it, another never sees
    assert first.mode == "RGB"
    assert min(first.size) >= 256
    assert max(first.size) <= 1024
    assert np.array_equal(np.asarray(first), np.asarray(second))
    assert np.asarray(first).std() > 20  # something is on it


def test_keys_are_unique_identifiers() -> None:
    keys = [example.key for example in examples()]
    assert len(set(keys)) == len(keys)
    assert all(key.isidentifier() and key == key.lower() for key in keys)


def test_known_classes_come_first_and_are_at_least_five_different_ones() -> None:
    known = [example.wnid is not None for example in examples()]
    assert known == sorted(known, reverse=True)
    classes = {example.wnid for example in examples()} - {None}
    assert classes <= set(IMAGENETTE)
    assert len(classes) >= 5
    assert not all(known)


def test_sources_are_named_and_only_drawn_scenes_claim_a_class() -> None:
    assert {example.source for example in examples()} == {"drawn", "scikit-learn", "gradio"}
    assert all((example.source == "drawn") == (example.wnid is not None) for example in examples())


def test_the_files_of_the_drawn_scenes_are_what_is_drawn_and_are_small() -> None:
    """The command draws them again: up to WebP's loss the same pixels, and no file besides."""
    files = sorted(path.name for path in DRAWN.iterdir())
    assert files == sorted(f"{key}.webp" for key in SCENES)
    assert {example.key for example in examples() if example.source == "drawn"} == set(SCENES)
    assert sum(path.stat().st_size for path in DRAWN.iterdir()) < 300_000
    for key, draw in SCENES.items():
        apart = np.asarray(draw(), float) - np.asarray(drawn(key), float)
        assert np.abs(apart).mean() < 4, key


def test_the_command_writes_the_files(tmp_path: Path) -> None:
    write(tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in DRAWN.iterdir())
    with Image.open(tmp_path / "new" / "church_drawn.webp") as image:
        assert np.abs(np.asarray(image, float) - np.asarray(drawn("church_drawn"), float)).mean() < 4


def test_nothing_is_drawn_at_the_start() -> None:
    start = time.process_time()
    for example in examples():
        example.open()
    assert time.process_time() - start < 2  # drawing one took half a second


def test_listing_the_examples_imports_nothing_heavy() -> None:
    code = (
        "import sys; from resnet_demo.data.examples import examples; [e.open() for e in examples()]; "
        "print(sorted({'torch', 'gradio', 'sklearn', 'resnet_demo.data.scenes'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["gradio", "no_such_package"])
def test_a_missing_picture_is_named_with_the_remedy(package: str) -> None:
    with pytest.raises(PictureError) as caught:
        packaged(package, "media_assets/images/nothing.jpg")
    assert str(caught.value) == (
        f"The example image media_assets/images/nothing.jpg is not in the installed package {package}. "
        "Install the pinned versions: pip install -r requirements.txt."
    )
    assert caught.value.key == "example_missing"
