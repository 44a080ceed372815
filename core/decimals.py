"""Rounding as on paper and in a spreadsheet: in decimal, half away from zero, for many numbers at once.

The binary number next to 0.06395 lies a little below it. What is rounded here is the decimal number that a person
reads, so that 0.06395 becomes 0.0640.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.arrays import Array

PIECE = 1 << 15
"""How many numbers are rounded at once: few enough to stay in the processor's memory."""

READ_ALIKE = 2.0**-49
"""Numbers that differ by no more than this share of themselves read alike: a spreadsheet has 15 digits."""

WIDEST = 0.125
"""So much of a unit of the last digit never reads alike, however large the numbers are."""

FLOAT32 = 2.0**-24
"""By which share of itself a float32 number may differ from the decimal one that it stands for."""

WHOLE = 2.0**52
"""A number of so many units of its last digit has nothing after it that could be rounded."""


def rounded(values: npt.ArrayLike, digits: int) -> Array:
    """Return ``values`` with ``digits`` decimal places, in float64, half away from zero.

    Half is what reads so in decimal: in the 15 digits that float64 holds or, of a float32 number, in the shortest text
    that gives it back, such as 0.12345. NaN and the infinities stay.
    """
    numbers = np.asarray(values, dtype=np.float64)
    flat = numbers.ravel()
    made = np.empty_like(flat)
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, PIECE):
            here = slice(start, start + PIECE)
            made[here] = _piece(flat[here], 10.0**digits)
    return made.reshape(numbers.shape)


def _piece(numbers: Array, unit: float) -> Array:
    scaled = np.abs(numbers) * unit
    below = np.floor(scaled)
    units = np.floor(scaled + 0.5)
    near = np.abs(scaled - below - 0.5) <= FLOAT32 * scaled
    if near.any():
        units[near] = np.where(_reads_half(np.abs(numbers[near]), unit), below[near] + 1.0, units[near])
    # A negative zero would be no number of a person's.
    return np.where(scaled < WHOLE, np.copysign(units / unit, numbers) + 0.0, numbers)


def _reads_half(numbers: Array, unit: float) -> npt.NDArray[np.bool_]:
    """Return which of these positive numbers read as half way between two numbers of so many units."""
    scaled = numbers * unit
    below = np.floor(scaled)
    off = np.abs(scaled - below - 0.5)
    kept = numbers.astype(np.float32)
    # Of the texts that give a float32 number back it reads as the shortest and, of those, as the nearest.
    lower, half, upper = (((below + part) / unit).astype(np.float32) == kept for part in (0.0, 0.5, 1.0))
    as_float32 = (kept == numbers) & half & ~lower & ~upper & (off <= 0.05)
    return np.asarray(as_float32 | (off <= np.minimum(READ_ALIKE * scaled, WIDEST)))


def product(first: npt.ArrayLike, second: npt.ArrayLike, digits: int) -> Array:
    """Return the products of numbers, rounded to ``digits`` decimal places, in float64.

    Of numbers with as many places a product has twice as many, more than float64 holds: it is rounded as the whole
    number that it is.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    unit = 10.0**digits
    with np.errstate(all="ignore"):
        plain = np.asarray(one * other)
        a, b = np.rint(np.abs(one) * unit), np.rint(np.abs(other) * unit)
        scaled = a * b / unit
        units = np.floor(scaled + 0.5)
        whole_a, whole_b, whole = (np.asarray(part).astype(np.int64) for part in (a, b, units))
        # What is left is a few units, so that it comes out right even where the products overflow.
        left = whole_a * whole_b - whole * 10**digits
        units = units + (2 * left + 10**digits) // (2 * 10**digits)
        made = np.copysign(units / unit, plain) + 0.0
        held = np.maximum(np.maximum(a, b), scaled) < WHOLE
        # A constant, or what is not written down, may have more places.
        held = held & (a / unit == np.abs(one)) & (b / unit == np.abs(other))
    return made if held.all() else np.where(held, made, rounded(plain, digits))
