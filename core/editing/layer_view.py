"""LayerView: a layer's arrays as one table, and which number of which array every cell of it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.editing.plane import flattened
from core.model.table import Table

if TYPE_CHECKING:
    from core.editing.plane import Plane
    from core.model.weights import LayerArrays


class ArrayPlace(NamedTuple):
    """A number of a layer: in which of its arrays, and where there."""

    array: int
    at: tuple[int, ...]


@dataclass(frozen=True)
class LayerView:
    """The tables of a layer's first arrays under each other, all of one width."""

    planes: tuple[Plane, ...]

    def table(self, arrays: LayerArrays) -> Table:
        """Return the numbers of ``arrays`` as they are laid out here."""
        return Table(*(plane.laid_out(array) for plane, array in zip(self.planes, arrays, strict=False)))

    def place(self, row: int, column: int) -> ArrayPlace:
        """Return which number a cell is.

        Raises:
            IndexError: there is no such row.
        """
        for array, plane in enumerate(self.planes):
            if row < plane.rows:
                return ArrayPlace(array, plane.index(row, column))
            row -= plane.rows
        raise IndexError(row)

    def cell(self, place: ArrayPlace) -> tuple[int, int]:
        """Return the row and the column of a number that is in the table."""
        row, column = self.planes[place.array].cell(place.at)
        return sum(plane.rows for plane in self.planes[: place.array]) + row, column


def whole_layer(arrays: LayerArrays) -> LayerView:
    """Return the view of all of a layer: a row for each number that a unit multiplies, and the bias as the last row."""
    return LayerView(tuple(flattened(array.shape) for array in arrays))
