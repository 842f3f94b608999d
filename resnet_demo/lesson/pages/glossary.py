"""The glossary as a page of its own: English and Chinese beside each other."""

from typing import Any

from resnet_demo.kit.glossary import entries
from resnet_demo.kit.html import html
from resnet_demo.kit.page import Output, Page


def compute() -> list[dict[str, Any]]:
    return entries()


def draw(terms: list[dict[str, Any]], language: str) -> tuple[str]:
    return (html("lesson/pages/glossary.html", language, terms=terms),)


PAGE = Page("glossary", compute, draw, controls=(), outputs=(Output("terms"),))
