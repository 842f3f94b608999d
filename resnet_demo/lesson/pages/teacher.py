"""Notes for teachers: what to do in 20, 45 or 90 minutes."""

from resnet_demo.kit.html import html
from resnet_demo.kit.page import Output, Page
from resnet_demo.lesson import STEPS
from resnet_demo.lesson.frame import steps

Plan = tuple[tuple[str, int], ...]


def plans() -> dict[int, Plan]:
    """For each length in minutes: steps of the lesson and activities, with the minutes of each."""
    every = tuple((step.name, step.minutes) for step in steps())
    return {
        20: (("meet", 3), ("puzzle", 4), ("idea", 4), ("ablation", 3), ("cheap", 3), ("discuss", 3)),
        45: (*every, ("discuss", 10), ("check", 8), ("sheet", 6)),
        90: (*every, ("paper", 14), ("live", 20), ("misconceptions", 13), ("check", 12), ("sheet", 10)),
    }


def draw(found: dict[int, Plan], language: str) -> tuple[str]:
    return (html("lesson/pages/teacher.html", language, plans=found, names=STEPS),)


PAGE = Page("teacher", plans, draw, controls=(), outputs=(Output("notes"),))
