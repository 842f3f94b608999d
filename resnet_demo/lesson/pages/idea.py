"""Step 3: one number through a block, with the shortcut and without."""

from dataclasses import dataclass

from resnet_demo.chapters.residual.one_block import Step as BlockStep
from resnet_demo.chapters.residual.one_block import Weights, step, weights
from resnet_demo.chapters.residual.pages.diagrams import block
from resnet_demo.chapters.residual.pages.figures import figure
from resnet_demo.kit.page import slider
from resnet_demo.kit.text import t
from resnet_demo.lesson.step import Answer, Step

X, W1 = 2.0, 0.5


@dataclass(frozen=True)
class OneNumber:
    """The block with and without its shortcut, for the same x and weights."""

    weights: Weights
    residual: BlockStep
    plain: BlockStep

    @property
    def right(self) -> str:
        """Which block's output is nearer to its input."""
        kept, lost = abs(self.residual.out - self.residual.x), abs(self.plain.out - self.plain.x)
        return "same" if kept == lost else "with" if kept < lost else "without"


def compute(w2: float) -> OneNumber:
    """Raises CountError."""
    w = weights(W1, w2)
    return OneNumber(w, step(X, w), step(X, w, "plain"))


def settle(found: OneNumber, language: str) -> Answer:
    gone = t(language, "residual.one_block.gone")
    drawn = ""
    for form, one in (("residual", found.residual), ("plain", found.plain)):
        words = f"{t(language, f'lesson.idea.{form}')}: x = {figure(one.x)}, y = {figure(one.out)}"
        drawn += f'<figure class="{form}">{block(one, found.weights, words, gone)}</figure>'
    values = {
        "x": figure(X),
        "w2": figure(found.weights.w2),
        "branch": figure(found.residual.branch),
        "total": figure(found.residual.total),
        "out": figure(found.residual.out),
        "plain_out": figure(found.plain.out),
    }
    return Answer(found.right, f'<div class="forward">{drawn}</div>', values=values)


STEP = Step(
    "idea",
    3,
    ("with", "without", "same"),
    compute,
    settle,
    ("residual", "one_block"),
    controls=(slider("w2", -1, 1, -0.1, 0.05, label="residual.w2"),),
)
PAGE = STEP.page
