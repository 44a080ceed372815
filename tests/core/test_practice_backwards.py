"""Solving backwards: what is missing, what cannot be solved for, and that a right solution is never marked wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.calculated import Spot
from core.calculation.expression import Formula, Gathered, Leaf
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.model import tutorial
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.backwards import MOST
from core.practice.judging import judge
from core.practice.marks import Verdict
from tests.core.practice_people import chain_work, random_work, written

if TYPE_CHECKING:
    from core.practice.sheet import Sheet, Work

X = np.array([0.3, 0.1])


HIDDEN, OUTPUT = ("hidden",), ("output",)

Z2, W12, W22, B2 = (
    Spot(HIDDEN, name, index)
    for name, index in (("pre-activation", (1,)), ("kernel", (0, 1)), ("kernel", (1, 1)), ("bias", (1,)))
)


def tutorials(digits: int = 4, x: np.ndarray = X) -> Work:
    return chain_work(*tutorial.trained(), x, Rounding.SHOWN, digits).work


def solved(sheet: Sheet, spot: Spot, random: np.random.Generator) -> float:
    """Return what a careful person comes to who solves a unit's line for the missing number, from the page."""
    work, line = sheet.work, sheet.lines[spot]
    page, digits = work.page, work.digits

    def maybe(amount: float) -> float:
        return written(amount, digits) if random.random() < 0.7 else amount

    total, left, missing = page.opener.open(line.whole), maybe(page.number(line.result)), page.place(spot)
    if isinstance(total, Formula):
        total, bias = total.parts
        assert isinstance(bias, Leaf)
        left = left if bias.place == missing else maybe(left - maybe(bias.number))
    assert isinstance(total, Gathered)
    rounds_products, by = random.random() < 0.5, 1.0
    for at in random.permutation(len(total)):
        leaves = [part for part in total.term(int(at)) if isinstance(part, Leaf) and part.place is not None]
        others = [leaf for leaf in leaves if leaf.place is None or work.source(leaf.place) != missing]
        if len(others) < 2:
            by = maybe(others[0].number)
            continue
        product = maybe(others[0].number) * maybe(others[1].number)
        # Rounding a product and then what is left of it would be rounding twice.
        left = left - written(product, digits) if rounds_products else maybe(left - product)
    return maybe(left / by)


def test_a_right_solution_is_never_marked_wrong() -> None:
    marked = 0

    @settings(max_examples=60)
    @given(st.integers(0, 2**32 - 1))
    def one(seed: int) -> None:
        nonlocal marked
        random = np.random.default_rng(seed)
        work = random_work(random).work
        try:
            sheet = backwards.exercise(work, seed)
        except Refused:
            return
        for spot in sheet.blanks:
            true = work.afresh[0].number(spot)
            answers = [true, written(true, work.digits), work.page.number(spot)]
            answers += [solved(sheet, spot, random) for _ in range(4)]
            for answer in answers:
                assert judge(sheet, spot, answer, {}).verdict is Verdict.RIGHT, (spot, answer)
            marked += len(answers)

    one()
    assert marked >= 1_000


def test_the_tolerance_grows_by_what_is_divided_by() -> None:
    work = tutorials()
    first, second = (judge(backwards.chosen(work, {spot: Z2}), spot, 9.0, {}) for spot in (W12, W22))
    assert first.verdict is second.verdict is Verdict.WRONG
    assert 2.0 < second.tolerance / first.tolerance < 4.0


@pytest.mark.parametrize("answer", [0.33, 0.32, -0.3248, 0.0])
def test_a_wrong_weight_is_wrong(answer: float) -> None:
    assert judge(backwards.chosen(tutorials(), {W12: Z2}), W12, answer, {}).verdict is Verdict.WRONG


