"""A page as a visitor sees it, without a browser: values in, its outputs by name."""

from types import SimpleNamespace
from typing import Any

import gradio as gr

from resnet_demo.kit.layout import drawn, shown, steps
from resnet_demo.kit.page import Page
from resnet_demo.kit.steps_in_thread import Step


def _site(language: str, networks: Any) -> Any:
    return SimpleNamespace(initial=language, networks=networks)


def _values(page: Page, site: Any, given: dict[str, Any]) -> list[Any]:
    others = [one for one in page.controls if one.name not in given]
    first = {one.name: one.value(site) if callable(one.value) else one.value for one in others}
    kept = {one.name: one.options.get("value") for one in page.outputs if one.kind is gr.State}
    assert given.keys() <= set(page.names)
    return [{**kept, **first, **given}[name] for name in page.names]


def _named(page: Page, outputs: Any) -> dict[str, Any]:
    many = outputs if isinstance(outputs, tuple) else (outputs,)
    return dict(zip([one.name for one in page.outputs], many, strict=True))


def show(chapter: str, page: Page, language: str = "en", networks: Any = None, **values: Any) -> dict[str, Any]:
    """What the page shows for these values; a control that is not named has its first one."""
    site = _site(language, networks)
    return _named(page, shown(page, chapter, site, *_values(page, site, values)))


def draw(chapter: str, page: Page, result: Any, language: str = "en") -> dict[str, Any]:
    """What the page shows for a result."""
    return _named(page, drawn(page, chapter, _site(language, None), result))


def run(chapter: str, page: Page, language: str = "en", networks: Any = None, **values: Any) -> list[dict[str, Any]]:
    """What the page shows while its button's work runs, from result to result."""
    assert page.run
    return _results(page.run.work, chapter, page, language, networks, values)


def measure(
    chapter: str, page: Page, language: str = "en", networks: Any = None, **values: Any
) -> list[dict[str, Any]]:
    """What the page shows while it measures, from result to result."""
    return _results(page.compute, chapter, page, language, networks, values)


def _results(
    work: Any, chapter: str, page: Page, language: str, networks: Any, values: dict[str, Any]
) -> list[dict[str, Any]]:
    site = _site(language, networks)
    results = steps(work, page, chapter, site, *_values(page, site, values))
    return [_named(page, result) for result in results if not isinstance(result, Step)]
