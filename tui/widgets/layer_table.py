"""A layer's kernel and bias as one table: a row for each input, the bias as the last row, a column for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.symbols import name, symbols
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

    values = stacked(arrays)
    marked: frozenset[tuple[int, int]] = frozenset()
    if before is not None and before is not arrays and [a.shape for a in before] == [a.shape for a in arrays]:
        differing = np.argwhere(values != stacked(before))
        marked = frozenset((int(row), int(column)) for row, column in differing[:MAX_MARKS])
    return Grid(values, row_name, column_name, marked)


MAX_MARKS = 100_000
"""More changed numbers than this are not marked one by one."""


def stacked(arrays: LayerArrays) -> np.ndarray:
    """Return the kernel with the bias, if there is one, as its last row."""
    return arrays[0] if len(arrays) == 1 else np.vstack([arrays[0], arrays[1][np.newaxis, :]])


def array_place(row: int, column: int, inputs: int) -> tuple[int, tuple[int, ...]]:
    """Return which array of the layer a cell of the table belongs to, and its index there."""
    return (1, (column,)) if row == inputs else (0, (row, column))
