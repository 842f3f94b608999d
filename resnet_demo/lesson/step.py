"""What a step of the lesson is: a question, a guess, the picture that settles it, and where to go deeper."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from markupsafe import Markup

from resnet_demo.kit.html import html
from resnet_demo.kit.listeners import AT_ONCE
from resnet_demo.kit.page import Control, Output, Page
from resnet_demo.kit.text import catalogue, t

MOUNT = "window.lesson.mount(element, watch);"


@dataclass(frozen=True)
class Answer:
    """What the numbers of a step settle.

    Attributes:
        right: the option that is right on these numbers.
        picture: the drawing that shows it, as HTML.
        setting: what is seen before the guess, as HTML.
        values: put into the texts of the step.
    """

    right: str
    picture: str
    setting: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A step. Its texts are `lesson.<name>.ask`, `.option.<option>`, `.answer.<right>`, `.why` and `.keep`.

    Attributes:
        minutes: how long a class takes for it.
        options: what can be guessed, in the order of the buttons.
        compute: as that of a page.
        settle: `settle(result, language)`.
        deeper: chapter and page.
        controls, uses, lane: as those of a page.
    """

    name: str
    minutes: int
    options: tuple[str, ...]
    compute: Callable[..., Any]
    settle: Callable[[Any, str], Answer]
    deeper: tuple[str, str]
    controls: tuple[Control, ...] = ()
    uses: tuple[str, ...] = ()
    lane: Mapping[str, Any] = field(default_factory=lambda: AT_ONCE)

    @property
    def page(self) -> Page:
        """The step as a page."""
        output = Output("step", options={"js_on_load": MOUNT})
        return Page(
            self.name, self.compute, partial(draw, self), self.controls, (output,), uses=self.uses, lane=self.lane
        )


def draw(step: Step, result: Any, language: str) -> tuple[str]:
    """Question, guess, picture and answer; the picture and the answer are shown once a guess was made."""
    found = step.settle(result, language)
    chapter, show = step.deeper
    filled = html(
        "lesson/step.html",
        language,
        step=step,
        right=found.right,
        setting=Markup(found.setting),
        picture=Markup(found.picture),
        ask=t(language, f"lesson.{step.name}.ask", **found.values),
        options=[(one, t(language, f"lesson.{step.name}.option.{one}", **found.values)) for one in step.options],
        answer=t(language, f"lesson.{step.name}.answer.{found.right}", **found.values),
        why=t(language, f"lesson.{step.name}.why", **found.values),
        kept=t(language, f"lesson.{step.name}.keep", **found.values),
        deeper=place(language, chapter, show),
        link=f"{chapter}/{show}".rstrip("/"),
    )
    return (filled,)


def place(language: str, chapter: str, show: str = "") -> str:
    """A chapter and its page by their titles: "Degradation › 20 to 56 layers"."""
    title = t(language, f"{chapter}.title")
    if not show:
        return title
    key = f"{chapter}.{show}.title"
    if key not in catalogue(language):  # a chapter that lays itself out
        key = f"{chapter}.page.{show}"
    return f"{title} › {t(language, key)}"
