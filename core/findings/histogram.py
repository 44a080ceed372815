"""Histogram: how many numbers of an array lie between which edges, counted exactly."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, frexp, ldexp
from typing import TYPE_CHECKING

import numpy as np

from core.chunks import CHUNK

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import AnyArray, Array

MOST_BINS = 32
"""An array is told apart into at most so many bins, and one more for the ends."""

PRECISION = 24
"""Binary digits of a float32: a finer bin could hold no two numbers."""

NARROWEST = -120
"""The exponent of the narrowest bin, so that one over it is a float32 too."""

BYTES = 256
"""How many different bytes there are."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """``counts[i]`` numbers lie from ``edges[i]`` up to, but not including, ``edges[i + 1]``; no edges, no numbers."""

    edges: Float[Array, "edges"]
    counts: Int[npt.NDArray[np.int64], "bins"]

    def coarser(self, most: int) -> Histogram:
        """Return this with at most ``most`` bins (2 or more), each of them 2, 4, 8 ... of the present ones."""
        histogram = self
        while len(histogram.counts) > most:
            histogram = histogram._paired()
        return histogram

    def _paired(self) -> Histogram:
        width = float(self.edges[1] - self.edges[0])
        # Edges stay multiples of the width, so a pair may begin before the first bin, and end after the last.
        before = int(self.edges[0] / width) % 2
        after = (before + len(self.counts)) % 2
        counts = np.pad(self.counts, (before, after)).reshape(-1, 2).sum(axis=1)
        places = np.arange(len(counts) + 1, dtype=np.float64)
        return Histogram(self.edges[0] - before * width + 2 * width * places, counts)


class Counting:
    """Counts float32 or float64 numbers from ``low`` to ``high``, handed over in pieces, into bins of equal width.

    The width is a power of two and every edge a multiple of it: 0 is an edge wherever it is in reach, histograms of
    neighbouring epochs have edges in common, and dividing by it is exact, so that every number is in the bin that
    its edges say. The Rice rule (twice the cube root of ``count``) says how many bins there are at most.
    """

    def __init__(self, low: float, high: float, count: int, dtype: npt.DTypeLike = np.float32) -> None:
        exponent = _exponent(low, high, min(MOST_BINS, ceil(2 * count ** (1 / 3))))
        self._width = ldexp(1.0, exponent)
        self._first = floor(low / self._width)
        self._bins = floor(high / self._width) - self._first + 1
        # Divided by a width above 1, the smallest float32s would be 0 in float32: on the other side of an edge.
        exact = np.float64 if exponent > 0 or dtype != np.float32 else np.float32
        self._scale, self._offset = exact(ldexp(1.0, -exponent)), exact(self._first)
        self._places = np.empty(CHUNK, dtype=exact)
        self._codes = np.empty(CHUNK, dtype=np.uint8)
        # One row and column more than there are bins, for what fills up the last pair.
        self._pairs = np.zeros((self._bins + 1, BYTES), dtype=np.int64)

    def take(self, numbers: Float[AnyArray, "numbers"]) -> None:
        """Count at most ``CHUNK`` numbers."""
        size = numbers.size
        places = np.multiply(numbers, self._scale, out=self._places[:size])
        np.floor(places, out=places)
        np.subtract(places, self._offset, out=places)
        np.copyto(self._codes[:size], places, casting="unsafe")
        if size % 2:
            self._codes[size] = self._bins
        # Counting takes most of the time, and half as much of it for pairs of numbers as for single ones.
        pairs = self._codes[: size + size % 2].view(np.uint16)
        self._pairs += np.bincount(pairs, minlength=self._pairs.size).reshape(self._pairs.shape)

    def histogram(self) -> Histogram:
        """Return what has been counted."""
        counts = (self._pairs.sum(axis=1)[: self._bins] + self._pairs.sum(axis=0)[: self._bins]).astype(np.int64)
        places = np.arange(self._first, self._first + self._bins + 1, dtype=np.float64)
        return Histogram(places * self._width, counts)


def _exponent(low: float, high: float, most: int) -> int:
    """Return the exponent of two of the narrowest bins of which ``most`` span the numbers, or one more."""
    spanning = frexp((high - low) / most)[1] if high > low else NARROWEST
    holding_two = frexp(max(-low, high))[1] - PRECISION
    return max(spanning, holding_two, NARROWEST)
