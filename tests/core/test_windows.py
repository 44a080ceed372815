"""What lies under a window at each of its places, and what is laid out from there."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given

from core.layers.windows import OUTSIDE, places_after, under_window
from tests.core.images import Windows, windows

# What lies under a window


@given(windows())
def test_what_is_under_a_window_is_what_a_loop_finds(drawn: Windows) -> None:
    places, window, strides, padding = drawn
    after = places_after(places, window, strides, padding)
    found = under_window(places, window, strides, padding)
    assert found.shape == (prod(after), prod(window))
    axes = list(zip(places, window, strides, after, strict=True))
    missing = [max((steps - 1) * stride + wide - size, 0) for size, wide, stride, steps in axes]
    before = [amount // 2 if padding == "same" else 0 for amount in missing]
    for row, place in enumerate(product(*map(range, after))):
        for column, offset in enumerate(product(*map(range, window))):
            at = [step * stride + o - b for step, stride, o, b in zip(place, strides, offset, before, strict=True)]
            inside = all(0 <= a < size for a, size in zip(at, places, strict=True))
            expected = int(np.ravel_multi_index(at, places)) if inside else OUTSIDE
            assert found[row, column] == expected


def test_padding_that_is_left_over_goes_to_the_far_side() -> None:
    assert under_window((4,), (2,), (1,), "same").tolist() == [[0, 1], [1, 2], [2, 3], [3, OUTSIDE]]
    assert under_window((4,), (2,), (1,), "valid").tolist() == [[0, 1], [1, 2], [2, 3]]
    assert under_window((4,), (3,), (2,), "same").tolist() == [[0, 1, 2], [2, 3, OUTSIDE]]


def test_what_is_under_a_window_is_shared_and_cannot_be_changed() -> None:
    first = under_window((5, 5), (3, 3), (1, 1), "same")
    assert under_window((5, 5), (3, 3), (1, 1), "same") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 7


@pytest.mark.parametrize(("size", "places"), [(3, 0), (2, -1)])
def test_a_window_wider_than_its_axis_has_no_place(size: int, places: int) -> None:
    assert places_after((size,), (4,), (1,), "valid") == (places,)
