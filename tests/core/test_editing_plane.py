"""Planes: two axes of an array of any rank as a table, every cell the number that its place says, without copies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.editing.plane import Plane, flattened, plane
from core.editing.selection import whole_column, whole_row, whole_table
from core.errors import Refused

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


def numbered(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


@st.composite
def planes(draw: st.DrawFn) -> Plane:
    shape = draw(SHAPES)
    if draw(st.booleans()) or len(shape) == 1:
        return flattened(shape)
    down, across = draw(st.permutations(range(len(shape))))[:2]
    return plane(shape, (down, across), tuple(draw(st.integers(0, size - 1)) for size in shape))


@settings(deadline=None)
@given(planes())
def test_every_cell_is_the_number_at_its_index_and_is_found_there(table: Plane) -> None:
    array = numbered(table.of)
    seen = table.laid_out(array)
    assert seen.shape == (table.rows, table.columns)
    for row in range(table.rows):
        for column in range(table.columns):
            index = table.index(row, column)
            assert array[index] == seen[row, column]
            assert table.cell(index) == (row, column)


@settings(deadline=None)
@given(planes())
def test_nothing_is_copied_of_an_array_in_c_order(table: Plane) -> None:
    array = numbered(table.of)
    assert np.shares_memory(table.laid_out(array), array)


@settings(deadline=None)
@given(planes(), st.data())
def test_a_table_through_a_number_has_it(table: Plane, data: st.DataObject) -> None:
    array = numbered(table.of)
    index = tuple(data.draw(st.integers(0, size - 1)) for size in table.of)
    through = table.through(index)
    assert (through.down, through.across) == (table.down, table.across)
    assert through.laid_out(array)[through.cell(index)] == array[index]


@settings(deadline=None)
@given(planes())
def test_selections_of_a_table_are_its_rows_and_columns(table: Plane) -> None:
    array = numbered(table.of)
    seen = table.laid_out(array)
    assert whole_table(table).block(array).reshape(seen.shape).tolist() == seen.tolist()
    assert whole_row(table, 0).block(array).reshape(-1).tolist() == seen[0].tolist()
    changed = whole_column(table, 0).replaced(array, np.array(-1.0))
    assert (table.laid_out(changed)[:, 0] == -1).all()
    assert np.count_nonzero(changed != array) == table.rows


def test_a_kernel_is_flattened_as_the_window_row_by_row_with_its_channels() -> None:
    kernel = numbered((3, 2, 4, 5))
    table = flattened(kernel.shape)
    assert (table.rows, table.columns) == (24, 5)
    assert table.index(4 * 2 + 3, 1) == (1, 0, 3, 1)
    assert flattened((3, 4)) == plane((3, 4)) and flattened((3,)) == plane((3,))


def test_the_others_are_stepped_through_round_their_ends() -> None:
    table = plane((3, 3, 2, 4), (0, 1))
    assert table.others == (2, 3)
    assert table.stepped(0, 1).at == (0, 0, 1, 0) and table.stepped(0, 2).at == table.at
    assert table.stepped(1, -1).at == (0, 0, 0, 3)
    with pytest.raises(Refused, match="expected another axis to step along, got a slice with 2"):
        table.stepped(2, 1)


def test_turning_comes_to_every_pair_of_axes_and_back() -> None:
    table, pairs = plane((3, 3, 2, 4), (0, 1), (1, 1, 1, 1)), []
    for _ in range(6):
        pairs.append((table.down, table.across))
        table = table.turned()
    assert pairs == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert table == plane((3, 3, 2, 4), (0, 1), (1, 1, 1, 1))
    assert plane((2, 3, 4), (2, 0)).turned().down == 0
