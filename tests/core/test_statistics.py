"""Minimum, maximum, mean and standard deviation, against the standard library's."""

from __future__ import annotations

import math
import statistics as library

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core.statistics import statistics

VALUES = arrays_of.arrays(
    np.float32, arrays_of.array_shapes(max_dims=3, max_side=6), elements=st.floats(-1000, 1000, width=32)
)


@given(VALUES)
def test_statistics_are_those_of_all_numbers(values: np.ndarray) -> None:
    made = statistics(values)
    listed = [float(value) for value in values.flat]
    assert (made.shape, made.dtype) == (values.shape, "float32")
    assert (made.minimum, made.maximum) == (min(listed), max(listed))
    assert made.mean == pytest.approx(library.fmean(listed), abs=1e-9)
    assert made.standard_deviation == pytest.approx(library.pstdev(listed), abs=1e-6)


def test_many_numbers_lose_nothing_of_float32() -> None:
    made = statistics(np.full(2_000_000, 0.1, dtype=np.float32))
    assert made.mean == pytest.approx(float(np.float32(0.1)), rel=1e-12)
    assert made.standard_deviation == pytest.approx(0.0, abs=1e-12)


def test_one_nan_shows_everywhere() -> None:
    made = statistics(np.array([1.0, math.nan]))
    assert all(map(math.isnan, (made.minimum, made.maximum, made.mean, made.standard_deviation)))


def test_infinities_are_shown_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    made = statistics(np.array([-math.inf, 0.0, math.inf], dtype=np.float32))
    assert (made.minimum, made.maximum) == (-math.inf, math.inf)
    assert math.isnan(made.mean) and math.isnan(made.standard_deviation)
    assert not recwarn.list
