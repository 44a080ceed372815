"""What a person types into a field: whole numbers and numbers, each within its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.typed import real, whole

EPOCHS = whole("epochs", 1, 1_000_000)
SHARE = real("a split", lambda value: 0 <= value < 1, "from 0 up to 1")


@given(st.integers(1, 1_000_000), st.sampled_from(("", " ", "\t ")))
def test_a_whole_number_within_its_bounds_is_read(value: int, space: str) -> None:
    assert EPOCHS(f"{space}{value}{space}") == value


@given(st.integers(-(10**16), 10**17).filter(lambda value: not 1 <= value <= 1_000_000))
def test_a_whole_number_outside_its_bounds_is_refused_with_them(value: int) -> None:
    with pytest.raises(Refused) as refusal:
        EPOCHS(str(value))
    assert str(refusal.value) == f"expected epochs from 1 to 1,000,000, got {value:,}"


@given(st.text(max_size=30))
def test_any_text_is_read_as_the_number_that_it_is_or_refused(text: str) -> None:
    try:
        value = EPOCHS(text)
    except Refused as refusal:
        assert str(refusal).startswith("expected epochs ")
    else:
        assert value == int(text)


@pytest.mark.parametrize(
    "text", ["", " ", "-", "--5", "+5", "5.0", "1e3", "1_000", "1,000", "0x10", "٣", "²", "five", "5 6", "9" * 5000]
)
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected epochs as a whole number from 1 to 1,000,000, got"):
        EPOCHS(text)


def test_negative_whole_numbers_are_read_where_they_are_allowed() -> None:
    assert [whole("a shift", -5, 5)(text) for text in ("-5", "-0", "005")] == [-5, 0, 5]


@given(st.floats(0, 1, exclude_max=True))
def test_a_number_that_is_accepted_is_read_exactly(value: float) -> None:
    assert SHARE(f" {value!r} ") == value


@pytest.mark.parametrize(("text", "got"), [("1", "1"), ("-0.5", "-0.5"), ("1e3", "1000")])
def test_a_number_that_is_not_accepted_is_refused_in_words(text: str, got: str) -> None:
    with pytest.raises(Refused) as refusal:
        SHARE(text)
    assert str(refusal.value) == f"expected a split from 0 up to 1, got {got}"


@pytest.mark.parametrize("text", ["", "nan", "inf", "-", "0.1.2", "0,5,5", "1e999", "abc"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected a number"):
        SHARE(text)
