"""Phrases that several tabs share, and numbers as a person writes them."""

import math
from collections.abc import Iterable
from html import escape
from typing import Any

from resnet_demo.explain import Guess
from resnet_demo.kit.text import catalogue, imagenet, t

Z = 1.959964
"""Standard deviations to either side that 95% of a normal distribution lie within."""
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def intro(language: str, tab: str) -> str:
    """How a tab opens: one question, and what to look for."""
    question, look = t(language, f"{tab}.question"), t(language, f"{tab}.look")
    return f'<div class="intro"><h2>{escape(question)}</h2><p>{escape(look)}</p></div>'


def class_label(language: str, class_id: str, name: str) -> str:
    """A class in the visitor's language, or by its English name where no other is known."""
    return catalogue(language).get(f"class.{class_id}") or imagenet(language).get(class_id, name)


def class_name(language: str, guess: Guess) -> str:
    return class_label(language, guess.class_id, guess.name)


def percent(share: float, decimals: int = 1) -> str:
    """A share as "88.0%"."""
    return f"{100 * share:.{decimals}f}%"


def interval(share: float, count: int) -> tuple[float, float]:
    """The 95% interval of a share of `count` images (Wilson 1927): from 0 to 1 even where the share is 0 or 1."""
    spread = Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt((share * (1 - share) + spread / 4) / count) / (1 + spread)
    return middle - half, middle + half


def span(share: float, count: int) -> str:
    """The 95% interval of a share as "86.9–89.1%"."""
    low, high = interval(share, count)
    return f"{100 * low:.1f}–{percent(high)}"


def margins(language: str, shares: Iterable[float], count: int) -> str:
    """A sentence: how far the 95% intervals of these shares of `count` images reach beyond them, at most."""
    reach = max(abs(end - share) for share in shares for end in interval(share, count))
    return t(language, "network.margins", margin=f"{math.ceil(1000 * reach) / 10:.1f}", count=f"{count:,}")


def number(value: float, digits: int = 2) -> str:
    """To two significant digits, or as told: "1.3", "3,700"; "3.3 × 10⁻⁹" below 0.0001 and from a million on."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    written = f"{value:.{digits - 1}e}"
    exponent = int(written.partition("e")[2])
    if -5 < exponent < 6:
        written = f"{float(written):,.{max(0, digits - 1 - exponent) if value else 0}f}"
    return power(written)


def power(written: str) -> str:
    """A number as Python writes it, as a person does: "−2.7 × 10⁻⁷" for "-2.7e-07"."""
    mantissa, _, exponent = written.partition("e")
    raised = f" × 10{str(int(exponent)).translate(SUPERSCRIPT)}" if exponent else ""
    return mantissa.replace("-", "−") + raised


def card_line(language: str, card: dict[str, Any]) -> str:
    """How good a network is, and on what that was measured."""
    if "accuracy" not in card:
        return t(language, "network.unmeasured")
    accuracy = card["accuracy"]
    key = "network.accuracy" if accuracy["half"] == "test" else "network.accuracy_stated"
    top1, images = accuracy["top1"], accuracy["count"]
    line = t(language, key, top1=percent(top1), count=f"{images:,}", interval=span(top1, images))
    if "seeds" not in card:
        return line
    count, mean, std = len(card["seeds"]["runs"]), card["seeds"]["mean"], card["seeds"]["std"]
    return t(language, "network.seeds", accuracy=line, count=count, mean=f"{100 * mean:.1f}", std=f"{100 * std:.1f}")
