"""Solving backwards: what is missing, what cannot be solved for, and that a right solution is never marked wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.spot import Kind, Spot, value
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.model import tutorial
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.backwards import MOST, why_not
from core.practice.exercise import Calculation, calculation
from core.practice.marking import mark
from core.practice.marks import Verdict
from tests.core.practice_people import random_work, written

X = np.array([0.3, 0.1])


def tutorials(digits: int = 4, x: np.ndarray = X) -> Calculation:
    return calculation(*tutorial.trained(), x, Rounding.SHOWN, digits)


def solved(work: Calculation, spot: Spot, random: np.random.Generator) -> float:
    """Return what a careful person comes to who solves a unit's line for the missing number, from the page."""
    step, digits = work.page.steps[spot.step], work.digits
    assert step.kernel is not None and step.weighted_sum is not None

    def maybe(amount: float) -> float:
        return written(amount, digits) if random.random() < 0.7 else amount

    result = step.weighted_sum if step.bias is None else step.pre_activation
    assert result is not None
    left = maybe(float(result[spot.unit]))
    if step.bias is not None and spot.kind is not Kind.BIAS:
        left = maybe(left - maybe(float(step.bias[spot.unit])))
    rounds_products = random.random() < 0.5
    for row in random.permutation(step.inputs.size):
        if spot.kind is not Kind.BIAS and row == spot.input:
            continue
        product = maybe(float(step.kernel[row, spot.unit])) * maybe(float(step.inputs[row]))
        # Rounding a product and then what is left of it would be rounding twice.
        left = left - written(product, digits) if rounds_products else maybe(left - product)
    if spot.kind is Kind.WEIGHT:
        left /= maybe(float(step.inputs[spot.input]))
    elif spot.kind is Kind.INPUT:
        left /= maybe(float(step.kernel[spot.input, spot.unit]))
    return maybe(left)


def test_a_right_solution_is_never_marked_wrong() -> None:
    marked = 0

    @settings(max_examples=250)
    @given(st.integers(0, 2**32 - 1))
    def one(seed: int) -> None:
        nonlocal marked
        random = np.random.default_rng(seed)
        work = random_work(random)
        try:
            exercise = backwards.exercise(work, seed)
        except Refused:
            return
        for spot in exercise.blanks:
            true = value(work.exact, spot)
            answers = [true, written(true, work.digits), value(work.page, spot)]
            answers += [solved(work, spot, random) for _ in range(4)]
            for answer in answers:
                assert mark(exercise, spot, answer, {}).verdict is Verdict.RIGHT, (spot, answer)
            marked += len(answers)

    one()
    assert marked >= 2_000


def test_the_tolerance_grows_by_what_is_divided_by() -> None:
    work = tutorials()
    by_x1, by_x2 = Spot(0, Kind.WEIGHT, 1, 0), Spot(0, Kind.WEIGHT, 1, 1)
    first = mark(backwards.chosen(work, [by_x1]), by_x1, 9.0, {})
    second = mark(backwards.chosen(work, [by_x2]), by_x2, 9.0, {})
    assert first.verdict is second.verdict is Verdict.WRONG
    assert 2.0 < second.tolerance / first.tolerance < 4.0


@pytest.mark.parametrize("answer", [0.33, 0.32, -0.3248, 0.0])
def test_a_wrong_weight_is_wrong(answer: float) -> None:
    spot = Spot(0, Kind.WEIGHT, 1, 0)
    assert mark(backwards.chosen(tutorials(), [spot]), spot, answer, {}).verdict is Verdict.WRONG


@pytest.mark.parametrize("seed", range(20))
def test_the_same_seed_makes_the_same_exercise_and_no_line_lacks_two_numbers(seed: int) -> None:
    first, again = backwards.exercise(tutorials(), seed), backwards.exercise(tutorials(), seed)
    assert first.blanks == again.blanks and 1 <= len(first.blanks) <= MOST
    assert len({(spot.step, spot.unit) for spot in first.blanks}) == len(first.blanks)
    for spot in first.blanks:
        alone = [other for other in first.blanks if other.step == spot.step]
        assert spot.kind is not Kind.INPUT or len(alone) == 1
        assert why_not(tutorials(), spot) is None


