"""The summary as a sheet to print: photo, maps, numbers and answers; blank or with all answers for teachers."""

from typing import Any

from markupsafe import Markup

from resnet_demo.kit.assets import asset
from resnet_demo.kit.html import html
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, radio
from resnet_demo.kit.text import t
from resnet_demo.lesson.frame import steps
from resnet_demo.lesson.step import MOUNT

KINDS = ("mine", "blank", "answers")
DRAWN = ("meet", "puzzle", "maps")
"""Steps whose pictures are on the sheet."""


def compute(photo: str | None, pair: str, networks: Networks, kind: str) -> tuple[str, dict[str, Any]]:
    """The kind of sheet, and every step's result with the controls as they are at first. Raises DemoError."""
    shared = {"photo": photo, "pair": pair, "networks": networks}
    results = {}
    for step in steps():
        given = {name: shared[name] for name in step.uses} | {one.name: one.value for one in step.controls}
        results[step.name] = step.compute(**given)
    return kind, results


def draw(found: tuple[str, dict[str, Any]], language: str) -> tuple[str]:
    kind, results = found
    asked = []
    for step in steps():
        answer = step.settle(results[step.name], language)
        drawn = answer.picture if step.name in DRAWN and kind != "blank" else ""
        asked.append(
            {
                "name": step.name,
                "ask": t(language, f"lesson.{step.name}.ask", **answer.values),
                "options": [
                    (one, t(language, f"lesson.{step.name}.option.{one}", **answer.values), one == answer.right)
                    for one in step.options
                ],
                "answer": t(language, f"lesson.{step.name}.answer.{answer.right}", **answer.values),
                "keep": t(language, f"lesson.{step.name}.keep", **answer.values),
                "setting": Markup(answer.setting),
                "picture": Markup(drawn),
            }
        )
    return (html("lesson/pages/sheet.html", language, kind=kind, asked=asked, style=asset("lesson/sheet.css")),)


PAGE = Page(
    "sheet",
    compute,
    draw,
    controls=(radio("kind", lambda site: [(t(site.initial, f"lesson.sheet.{one}"), one) for one in KINDS], "mine"),),
    outputs=(Output("paper", options={"js_on_load": MOUNT}),),
    uses=("photo", "pair", "networks"),
    lane=MEASURED,
)
