"""Self-check: three questions for each chapter, with fresh numbers each time."""

import gradio as gr

from resnet_demo.checks import whole
from resnet_demo.kit.html import html
from resnet_demo.kit.page import Built, Control, Output, Page, number
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.lesson.questions import KEY, QUESTIONS, Question, questions
from resnet_demo.lesson.step import MOUNT

MOST = 9999


def compute(chapter: str, set: int) -> tuple[Question, ...]:
    """Raises CountError for a set that is not a whole number from 1 to `MOST`."""
    return questions(chapter, whole("set", set, 1, MOST))


def draw(made: tuple[Question, ...], language: str) -> tuple[str]:
    def words(option: str) -> str:
        return t(language, option) if option.startswith(KEY) else option

    asked = [
        {
            "text": t(language, f"lesson.check.{one.key}", **one.values),
            "options": [(words(option), option == one.right) for option in one.options],
            "because": t(language, f"lesson.check.{one.key}.because", right=words(one.right), **one.values),
        }
        for one in made
    ]
    return (html("lesson/pages/check.html", language, asked=asked),)


def chapters(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"{one}.title"), one) for one in QUESTIONS]


def wire(built: Built) -> None:
    again = gr.Button(t(built.site.initial, "lesson.check.again"), size="sm", elem_id="lesson-check-again")
    again.click(None, None, built.controls["set"], js=f"() => 1 + Math.floor(Math.random() * {MOST})")


PAGE = Page(
    "check",
    compute,
    draw,
    controls=(
        Control("chapter", gr.Dropdown, "blocks", choices=chapters),  # which refuses any other name
        number("set", 1),
    ),
    outputs=(Output("questions", options={"js_on_load": MOUNT}),),
    wire=wire,
)
