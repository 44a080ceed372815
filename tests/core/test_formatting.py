"""Numbers as text: no minus before a zero, exponents, the words, and widths that hold every number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core.formatting import DEFAULT_DIGITS, DIGITS, count, ends, exact, in_a_line, number, percent, small, width_of

ANY = st.floats(allow_nan=True, allow_infinity=True)
DIGIT = st.sampled_from(DIGITS)
CELLS = st.one_of(
    st.floats(width=32),
    st.floats(-10, 10, width=32),
    st.sampled_from([999_999.0, -999_999.0, 999_999.9375, -999_999.9375, 1e6, -1e6, 2e6, -2e6, -0.0, -0.00001]),
).map(np.float32)


@given(ANY, DIGIT)
def test_zero_has_no_sign(value: float, digits: int) -> None:
    text = number(value, digits)
    assert not (text.startswith("-") and float(text) == 0)


@given(st.floats(-999_999, 999_999), DIGIT)
def test_an_ordinary_number_has_exactly_its_digits_and_is_near(value: float, digits: int) -> None:
    text = number(value, digits)
    assert len(text.partition(".")[2]) == digits
    assert abs(float(text) - value) <= 0.5 * 10**-digits + 1e-9


@given(st.floats(1e6, 1e308), st.sampled_from((-1, 1)), DIGIT)
def test_a_very_large_number_has_an_exponent(value: float, sign: int, digits: int) -> None:
    text = number(sign * value, digits)
    mantissa, _, exponent = text.partition("e+")
    assert exponent and len(mantissa.partition(".")[2]) == digits
    assert float(text) == pytest.approx(sign * value, rel=0.51 * 10**-digits)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (-0.00004, "0.0000"),
        (-0.00006, "-0.0001"),
        (0.93015913, "0.9302"),
        (-12.5, "-12.5000"),
        (999999.0, "999999.0000"),
        (1e6, "1.0000e+06"),
        (-1.5e100, "-1.5000e+100"),
        (5e-324, "0.0000"),
        (math.nan, "nan"),
        (-math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_are_written_so(value: float, text: str) -> None:
    assert number(value) == number(np.float64(value), DEFAULT_DIGITS) == text


@given(st.floats(width=32))
def test_the_exact_text_gives_back_the_same_float32(value: float) -> None:
    assert np.array_equal(np.float32(exact(value)), np.float32(value), equal_nan=True)


def test_the_exact_text_is_short() -> None:
    assert [exact(0.1), exact(1.0), exact(1e-20), exact(math.nan)] == ["0.1", "1.0", "1e-20", "nan"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (4.2e-8, "4e-08"),
        (9.6e-4, "1e-03"),
        (0.0012, "0.0012"),
        (12.0, "12.0000"),
        (math.nan, "nan"),
        (math.inf, "inf"),
    ],
)
def test_a_difference_is_written_so(value: float, text: str) -> None:
    assert small(value) == text


@given(arrays_of.arrays(np.float32, arrays_of.array_shapes(max_dims=2, max_side=8), elements=CELLS), DIGIT)
def test_a_column_is_wide_enough_for_every_number(values: np.ndarray, digits: int) -> None:
    assert width_of(values, digits) >= max(len(number(value, digits)) for value in values.flat)


@given(st.lists(st.floats(-9, 9), min_size=1), DIGIT)
def test_a_column_of_small_numbers_is_no_wider_than_a_sign_a_digit_and_the_places(
    values: list[float], digits: int
) -> None:
    assert width_of(np.array(values), digits) <= digits + 3 + any(abs(value) >= 9.5 for value in values)


@pytest.mark.parametrize(
    ("values", "width"),
    [
        ([], 7),
        ([0.0], 7),
        ([-9.5], 7),
        ([-10.0], 8),
        ([math.nan], 7),
        ([math.nan, math.inf, -math.inf], 7),
        ([math.nan, -123.0], 9),
        ([2e6, 999_999.0], 12),
        ([-2e6, 1.0], 13),
    ],
)
def test_columns_are_so_wide(values: list[float], width: int) -> None:
    assert width_of(np.array(values), 4) == width


def test_a_share_is_a_percentage_with_one_place() -> None:
    assert [percent(share) for share in (0, 0.875, 1, 2 / 3)] == ["0.0 %", "87.5 %", "100.0 %", "66.7 %"]


def test_a_noun_is_plural_but_for_one() -> None:
    assert [count(n, "point") for n in (0, 1, 2, 12_345)] == ["0 points", "1 point", "2 points", "12,345 points"]


@pytest.mark.parametrize(
    ("low", "high", "width", "texts"),
    [
        (0.0, 1.0, 6, ("0", "1")),
        (-0.0, 1e10, 6, ("0", "1e+10")),
        (2674.97, 6824.2, 11, ("2.67e+03", "6.82e+03")),
        (-7.00219, -6.99767, 11, ("-7.002", "-6.998")),
        (1.0490, 1.0613, 6, ("1.05", "1.06")),
        (1.0609, 1.0613, 6, ("1.0609", "1.0613")),
        (-1.2e-5, 3.4e38, 6, ("-1e-05", "3e+38")),
        (0.5, 0.5, 6, ("0.5", "0.5")),
        (0.50000001, 0.50000002, 6, ("0.5", "0.5")),
    ],
)
def test_both_ends_of_an_axis_are_told_apart_where_there_is_room(
    low: float, high: float, width: int, texts: tuple[str, str]
) -> None:
    assert ends(low, high, width) == texts


@given(st.floats(-(2.0**120), 2.0**120, width=32))
def test_the_next_float32_has_another_text_at_its_end(value: float) -> None:
    below = float(np.nextafter(np.float32(value), np.float32(-np.inf)))
    lower, upper = ends(below, value, 16)
    assert lower != upper


def test_numbers_at_columns_of_whole_ones_have_no_places() -> None:
    assert (
        in_a_line(np.array([6.0, 6.0, -0.0, 1234567.0, 2.5, np.nan]), 2, {1, 2, 3, 4, 5})
        == "6.00, 6, 0, 1234567, 2.5, nan"
    )
