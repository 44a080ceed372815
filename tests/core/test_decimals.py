"""Rounding is decimal and half away from zero: against Python's own decimal arithmetic, and known numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.decimals import product, rounded
from core.formatting import number
from core.operations.rounding import Carry, Rounding

EXACT = Context(prec=60)


def on_paper(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, EXACT)


whole = st.one_of(st.integers(0, 10**9), st.integers(0, 9_999), st.sampled_from((5, 25, 125, 6_395, 11_575)))
"""Numbers of at most 9 digits, without their point; many of those with few digits make halves."""


@st.composite
def written(draw: st.DrawFn, digits: int) -> Decimal:
    return Decimal(draw(st.sampled_from((1, -1))) * draw(whole)).scaleb(-digits)


@given(st.data(), st.integers(1, 9))
def test_a_product_of_two_written_numbers_is_rounded_as_decimal_arithmetic_rounds_it(
    data: st.DataObject, digits: int
) -> None:
    first, second = data.draw(written(digits)), data.draw(written(digits))
    right = on_paper(EXACT.multiply(first, second), digits)
    # Beyond 15 digits no float64 has the number.
    if abs(right).scaleb(digits) < 2**52:
        assert float(product(float(first), float(second), digits)) == float(right)


@given(st.data(), st.integers(1, 9))
def test_a_sum_of_written_numbers_is_what_decimal_arithmetic_makes_of_them(data: st.DataObject, digits: int) -> None:
    terms = data.draw(st.lists(written(digits), min_size=1, max_size=20))
    made = rounded(np.sum([float(term) for term in terms]), digits)
    assert float(made) == float(sum(terms))


@given(st.data(), st.integers(0, 9))
@example(None, 0)
def test_a_typed_number_is_rounded_as_it_reads(data: st.DataObject | None, digits: int) -> None:
    value = Decimal("2.5") if data is None else data.draw(written(9)).scaleb(9 - digits - 1)
    right = on_paper(value, digits)
    assert float(rounded(float(value), digits)) == float(right)
    if abs(value) < 10**6 and digits:
        assert Decimal(number(float(value), digits)) == right


@given(st.integers(0, 999_999), st.integers(1, 6))
def test_a_float32_number_is_rounded_as_its_shortest_text_reads(digits_in_front: int, digits: int) -> None:
    text = Decimal(digits_in_front).scaleb(-digits - 1)
    held = np.float32(str(text))
    assert number(float(held), digits) == f"{on_paper(text, digits):f}"
    assert float(rounded(held, digits)) == float(on_paper(text, digits))


@given(st.floats(-1e5, 1e5), st.integers(1, 9))
def test_what_is_rounded_already_and_what_is_not_are_printed_alike(value: float, digits: int) -> None:
    assert number(float(rounded(value, digits)), digits) == number(value, digits)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.06395, 4, "0.0640"),
        (-0.11575, 4, "-0.1158"),
        (1.005, 2, "1.01"),
        (2.5, 1, "2.5"),
        (0.05, 1, "0.1"),
        # 0.1 + 0.1775 in binary is 0.27749999999999997.
        (0.1 + 0.1775, 3, "0.278"),
        (np.float32(0.12335), 4, "0.1234"),
        # No half in any reading: float32's 0.1 is 0.10000000149.
        (np.float32(0.1), 9, "0.100000001"),
        (-0.00004, 4, "0.0000"),
        (1_234_565.0, 5, "1.23457e+06"),
        (-9_999_999.5, 5, "-1.00000e+07"),
        (0.0499999999, 1, "0.0"),
    ],
)
def test_known_numbers_are_printed_half_away_from_zero(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text


def test_nan_the_infinities_and_what_has_no_digits_after_the_point_stay() -> None:
    stay = np.array([np.nan, np.inf, -np.inf, 1e300, 2.0**60 + 2.0**9, 0.0])
    assert np.array_equal(rounded(stay, 4), stay, equal_nan=True)
    assert np.array_equal(product(stay, 1.0, 4), stay, equal_nan=True)


def test_no_number_becomes_a_negative_zero() -> None:
    assert not np.signbit(rounded([-0.00001, -0.0], 4)).any()
    assert not np.signbit(product([-0.001], [0.001], 4)).any()


@given(st.floats(-10, 10), st.floats(-10, 10), st.integers(1, 6))
def test_a_factor_with_more_places_than_are_written_has_all_of_them(first: float, second: float, digits: int) -> None:
    assume(rounded(first, digits) != first)
    written = float(rounded(second, digits))
    for one, other in ((first, written), (written, first), (first, second)):
        assert float(product(one, other, digits)) == float(rounded(one * other, digits))


def test_a_half_of_a_product_is_rounded_up_though_the_binary_product_lies_below_it() -> None:
    assert 0.6395 * 0.1 < 0.06395
    assert Carry(Rounding.CARRIED, 4).product(0.6395, 0.1) == 0.0640
    assert Carry(Rounding.CARRIED, 4).product([0.6395, -1.1575], 0.1).tolist() == [0.0640, -0.1158]
