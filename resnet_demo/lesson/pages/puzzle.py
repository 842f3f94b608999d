"""Step 2: the error of plain and residual networks at two depths, from the degradation study."""

from dataclasses import dataclass

from resnet_demo.chapters.degradation.study import TEST_PICTURES, study, table, twins
from resnet_demo.kit.format import margins
from resnet_demo.kit.html import html
from resnet_demo.kit.page import radio
from resnet_demo.kit.text import t
from resnet_demo.lesson.step import Answer, Step

EQUAL = 1.0
"""Percentage points: errors that differ by less are called the same."""
HALVES = ("training", "test")


@dataclass(frozen=True)
class Depths:
    """An error in percent at the least and the greatest depth: `plain` and `residual`, each shallow, deep.

    `count` is the number of images of that `half` of the dataset.
    """

    half: str
    count: int
    shallow: int
    deep: int
    plain: tuple[float, float]
    residual: tuple[float, float]

    @property
    def right(self) -> str:
        """How the deep plain network compares with the shallow one."""
        change = self.plain[1] - self.plain[0]
        return "same" if abs(change) < EQUAL else "worse" if change > 0 else "better"


def compute(half: str) -> Depths:
    found = study()
    plain, residual = twins(table(found))
    ends = min(plain), max(plain)
    errors = ([getattr(line[depth], f"{half}_error") for depth in ends] for line in (plain, residual))
    (a, b), (c, d) = errors
    count = found.pictures if half == "training" else TEST_PICTURES
    return Depths(half, count, *ends, (a, b), (c, d))


def settle(found: Depths, language: str) -> Answer:
    top = 10 * (int(max(*found.plain, *found.residual) // 10) + 1)
    values = {
        "shallow": found.shallow,
        "deep": found.deep,
        "half": t(language, f"degradation.{found.half}"),
        "plain": f"{found.plain[0]:.1f}%",
        "plain_deep": f"{found.plain[1]:.1f}%",
        "residual": f"{found.residual[0]:.1f}%",
        "residual_deep": f"{found.residual[1]:.1f}%",
        "margins": margins(language, [error / 100 for error in (*found.plain, *found.residual)], found.count),
    }
    picture = html("lesson/pages/puzzle.html", language, found=found, top=top, values=values)
    return Answer(found.right, picture, values=values)


STEP = Step(
    "puzzle",
    3,
    ("better", "same", "worse"),
    compute,
    settle,
    ("degradation", "study"),
    controls=(
        radio("half", lambda site: [(t(site.initial, f"degradation.{half}"), half) for half in HALVES], "training"),
    ),
)
PAGE = STEP.page
