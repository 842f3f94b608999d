"""What came of ResNet: results and successors, with sources."""

from resnet_demo.kit.html import html
from resnet_demo.kit.page import Output, Page

SOURCES = {
    "won": "arXiv 1512.03385",
    "advantages": "arXiv 1512.03385, 1603.05027",
    "backbone": "arXiv 1703.06870, 1804.02767",
    "finetuning": "arXiv 1805.08974",
    "transformer": "arXiv 1706.03762, 2002.04745",
    "dense": "arXiv 1608.06993",
    "branches": "arXiv 1409.4842, 1611.05431",
    "squeeze": "arXiv 1709.01507, 1905.11946",
    "convnext": "arXiv 2201.03545",
    "drawbacks": "arXiv 1512.03385, 1603.05027",
}
"""Each point's papers."""


def compute() -> dict[str, str]:
    return SOURCES


def draw(points: dict[str, str], language: str) -> tuple[str]:
    return (html("lesson/pages/after.html", language, points=points),)


PAGE = Page("after", compute, draw, controls=(), outputs=(Output("points"),))
