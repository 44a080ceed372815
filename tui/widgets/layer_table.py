"""A layer's kernel and bias as one table, or two axes of a kernel as one, with the names of rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.calculated import Spot, addresses_of
from core.editing.layer_view import LayerView, whole_layer
from core.export.calculation.symbols import Symbols
from core.model.array_axes import ArrayAxes, axes_of_arrays
from core.names import told_apart
from tui.widgets.matrix import EMPTY, Grid, unmarked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.editing.plane import Plane
    from core.model.network import Network
    from core.model.weights import LayerArrays

KERNEL_AND_BIAS = (("kernel",), ("kernel", "bias"))
"""The arrays of the layers whose kernel has a column for each unit, and the bias a number under it."""

ROOM = 24
"""How many columns the name of an array takes with a row's place in it."""

MOST_OF_NAME = 20
"""How many of them the name takes."""

IN_KERNELS = {"channel": "in", "step": "place"}
"""What axes of a window's kernel are called on its tables and pictures, where that is shorter."""


def layer_table(network: Network, place: int, arrays: LayerArrays, before: LayerArrays | None) -> Grid:
    """Return the table of the layer at ``place``: a row for each number that a unit multiplies, the bias as the last.

    Of a layer of other arrays, each is under the one before. Numbers that differ from ``before`` are marked.
    """
    if not arrays:
        return EMPTY
    view, kernel, names = whole_layer(arrays), arrays[0], network.weight_names[place]
    table, inputs, marks = view.table(arrays), view.planes[0].rows, _marks(arrays, before, view)
    axes = axes_of_arrays(network)[place]
    if names not in KERNEL_AND_BIAS:
        widest = max(
            len(one.column(at)) for one, plane in zip(axes, view.planes, strict=True) for at in _ends(one, plane)
        )
        row_name = _row_of_arrays(view, names, arrays, axes)
        return Grid(table, row_name, _column_of_arrays(view, axes), marks, widest=widest + 1)
    if kernel.ndim > 2:
        words, bias = kernel_axes(axes[0]), ArrayAxes(("filter",))
        columns = _column_of_arrays(view, (axes[0]._replace(names=words), bias))
        return Grid(table, _row_under_window(view, kernel.shape, words), columns, marks)
    letter = _letter_before(network, place) if network.on_one_page else "in "

    def name_of_input(row: int) -> str:
        return "bias" if row == inputs else f"{letter}{row + 1}"

    return Grid(table, name_of_input, _above("unit"), marks)


def _letter_before(network: Network, place: int) -> str:
    """Return the letter of what goes into the layer at ``place`` of a chain."""
    done = addresses_of(network)
    before = done.value_of(Spot(network.paths[place - 1], "output", (0,))) if place else done.values[0]
    return Symbols(done).whole(before, ()).base


def _ends(axes: ArrayAxes, plane: Plane) -> list[int]:
    """Return the last column of each of the parts that lie side by side in an array, or of all of it."""
    width = max(axes.width or plane.columns, 1)
    return [end - 1 for end in range(width, plane.columns + 1, width)] or [0]


def _column_of_arrays(view: LayerView, axes: Sequence[ArrayAxes]) -> Callable[[int, int], str]:
    """Return what is above a column for a row of an array, as far as that has columns."""

    def column_name(row: int, column: int) -> str:
        array = view.place(row, 0).array
        return axes[array].column(column) if column < view.planes[array].columns else ""

    return column_name


def kernel_axes(axes: ArrayAxes) -> tuple[str, ...]:
    """Return what the axes of a window's kernel are called on its tables and pictures."""
    return tuple(IN_KERNELS.get(one, one) for one in axes.names)


def _row_of_arrays(
    view: LayerView, names: tuple[str, ...], arrays: LayerArrays, axes: Sequence[ArrayAxes]
) -> Callable[[int], str]:
    places = max(len(f" {','.join(map(str, array.shape[:-1]))}") for array in arrays)
    shown = told_apart(names, max(min(ROOM - places, MOST_OF_NAME), ROOM // 3))

    def row_name(row: int) -> str:
        array, index = view.place(row, 0)
        at = ",".join(str(axes[array].counted(axis, position)) for axis, position in enumerate(index[:-1]))
        return f"{shown[array]} {at}".rstrip()

    return row_name


def slice_table(plane: Plane, words: Sequence[str], arrays: LayerArrays, before: LayerArrays | None) -> Grid:
    """Return the two axes of a kernel that ``plane`` is, called by ``words``; the shades are those of all its layer."""
    view = LayerView((plane,))
    table, down = view.table(arrays), plane.down or 0
    marks = _marks(arrays, before, view)
    return Grid(
        table, _counted(words[down]), _above(words[plane.across]), marks, part_of=whole_layer(arrays).table(arrays)
    )


def under_window(index: tuple[int, ...], shape: tuple[int, ...], words: Sequence[str]) -> str:
    """Return what a number of a kernel multiplies: ``2,1 in 3`` is row 2, column 1 of channel 3 under the window."""
    place = ",".join(str(position + 1) for position in index[:-2])
    return place if shape[-2] == 1 else f"{place} {words[-2]} {index[-2] + 1}"


def _row_under_window(view: LayerView, shape: tuple[int, ...], words: Sequence[str]) -> Callable[[int], str]:
    def row_name(row: int) -> str:
        array, index = view.place(row, 0)
        return "bias" if array else under_window(index, shape, words)

    return row_name


def _counted(word: str) -> Callable[[int], str]:
    return lambda place: f"{word} {place + 1}"


def _above(word: str) -> Callable[[int, int], str]:
    return lambda _row, place: f"{word} {place + 1}"


def _marks(arrays: LayerArrays, before: LayerArrays | None, view: LayerView) -> Callable[[int, int], bool]:
    """Return what says of a cell whether it differs from ``before``, bit for bit."""
    if before is None or before is arrays or [a.shape for a in before] != [a.shape for a in arrays]:
        return unmarked
    now, then = view.table(arrays), view.table(before)
    return lambda row, column: not now.same_bits(then, row, column)
