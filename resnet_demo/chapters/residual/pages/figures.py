"""Numbers of the residual chapter as a person writes them."""

import math

from resnet_demo.kit.format import SUPERSCRIPT

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def figure(value: float, digits: int = 4) -> str:
    """ "1.0", "−0.1", "5.92·10⁻³", "∞", "NaN": up to `digits` digits, and always one that shows it is no count."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    if value and abs(value) < 0.001:
        mantissa, _, exponent = f"{value:.{digits - 2}e}".partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    power = f"·10{str(int(exponent)).translate(SUPERSCRIPT)}" if exponent else ""
    return (mantissa + power).replace("-", "−")


def exact(value: float, digits: int = 3) -> str:
    """A zero that was not rounded is written without a decimal."""
    return "0" if value == 0 else figure(value, digits)


def subscript(number: int) -> str:
    """ "₂₃" """
    return str(number).translate(SUBSCRIPTS)
