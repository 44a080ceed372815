"""A layer's kernel and bias as one table: a row for each input, the bias as the last row, a column for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.symbols import name, symbols
from core.model.table import Table
from tui.widgets.matrix import EMPTY, Grid

if TYPE_CHECKING:
    from core.model.network import Network
    from core.model.weights import LayerArrays


def layer_table(network: Network, place: int, arrays: LayerArrays, before: LayerArrays | None) -> Grid:
    """Return the table of the layer at ``place``; numbers that differ from ``before`` are marked."""
    if not arrays:
        return EMPTY
    letters = symbols(network, place)
    inputs = int(arrays[0].shape[0])

    def row_name(row: int) -> str:
        return "bias" if row == inputs else name(letters.inputs, row, inputs)

    def column_name(column: int) -> str:
        return f"unit {column + 1}"

    def is_marked(row: int, column: int) -> bool:
        if before is None or before is arrays or [a.shape for a in before] != [a.shape for a in arrays]:
            return False
        array, index = array_place(row, column, inputs)
        return bool(arrays[array][index].tobytes() != before[array][index].tobytes())

    return Grid(Table(*arrays), row_name, column_name, is_marked)


def array_place(row: int, column: int, inputs: int) -> tuple[int, tuple[int, ...]]:
    """Return which array of the layer a cell of the table belongs to, and its index there."""
    return (1, (column,)) if row == inputs else (0, (row, column))
