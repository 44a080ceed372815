"""Selections: the right numbers of arrays of any rank, under the names that a person reads in the table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.editing.plane import plane
from core.editing.selection import (
    Selection,
    cell,
    everything,
    rectangle,
    whole_column,
    whole_row,
    whole_table,
)
from core.errors import Refused

KERNEL = np.arange(12, dtype=np.float32).reshape(3, 4)
WINDOWS = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
TABLE = plane((3, 4))


@pytest.mark.parametrize(
    ("selection", "numbers", "words"),
    [
        (cell(TABLE, 1, 2), [[6]], "row 2, column 3"),
        (whole_row(TABLE, 1), [[4, 5, 6, 7]], "row 2"),
        (whole_column(TABLE, 3), [[3], [7], [11]], "column 4"),
        (rectangle(TABLE, (0, 1), (1, 2)), [[1, 2], [5, 6]], "rows 1 to 2, columns 2 to 3"),
        (rectangle(TABLE, (2, 1), (0, 0)), [[4], [8]], "rows 2 to 3, column 1"),
        (rectangle(TABLE, (0, 2), (1, 2)), [[1, 2], [5, 6], [9, 10]], "columns 2 to 3"),
        (whole_table(TABLE), KERNEL.tolist(), "all"),
        (everything((3, 4)), KERNEL.tolist(), "all"),
    ],
)
def test_a_matrix(selection: Selection, numbers: list[list[float]], words: str) -> None:
    assert selection.block(KERNEL).tolist() == numbers
    assert selection.shape == np.shape(numbers)
    assert selection.words == words


def test_a_vector_is_one_row() -> None:
    bias, table = np.arange(5, dtype=np.float32), plane((5,))
    assert (table.rows, table.columns) == (1, 5)
    picked = rectangle(table, (0, 0), (1, 3))
    assert picked.block(bias).tolist() == [1, 2, 3] and picked.words == "columns 2 to 4"
    assert picked.named((2,)) == "column 4"
    assert whole_row(table, 0).words == "all"


def test_two_axes_of_a_convolutions_kernel_with_the_others_where_they_stand() -> None:
    channels = plane(WINDOWS.shape, at=(1, 2, 0, 0))
    picked = whole_row(channels, 3)
    assert picked.block(WINDOWS).tolist() == [WINDOWS[1, 2, 3].tolist()]
    assert picked.words == "row 4 at (2, 3, :, :)"
    window = plane(WINDOWS.shape, (0, 1), (0, 0, 2, 4))
    assert np.array_equal(whole_table(window).block(WINDOWS), WINDOWS[:, :, 2, 4])
    assert whole_table(window).words == "all at (:, :, 3, 5)"


def test_axes_the_other_way_round_are_a_turned_table() -> None:
    turned = plane(WINDOWS.shape, (3, 0), (0, 1, 2, 0))
    assert (turned.rows, turned.columns) == (5, 2)
    picked = rectangle(turned, (1, 3), (0, 1))
    assert np.array_equal(picked.block(WINDOWS), WINDOWS[:, 1, 2, 1:4].T)
    assert picked.shape == (3, 2) and picked.named((0, 1)) == "row 2, column 2"


@settings(deadline=None)
@given(st.data())
def test_replacing_changes_what_is_selected_and_nothing_else(data: st.DataObject) -> None:
    rank = data.draw(st.integers(1, 4))
    shape = tuple(data.draw(st.integers(1, 4)) for _ in range(rank))
    array = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    axes = data.draw(st.permutations(range(rank)))[:2]
    table = plane(shape, (axes[0], axes[1]) if rank > 1 else None, tuple(size - 1 for size in shape))
    rows = [data.draw(st.integers(0, table.rows - 1)) for _ in range(2)]
    columns = [data.draw(st.integers(0, table.columns - 1)) for _ in range(2)]
    picked = rectangle(table, (rows[0], rows[1]), (columns[0], columns[1]))
    old = array.copy()
    values = -1 - np.arange(np.prod(picked.shape), dtype=np.float32).reshape(picked.shape)
    new = picked.replaced(array, values)
    assert np.array_equal(picked.block(new), values)
    assert np.array_equal(array, old)
    assert (new != old).sum() == values.size
    assert not new.flags.writeable and new.dtype == np.float32


def test_everything_is_every_number_of_any_rank() -> None:
    for shape in ((), (3,), (2, 3, 4, 5)):
        array = np.ones(shape, dtype=np.float32)
        picked = everything(shape)
        assert picked.shape == shape and np.array_equal(picked.replaced(array, array * 2), array * 2)
    assert everything((2, 3, 4, 5)).named((0, 1, 2, 3)) == "place 1, 2, 3, 4"
    assert everything(()).named(()) == "the number"


def test_an_array_of_another_shape_is_refused() -> None:
    for other in (KERNEL.T, KERNEL[0], WINDOWS):
        with pytest.raises(Refused, match=r"expected an array of shape \(3, 4\), got"):
            cell(TABLE, 0, 0).replaced(other, np.zeros((1, 1)))


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (3, 0, "expected a row from 1 to 3, got 4"),
        (-1, 0, "a row from 1 to 3, got 0"),
        (0, 4, "expected a column from 1 to 4, got 5"),
    ],
)
def test_a_place_outside_is_refused(row: int, column: int, message: str) -> None:
    with pytest.raises(Refused, match=message):
        cell(TABLE, row, column)


@pytest.mark.parametrize(
    ("shape", "axes", "at", "message"),
    [
        ((2, 3), (0, 0), None, "two different axes from 1 to 2, got 1 and 1"),
        ((2, 3), (0, 2), None, "two different axes from 1 to 2, got 1 and 3"),
        ((2, 3, 4), None, (0, 0), r"expected a place in an array of shape \(2, 3, 4\), got \(1, 1\)"),
        ((2, 3, 4), None, (2, 0, 0), r"got \(3, 1, 1\)"),
    ],
)
def test_a_table_that_is_not_there_is_refused(
    shape: tuple[int, ...], axes: tuple[int, int] | None, at: tuple[int, ...] | None, message: str
) -> None:
    with pytest.raises(Refused, match=message):
        plane(shape, axes, at)


def test_a_single_number_is_a_table_of_one_cell() -> None:
    one = plane(())
    assert (one.rows, one.columns) == (1, 1)
    assert one.index(0, 0) == () and one.cell(()) == (0, 0)
    assert np.array_equal(one.laid_out(np.array(3.0)), [[3.0]])
