"""Numbers of 8 and 16 bits for which NumPy has no type: each is what ml_dtypes says, and stored bit for bit."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.archive.narrow import NARROW, STORED, narrowed, nearest, widened


@pytest.mark.parametrize("dtype", NARROW)
def test_every_number_is_read_exactly_and_stored_again(dtype: str) -> None:
    kind = np.dtype(STORED[dtype])
    bits = np.arange(1 << 8 * kind.itemsize).astype(kind)
    numbers = widened(bits, dtype)
    theirs = bits.view(getattr(ml_dtypes, dtype)).astype(np.float32)
    np.testing.assert_array_equal(numbers, theirs)
    np.testing.assert_array_equal(np.signbit(numbers), np.signbit(theirs))
    np.testing.assert_array_equal(narrowed(numbers, dtype), bits)
    # NumPy's own NaN is one of the type's.
    assert np.isnan(widened(narrowed(np.full(1, np.nan, np.float32), dtype), dtype)).all()


@pytest.mark.parametrize("dtype", [one for one in NARROW if "e8m0" not in one])
@given(number=st.one_of(st.floats(width=32, allow_infinity=False), st.floats(-600, 600, width=32)))
def test_the_nearest_is_that_of_ml_dtypes(dtype: str, number: float) -> None:
    theirs = float(np.float32(number).astype(getattr(ml_dtypes, dtype)))
    ours = nearest(number, dtype)
    # What is too large is an infinity there, if the type has one; here it is refused.
    assert (
        math.isnan(ours)
        if not math.isfinite(theirs)
        else (ours, math.copysign(1, ours))
        == (
            theirs,
            math.copysign(1, theirs),
        )
    )


def test_infinity_is_one_only_of_types_that_have_it() -> None:
    assert [math.isinf(nearest(math.inf, dtype)) for dtype in NARROW] == [True, False, True, False]
    assert nearest(3.1, "float8_e8m0fnu") == 4.0 and nearest(-1.0, "float8_e8m0fnu") == 2.0**-127
