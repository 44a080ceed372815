"""Views of a layer: which number of which array every cell of its table is."""

from __future__ import annotations

import numpy as np
import pytest

from core.editing.layer_view import ArrayPlace, LayerView, whole_layer
from core.editing.plane import plane

SHAPES = [((2, 5), (5,)), ((2, 5),), ((3, 3, 2, 4), (4,)), ((5, 2, 3), (3,)), ((5, 1, 3),)]


def arrays_of(shapes: tuple[tuple[int, ...], ...]) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(1)
    return tuple(random.normal(size=shape).astype(np.float32) for shape in shapes)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_every_cell_of_the_whole_table_is_the_number_that_it_is_said_to_be(shapes: tuple[tuple[int, ...], ...]) -> None:
    arrays = arrays_of(shapes)
    view = whole_layer(arrays)
    table, places = view.table(arrays), set()
    for row in range(table.rows):
        for column in range(table.columns):
            place = view.place(row, column)
            assert arrays[place.array][place.at] == table.at(row, column)
            assert view.cell(place) == (row, column)
            places.add(place)
    assert len(places) == sum(array.size for array in arrays)
    with pytest.raises(IndexError):
        view.place(table.rows, 0)


def test_the_bias_is_the_last_row() -> None:
    view = whole_layer(arrays_of(((3, 3, 2, 4), (4,))))
    assert view.place(18, 3) == ArrayPlace(1, (3,))
    assert view.cell(ArrayPlace(1, (3,))) == (18, 3)


def test_a_slice_is_of_the_kernel_alone() -> None:
    arrays = arrays_of(((3, 3, 2, 4), (4,)))
    view = LayerView((plane((3, 3, 2, 4), (0, 1), (0, 0, 1, 2)),))
    table = view.table(arrays)
    assert (table.rows, table.columns) == (3, 3)
    assert view.place(2, 1) == ArrayPlace(0, (2, 1, 1, 2))
    assert table.at(2, 1) == arrays[0][2, 1, 1, 2]


def test_cells_of_two_tables_are_compared_bit_by_bit() -> None:
    (old,) = arrays_of(((2, 2, 1, 3),))
    new = old.copy()
    old[0, 0, 0], new[0, 0, 0] = (0.0, np.nan, 1.0), (-0.0, np.nan, 1.0)
    view = whole_layer((old,))
    before, after = view.table((old,)), view.table((new,))
    assert [before.same_bits(after, 0, column) for column in range(3)] == [False, True, True]
