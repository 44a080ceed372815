"""What rounding to d digits can do to a number: half a unit of its last digit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.formatting import EXPONENT_FROM

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.arrays import Array

SLACK = 1e-9
"""Share of an error, and 1e-12 of a number, that float64 itself may take."""


class Measured(NamedTuple):
    """A number and how far a careful person's may be from it."""

    value: float
    error: float

    def takes(self, answer: float) -> bool:
        """Return whether ``answer`` is this number, as far as can be told."""
        return abs(answer - self.value) <= self.error * (1.0 + SLACK) + 1e-12 * abs(self.value)


def half_unit(values: npt.ArrayLike, digits: int) -> Array:
    """Return half a unit of the last digit that is written of each number: large ones are written with an exponent."""
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    half = np.full(sizes.shape, 0.5 * 10.0**-digits)
    large = sizes >= EXPONENT_FROM
    if large.any():
        half[large] = 0.5 * 10.0 ** (np.floor(np.log10(sizes[large])) - digits)
    return half


def half(value: float, digits: int) -> float:
    """Return :func:`half_unit` of one number."""
    return float(half_unit(value, digits))