@pytest.mark.parametrize("seed", range(20))
def test_the_same_seed_makes_the_same_sheet_and_no_line_lacks_two_numbers(seed: int) -> None:
    work = tutorials()
    first, again = backwards.exercise(work, seed), backwards.exercise(work, seed)
    assert first.blanks == again.blanks and 1 <= len(first.blanks) <= MOST
    assert backwards.chosen(work, first.results).blanks == first.blanks
    assert len(set(first.results.values())) == len(first.blanks)


def test_every_kind_is_asked_for_sooner_or_later() -> None:
    asked = {spot.value for seed in range(30) for spot in backwards.exercise(tutorials(), seed).blanks}
    assert asked == {"kernel", "bias", "inputs", "output"}


def test_one_layer() -> None:
    sheet = backwards.exercise(tutorials(), 1, [OUTPUT])
    assert {result.call for result in sheet.results.values()} == {OUTPUT}


def test_a_missing_input_hides_the_output_that_it_is() -> None:
    h3 = Spot(HIDDEN, "output", (2,))
    sheet = backwards.chosen(tutorials(), {h3: Spot(OUTPUT, "pre-activation", (0,))})
    assert sheet.hides(h3) == h3 and sheet.hides(Spot(HIDDEN, "output", (1,))) is None


@pytest.mark.parametrize("factor", [0.0, 0.00004, 0.0002])
def test_a_weight_that_is_multiplied_by_next_to_nothing_cannot_be_found(factor: float) -> None:
    work = tutorials(x=np.array([factor, 0.1]))
    with pytest.raises(Refused, match="expected a number that 4 digits are enough to solve for"):
        backwards.chosen(work, {W12: Z2})
    for seed in range(20):
        assert W12 not in backwards.exercise(work, seed).blanks


def test_more_digits_tell_more() -> None:
    assert backwards.chosen(tutorials(digits=9, x=np.array([0.0002, 0.1])), {W12: Z2}).blanks == (W12,)


def test_nothing_can_be_found_where_all_is_zero() -> None:
    network = Network.chain(2, (Dense("one", 2, use_bias=False),))
    work = chain_work(network, Weights.for_network(network, [([[0.0, 0.0], [0.0, 0.0]],)]), np.zeros(2)).work
    with pytest.raises(Refused, match="expected a number that 4 digits are enough to solve for, got none"):
        backwards.exercise(work)


def test_without_weights_there_is_nothing_to_solve_for() -> None:
    network = Network.chain(2, (Activation("act", "tanh"),))
    work = chain_work(network, Weights(((),)), X).work
    with pytest.raises(Refused, match="expected a layer whose weights stand in one line each"):
        backwards.exercise(work)
    with pytest.raises(Refused, match="expected a layer whose weights stand in one line each"):
        backwards.chosen(work, {Spot((), "inputs", (0,)): Spot(("act",), "output", (0,))})


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ({}, "expected 1 to 20 different numbers"),
        ({Spot(HIDDEN, "output", (1,)): Z2}, "expected a number in the line of"),
        ({Spot(HIDDEN, "bias", (4,)): Z2}, "expected a number in the line of"),
        ({Spot(HIDDEN, "bias", (7,)): Z2}, "expected a number within 5"),
        ({B2: Z2, W12: Z2}, "expected one missing number in a unit's line, got two"),
        (
            {B2: Z2, Spot((), "inputs", (0,)): Spot(HIDDEN, "pre-activation", (2,))},
            "expected one missing number in a unit's line, got two",
        ),
    ],
)
def test_choices_that_are_refused(missing: dict[Spot, Spot], message: str) -> None:
    with pytest.raises(Refused, match=message):
        backwards.chosen(tutorials(), missing)


def test_numbers_that_are_not_finite_are_not_asked_for() -> None:
    network, weights = tutorial.trained()
    work = chain_work(network, weights.with_number(0, 0, (0, 2), float("nan")), X).work
    for seed in range(10):
        results = backwards.exercise(work, seed).results.values()
        assert all(result.index != (2,) and result.call == HIDDEN for result in results)
