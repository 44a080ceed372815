"""What is selected of an array of any rank: a cell, a row, a column or a rectangle of two of its axes, or all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.editing.held import place_name
from core.errors import Refused, require_between

if TYPE_CHECKING:
    from core.arrays import AnyArray, KerasArray
    from core.editing.plane import Plane


@dataclass(frozen=True)
class Selection:
    """A block of an array of ``array_shape``, and what it is called in the list of steps.

    ``index`` is that of the array laid out as ``laid_out``: as it is, or as one table of all its numbers. ``begins`` is
    the place of its first number in the table (or, for all of an array, in the array); ``turned`` says that the table
    has the array's later axis as rows.
    """

    array_shape: tuple[int, ...]
    laid_out: tuple[int, ...]
    index: tuple[int | slice, ...]
    shape: tuple[int, ...]
    begins: tuple[int, ...]
    turned: bool
    words: str

    def block(self, array: AnyArray) -> AnyArray:
        """Return the selected numbers of ``array``, of :attr:`shape`: writing there writes an array in C order.

        Raises:
            Refused: the array has another shape than the one that this selects of.
        """
        if array.shape != self.array_shape:
            raise Refused(f"expected an array of shape {self.array_shape}, got {array.shape}; select again")
        lying = array if self.laid_out == self.array_shape else array.reshape(self.laid_out)
        view = lying[(*self.index, ...)]
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
    return Selection(shape, shape, (slice(None),) * len(shape), shape, (0,) * len(shape), False, "all")


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
    return Selection(table.of, table.shape, tuple(index), shape, begins, turned, words)


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
