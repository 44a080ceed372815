"""Numbers as text: one way for every screen and every export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.arrays import AnyArray

DIGITS = range(1, 10)
"""The numbers of decimal places that can be chosen."""

DEFAULT_DIGITS = 4
"""The tutorial's own number of decimal places."""


EXPONENT_FROM = 1e6
"""From where on a number is written with an exponent."""


def number(value: float, digits: int = DEFAULT_DIGITS) -> str:
    """Return ``value`` with ``digits`` decimal places; very large values get an exponent.

    A value that rounds to zero has no sign, and NaN and the infinities are spelt ``nan``, ``inf``, ``-inf``.
    """
    if not np.isfinite(value):
        return str(float(value))
    if abs(value) >= EXPONENT_FROM:
        return f"{value:.{digits}e}"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def exact(value: float) -> str:
    """Return the shortest text that gives back the same float32, as ``model.predict`` would print it."""
    return str(np.float32(value))


def small(value: float) -> str:
    """Return a difference: ``0``, one significant digit such as ``4e-08``, or four decimal places if it is large."""
    if value == 0:
        return "0"
    return f"{value:.0e}" if value < 1e-3 else number(value)


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
    """Return a share of 1 as a percentage with one decimal place."""
    return f"{100 * share:.1f} %"


def count(amount: int, singular: str) -> str:
    """Return ``amount`` with its noun, in the plural where English wants it."""
    return f"{amount:,} {singular}" if amount == 1 else f"{amount:,} {singular}s"
