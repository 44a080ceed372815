"""Two named ways of rounding: ``shown`` rounds what is printed, ``carried`` rounds what is carried on.

Both round in decimal, half away from zero: see :mod:`core.decimals`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.decimals import product, rounded

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.arrays import Array


RULE = "half away from zero"
"""How halves are rounded, in words."""


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
        return array if self._digits is None else rounded(array, self._digits)

    def product(self, first: npt.ArrayLike, second: npt.ArrayLike) -> Array:
        """Return the products of numbers that were written down, as they are written down in their turn."""
        if self._digits is None:
            return np.asarray(first, dtype=np.float64) * np.asarray(second, dtype=np.float64)
        return product(first, second, self._digits)


EXACT = Carry(Rounding.SHOWN, 0)
