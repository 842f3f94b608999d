"""What stands around the lesson's pages: the list of steps, the bar below, and what the chapters say of the lesson."""

from importlib import import_module

from resnet_demo.kit.html import html
from resnet_demo.kit.text import t
from resnet_demo.lesson import EXTRAS, STEPS
from resnet_demo.lesson.step import Step

LESSON = "lesson"


def steps() -> list[Step]:
    """All steps in order."""
    return [import_module(f"resnet_demo.lesson.pages.{name}").STEP for name in STEPS]


def minutes() -> int:
    """How long all steps take."""
    return sum(step.minutes for step in steps())


def navigation(language: str) -> str:
    """The steps as links, and the bar that leads from one to the next."""
    return html("lesson/navigation.html", language, steps=steps(), extras=EXTRAS)


def invitation(language: str, chapter: str) -> str:
    """What a chapter says of the lesson: which steps use it, or, in the first chapter, that there is one."""
    numbers = [str(number) for number, step in enumerate(steps(), 1) if step.deeper[0] == chapter]
    if STEPS[0] == steps()[int(numbers[0]) - 1].name:
        words, show = t(language, "lesson.invite", count=len(STEPS), minutes=minutes()), STEPS[0]
    else:
        listed = t(language, "lesson.comma").join(numbers)
        words, show = t(language, "lesson.used", numbers=listed), STEPS[int(numbers[0]) - 1]
    return html("lesson/invitation.html", language, words=words, link=f"{LESSON}/{show}")
