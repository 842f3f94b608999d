"""The code that a page unfolds is the code that computed what it shows."""

import importlib
import inspect
import sys
from functools import partial
from types import CodeType
from typing import Any

import pytest

from resnet_demo.chapters import CHAPTERS
from resnet_demo.chapters.parameters.heads import head
from resnet_demo.kit.page import Page
from resnet_demo.kit.source import code_behind
from resnet_demo.shell import page_of
from tests.helpers.running import ROOT

NOTHING_COMPUTED = {"parameters.networks"}
"""The timeline is a table from the papers."""


PAGES: dict[str, Page] = {
    f"{chapter}.{name}": page_of(package, name)
    for chapter in CHAPTERS
    for package in [importlib.import_module(f"resnet_demo.chapters.{chapter}")]
    for name in package.PAGES
}
"""Of these, those whose numbers come from what the visitor does not have to give: no photograph, no network."""
CALCULATED = {
    name: page for name, page in PAGES.items() if not page.uses and page.code and not name.startswith("degradation")
}


def test_a_function_is_shown_as_it_stands_in_its_file() -> None:
    path, source = code_behind(partial(head, "vgg16"))
    assert path == "resnet_demo/chapters/parameters/heads.py"
    assert source.startswith("def head(trunk: str, kind: str, size: int = 224")
    assert source in (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_shows_code_from_a_module_without_a_page(name: str) -> None:
    paths = [code_behind(one)[0] for one in PAGES[name].code]
    assert bool(paths) != (name in NOTHING_COMPUTED)
    assert [path for path in paths if "/pages/" in path] == []


@pytest.mark.parametrize("name", CALCULATED)
def test_it_is_what_the_page_calls(name: str) -> None:
    """The page computes with its first values, and the functions that it shows are among those that ran."""
    page = CALCULATED[name]
    forget_results_of(page)
    called: set[CodeType] = set()
    sys.setprofile(lambda frame, event, _: called.add(frame.f_code) if event == "call" else None)
    try:
        result = first_result(page)
    finally:
        sys.setprofile(None)
    assert result is not None
    assert [one.__name__ for one in page.code if inspect.unwrap(one).__code__ not in called] == []


def forget_results_of(page: Page) -> None:
    """Of other tests, which would be shown again without a call."""
    for module in {inspect.getmodule(inspect.unwrap(one)) for one in (page.compute, *page.code)}:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def first_result(page: Page) -> Any:
    values = {control.name: control.value for control in page.controls}
    if page.run:  # whose first results are a recorded run
        return next(iter(page.run.work(**values)))
    return page.compute(**values)
