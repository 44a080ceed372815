"""Tables of several arrays, none of which is copied: under each other, as a kernel and its bias, or side by side."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import AnyArray


class Table:
    """The rows of all ``parts`` in turn, which may be of several widths; a part of one dimension is one row."""

    def __init__(self, *parts: AnyArray) -> None:
        self.parts = tuple(part[np.newaxis, :] if part.ndim == 1 else part for part in parts)
        self.rows = sum(int(part.shape[0]) for part in self.parts)
        self.columns = max((int(part.shape[1]) for part in self.parts), default=0)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return sum(part.size for part in self.parts)

    def width(self, _row: int) -> int:
        """Return how many columns a row has."""
        for part in self.parts:
            if _row < part.shape[0]:
                return int(part.shape[1])
            _row -= part.shape[0]
        return self.columns

    def at(self, row: int, column: int) -> float:
        """Return the number of a cell."""
        return float(self._held(row, column))

    def same_bits(self, other: Table, row: int, column: int) -> bool:
        """Return whether a cell of two tables of one shape holds the same number, NaN and the sign of 0 included."""
        return self._held(row, column).tobytes() == other._held(row, column).tobytes()

    def _held(self, row: int, column: int) -> np.floating[Any]:
        for part in self.parts:
            if row < part.shape[0]:
                number: np.floating[Any] = part[row, column]
                return number
            row -= part.shape[0]
        raise IndexError(row)

    def blocks(self, first: int, rows: int) -> Iterator[tuple[int, AnyArray]]:
        """Yield the table from row ``first`` on in blocks of at most ``rows`` rows, each with its first row's place."""
        top = 0
        for part in self.parts:
            for start in range(max(first - top, 0), part.shape[0], rows):
                yield top + start, part[start : start + rows]
            top += part.shape[0]

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest finite number; NaN twice if there is none."""
        ends = [_finite(part, *ends) for part, ends in self._raw_ends]
        lows, highs = [low for low, _ in ends if low == low], [high for _, high in ends if high == high]
        return (min(lows), max(highs)) if lows else (np.nan, np.nan)

    @cached_property
    def has_odd(self) -> bool:
        """Whether there is a NaN or an infinity."""
        return not all(np.isfinite(ends).all() for _, ends in self._raw_ends)

    @cached_property
    def _raw_ends(self) -> list[tuple[AnyArray, tuple[float, float]]]:
        """The parts that are not empty, with the smallest and the largest number of each, infinities and NaN too."""
        return [(part, (float(part.min()), float(part.max()))) for part in self.parts if part.size]


class SideBySide(Table):
    """The columns of all ``parts`` in turn, each a table of as many rows: points, and beside them their labels."""

    def __init__(self, *parts: AnyArray) -> None:
        self.parts = tuple(part[:, np.newaxis] if part.ndim == 1 else part for part in parts)
        self.rows = int(self.parts[0].shape[0])
        self.columns = sum(int(part.shape[1]) for part in self.parts)

    def width(self, _row: int) -> int:
        """Return how many columns a row has: all of them."""
        return self.columns

    def _held(self, row: int, column: int) -> np.floating[Any]:
        for part in self.parts:
            if column < part.shape[1]:
                number: np.floating[Any] = part[row, column]
                return number
            column -= part.shape[1]
        raise IndexError(column)

    def blocks(self, first: int, rows: int) -> Iterator[tuple[int, AnyArray]]:
        """Yield the table from row ``first`` on in blocks of at most ``rows`` rows, each with its first row's place."""
        for start in range(first, self.rows, rows):
            yield start, np.column_stack([part[start : start + rows] for part in self.parts])


def _finite(part: AnyArray, low: float, high: float) -> tuple[float, float]:
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = part[np.isfinite(part)]
    return (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
