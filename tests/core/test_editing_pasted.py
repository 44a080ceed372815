"""Pasted tables and literals: every number in its place, or refused whole with the first bad cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core.editing.pasted import parse_pasted
from core.errors import Refused
from core.model.literal import MAX_TEXT, format_array

FLOAT32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
TABLES = arrays_of.arrays(np.float32, arrays_of.array_shapes(min_dims=2, max_dims=2, max_side=4), elements=FLOAT32)


@pytest.mark.parametrize(
    "text",
    [
        "1.5\t-2\n0.25\t4\n",
        "1.5\t-2\r\n0.25\t4\r\n",
        "1,5\t-2\n0,25\t4",
        "1,5;-2\n0,25;4",
        "1.5;-2\n0.25;4",
        "1.5,-2\n0.25,4",
        "1.5, -2\n0.25, 4\n\n",
        '"1.5","-2"\n"0.25","4"',
        '"1,5";"-2"\n"0,25";"4"',
        "1.5 -2\n0.25   4",
        "1,5 -2\n0,25 4",
        "3/2\t-2\n1/4\t4e0",
        "1,5E+00\t-2\n25E-02\t4",
        "[[1.5, -2], [0.25, 4]]",
        "((1.5, -2), (0.25, 4))",
        "array([[ 1.5 , -2.  ],\n       [ 0.25,  4.  ]], dtype=float32)",
        "[[ 1.5  -2.  ]\n [ 0.25  4.  ]]",
    ],
)
def test_the_same_table_from_everywhere(text: str) -> None:
    assert parse_pasted(text, (2, 2)).tolist() == [[1.5, -2.0], [0.25, 4.0]]


@settings(deadline=None)
@given(TABLES, st.sampled_from(["\t", ";", ",", " "]), st.sampled_from(".,"))
def test_what_is_copied_is_pasted_bit_for_bit(values: np.ndarray, separator: str, sign: str) -> None:
    rows = [separator.join(str(value) for value in row) for row in values]
    text = "\n".join(rows)
    if sign == "," and separator != ",":
        text = text.replace(".", ",")
    pasted = parse_pasted(text, values.shape).astype(np.float32)
    assert pasted.tobytes() == values.tobytes()


@settings(deadline=None)
@given(arrays_of.arrays(np.float32, arrays_of.array_shapes(max_dims=4, max_side=3), elements=FLOAT32))
def test_literals_of_any_rank(values: np.ndarray) -> None:
    # NumPy leaves out digits by which some numbers are told apart, unless it is asked for all.
    with np.printoptions(floatmode="unique"):
        written = repr(values)
    for text in (format_array(values), written, repr(values.tolist())):
        assert np.array_equal(parse_pasted(text, values.shape).astype(np.float32), values)


@pytest.mark.parametrize(
    ("text", "shape", "numbers"),
    [
        ("1\t2\t3", (3,), [1, 2, 3]),
        ("1\n2\n3", (3,), [1, 2, 3]),
        ("[1, 2, 3]", (1, 3), [[1, 2, 3]]),
        ("[1, 2, 3]", (3, 1), [[1], [2], [3]]),
        ("[[1, 2, 3]]", (3,), [1, 2, 3]),
        ("0,5", (1, 1), [[0.5]]),
        ("0,5\n0,25", (2, 1), [[0.5], [0.25]]),
        ("0,5", (1, 2), [[0, 5]]),
        ("[0.5]", (1, 1), [[0.5]]),
        ("0.5", (), 0.5),
    ],
)
def test_the_selection_says_what_is_a_row_and_what_a_column(text: str, shape: tuple[int, ...], numbers: object) -> None:
    assert parse_pasted(text, shape).tolist() == numbers


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a table or an array such as [[1.0], [1.0]], got nothing"),
        (" \n\t\n", "got nothing"),
        ("1\t2\n3", "row 2: expected 2 numbers as in the first row, got 1"),
        ("1\t2\n\n3\t4", "row 2: expected 2 numbers as in the first row, got 0"),
        ("1,2\n\n3,4", "row 2: expected 2 numbers as in the first row, got 0"),
        ("1\t2\n3\tabc", "row 2, column 2: expected a number such as -0.25, 1/3 or 1e-3, got 'abc'"),
        ("a\tb\n3\t4", "row 1, column 1: expected a number such as -0.25, 1/3 or 1e-3, got 'a'"),
        ("1\tnan\n3\t4", "row 1, column 2: expected a number such as -0.25, 1/3 or 1e-3, got 'nan'"),
        ("1\t-inf\n3\t4", "row 1, column 2: expected a number such as -0.25, 1/3 or 1e-3, got '-inf'"),
        ("1\t\n3\t4", "row 1, column 2: expected a number such as -0.25, 1/3 or 1e-3, got nothing"),
        ("\t2\n3\t4", "row 1, column 1: expected a number such as -0.25, 1/3 or 1e-3, got nothing"),
        ("1\t2\n3\t1e39", "row 2, column 2: expected a number that float32 holds (up to 3.4e38), got 1e39"),
        ("1\t2\n3\t1/0", "row 2, column 2: expected a number, got 1/0, which divides by 0"),
        ("50%\t2\n3\t4", "row 1, column 1: expected a number such as -0.25, 1/3 or 1e-3, got '50%'"),
        ("1\t2\n3\tw*2", "row 2, column 2: expected a number such as -0.25, 1/3 or 1e-3, got 'w*2'"),
        ("1.5\t2\n3\t0,25", "row 2, column 2: got '0,25', a decimal comma in a table with decimal points"),
        ("1,234\t2\n3\t4", "row 1, column 1: got '1,234', which may be a decimal comma or one between thousands"),
        ("1,5,0\t2\n3\t4", "row 1, column 1: expected a number such as -0.25, 1/3 or 1e-3, got '1,5,0'"),
        ("1_0\t2\n3\t4", "row 1, column 1: expected a number such as -0.25, 1/3 or 1e-3, got '1_0'"),
        ("1\t2\n3\t٣", "row 2, column 2: expected a number such as -0.25, 1/3 or 1e-3, got '٣'"),
        ("1,5E-05\tx\n3\t4", "row 1, column 2: expected a number such as -0.25, 1/3 or 1e-3, got 'x'"),
        ("1,234.5\t2\n3\t4", "row 1, column 1: got '1,234.5', a decimal comma in a table with decimal points"),
        ("1,2,3\n4,5,6", "expected 2 rows of 2 numbers, got 2 rows of 3 numbers"),
        ("1\t2", "expected 2 rows of 2 numbers, got 1 row of 2 numbers"),
        ("1", "expected 2 rows of 2 numbers, got 1 row of 1 number"),
        ("[1, 2, 3, 4]", "expected 2 rows of 2 numbers, got 4 numbers"),
        ("[[[1, 2], [3, 4]]]", "got an array of shape (1, 2, 2)"),
        ('"1,2\n3,4', "expected a table of numbers, got one that cannot be read"),
        ("[[1, 2], [3]]", "row 2: expected 2 numbers as in the first, got 1"),
        ("[[1, 2], [3, nan]]", "row 2, column 2: expected a number, got 'nan'"),
        ("array([[1., -inf],\n       [3., 4.]])", "row 1, column 2: expected a number, got 'inf'"),
        ("[[1, 2],\n [None, 4]]", "row 2, column 1: expected a number, got 'None'"),
        ("[[ 1. nan]\n [ 3. 4.]]", "row 1, column 2: expected a number, got 'nan'"),
        ("np.array([[1, 2], [3, x]])", "row 2, column 2: expected a number, got 'x'"),
        ("[__import__('os')]", "row 1, column 1: expected a number, got '__import__'"),
        ("[[1, 2], [3, 4]", "expected 1 more closing bracket"),
        ("[[1. 2. ... 9.]]", "NumPy left numbers out"),
    ],
)
def test_refused_whole_with_the_first_bad_cell(text: str, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_pasted(text, (2, 2))
    assert message in str(refusal.value)


def test_decimal_commas_that_prove_themselves_are_read() -> None:
    assert parse_pasted("1,234\t0,5", (1, 2)).tolist() == [[1.234, 0.5]]
    assert parse_pasted("0,125\t2", (1, 2)).tolist() == [[0.125, 2.0]]


def test_a_row_does_not_fit_into_a_column() -> None:
    with pytest.raises(Refused, match="expected 3 rows of 1 number, got 1 row of 3 numbers"):
        parse_pasted("1\t2\t3", (3, 1))


@given(st.text(alphabet="01.,;-+e \t\n\r\"'[]()nax/", max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        assert parse_pasted(text, (2, 2)).shape == (2, 2)
    except Refused as refusal:
        assert "\n" not in str(refusal)


@pytest.mark.parametrize(
    "text",
    [
        "1\t" * 50_000,
        "1\n" * 50_000,
        '"' * MAX_TEXT,
        "[" * MAX_TEXT,
        "[ " * 100_000 + "x",
        "1" * MAX_TEXT,
        "1" * (MAX_TEXT + 1),
        "," * 100_000,
        "0,5 " * 50_000,
    ],
    ids=["one row", "one column", "quotes", "brackets", "word", "digits", "too long", "commas", "spaces"],
)
def test_much_of_anything_is_refused_in_a_short_sentence(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_pasted(text, (2, 2))
    assert len(str(refusal.value)) < 200
