"""What a person types or pastes as numbers: read exactly, or refused with the place and the reason."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core.errors import Refused
from core.model.literal import (
    MAX_TEXT,
    format_array,
    format_arrays,
    parse_array,
    parse_arrays,
    parse_number,
    parse_numbers,
)

FLOAT32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
SHAPES = arrays_of.array_shapes(min_dims=1, max_dims=4, max_side=5)


@given(arrays_of.arrays(np.float32, SHAPES, elements=FLOAT32))
def test_what_is_written_is_read_back_bit_for_bit(values: np.ndarray) -> None:
    read = parse_array(format_array(values)).astype(np.float32)
    assert read.shape == values.shape
    assert read.tobytes() == values.tobytes()


@given(arrays_of.arrays(np.float32, SHAPES, elements=FLOAT32))
def test_what_numpy_prints_is_read(values: np.ndarray) -> None:
    for text in (repr(values), str(values), repr(values.tolist())):
        assert np.array_equal(parse_array(text).astype(np.float32), np.float32(values))


@given(st.text(alphabet="[](),.-+e12 \nnparydtfloat=3", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_array(text)
    except Refused as refused:
        assert "\n" not in str(refused)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[1.0],[1.0]]", [[1.0], [1.0]]),
        ("[[1. 2.]\n [3. 4.]]", [[1.0, 2.0], [3.0, 4.0]]),
        ("((1, 2), (3, 4),)", [[1.0, 2.0], [3.0, 4.0]]),
        ("np.array([1, -2.5e3], dtype=float32)", [1.0, -2500.0]),
        ("numpy.array([[.5]], dtype=np.float32)", [[0.5]]),
        ("array([1.], dtype='float32')", [1.0]),
        ("(1,)", [1.0]),
        ("(1)", 1.0),
        ("[-1 -2]", [-1.0, -2.0]),
        ("[]", []),
    ],
)
def test_python_and_numpy_literals(text: str, expected: object) -> None:
    assert parse_array(text).tolist() == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got nothing"),
        ("[1", "expected 1 more closing bracket"),
        ("[1)", "got ')' at line 1, column 3"),
        ("[1,\n x]", "got 'x' at line 2, column 2"),
        ("[1, 2, 3x]", "got '3x' at line 1, column 8"),
        ("[1-2]", "got '1-2'"),
        ("[1,,2]", "column 4"),
        ("[1/3]", "got '/3'"),
        ("[nan]", "got 'nan'"),
        ("[inf]", "got 'inf'"),
        ("[True]", "got 'True'"),
        ("['1']", "got \"'1'\""),
        ("[1j]", "got '1j'"),
        ("[0x10]", "got '0x10'"),
        ("[1_000]", "got '1_000'"),
        ("[1e400]", "float32 holds (up to 3.4e38), got 1e400"),
        ("[[1.0], [1e39]]", "float32 holds"),
        ("[1. 2. ... 9.]", "NumPy left numbers out"),
        ("[9" + "9" * 400 + "]", "at most 400 characters"),
        ("__import__('os')", "got '__import__'"),
        ("array()", "got ')'"),
        ("[" * 9 + "1" + "]" * 9, "nested at most 8 deep"),
        ("[[1, 2], [3]]", "row 2: expected 2 numbers as in the first, got 1"),
        ("[[1, 2], 3]", "row 2: expected a list of 2, got the number 3"),
        ("[[1, 2], [3, [4]]]", "row 2, column 2: expected a number, got a list of 1"),
    ],
)
def test_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_array(text)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_TEXT,
        "[1," * (MAX_TEXT // 4),
        "[" + "1," * (MAX_TEXT // 2 - 2) + "1]",
        "[" + "[1]," * (MAX_TEXT // 8) + "]",
        "[1" + " " * (MAX_TEXT - 3) + "x",
        "9" * MAX_TEXT,
        "[" + "1e" * (MAX_TEXT // 2 - 1),
        "1" * (MAX_TEXT + 1),
    ],
    ids=["brackets", "lists", "numbers", "rows", "spaces", "digits", "exponents", "too long"],
)
def test_a_megabyte_is_answered_soon(text: str) -> None:
    begun = time.process_time()
    try:
        parse_array(text)
    except Refused as refused:
        assert len(str(refused)) < 300
    assert time.process_time() - begun < 3.0  # under 0.6 s on an idle machine


def test_set_weights_takes_the_tutorials_literal() -> None:
    kernel, bias = parse_arrays("[[[1.0],[1.0]], [-0.5]]", {"kernel": (2, 1), "bias": (1,)}, "output")
    assert kernel.tolist() == [[1.0], [1.0]]
    assert bias.tolist() == [-0.5]
    assert [
        array.tolist()
        for array in parse_arrays(format_arrays((kernel, bias)), {"kernel": (2, 1), "bias": (1,)}, "output")
    ] == [
        [[1.0], [1.0]],
        [-0.5],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[[1], [1]]]", "output: expected 2 arrays (kernel (2, 1), bias (1,)), got 1"),
        ("[[[1, 1]], [0]]", "output: expected a kernel of shape (2, 1), got (1, 2)"),
        ("[[[1], [1, 2]], [0]]", "array 1, row 2: expected 1 number"),
        ("1", "expected a list of arrays"),
    ],
)
def test_set_weights_refuses_other_shapes(text: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_arrays(text, {"kernel": (2, 1), "bias": (1,)}, "output")
    assert message in str(refused.value)


def test_digits_are_for_reading() -> None:
    assert format_array(np.array([[0.12345, -1.0]]), digits=2) == "[[0.12, -1.00]]"
    assert format_array(np.array([[1.0], [1.0]])) == "[[1.0],\n [1.0]]"
    assert format_array(np.array(0.1)) == "0.1"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3", 0.3),
        (" -1e-3 ", -0.001),
        ("5.", 5.0),
        ("-.5", -0.5),
        ("+2", 2.0),
        ("0,25", 0.25),
        ("-,5", -0.5),
        ("1/3", 1 / 3),
        ("-3 / 4", -0.75),
    ],
)
def test_one_number(text: str, value: float) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1/0",
        "1/-3",
        "1/2/3",
        "1.5/2",
        "nan",
        "-inf",
        "1e400",
        "0x10",
        "1_000",
        "1 2",
        "0,",
        "1,5,0",
        "1e",
        "٣",
    ],
)
def test_one_number_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected a number"):
        parse_number(text)


@pytest.mark.parametrize(
    "text", ["0.3, 0.1", "0.3 0.1", "[0.3,0.1]", "(0.3, 0.1,)", " 0.3,0.1\n", "0.3; 0.1", "0,3; 0,1", "3/10, 1/10"]
)
def test_a_point(text: str) -> None:
    assert parse_numbers(text, 2).tolist() == [0.3, 0.1]


@pytest.mark.parametrize("text", ["", "0.3", "0.3,0.1,0.2", "0.3,,0.1", "a,b", "[0.3,0.1", "0.3;0.1;1"])
def test_a_point_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected"):
        parse_numbers(text, 2)
