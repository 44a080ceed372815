"""Minimum, maximum, mean and standard deviation of an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.arrays import AnyArray


@dataclass(frozen=True)
class Statistics:
    """What an array amounts to; the numbers are taken in float64, over all of it."""

    shape: tuple[int, ...]
    dtype: str
    minimum: float
    maximum: float
    mean: float
    standard_deviation: float


def statistics(array: AnyArray) -> Statistics:
    """Return the statistics of an array that is not empty; the standard deviation is that of the whole population."""
    with np.errstate(all="ignore"):
        return Statistics(
            shape=array.shape,
            dtype=str(array.dtype),
            minimum=float(array.min()),
            maximum=float(array.max()),
            mean=float(array.mean(dtype=np.float64)),
            standard_deviation=float(array.std(dtype=np.float64)),
        )
