"""Two named ways of rounding: ``shown`` rounds what is printed, ``carried`` rounds what is carried on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from core.arrays import Array


PIECE = 1 << 14
"""How many numbers are rounded at once."""


class Rounding(StrEnum):
    """How a calculation treats its digits."""

    SHOWN = "shown"
    """Calculate exactly, print d digits."""

    CARRIED = "carried"
    """Round every number to d digits as it is written down, and go on with the rounded one, as on paper."""


class Carry:
    """Writes numbers down for one calculation: exactly, or rounded to ``digits`` decimal places."""

    def __init__(self, rounding: Rounding, digits: int) -> None:
        self._digits = digits if rounding is Rounding.CARRIED else None

    @property
    def exact(self) -> bool:
        """Whether numbers pass unchanged."""
        return self._digits is None

    def __call__(self, values: npt.ArrayLike) -> Array:
        """Return ``values`` in float64, as they are written down."""
        array = np.asarray(values, dtype=np.float64)
        if self._digits is None:
            return array
        # Python's round() is right to the last digit; numpy.round multiplies first and is not.
        rounded = (round(value, self._digits) for piece in _pieces(array) for value in piece)
        return np.fromiter(rounded, np.float64, array.size).reshape(array.shape)


def _pieces(array: Array) -> Iterator[list[float]]:
    """Give all numbers of ``array``, some at a time: as Python's floats they take four times the room."""
    flat = array.reshape(-1)
    return (flat[start : start + PIECE].tolist() for start in range(0, flat.size, PIECE))


EXACT = Carry(Rounding.SHOWN, 0)
