"""A layer's kernel and bias as one table, or two axes of a kernel as one, with the names of rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.symbols import name, symbols
from core.layer_view import LayerView, whole_layer
from tui.widgets.matrix import EMPTY, Grid, unmarked

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.editing.plane import Plane
    from core.model.network import Network
    from core.model.weights import LayerArrays

AXES = {3: ("place", "in", "filter"), 4: ("row", "column", "in", "filter")}
"""Rank of a convolution's kernel -> the names of its axes: those of the window, its input's channels, its filters."""


def layer_table(network: Network, place: int, arrays: LayerArrays, before: LayerArrays | None) -> Grid:
    """Return the table of the layer at ``place``: a row for each number that a unit multiplies, the bias as the last.

    Numbers that differ from ``before`` are marked.
    """
    if not arrays:
        return EMPTY
    view, kernel = whole_layer(arrays), arrays[0]
    table, inputs = view.table(arrays), view.planes[0].rows
    if kernel.ndim > 2:
        return Grid(table, _row_under_window(view, kernel.shape), _named("filter"), _marks(arrays, before, view))
    letters = symbols(network, place)

    def row_name(row: int) -> str:
        return "bias" if row == inputs else name(letters.inputs, row, inputs)

    return Grid(table, row_name, _named("unit"), _marks(arrays, before, view))


def slice_table(plane: Plane, arrays: LayerArrays, before: LayerArrays | None) -> Grid:
    """Return the two axes of a convolution's kernel that ``plane`` is; the shades are those of all its layer."""
    view, axes = LayerView((plane,)), AXES[len(plane.shape)]
    table, down = view.table(arrays), plane.down or 0
    marks = _marks(arrays, before, view)
    return Grid(table, _named(axes[down]), _named(axes[plane.across]), marks, part_of=whole_layer(arrays).table(arrays))


def under_window(index: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """Return what a number of a kernel multiplies: ``2,1 in 3`` is row 2, column 1 of channel 3 under the window."""
    place = ",".join(str(position + 1) for position in index[:-2])
    return place if shape[-2] == 1 else f"{place} in {index[-2] + 1}"


def _row_under_window(view: LayerView, shape: tuple[int, ...]) -> Callable[[int], str]:
    def row_name(row: int) -> str:
        array, index = view.place(row, 0)
        return "bias" if array else under_window(index, shape)

    return row_name


def _named(word: str) -> Callable[[int], str]:
    return lambda place: f"{word} {place + 1}"


def _marks(arrays: LayerArrays, before: LayerArrays | None, view: LayerView) -> Callable[[int, int], bool]:
    """Return what says of a cell whether it differs from ``before``, bit for bit."""
    if before is None or before is arrays or [a.shape for a in before] != [a.shape for a in arrays]:
        return unmarked
    now, then = view.table(arrays), view.table(before)
    return lambda row, column: not now.same_bits(then, row, column)
