"""A page as a visitor sees it, without a browser: values in, its outputs by name."""

from types import SimpleNamespace
from typing import Any

from resnet_demo.kit.layout import drawn, shown, steps
from resnet_demo.kit.page import Page
from resnet_demo.kit.steps_in_thread import Step


def _site(language: str, networks: Any) -> Any:
    return SimpleNamespace(initial=language, networks=networks)


def _values(page: Page, site: Any, given: dict[str, Any]) -> list[Any]:
    others = [one for one in page.controls if one.name not in given]
    first = {one.name: one.value(site) if callable(one.value) else one.value for one in others}
    known = [*(name for name in page.uses if name != "networks"), *(one.name for one in page.controls)]
    assert given.keys() <= set(known)
    return [{**first, **given}[name] for name in known]


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
    site = _site(language, networks)
    assert page.run
    results = steps(page.run.work, page, chapter, site, *_values(page, site, values))
    return [_named(page, result) for result in results if not isinstance(result, Step)]
