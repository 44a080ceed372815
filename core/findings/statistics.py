"""What an array of weights amounts to: its range, mean, spread, norm, zeros, what is no number, and its histogram."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from core.chunks import CHUNK, Pause, go_on, pieces
from core.findings.histogram import Counting, Histogram

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import AnyArray

LARGEST = float(np.finfo(np.float32).max)

NOTHING = Histogram(np.empty(0), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Statistics:
    """The finite numbers' range, mean, spread, norm and histogram, and how many numbers are 0, NaN and infinite.

    Mean, standard deviation (of the whole population) and norm (the root of the sum of squares) are summed in
    float64. Without a finite number the norm is 0, and the range, the mean and the standard deviation are NaN.
    """

    shape: tuple[int, ...]
    dtype: str
    bytes: int
    minimum: float
    maximum: float
    mean: float
    standard_deviation: float
    norm: float
    zeros: int
    nans: int
    infinities: int
    histogram: Histogram

    @property
    def count(self) -> int:
        """How many numbers there are in all."""
        return prod(self.shape)

    @property
    def zero_share(self) -> float:
        """The share of all numbers that are 0; of no numbers it is 0."""
        return self.zeros / self.count if self.count else 0.0


def statistics(array: npt.NDArray[Any], pause: Pause = go_on) -> Statistics:
    """Return the statistics of an array; it is gone through twice, in pieces, with a ``pause`` before each.

    Numbers that float32 does not hold are too far apart for a histogram; their squares may be infinite.
    """
    numbers = array.ravel(order="K")
    numbers = numbers if numbers.dtype in (np.float32, np.float64) else numbers.astype(np.float64)
    extent = _extent(numbers, pause)
    moments, histogram = _Moments(nan, nan, 0.0), NOTHING
    if extent.finite:
        with np.errstate(over="ignore", invalid="ignore"):
            moments, histogram = _summed(numbers, extent, pause)
    return Statistics(
        shape=array.shape,
        dtype=str(array.dtype),
        bytes=array.nbytes,
        minimum=extent.low if extent.finite else nan,
        maximum=extent.high if extent.finite else nan,
        mean=moments.mean,
        standard_deviation=moments.standard_deviation,
        norm=moments.norm,
        zeros=extent.zeros,
        nans=extent.nans,
        infinities=extent.infinities,
        histogram=histogram,
    )


@dataclass
class _Extent:
    """The ends of the finite numbers, and what was counted on the way."""

    finite: int = 0
    low: float = inf
    high: float = -inf
    zeros: int = 0
    nans: int = 0
    infinities: int = 0


def _extent(numbers: Float[AnyArray, "numbers"], pause: Pause) -> _Extent:
    extent = _Extent()
    for piece in pieces(numbers.size, pause):
        part = numbers[piece]
        low, high = part.min(), part.max()
        if not (np.isfinite(low) and np.isfinite(high)):
            extent.nans += int(np.count_nonzero(np.isnan(part)))
            extent.infinities += int(np.count_nonzero(np.isinf(part)))
            part = part[np.isfinite(part)]
            low, high = part.min(initial=np.inf), part.max(initial=-np.inf)
        if low <= 0 <= high:
            extent.zeros += int(np.count_nonzero(part == 0))
        extent.finite += part.size
        extent.low, extent.high = min(extent.low, float(low)), max(extent.high, float(high))
    return extent


def _finite_parts(numbers: Float[AnyArray, "numbers"], extent: _Extent, pause: Pause) -> Iterator[AnyArray]:
    for piece in pieces(numbers.size, pause):
        part = numbers[piece]
        yield part if extent.finite == numbers.size else part[np.isfinite(part)]


@dataclass(frozen=True)
class _Moments:
    mean: float
    standard_deviation: float
    norm: float


def _summed(numbers: Float[AnyArray, "numbers"], extent: _Extent, pause: Pause) -> tuple[_Moments, Histogram]:
    counted = max(-extent.low, extent.high) <= LARGEST
    counting = Counting(extent.low, extent.high, extent.finite, numbers.dtype) if counted else None
    # Around a point between the ends, the sums of n numbers are right to n roundings of a float64, far from 0 too.
    middle = 0.0 if extent.low <= 0 <= extent.high else (extent.low + extent.high) / 2
    buffer = np.empty(min(CHUNK, numbers.size), dtype=np.float64)
    total = squares = 0.0
    for part in _finite_parts(numbers, extent, pause):
        if counting:
            counting.take(part)
        wide = buffer[: part.size]
        np.copyto(wide, part)
        if middle:
            wide -= middle
        total += float(wide.sum())
        # Not a dot product: NumPy's library shares that among all processors, which the screen needs one of.
        squares += float(np.multiply(wide, wide, out=wide).sum())
    return _moments(extent.finite, middle, total, squares), counting.histogram() if counting else NOTHING


def _moments(count: int, middle: float, total: float, squares: float) -> _Moments:
    """Return the moments of ``count`` numbers from the sum of their distances to ``middle`` and of their squares."""
    off = total / count
    spread = sqrt(max(0.0, squares / count - off * off))
    norm = sqrt(max(0.0, squares + 2 * middle * total + count * middle * middle))
    return _Moments(middle + off, spread, norm)