def test_every_kind_is_asked_for_sooner_or_later() -> None:
    kinds = {spot.kind for seed in range(30) for spot in backwards.exercise(tutorials(), seed).blanks}
    assert kinds == {Kind.WEIGHT, Kind.BIAS, Kind.INPUT}


def test_one_layer() -> None:
    assert {spot.step for spot in backwards.exercise(tutorials(), 1, place=1).blanks} == {1}


def test_a_missing_input_hides_the_output_that_it_is() -> None:
    exercise = backwards.chosen(tutorials(), [Spot(1, Kind.INPUT, 0, 2)])
    assert exercise.hides(Spot(0, Kind.OUTPUT, 2)) and exercise.hides(Spot(1, Kind.INPUT, input=2))
    assert not exercise.hides(Spot(0, Kind.OUTPUT, 1))


@pytest.mark.parametrize("factor", [0.0, 0.00004, 0.0002])
def test_a_weight_that_is_multiplied_by_next_to_nothing_cannot_be_found(factor: float) -> None:
    work = tutorials(x=np.array([factor, 0.1]))
    assert "expected a number that 4 digits are enough to solve for" in str(why_not(work, Spot(0, Kind.WEIGHT, 1, 0)))
    with pytest.raises(Refused, match="expected a number that 4 digits are enough to solve for"):
        backwards.chosen(work, [Spot(0, Kind.WEIGHT, 1, 0)])
    for seed in range(20):
        assert Spot(0, Kind.WEIGHT, 1, 0) not in backwards.exercise(work, seed).blanks


def test_more_digits_tell_more() -> None:
    work = tutorials(digits=9, x=np.array([0.0002, 0.1]))
    assert why_not(work, Spot(0, Kind.WEIGHT, 1, 0)) is None


def test_nothing_can_be_found_where_all_is_zero() -> None:
    network = Network.chain(2, (Dense("one", 2, use_bias=False),))
    work = calculation(network, Weights.for_network(network, [([[0.0, 0.0], [0.0, 0.0]],)]), np.zeros(2))
    with pytest.raises(Refused, match="expected a number that 4 digits are enough to solve for, got none"):
        backwards.exercise(work)


def test_without_weights_there_is_nothing_to_solve_for() -> None:
    network = Network.chain(2, (Activation("act", "tanh"),))
    work = calculation(network, Weights(((),)), X)
    with pytest.raises(Refused, match="expected a model with a Dense layer"):
        backwards.exercise(work)
    with pytest.raises(Refused, match="expected a number of a Dense layer"):
        backwards.chosen(work, [Spot(0, Kind.INPUT)])
    mixed = Network.chain(2, (Activation("act", "tanh"), Dense("one", 1)))
    work = calculation(mixed, Weights.for_network(mixed, [(), ([[1.0], [1.0]], [0.0])]), X)
    with pytest.raises(Refused, match="expected a Dense layer, got one without weights"):
        backwards.exercise(work, place=0)


@pytest.mark.parametrize(
    ("spots", "message"),
    [
        ([], "expected 1 to 20 different numbers"),
        ([Spot(0, Kind.BIAS)] * 2, "expected 1 to 20 different numbers"),
        ([Spot(0, Kind.OUTPUT)], "got a number that is calculated"),
        ([Spot(0, Kind.BIAS, 7)], "expected a number that hidden has"),
        ([Spot(0, Kind.BIAS), Spot(0, Kind.WEIGHT)], "expected one missing number in a unit's line, got two"),
        ([Spot(0, Kind.BIAS), Spot(0, Kind.INPUT, 3)], "expected one missing number in a unit's line, got two"),
    ],
)
def test_choices_that_are_refused(spots: list[Spot], message: str) -> None:
    with pytest.raises(Refused, match=message):
        backwards.chosen(tutorials(), spots)


def test_numbers_that_are_not_finite_are_not_asked_for() -> None:
    network, weights = tutorial.trained()
    work = calculation(network, weights.with_number(0, 0, (0, 2), float("nan")), X)
    for seed in range(10):
        assert all(spot.unit != 2 and spot.step == 0 for spot in backwards.exercise(work, seed).blanks)
