"""Jumping through a table: the next number that matches, round the end, and the largest and smallest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import Refused
from core.findings.search import extreme, next_match, parse_condition
from core.model.table import SideBySide, Table

NUMBERS = st.sampled_from([0.0, -0.0, 0.5, -0.5, 1.0, -2.0, 0.1, float("nan"), float("inf"), float("-inf")])
TABLES = st.tuples(st.integers(1, 5), st.integers(1, 6)).flatmap(
    lambda shape: st.tuples(arrays(np.float32, shape, elements=NUMBERS), arrays(np.float32, shape[1], elements=NUMBERS))
)

CONDITIONS = ("> 0.5", "<= -0.5", "== 0", "!= 0", "= 0.1", "|w| < 0.5", "abs >= 2", "w > 0", "nan", "inf")


def plainly(whole: np.ndarray, text: str) -> np.ndarray:
    """What the conditions mean, by NumPy on the whole array."""
    size = np.abs(whole)
    found = {
        "> 0.5": whole > 0.5,
        "<= -0.5": whole <= -0.5,
        "== 0": whole == 0,
        "!= 0": whole != 0,
        "= 0.1": whole == np.float32(0.1),
        "|w| < 0.5": size < 0.5,
        "abs >= 2": size >= 2,
        "w > 0": whole > 0,
        "nan": np.isnan(whole),
        "inf": np.isinf(whole),
    }
    return np.asarray(found[text])


@settings(deadline=None)
@given(TABLES, st.sampled_from(CONDITIONS), st.data())
def test_the_next_match_is_the_first_behind_the_cursor_round_the_end(
    parts: tuple[np.ndarray, np.ndarray], text: str, data: st.DataObject
) -> None:
    table, whole = Table(*parts), np.vstack(parts)
    here = data.draw(st.integers(0, whole.size - 1))
    order = [*range(here + 1, whole.size), *range(here + 1)]
    matches = plainly(whole, text).ravel()
    expected = next((divmod(place, whole.shape[1]) for place in order if matches[place]), None)
    assert next_match(table, parse_condition(text), divmod(here, whole.shape[1])) == expected


@given(TABLES)
def test_the_largest_and_the_smallest_by_absolute_value(parts: tuple[np.ndarray, np.ndarray]) -> None:
    table, whole = Table(*parts), np.vstack(parts)
    sizes = np.abs(whole[np.isfinite(whole)])
    for largest, wanted in ((True, np.max), (False, np.min)):
        found = extreme(table, largest=largest)
        assert (found is None) == (sizes.size == 0)
        if found is not None:
            assert abs(table.at(*found)) == wanted(sizes)


@given(TABLES)
def test_a_table_is_its_parts_under_each_other(parts: tuple[np.ndarray, np.ndarray]) -> None:
    table, whole = Table(*parts), np.vstack(parts)
    assert (table.rows, table.columns, table.size) == (*whole.shape, whole.size)
    cells = [[table.at(row, column) for column in range(table.columns)] for row in range(table.rows)]
    np.testing.assert_array_equal(np.array(cells, np.float32), whole)
    finite = whole[np.isfinite(whole)]
    assert table.has_odd == (finite.size < whole.size)
    if finite.size:
        assert table.ends == (finite.min(), finite.max())
    else:
        assert np.isnan(table.ends).all()


def test_many_blocks_are_searched() -> None:
    values = np.zeros((5000, 70), np.float32)
    values[4321, 69] = 3.0
    table = Table(values, np.ones(70, np.float32))
    assert next_match(table, parse_condition("> 2"), (4321, 69)) == (4321, 69)
    assert next_match(table, parse_condition("> 2"), (4999, 0)) == (4321, 69)
    assert next_match(table, parse_condition("== 1"), (0, 0)) == (5000, 0)
    assert next_match(table, parse_condition("> 5"), (0, 0)) is None
    assert extreme(table, largest=True) == (4321, 69)


@pytest.mark.parametrize("text", ["", "0.5", "> ", "> x", ">> 1", "w", "== nan", "__import__('os')", "w + 1 > 2"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected"):
        parse_condition(text)


@given(TABLES, st.integers(1, 4))
def test_tables_side_by_side_are_their_columns_in_turn(parts: tuple[np.ndarray, np.ndarray], rows: int) -> None:
    left = parts[0]
    table, whole = SideBySide(left, left[:, 0], left[:, 1:]), np.column_stack([left, left])
    assert (table.rows, table.columns, table.size) == (*whole.shape, whole.size)
    cells = [[table.at(row, column) for column in range(table.columns)] for row in range(table.rows)]
    np.testing.assert_array_equal(np.array(cells, np.float32), whole)
    np.testing.assert_array_equal(np.vstack([block for _, block in table.blocks(0, rows)]), whole)
    np.testing.assert_array_equal(table.ends, Table(whole).ends)
