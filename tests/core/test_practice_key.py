"""The key: whatever careful work comes to, from the printed numbers, lies within what the key takes for right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.spot import CALCULATED, Kind, Spot, value
from core.errors import Refused
from core.model.tutorial import trained
from core.practice import backwards
from core.practice.exercise import Exercise, calculation, chosen
from core.practice.key import key_answer
from core.practice.marking import mark
from core.practice.marks import in_short
from core.practice.sheet_key import rounded_up
from tests.core.practice_people import Person, blanks_of, random_work, written
from tests.core.test_practice_backwards import solved

X = np.array([0.3, 0.1])
SEEDS = st.integers(0, 2**32 - 1)


def within(exercise: Exercise, spot: Spot, answer: float) -> bool:
    """Return whether someone who has the key and no more takes the answer for right."""
    key = key_answer(exercise, spot)
    return abs(answer - float(key.text)) <= float(key.tolerance) * (1.0 + 1e-9) + 1e-12 * abs(answer)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_what_is_solved_for_from_the_printed_numbers_is_within_the_keys_tolerance(seed: int) -> None:
    random = np.random.default_rng(seed)
    work = random_work(random)
    try:
        exercise = backwards.exercise(work, seed)
    except Refused:
        return
    for spot in exercise.blanks:
        answers = [value(work.exact, spot), value(work.page, spot), *(solved(work, spot, random) for _ in range(4))]
        for answer in answers:
            assert within(exercise, spot, answer) and within(exercise, spot, written(answer, work.digits))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_what_is_calculated_from_the_printed_numbers_is_within_the_keys_tolerance(seed: int) -> None:
    random = np.random.default_rng(seed)
    work = random_work(random)
    try:
        exercise = chosen(work, blanks_of(random, work)[:100])
    except Refused:
        return
    person = Person(exercise, random)
    for spot in exercise.blanks:
        assert within(exercise, spot, person.works_out(spot))


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_the_key_takes_all_that_practice_marks_as_right(seed: int) -> None:
    random = np.random.default_rng(seed)
    work = random_work(random)
    try:
        exercise = chosen(work, blanks_of(random, work)[:100])
    except Refused:
        return
    for spot in exercise.blanks:
        there, allowed = value(work.page, spot), mark(exercise, spot, 0.0, {}).tolerance
        for answer in there + allowed * random.uniform(-1.1, 1.1, 4):
            assert not mark(exercise, spot, float(answer), {}).right or within(exercise, spot, float(answer))


def test_the_tutorials_weights_solved_for_in_both_ways_are_right() -> None:
    work = calculation(*trained(), X)
    second, third = Spot(0, Kind.WEIGHT, 3, 1), Spot(0, Kind.WEIGHT, 4, 1)
    exercise = backwards.chosen(work, [second, third])
    assert (
        key_answer(exercise, second).in_words == "w24 = (0.3164 - 0.2774 - 0.0050*0.3000) / 0.1000 ~= 0.3752 +- 0.003"
    )
    assert within(exercise, second, 0.3750)
    assert within(exercise, third, -0.6766) and within(exercise, third, -0.6756)
    assert not within(exercise, second, 0.3652) and not within(exercise, third, 0.6764)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_the_line_of_a_key_comes_to_the_answer(seed: int) -> None:
    work = random_work(np.random.default_rng(seed), dense_only=True)
    try:
        exercise = backwards.exercise(work, seed)
    except Refused:
        return
    for spot in exercise.blanks:
        line = key_answer(exercise, spot).line
        assert spot.kind not in CALCULATED
        if "more products" not in line:
            assert within(exercise, spot, eval(line, {}))


@pytest.mark.parametrize(
    ("tolerance", "text"), [(0.00121, "0.0013"), (0.003, "0.003"), (5e-05, "0.00005"), (99.1, "100."), (0.0, "0.")]
)
def test_a_tolerance_is_rounded_up_to_two_digits(tolerance: float, text: str) -> None:
    assert float(in_short(rounded_up(tolerance))) == float(text)
