"""Table: arrays of one width under each other as one table, without copying them: a kernel, and its bias below."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import AnyArray


class Table:
    """The rows of all ``parts`` in turn; a part of one dimension is one row."""

    def __init__(self, *parts: AnyArray) -> None:
        self.parts = tuple(part[np.newaxis, :] if part.ndim == 1 else part for part in parts)
        self.rows = sum(int(part.shape[0]) for part in self.parts)
        self.columns = int(self.parts[0].shape[1]) if self.parts else 0

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.rows * self.columns

    def at(self, row: int, column: int) -> float:
        """Return the number of a cell."""
        for part in self.parts:
            if row < part.shape[0]:
                return float(part[row, column])
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
        ends = [_ends(part) for part in self.parts if part.size]
        lows, highs = [low for low, _ in ends if low == low], [high for _, high in ends if high == high]
        return (min(lows), max(highs)) if lows else (np.nan, np.nan)

    @cached_property
    def has_odd(self) -> bool:
        """Whether there is a NaN or an infinity."""
        return not all(np.isfinite(part.min()) and np.isfinite(part.max()) for part in self.parts if part.size)


def _ends(part: AnyArray) -> tuple[float, float]:
    low, high = float(part.min()), float(part.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = part[np.isfinite(part)]
    return (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
