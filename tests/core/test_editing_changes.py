"""Changes: what each does to which numbers, what it is called, and that a refused one does nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core.editing import changes
from core.editing.expression import parse
from core.editing.initializers import drawn
from core.editing.plane import plane
from core.editing.selection import cell, everything, rectangle, whole_column, whole_row, whole_table
from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.editing.changes import Change

KERNEL = np.array([[1.0, -2.0, 0.25], [0.004, 5.0, -0.5], [2.675, 0.0, 100.0]], dtype=np.float32)
TABLE = plane((3, 3))
ROW, ALL = whole_row(TABLE, 1), whole_table(TABLE)
SQUARE = rectangle(TABLE, (0, 1), (1, 2))

DONE: list[tuple[Change, str, list[list[float]]]] = [
    (changes.calculated(ROW, parse("w*2")), "row 2 = w*2", [[0.008, 10, -1]]),
    (changes.calculated(cell(TABLE, 1, 1), parse("1 / 3")), "row 2, column 2 = 1 / 3", [[0.004, 1 / 3, -0.5]]),
    (changes.given(ROW, np.array([[7, 8, 9]]), "pasted"), "row 2 pasted", [[7, 8, 9]]),
    (changes.filled(ROW, 0.5), "row 2 = 0.5", [[0.5, 0.5, 0.5]]),
    (changes.zeroed(whole_column(TABLE, 1)), "column 2 = 0", [[0.004, 0, -0.5]]),
    (changes.scaled(ROW, -10), "row 2 times -10", [[-0.04, -50, 5]]),
    (changes.rounded(ROW, 2), "row 2 rounded to 2 digits", [[0.0, 5, -0.5]]),
    (changes.clipped(ROW, -0.1, 1), "row 2 kept from -0.1 to 1", [[0.004, 1, -0.1]]),
    (changes.pruned(ROW, 0.5), "row 2 pruned below 0.5", [[0, 5, -0.5]]),
    (changes.transposed(ALL), "all transposed", [[-2, 5, 0]]),
    (changes.transposed(SQUARE), "rows 1 to 2, columns 2 to 3 transposed", [[0.004, 0.25, -0.5]]),
    (changes.initialised(ROW, "Ones", 3), "row 2 drawn from Ones", [[1, 1, 1]]),
    (
        changes.initialised(ALL, "Constant", 3, {"value": 2.5}),
        "all drawn from Constant, value 2.5",
        [[2.5, 2.5, 2.5]],
    ),
]


@pytest.mark.parametrize(("change", "words", "second_row"), DONE, ids=[words for _, words, _ in DONE])
def test_a_change_is_done_and_named(change: Change, words: str, second_row: list[list[float]]) -> None:
    before = KERNEL.copy()
    after = change(KERNEL)
    assert change.words == words
    assert change.name("hidden kernel") == f"hidden kernel: {words}"
    np.testing.assert_allclose(after[1:2], second_row, rtol=1e-7)
    assert np.array_equal(KERNEL, before)
    assert after.dtype == np.float32 and not after.flags.writeable and after.flags.c_contiguous


def test_what_is_not_selected_stays_bit_for_bit() -> None:
    for change, _, _ in DONE[:3]:
        after = change(KERNEL)
        assert after[[0, 2]].tobytes() == KERNEL[[0, 2]].tobytes()


def test_numbers_that_are_not_selected_may_be_nan() -> None:
    kernel = KERNEL.copy()
    kernel[0, 0] = math.nan
    after = changes.scaled(ROW, 2)(kernel)
    assert math.isnan(after[0, 0]) and after[1, 1] == 10


def test_nan_can_be_filled_and_transposed_but_not_calculated_with() -> None:
    kernel = np.array([[math.nan, 1.0], [2.0, 3.0]], dtype=np.float32)
    whole = whole_table(plane((2, 2)))
    assert changes.zeroed(whole)(kernel).tolist() == [[0, 0], [0, 0]]
    assert np.array_equal(changes.transposed(whole)(kernel), kernel.T, equal_nan=True)
    for change in (changes.scaled(whole, 2), changes.pruned(whole, 1), changes.rounded(whole, 2)):
        with pytest.raises(Refused, match="row 1, column 1 is nan and would become nan; nothing is changed"):
            change(kernel)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changes.scaled(ALL, 1e38), "row 2, column 2 is 5 and would become 5e+38, and float32 ends at 3.4e38"),
        (changes.filled(ROW, 1e39), "row 2, column 1 is 0.004 and would become 1e+39"),
        (changes.calculated(ROW, parse("1/(w-5)")), "row 2, column 2 is 5 and would become inf"),
        (changes.noised(whole_column(TABLE, 2), 1e300, 0), "row 1, column 3 is 0.25 and would become"),
    ],
)
def test_what_float32_cannot_hold_is_refused_by_its_cell(change: Change, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        change(KERNEL)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: changes.given(ROW, np.ones((3, 1)), "pasted"), r"expected an array of shape \(1, 3\), got \(3, 1\)"),
        (lambda: changes.given(ROW, np.array([[1, math.nan, 1]]), "pasted"), "row 2, column 2 is nan"),
        (lambda: changes.given(ROW, np.array([[1, 1, -1e39]]), "pasted"), r"row 2, column 3 is -1e\+39, and float32"),
        (lambda: changes.filled(ROW, math.inf), "expected a number that is finite, got inf"),
        (lambda: changes.scaled(ROW, math.nan), "expected a factor that is finite, got nan"),
        (lambda: changes.rounded(ROW, 10), "expected decimal places from 0 to 9, got 10"),
        (lambda: changes.clipped(ROW, 2, 1), "expected the lower limit first, got 2 and 1"),
        (lambda: changes.clipped(ROW, -math.inf, 1), "expected a lower limit that is finite"),
        (lambda: changes.pruned(ROW, -1), "expected a threshold of 0 or more, got -1"),
        (lambda: changes.noised(ROW, math.nan, 1), "expected a standard deviation of 0 or more, got nan"),
        (lambda: changes.noised(ROW, 0.1, -1), "expected a seed from 0 to"),
        (lambda: changes.transposed(ROW), r"got shape \(1, 3\), which transposed is \(3, 1\)"),
        (lambda: changes.transposed(everything((3, 3, 3))), r"got shape \(3, 3, 3\)"),
        (lambda: changes.initialised(ROW, "Glorot", 1), "expected an initializer of Keras"),
        (lambda: changes.initialised(whole_table(plane((4,))), "Orthogonal", 1), "at least 2 axes"),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_is_a_change(make: Callable[[], Change], message: str) -> None:
    with pytest.raises(Refused, match=message):
        make()


@pytest.mark.parametrize("change", [change for change, _, _ in DONE], ids=[words for _, words, _ in DONE])
def test_an_array_of_another_shape_is_refused(change: Change) -> None:
    with pytest.raises(Refused, match=r"expected an array of shape \(3, 3\), got \(3, 4\)"):
        change(np.zeros((3, 4), dtype=np.float32))


def test_noise_is_the_same_for_the_same_seed_and_as_large_as_asked() -> None:
    flat = np.zeros((200, 200), dtype=np.float32)
    whole = everything((200, 200))
    noise = changes.noised(whole, 0.5, 7)(flat)
    assert changes.noised(whole, 0.5, 7).words == "all plus noise of 0.5, seed 7"
    assert np.array_equal(noise, changes.noised(whole, 0.5, 7)(flat))
    assert not np.array_equal(noise, changes.noised(whole, 0.5, 8)(flat))
    assert abs(float(noise.std()) - 0.5) < 0.01 and abs(float(noise.mean())) < 0.01


def test_a_part_drawn_anew_is_that_part_of_the_whole_array_drawn_anew() -> None:
    change = changes.initialised(ROW, "HeNormal", 5)
    assert change.words == "row 2 drawn from HeNormal, seed 5"
    after = change(KERNEL)
    assert np.array_equal(after[1], drawn("HeNormal", (3, 3), 5)[1])
    assert np.array_equal(after[[0, 2]], KERNEL[[0, 2]])


@settings(deadline=None)
@given(
    arrays_of.arrays(np.float32, (2, 3), elements=st.floats(-1e6, 1e6, width=32)),
    st.integers(0, 9),
)
def test_rounding_is_right_to_the_last_digit(values: np.ndarray, digits: int) -> None:
    after = changes.rounded(everything((2, 3)), digits)(values)
    expected = [[np.float32(round(float(value), digits)) for value in row] for row in values]
    assert np.array_equal(after, np.array(expected))


@pytest.mark.parametrize(("value", "rounded"), [(2.675, 2.67), (0.125, 0.12), (0.375, 0.38), (-2.5, -2.5)])
def test_rounding_looks_at_the_number_that_is_held(value: float, rounded: float) -> None:
    kernel = np.array([[value]], dtype=np.float32)
    assert changes.rounded(everything((1, 1)), 2)(kernel)[0, 0] == np.float32(rounded)


def test_a_name_of_a_layer_is_made_plain() -> None:
    assert changes.zeroed(ROW).name("a\x1b[31m kernel") == "a?[31m kernel: row 2 = 0"
