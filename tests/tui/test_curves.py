"""Curves of braille dots: what a column of dots shows of the epochs that fall into it, and how columns are joined."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.braille import DOWN, Braille, joined, middles
from tui.widgets.curves import Curve, spans_of
from tui.widgets.scale import thirds_of

ROOM = (20, 8)
LOWEST = ROOM[1] * DOWN - 1


def test_a_single_epoch_that_is_high_is_drawn_however_many_there_are() -> None:
    values = np.zeros(10_000)
    values[6_543] = 1.0
    spans = spans_of(Curve(values, "training"), 10_000, (0.0, 1.0), ROOM)
    assert len(spans) == 40
    (high,) = np.flatnonzero(spans[:, 1] == 0)
    assert spans[high].tolist() == [high, 0, LOWEST]
    assert high == round(6_543 / 9_999 * 39)


def test_with_fewer_epochs_than_columns_each_is_at_its_place() -> None:
    spans = spans_of(Curve([0.0, 1.0, 0.5], "training"), 3, (0.0, 1.0), ROOM)
    assert spans[0].tolist() == [0, LOWEST, LOWEST]
    assert spans[20].tolist() == [20, 0, 0]
    assert spans[39, 1] == pytest.approx(LOWEST / 2, abs=1)
    assert (spans[:, 1] == spans[:, 2]).all()


def test_epochs_that_are_not_finite_are_no_dots() -> None:
    values = [1.0, np.nan, 0.5, np.inf]
    spans = spans_of(Curve(values, "training"), 4, (0.5, 1.0), ROOM)
    assert 0 < len(spans) < 40
    assert len(spans_of(Curve([np.nan], "training"), 2, (0.0, 1.0), ROOM)) == 0
    assert len(spans_of(Curve([], "training"), 2, (0.0, 1.0), ROOM)) == 0


def test_of_a_curve_beyond_the_axis_what_lies_within_is_drawn() -> None:
    spans = spans_of(Curve([9.0, 5.0, 0.5, -7.0], "faint", foreign=True), 4, (0.0, 1.0), ROOM)
    assert 0 < len(spans) < 40
    assert spans[:, 1:].min() >= 0
    assert spans[:, 1:].max() <= LOWEST


columns = st.lists(st.tuples(st.integers(0, LOWEST), st.integers(0, LOWEST)), max_size=40)


@given(columns)
def test_what_is_joined_has_no_gap_and_only_what_leads_from_one_column_to_the_next(ends: list[tuple[int, int]]) -> None:
    spans = np.array([(place, min(pair), max(pair)) for place, pair in enumerate(ends)], np.int64).reshape(-1, 3)
    drawn = [set(joined(spans)[joined(spans)[:, 0] == place, 1].tolist()) for place in range(len(spans))]
    for (_, top, bottom), dots in zip(spans.tolist(), drawn, strict=True):
        assert set(range(top, bottom + 1)) <= dots
        assert dots == set(range(min(dots), max(dots) + 1))
    for dots, others in pairwise(drawn):
        assert min(dots) <= max(others) + 1 and min(others) <= max(dots) + 1
    assert {dot for dots in drawn for dot in dots} <= set(range(LOWEST + 1))
    assert middles(spans)[:, 0].tolist() == list(range(len(spans)))


def test_a_cell_has_the_ink_that_was_drawn_in_it_last() -> None:
    picture = Braille(2, 1)
    picture.draw(np.array([[0, 0], [3, 3]]), 0)
    picture.draw(np.array([[1, 3]]), 1)
    assert picture.row(0) == [("\u2881", 1), ("\u2880", 0)]
    assert Braille(1, 1).row(0) == [(" ", -1)]


def test_what_is_the_same_everywhere_is_drawn_beside_its_number_at_the_top() -> None:
    spans = spans_of(Curve([0.25] * 9, "training"), 9, (0.25, 0.25), ROOM)
    assert len(spans) == 40 and (spans[:, 1:] == 0).all()


@pytest.mark.parametrize("scale", [0.05, 4.309, 123.4, 1e-5, 3e12])
def test_the_ends_of_a_scale_are_whole_or_left_out(scale: float) -> None:
    for width in range(10, 90):
        thirds = thirds_of(scale, width)
        assert all(not end or float(end) == pytest.approx(scale * at / 3, rel=0.05) for at, end in enumerate(thirds, 1))
        # Each end has its sign or a blank before it, and a blank behind, on either side of " 0 ".
        text = "scale " + "".join(f" -{end} " if end else "  " for end in thirds) * 2 + " 0 "
        assert not any(thirds) or len(text) <= width + 3
    assert all(thirds_of(scale, 90)) and thirds_of(scale, 10) == ["", "", ""]
    assert thirds_of(0.05, 45) == ["", "", "0.05"]
