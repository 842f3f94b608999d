"""The address as the place where a visitor is: the settings of the open page. `static/shell.js` writes and reads it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from resnet_demo.kit.page import Control
from resnet_demo.kit.site import Site


def remember(
    site: Site, chapter: str, page: str | None, controls: Sequence[Control], built: Mapping[str, Component]
) -> None:
    """Puts the controls of a page into the address while they differ from their first values.

    `page` is None for controls that all pages of a chapter share.
    """
    values = [built[one.name].value for one in controls]
    site.settings.extend(
        (setting(site, chapter, page, one, value), built[one.name]) for one, value in zip(controls, values, strict=True)
    )
    _write(chapter, page, [one.name for one in controls], values, [*built.values()])


def setting(site: Site, chapter: str, page: str | None, control: Control, value: Any) -> list[Any]:
    """What the address may say of a control: chapter, page and name, its kind of value, which it takes, the first."""
    if control.choices is not None:
        kind = "several" if isinstance(value, list) else "one"
        return [chapter, page, control.name, kind, [known for _, known in control.choices(site)], value]
    if isinstance(value, bool):
        return [chapter, page, control.name, "flag", None, value]
    kind = "number" if isinstance(value, int | float) else "text"
    return [chapter, page, control.name, kind, None, value]


def _write(chapter: str, page: str | None, names: list[str], values: list[Any], controls: list[Any]) -> None:
    if not controls:
        return
    words = ", ".join(map(json.dumps, (chapter, page, names, values)))
    changes = [one.change for one in controls]
    gr.on(changes, None, controls, None, js=f"(...values) => {{ window.resnet.settings({words}, values); }}")


def wire_address(site: Site, moved: Any) -> None:
    """Sets the controls that the address names, for a visitor who comes by a link, and after a step in the history."""
    known, controls = [one for one, _ in site.settings], [control for _, control in site.settings]
    gr.on([site.load, moved], None, None, controls, js=f"() => window.resnet.read({json.dumps(known)})")
