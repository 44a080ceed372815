"""What is selected of an array of any rank: a cell, a row, a column or a rectangle of two of its axes, or all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.editing.held import place_name
from core.errors import Refused, require_between

if TYPE_CHECKING:
    from core.arrays import AnyArray, KerasArray


@dataclass(frozen=True)
class Plane:
    """Two axes of an array as a table: ``down`` counts its rows, ``across`` its columns; the others stay ``at``.

    ``at`` has a position for every axis; those of the two axes themselves mean nothing. A vector is one row: its
    ``down`` is None.
    """

    shape: tuple[int, ...]
    down: int | None
    across: int
    at: tuple[int, ...]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return 1 if self.down is None else self.shape[self.down]

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return self.shape[self.across]

    @property
    def fixed_in_words(self) -> str:
        """Where the other axes stand, such as `` at (2, 1, :, :)``; nothing if there are none."""
        if len(self.shape) <= 2:
            return ""
        positions = [":" if axis in (self.down, self.across) else str(at + 1) for axis, at in enumerate(self.at)]
        return f" at ({', '.join(positions)})"


def plane(shape: tuple[int, ...], axes: tuple[int, int] | None = None, at: tuple[int, ...] | None = None) -> Plane:
    """Return the table of two ``axes``, down and across, counted from 0; else the last two, with the others at 0.

    Raises:
        Refused: the array is a single number, or has no such two axes, or no such place on the others.
    """
    rank = len(shape)
    if rank == 0:
        raise Refused("expected an array with rows or columns, got a single number")
    at = at or (0,) * rank
    if len(at) != rank or not all(0 <= position < size for position, size in zip(at, shape, strict=True)):
        raise Refused(f"expected a place in an array of shape {shape}, got {tuple(position + 1 for position in at)}")
    if rank == 1:
        return Plane(shape, None, 0, at)
    down, across = axes or (rank - 2, rank - 1)
    if down == across or not (0 <= down < rank and 0 <= across < rank):
        raise Refused(f"expected two different axes from 1 to {rank}, got {down + 1} and {across + 1}")
    return Plane(shape, down, across, at)


@dataclass(frozen=True)
class Selection:
    """A block of an array of ``array_shape``, and what it is called in the list of steps.

    ``begins`` is the place of its first number in the table (or, for all of an array, in the array); ``turned``
    says that the table has the array's later axis as rows.
    """

    array_shape: tuple[int, ...]
    index: tuple[int | slice, ...]
    shape: tuple[int, ...]
    begins: tuple[int, ...]
    turned: bool
    words: str

    def block(self, array: AnyArray) -> AnyArray:
        """Return the selected numbers of ``array``, of :attr:`shape`, as a view: writing there writes the array.

        Raises:
            Refused: the array has another shape than the one that this selects of.
        """
        if array.shape != self.array_shape:
            raise Refused(f"expected an array of shape {self.array_shape}, got {array.shape}; select again")
        view = array[(*self.index, ...)]
        return view.T if self.turned else view

    def replaced(self, array: KerasArray, values: AnyArray) -> KerasArray:
        """Return a read-only copy of ``array`` that holds ``values`` here; ``array`` itself stays as it is."""
        changed = array.copy()
        self.block(changed)[...] = values
        changed.setflags(write=False)
        return changed

    def named(self, index: tuple[int, ...]) -> str:
        """Return how a person calls the place ``index`` of the block: by its row and column in the table."""
        return place_name(tuple(begin + position for begin, position in zip(self.begins, index, strict=True)))


def everything(shape: tuple[int, ...]) -> Selection:
    """Return all of an array, of whatever rank."""
    return Selection(shape, (slice(None),) * len(shape), shape, (0,) * len(shape), False, "all")


def rectangle(table: Plane, rows: tuple[int, int], columns: tuple[int, int]) -> Selection:
    """Return the rows and columns between two places each, both counted from 0 and both inside, in any order.

    Raises:
        Refused: a place is not in the table.
    """
    top, bottom = _ends("a row", rows, table.rows)
    left, right = _ends("a column", columns, table.columns)
    index: list[int | slice] = list(table.at)
    index[table.across] = slice(left, right + 1)
    shape: tuple[int, ...] = (right - left + 1,)
    begins: tuple[int, ...] = (left,)
    if table.down is not None:
        index[table.down] = slice(top, bottom + 1)
        shape, begins = (bottom - top + 1, *shape), (top, *begins)
    turned = table.down is not None and table.down > table.across
    words = _words(table, (top, bottom), (left, right)) + table.fixed_in_words
    return Selection(table.shape, tuple(index), shape, begins, turned, words)


def cell(table: Plane, row: int, column: int) -> Selection:
    """Return one number of the table, counted from 0."""
    return rectangle(table, (row, row), (column, column))


def whole_row(table: Plane, row: int) -> Selection:
    """Return one row of the table, counted from 0."""
    return rectangle(table, (row, row), (0, table.columns - 1))


def whole_column(table: Plane, column: int) -> Selection:
    """Return one column of the table, counted from 0."""
    return rectangle(table, (0, table.rows - 1), (column, column))


def whole_table(table: Plane) -> Selection:
    """Return all that the table shows; for arrays of more than two axes that is not all of the array."""
    return rectangle(table, (0, table.rows - 1), (0, table.columns - 1))


def _ends(what: str, places: tuple[int, int], size: int) -> tuple[int, int]:
    for place in places:
        require_between(what, place + 1, 1, size)
    return min(places), max(places)


def _words(table: Plane, rows: tuple[int, int], columns: tuple[int, int]) -> str:
    all_rows = rows == (0, table.rows - 1)
    all_columns = columns == (0, table.columns - 1)
    if all_rows and all_columns:
        return "all"
    in_rows = "" if table.down is None else _span("row", rows)
    in_columns = _span("column", columns)
    if all_columns:
        return in_rows
    return in_columns if all_rows else f"{in_rows}, {in_columns}"


def _span(what: str, ends: tuple[int, int]) -> str:
    first, last = ends
    return f"{what} {first + 1:,}" if first == last else f"{what}s {first + 1:,} to {last + 1:,}"
