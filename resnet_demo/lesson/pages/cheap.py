"""Step 8: two 3 x 3 convolutions against a bottleneck, counted."""

from dataclasses import dataclass

from resnet_demo.chapters.parameters.counting import BlockCount, count, reduction
from resnet_demo.kit.html import html
from resnet_demo.kit.page import slider
from resnet_demo.lesson.step import Answer, Step

HALF, QUARTER = 0.35, 0.15
"""Shares above these are nearest to a half and to a quarter."""


@dataclass(frozen=True)
class Costs:
    """Two convolutions of 3 x 3 as in VGG, and a bottleneck a quarter as wide inside."""

    channels: int
    vgg: BlockCount
    bottleneck: BlockCount

    @property
    def share(self) -> float:
        return self.bottleneck.parameters / self.vgg.parameters

    @property
    def right(self) -> str:
        return "half" if self.share > HALF else "quarter" if self.share > QUARTER else "tenth"


def compute(channels: int) -> Costs:
    """Raises CountError."""
    return Costs(channels, count("vgg", channels, depth=2), count("bottleneck", channels))


def settle(found: Costs, language: str) -> Answer:
    values = {
        "channels": found.channels,
        "inside": found.bottleneck.block.width,
        "vgg": f"{found.vgg.parameters:,}",
        "bottleneck": f"{found.bottleneck.parameters:,}",
        "saved": f"{reduction(found.vgg.parameters, found.bottleneck.parameters):.0f}%",
        "times": f"{1 / found.share:.0f}",
    }
    return Answer(found.right, html("lesson/pages/cheap.html", language, found=found, values=values), values=values)


STEP = Step(
    "cheap",
    2,
    ("half", "quarter", "tenth"),
    compute,
    settle,
    ("parameters", "blocks"),
    controls=(slider("channels", 64, 512, 256, 64),),
)
PAGE = STEP.page
