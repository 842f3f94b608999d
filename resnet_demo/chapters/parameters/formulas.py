"""Formulas as small trees: one tree gives the value, the letters and the numbers, so these cannot differ.

Values are exact integers of any size. Quotients have no remainder by construction: groups divide channels, and one of
L and L - 1 is even.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A number and the letter that stands for it, e.g. C with the index "in"."""

    name: str
    number: int
    index: str = ""


@dataclass(frozen=True)
class Square:
    base: "Expression"


@dataclass(frozen=True)
class Product:
    factors: tuple["Expression", ...]


@dataclass(frozen=True)
class Sum:
    terms: tuple["Expression", ...]


@dataclass(frozen=True)
class Difference:
    minuend: "Expression"
    subtrahend: "Expression"


@dataclass(frozen=True)
class Quotient:
    dividend: "Expression"
    divisor: "Expression"


Expression = int | Letter | Square | Product | Sum | Difference | Quotient


def product(*factors: Expression) -> Expression:
    """The product of the factors; nested products are flattened, and factors of 1 are dropped."""
    flat: list[Expression] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Product) else [factor])
    flat = [factor for factor in flat if factor != 1]
    return flat[0] if len(flat) == 1 else Product(tuple(flat)) if flat else 1


def total(*terms: Expression) -> Expression:
    """The sum of the terms."""
    return terms[0] if len(terms) == 1 else Sum(terms)


def value(e: Expression) -> int:
    """The value of the tree."""
    match e:
        case int():
            return e
        case Letter():
            return e.number
        case Square():
            return value(e.base) ** 2
        case Product():
            found = 1
            for factor in e.factors:
                found *= value(factor)
            return found
        case Sum():
            return sum(map(value, e.terms))
        case Difference():
            return value(e.minuend) - value(e.subtrahend)
        case Quotient():
            return value(e.dividend) // value(e.divisor)


@dataclass(frozen=True)
class Style:
    """How a formula is written: letter(name, index), square(base), quotient(dividend, divisor), whole number."""

    letter: Callable[[str, str], str]
    square: Callable[[str], str]
    quotient: Callable[[str, str], str]
    number: Callable[[int], str]
    dot: str = "·"
    minus: str = "−"
    bracketed: bool = True
    """Whether a quotient among factors needs brackets; a built-up fraction does not."""


def digits(number: int) -> str:
    """With thousands separators from 10,000 on, as in print."""
    return f"{number:,}" if number >= 10_000 else str(number)


TEXT = Style(
    letter=lambda name, index: f"{name}_{index}" if index else name,
    square=lambda base: f"{base}²",
    quotient=lambda dividend, divisor: f"{dividend}/{divisor}",
    number=digits,
)
LATEX = Style(
    letter=lambda name, index: f"{name}_{{\\mathrm{{{index}}}}}" if index else name,
    square=lambda base: f"{base}^{{2}}",
    quotient=lambda dividend, divisor: f"\\frac{{{dividend}}}{{{divisor}}}",
    number=lambda number: digits(number).replace(",", "{,}"),
    dot=" \\cdot ",
    minus="-",
    bracketed=False,
)

ADDED, MULTIPLIED, ALONE = range(3)


def spell(e: Expression, style: Style = TEXT, numbers: bool = False, within: int = ADDED) -> str:
    """The formula in letters or with numbers; `within` is the precedence of the surrounding operator."""
    binds = ALONE
    match e:
        case int():
            written = style.number(e)
        case Letter():
            written = style.number(e.number) if numbers else style.letter(e.name, e.index)
        case Square():
            written = style.square(spell(e.base, style, numbers, ALONE))
        case Product():
            written = style.dot.join(spell(factor, style, numbers, MULTIPLIED) for factor in e.factors)
            binds = MULTIPLIED
        case Sum():
            written = " + ".join(spell(term, style, numbers) for term in e.terms)
            binds = ADDED
        case Difference():
            around = MULTIPLIED
            written = f"{spell(e.minuend, style, numbers)} {style.minus} {spell(e.subtrahend, style, numbers, around)}"
            binds = ADDED
        case Quotient():
            around = MULTIPLIED if style.bracketed else ADDED
            written = style.quotient(spell(e.dividend, style, numbers, around), spell(e.divisor, style, numbers, ALONE))
            binds = ADDED if style.bracketed else ALONE
    return f"({written})" if binds < within else written
