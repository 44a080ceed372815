"""Numbers beside their predictions, and rows that are images: what is drawn is what the numbers are."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.fit import STEPS, against_true, off_by, step_of, steps
from core.data.images import brightness, cells, places_in_one

NUMBERS = st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=1, max_size=20).map(
    lambda all_: np.array(all_, np.float32)
)


@given(NUMBERS, st.integers(0, 3))
@settings(max_examples=30)
def test_every_finite_point_lies_within_the_picture_and_the_diagonal_goes_from_corner_to_corner(
    true: np.ndarray, shift: int
) -> None:
    predicted = true[::-1] + np.float32(shift)
    fit = against_true(predicted, true)
    left, right, bottom, top = fit.extent
    assert (left, right) == (bottom, top) and left < right
    assert fit.points.tolist() == np.column_stack([true, predicted]).astype(float).tolist()
    assert ((fit.points >= left) & (fit.points <= right)).all()
    assert fit.line.tolist() == [[left, left], [right, right]]
    off = off_by(predicted, true)
    assert np.abs(off.points[:, 1]).max() <= off.extent.top == -off.extent.bottom
    assert (off.points[:, 1] == predicted.astype(float) - true).all()


def test_rows_that_are_not_finite_are_left_out_and_counted() -> None:
    fit = against_true(np.array([1.0, np.nan, np.inf]), np.array([1.0, 2.0, 3.0]))
    assert fit.points.tolist() == [[1.0, 1.0]] and fit.left_out == 2
    assert off_by(np.array([np.nan]), np.array([1.0])).points.shape == (0, 2)


@given(NUMBERS)
@settings(max_examples=30)
def test_a_step_is_told_by_how_many_edges_a_number_has_reached(labels: np.ndarray) -> None:
    edges = steps(labels)
    assert len(edges) < STEPS and list(edges) == sorted(set(edges))
    places = step_of(labels, edges)
    assert places.tolist() == [sum(float(label) >= edge for edge in edges) for label in labels]
    assert 0 in places, "the least number is below every edge"
    assert step_of(np.array([np.nan]), edges).tolist() == [-1]


def test_an_image_keeps_its_mean_in_fewer_places_and_fits() -> None:
    point = np.arange(28 * 28 * 3, dtype=np.float32)
    picture = brightness(point, (28, 28, 3))
    assert picture[0, 1] == 4.0, "the mean of the second place's three channels"
    for rows, columns in ((40, 80), (12, 38), (1, 1)):
        drawn = cells(picture, places_in_one((28, 28), rows, columns))
        assert drawn.shape[0] <= rows and drawn.shape[1] <= columns
    assert cells(picture, 1)[:, ::2].tolist() == picture.tolist()
    assert np.isclose(cells(picture, 28).mean(), picture.mean())
