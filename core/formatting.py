"""Numbers as text: one way for every screen and every export."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from core.decimals import FLOAT32, rounded

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.arrays import AnyArray

DIGITS = range(1, 10)
"""The numbers of decimal places that can be chosen."""

DEFAULT_DIGITS = 4
"""The tutorial's own number of decimal places."""

SIGNIFICANT = range(3, 10)
"""The numbers of significant digits at an axis: with nine every float32 is told from the next."""

EXPONENT_FROM = 1e6
"""From where on a number is written with an exponent."""


def number(value: float, digits: int = DEFAULT_DIGITS) -> str:
    """Return ``value`` with ``digits`` decimal places; very large values get an exponent, unless none are wanted.

    What reads as half way in decimal is rounded away from zero, as :func:`rounded` does. A value that rounds to zero
    has no sign, and NaN and the infinities are spelt ``nan``, ``inf``, ``-inf``.
    """
    value = float(value)
    if not isfinite(value):
        return str(value)
    if abs(value) >= EXPONENT_FROM and digits:
        return _with_exponent(value, digits)
    scaled = abs(value) * 10.0**digits
    if abs(scaled % 1.0 - 0.5) <= FLOAT32 * scaled:
        value = float(rounded(value, digits))
    text = f"{value:.{digits}f}"
    return text[1:] if text[0] == "-" and float(text) == 0.0 else text


def _with_exponent(value: float, digits: int) -> str:
    mantissa, power = f"{value:.15e}".split("e")
    written = f"{float(rounded(float(mantissa), digits)):.{digits}f}"
    # Of what is rounded up to 10 the exponent changes too.
    return f"{value:.{digits}e}" if abs(float(written)) == 10.0 else f"{written}e{power}"


def whole(value: float) -> str:
    """Return a number that stands among whole ones: with no places, unless it has some; a zero has no sign."""
    return f"{value + 0.0:.0f}" if float(value).is_integer() else f"{value:g}"


def in_a_line(values: AnyArray, digits: int, whole_columns: Collection[int] = ()) -> str:
    """Return numbers with commas between; those at ``whole_columns`` as whole ones."""
    return ", ".join(whole(one) if at in whole_columns else number(one, digits) for at, one in enumerate(values))


MAX_DIVISOR = 100
"""Fractions are written with a divisor up to this: 0.33333334 is 1/3, and hardly another float32 is one by chance."""

MAX_FRACTION = 7
"""Characters of the longest fraction, which then is no wider than -0.1234."""


def fraction(value: float) -> str | None:
    """Return ``value`` as a whole number or as a fraction such as ``-1/3``; None unless one is exact.

    Exact is what no float32 tells from it: 1/3 is not a binary number, and Keras holds the float32 next to it.
    """
    if not isfinite(value) or abs(value) >= EXPONENT_FROM:
        return None
    near = Fraction(float(value)).limit_denominator(MAX_DIVISOR)
    text = str(near)
    return text if np.float32(float(near)) == np.float32(value) and len(text) <= MAX_FRACTION else None


@dataclass(frozen=True)
class Notation:
    """How numbers are written: with how many decimal places, or as a fraction where one is exact."""

    digits: int = DEFAULT_DIGITS
    fractions: bool = False

    def __call__(self, value: float) -> str:
        """Return ``value`` as it is written."""
        return (fraction(value) if self.fractions else None) or number(value, self.digits)

    def width_of(self, values: AnyArray) -> int:
        """Return how many columns the widest of ``values`` takes, or a little more."""
        return max(width_of(values, self.digits), MAX_FRACTION if self.fractions else 0)


def exact(value: float) -> str:
    """Return the shortest text that gives back the same float32, as ``model.predict`` would print it."""
    return str(np.float32(value))


def small(value: float) -> str:
    """Return a difference: ``0``, one significant digit such as ``4e-08``, or four decimal places if it is large."""
    if value == 0:
        return "0"
    return f"{value:.0e}" if abs(value) < 1e-3 else number(value)


def ends(low: float, high: float, width: int) -> tuple[str, str]:
    """Return both ends of an axis with three significant digits, or with as many more as it takes to tell them apart.

    Each has fewer where ``width`` columns do not hold them, at least one.
    """
    for digits in SIGNIFICANT:
        lower, upper = (_significant(end, digits, width) for end in (low, high))
        if lower != upper:
            return lower, upper
    return _significant(low, SIGNIFICANT[0], width), _significant(high, SIGNIFICANT[0], width)


def _significant(value: float, digits: int, width: int) -> str:
    # A zero has no sign, as a number has none.
    texts = [f"{value + 0.0:.{fewer}g}" for fewer in range(digits, 0, -1)]
    return next((text for text in texts if len(text) <= width), texts[-1])


def width_of(values: AnyArray, digits: int) -> int:
    """Return how many columns the widest of ``values`` takes; at least what ``-0.`` and its digits take."""
    texts = [number(-0.5, digits)]
    if values.size:
        ends = [float(values.min()), float(values.max())]
        if not np.isfinite(ends).all():
            finite = values[np.isfinite(values)]
            ends = [float(finite.min()), float(finite.max())] if finite.size else []
            texts.append("-inf")
        # A number just below the exponent is wider than a larger one with it.
        widest = float(np.nextafter(EXPONENT_FROM, 0.0))
        ends += [float(np.clip(end, -widest, widest)) for end in ends]
        texts += [number(end, digits) for end in ends]
    return max(len(text) for text in texts)


def percent(share: float) -> str:
    """Return a share of 1 as a percentage with one decimal place, a very large one with an exponent."""
    return f"{100 * share:.1f} %" if share < 1e4 else f"{100 * share:.0e} %"


def count(amount: int, singular: str) -> str:
    """Return ``amount`` with its noun, in the plural where English wants it."""
    return f"{amount:,} {singular}" if amount == 1 else f"{amount:,} {singular}s"
