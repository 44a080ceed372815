"""The key: whatever careful work comes to, from the printed numbers, lies within what the key takes for right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.calculated import Spot
from core.errors import Refused
from core.model.tutorial import trained
from core.operations.functions import FUNCTIONS
from core.practice import backwards, intervals
from core.practice.judging import judge
from core.practice.marks import in_short
from core.practice.sheet import Sheet, chosen
from core.practice.telling import key_answer, rounded_up
from tests.core.practice_people import Person, blanks_of, chain_work, random_work, written
from tests.core.test_practice_backwards import solved

X = np.array([0.3, 0.1])
SEEDS = st.integers(0, 2**32 - 1)


@given(st.sampled_from(["sin", "cos", "cosh", "square", "absolute", "tanh", "exp"]), st.floats(-9, 9), st.floats(0, 9))
def test_what_a_function_can_come_to_takes_in_where_it_turns(function: str, low: float, wide: float) -> None:
    ends = intervals.through(function, np.array([low, low + wide]))
    made = FUNCTIONS[function].of(np.linspace(low, low + wide, 200))
    assert ends[0] <= made.min() + 1e-12 and made.max() - 1e-12 <= ends[1]
    assert made.min() - ends[0] < 0.01 * (1 + abs(ends[0])) and ends[1] - made.max() < 0.01 * (1 + abs(ends[1]))


def within(sheet: Sheet, spot: Spot, answer: float) -> bool:
    """Return whether someone who has the key and no more takes the answer for right."""
    key = key_answer(sheet, spot)
    return abs(answer - float(key.text)) <= float(key.tolerance) * (1.0 + 1e-9) + 1e-12 * abs(answer)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_what_is_solved_for_from_the_printed_numbers_is_within_the_keys_tolerance(seed: int) -> None:
    random = np.random.default_rng(seed)
    work = random_work(random).work
    try:
        sheet = backwards.exercise(work, seed)
    except Refused:
        return
    for spot in sheet.blanks:
        answers = [work.afresh[0].number(spot), work.page.number(spot)]
        answers += [solved(sheet, spot, random) for _ in range(4)]
        for answer in answers:
            assert within(sheet, spot, answer) and within(sheet, spot, written(answer, work.digits))


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_what_is_calculated_from_the_printed_numbers_is_within_the_keys_tolerance(seed: int) -> None:
    random = np.random.default_rng(seed)
    chain = random_work(random)
    try:
        sheet = chosen(chain.work, blanks_of(random, chain)[:100])
    except Refused:
        return
    person = Person(chain, random)
    for spot in sheet.blanks:
        assert within(sheet, spot, person.works_out(spot))


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_the_key_takes_all_that_practice_marks_as_right(seed: int) -> None:
    random = np.random.default_rng(seed)
    chain = random_work(random)
    try:
        sheet = chosen(chain.work, blanks_of(random, chain)[:100])
    except Refused:
        return
    for spot in sheet.blanks:
        there, allowed = chain.work.page.number(spot), judge(sheet, spot, 0.0, {}).tolerance
        for answer in there + allowed * random.uniform(-1.1, 1.1, 4):
            assert not judge(sheet, spot, float(answer), {}).right or within(sheet, spot, float(answer))


def test_a_softmax_of_numbers_of_which_little_is_known_has_a_tolerance() -> None:
    random = np.random.default_rng(436)
    chain = random_work(random)
    sheet = chosen(chain.work, blanks_of(random, chain))
    assert all(np.isfinite(float(key_answer(sheet, spot).tolerance)) for spot in sheet.blanks)


def test_the_tutorials_weights_solved_for_in_both_ways_are_right() -> None:
    chain = chain_work(*trained(), X)
    second, third = (Spot(("hidden",), "kernel", (1, unit)) for unit in (3, 4))
    missing = {spot: Spot(("hidden",), "pre-activation", spot.index[1:]) for spot in (second, third)}
    sheet = backwards.chosen(chain.work, missing)
    line = "(0.3164 - 0.2774 - 0.0050*0.3000) / 0.1000"
    assert key_answer(sheet, second) == ("w24", line, "~=", "0.3752", "0.0025")
    assert within(sheet, second, 0.3750)
    assert within(sheet, third, -0.6766) and within(sheet, third, -0.6756)
    assert not within(sheet, second, 0.3652) and not within(sheet, third, 0.6764)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_the_line_of_a_key_comes_to_the_answer(seed: int) -> None:
    work = random_work(np.random.default_rng(seed), dense_only=True).work
    try:
        sheet = backwards.exercise(work, seed)
    except Refused:
        return
    for spot in sheet.blanks:
        line = key_answer(sheet, spot).line
        if "more products" not in line:
            assert within(sheet, spot, eval(line, {}))


@pytest.mark.parametrize(
    ("tolerance", "text"), [(0.00121, "0.0013"), (0.003, "0.003"), (5e-05, "0.00005"), (99.1, "100."), (0.0, "0.")]
)
def test_a_tolerance_is_rounded_up_to_two_digits(tolerance: float, text: str) -> None:
    assert float(in_short(rounded_up(tolerance))) == float(text)
