"""Phrases that several tabs share."""

from html import escape
from typing import Any

from resnet_demo.explain import Guess
from resnet_demo.ui.text import catalogue, imagenet, t


def intro(language: str, tab: str) -> str:
    """How a tab opens: one question, and what to look for."""
    question, look = t(language, f"{tab}.question"), t(language, f"{tab}.look")
    return f'<div class="intro"><h2>{escape(question)}</h2><p>{escape(look)}</p></div>'


def class_label(language: str, class_id: str, name: str) -> str:
    """A class in the visitor's language, or by its English name where no other is known."""
    return catalogue(language).get(f"class.{class_id}") or imagenet(language).get(class_id, name)


def class_name(language: str, guess: Guess) -> str:
    return class_label(language, guess.class_id, guess.name)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def card_line(language: str, card: dict[str, Any]) -> str:
    """How good a network is, and on what that was measured."""
    accuracy = card["accuracy"]
    key = "network.accuracy" if accuracy["half"] == "test" else "network.accuracy_stated"
    return t(language, key, top1=percent(accuracy["top1"]), count=f"{accuracy['count']:,}")
