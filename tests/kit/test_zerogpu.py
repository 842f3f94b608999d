"""ZeroGPU, played by a stand-in for `spaces` that does to exceptions what its worker process does."""

import importlib.util
import pickle
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from inspect import isgeneratorfunction
from pathlib import Path
from types import ModuleType
from typing import Any

import gradio as gr
import pytest

from resnet_demo.errors import PictureError
from resnet_demo.kit import zerogpu


def worker(function: Callable[..., Any]) -> Callable[..., Any]:
    """What is returned travels pickled; what is raised arrives as an error that has kept its kind's name alone."""
    if isgeneratorfunction(function):
        return function

    def lent(*args: Any) -> Any:
        try:
            return pickle.loads(pickle.dumps(function(*args)))
        except Exception as error:
            raise gr.Error(type(error).__name__) from error

    return lent


@pytest.fixture
def accelerated(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The decorator as a Space with ZeroGPU has it."""
    spaces = ModuleType("spaces")
    spaces.__spec__ = ModuleSpec("spaces", None)
    spaces.GPU = lambda duration: worker  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spaces", spaces)
    spec = importlib.util.spec_from_file_location("accelerator_of_a_space", Path(zerogpu.__file__))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.accelerated


def double(number: int) -> int:
    """Twice the number."""
    if number < 0:
        raise PictureError("picture_empty", name="photo.png")
    return 2 * number


def test_an_expected_error_keeps_its_words(accelerated: Any) -> None:
    lent = accelerated(double)
    assert (lent(4), lent.__name__, lent.__doc__) == (8, "double", "Twice the number.")
    with pytest.raises(PictureError) as caught:
        lent(-1)
    assert (str(caught.value), caught.value.key, caught.value.values) == (
        "photo.png is empty (0 bytes). Choose another file.",
        "picture_empty",
        {"name": "photo.png"},
    )


def test_a_defect_stays_one(accelerated: Any) -> None:
    with pytest.raises(gr.Error, match="TypeError"):
        accelerated(double)("x")


def test_steps_are_lent_as_they_are(accelerated: Any) -> None:
    def steps() -> Iterator[int]:
        yield 1

    assert list(accelerated(steps)()) == [1]


def test_without_zerogpu_nothing_is_wrapped() -> None:
    assert zerogpu.accelerated(double) is double
