"""Plane: an array of any rank as a table of two of its axes, which can be turned and stepped through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused

if TYPE_CHECKING:
    from core.arrays import AnyArray


@dataclass(frozen=True)
class Plane:
    """Two axes of an array as a table: ``down`` counts its rows, ``across`` its columns; the others stay ``at``.

    ``at`` has a position for every axis; those of the two axes themselves mean nothing. A vector is one row: its
    ``down`` is None. ``shape`` is the array's own, ``of``, or that of :func:`flattened`.
    """

    shape: tuple[int, ...]
    down: int | None
    across: int
    at: tuple[int, ...]
    of: tuple[int, ...]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return 1 if self.down is None else self.shape[self.down]

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return self.shape[self.across]

    @property
    def others(self) -> tuple[int, ...]:
        """The axes that stay where they are."""
        return tuple(axis for axis in range(len(self.shape)) if axis not in (self.down, self.across))

    @property
    def fixed_in_words(self) -> str:
        """Where the other axes stand, such as `` at (2, 1, :, :)``; nothing if there are none."""
        if not self.others:
            return ""
        positions = [str(at + 1) if axis in self.others else ":" for axis, at in enumerate(self.at)]
        return f" at ({', '.join(positions)})"

    def laid_out(self, array: AnyArray) -> AnyArray:
        """Return the numbers of ``array`` as (rows, columns), without a copy if it lies in C order."""
        lying = array if self.shape == self.of else array.reshape(self.shape)
        if self.down is None:
            return lying[np.newaxis, :]
        index = [at if axis in self.others else slice(None) for axis, at in enumerate(self.at)]
        return lying[tuple(index)].T if self.down > self.across else lying[tuple(index)]

    def index(self, row: int, column: int) -> tuple[int, ...]:
        """Return where in the array itself a cell is."""
        index = list(self.at)
        index[self.across] = column
        if self.down is not None:
            index[self.down] = row
        return _moved(tuple(index), self.shape, self.of)

    def cell(self, index: tuple[int, ...]) -> tuple[int, int]:
        """Return the row and the column of a number of the array that is in the table."""
        place = _moved(index, self.of, self.shape)
        return (0 if self.down is None else place[self.down]), place[self.across]

    def through(self, index: tuple[int, ...]) -> Plane:
        """Return the table of the same two axes that has the number at ``index`` of the array in it."""
        return replace(self, at=_moved(index, self.of, self.shape))

    def stepped(self, which: int, by: int) -> Plane:
        """Return this with the other axis number ``which`` so many places further on, round the ends.

        Raises:
            Refused: there are not so many other axes.
        """
        if which >= len(self.others):
            raise Refused(f"expected another axis to step along, got a slice with {len(self.others)} beside its table")
        axis = self.others[which]
        position = (self.at[axis] + by) % self.shape[axis]
        return replace(self, at=(*self.at[:axis], position, *self.at[axis + 1 :]))

    def turned(self) -> Plane:
        """Return the table of the next two axes, in the order of the array's, round the end."""
        pairs = list(combinations(range(len(self.shape)), 2))
        here = next((place for place, pair in enumerate(pairs) if pair == (self.down, self.across)), -1)
        down, across = pairs[(here + 1) % len(pairs)]
        return replace(self, down=down, across=across)


def plane(shape: tuple[int, ...], axes: tuple[int, int] | None = None, at: tuple[int, ...] | None = None) -> Plane:
    """Return the table of two ``axes``, down and across, counted from 0; else the last two, with the others at 0.

    Raises:
        Refused: the array has no such two axes, or no such place on the others.
    """
    rank = len(shape)
    if rank == 0:
        return Plane((1,), None, 0, (0,), ())
    at = at or (0,) * rank
    if len(at) != rank or not all(0 <= position < size for position, size in zip(at, shape, strict=True)):
        raise Refused(f"expected a place in an array of shape {shape}, got {tuple(position + 1 for position in at)}")
    if rank == 1:
        return Plane(shape, None, 0, at, shape)
    down, across = axes or (rank - 2, rank - 1)
    if down == across or not (0 <= down < rank and 0 <= across < rank):
        raise Refused(f"expected two different axes from 1 to {rank}, got {down + 1} and {across + 1}")
    return Plane(shape, down, across, at, shape)


def flattened(shape: tuple[int, ...]) -> Plane:
    """Return the table of a whole array: its last axis across, all others down, row by row."""
    if len(shape) <= 2:
        return plane(shape)
    return Plane((prod(shape[:-1]), shape[-1]), 0, 1, (0, 0), shape)


def _moved(index: tuple[int, ...], shape: tuple[int, ...], to: tuple[int, ...]) -> tuple[int, ...]:
    """Return the place ``index`` of an array of ``shape`` in the same numbers laid out as ``to``."""
    if shape == to:
        return index
    if not shape or not to:
        return (0,) * len(to)
    return tuple(int(position) for position in np.unravel_index(int(np.ravel_multi_index(index, shape)), to))
