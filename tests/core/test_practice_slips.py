"""Slips: each kind, made on 200 random steps, is named in at least 99 %; what is right by luck is no slip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.spot import Kind, Spot, has, value
from core.layers.dense import Dense
from core.model import tutorial
from core.model.layers_text import dense_network
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.exercise import calculation, chosen, everything
from core.practice.marking import mark
from core.practice.marks import Entry, Verdict
from core.practice.slip import Finding, Slip, ranked, sentence
from core.practice.slips import diagnose
from core.practice.slips_in_means import diagnose_mean, mean_of
from core.practice.sources import kinds_made
from tests.core.practice_people import random_weights, random_work, written
from tests.core.practice_slips import IN_BIAS, IN_OUTPUT, IN_SUM, answer_with, unit_of

if TYPE_CHECKING:
    from core.practice.exercise import Exercise

STEPS = 200

NAMED = 0.99

X = np.array([0.3, 0.1])

OF_THE_BIAS = (Slip.FORGOT_BIAS, Slip.BIAS_TWICE, Slip.BIAS_SUBTRACTED, Slip.OTHER_BIAS)


def slipped(slip: Slip, seed: int) -> tuple[Exercise, Spot, float] | None:
    """Return an exercise, a blank of it, and what someone answers there who makes ``slip``; None if none can be."""
    random = np.random.default_rng(seed)
    work = random_work(random, digits=int(random.integers(3, 7)), dense_only=True)
    place, unit = unit_of(work, random)
    step, kinds = work.page.steps[place], kinds_made(work.network.layers[place])
    kind = kinds[int(random.integers(len(kinds)))]
    if not has(step, kind, unit.unit) or (slip in OF_THE_BIAS and step.bias is None):
        return None
    answer = answer_with(slip, kind, unit, random)
    if answer is None or not abs(answer) < 1e30:
        return None
    spot = Spot(place, kind, unit.unit)
    exercise = everything(work) if random.random() < 0.5 else chosen(work, [spot])
    return exercise, spot, written(answer, work.digits)


@pytest.mark.parametrize("slip", [*dict.fromkeys([*IN_SUM, *IN_BIAS, *IN_OUTPUT])])
def test_a_slip_is_named(slip: Slip) -> None:
    made = named = seed = 0
    while made < STEPS:
        seed += 1
        if (case := slipped(slip, seed)) is None:
            continue
        exercise, spot, answer = case
        # Left out are only answers that are right, within the tolerance that is marked to: no one made a slip there.
        if mark(exercise, spot, answer, {}).right:
            continue
        made += 1
        named += slip in [finding.slip for finding in diagnose(exercise, spot, answer, {})]
    assert named >= NAMED * made


def test_the_sum_for_the_mean_is_named() -> None:
    made = named = seed = 0
    while made < STEPS:
        seed += 1
        random = np.random.default_rng(seed)
        digits, terms = int(random.integers(2, 7)), random.uniform(0.0, 3.0, int(random.integers(2, 9)))
        kept = np.round(terms, digits) if random.random() < 0.5 else terms
        answer = written(float(kept.sum()), digits)
        if mean_of(terms, digits).takes(answer):
            continue
        made += 1
        named += Slip.SUM_FOR_MEAN in [finding.slip for finding in diagnose_mean(terms, answer, digits)]
    assert named >= NAMED * made


@pytest.mark.parametrize("digits", range(1, 10))
def test_a_right_mean_is_right(digits: int) -> None:
    random = np.random.default_rng(digits)
    for _ in range(50):
        terms = random.uniform(-3.0, 3.0, int(random.integers(1, 9)))
        right = mean_of(terms, digits)
        rounded = np.round(np.round(terms, digits).sum(), digits) / terms.size
        assert right.takes(float(terms.mean())) and right.takes(written(float(terms.mean()), digits))
        assert right.takes(written(float(rounded), digits))


@pytest.mark.parametrize(
    ("answer", "slip"),
    [
        (0.375, Slip.WRONG_COUNT),
        (-0.5, Slip.SIGN),
        (0.3, Slip.MISSING_PRODUCT),
        (0.6667, Slip.ROUNDED_EARLY),
        (1.5, Slip.SUM_FOR_MEAN),
    ],
)
def test_other_slips_in_a_mean(answer: float, slip: Slip) -> None:
    found = diagnose_mean(np.array([0.3, 0.6, 0.6]), answer, 4)
    assert slip in [finding.slip for finding in found]


def test_a_slip_made_with_ones_own_wrong_number_is_named() -> None:
    exercise, s2 = everything(calculation(*tutorial.trained(), X)), Spot(0, Kind.SUM, 1)
    wrong = {s2: Entry(0.5, sound=False)}
    twice = 0.5 + 2.0 * 0.21453567
    found = diagnose(exercise, Spot(0, Kind.Z, 1), round(twice, 4), wrong)
    assert found[0].slip is Slip.BIAS_TWICE


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        (Kind.Z, 0.6422, "It looks as if the bias was added twice."),
        (Kind.Z, -0.0013, "It looks as if the bias was subtracted."),
        (Kind.Z, 0.3302, "It looks as if the product w12 x1 was left out."),
        (Kind.SUM, 0.4277, "It looks as if the bias is in it already."),
        (Kind.OUTPUT, 0.6053, "It looks as if sigmoid was taken for tanh."),
        (Kind.OUTPUT, 0.4560, "It looks as if tan was taken for tanh."),
        (Kind.OUTPUT, -0.4034, "It looks as if the sign of the whole is the other one."),
    ],
)
def test_a_slip_is_named_in_words(kind: Kind, answer: float, words: str) -> None:
    exercise = everything(calculation(*tutorial.trained(), X))
    assert sentence(diagnose(exercise, Spot(0, kind, 1), answer, {})) == words


def test_both_slips_are_said_where_two_give_the_same_number() -> None:
    exercise = everything(calculation(*tutorial.trained(), X))
    told = sentence(diagnose(exercise, Spot(0, Kind.OUTPUT, 1), 0.4277, {}))
    assert told == ("Two slips would give that number: the activation, tanh, was left out; or relu was taken for tanh.")


def test_three_slips_are_counted() -> None:
    found = ranked([Finding(slip, slip.value) for slip in (Slip.TAN, Slip.SIGN, Slip.FORGOT_BIAS)])
    assert sentence(found) == "3 slips would give that number: forgot the bias; or lost a sign; or took tan for tanh."


def test_of_many_slips_the_likeliest_are_said() -> None:
    found = ranked([Finding(slip, slip.value) for slip in (Slip.TAN, Slip.SIGN, Slip.FORGOT_BIAS, Slip.NOT_DIVIDED)])
    told = "4 slips would give that number, the likeliest: forgot the bias; or lost a sign; or took tan for tanh."
    assert sentence(found) == told


def test_what_gives_the_last_digit_comes_first_and_a_slip_is_said_once() -> None:
    far, near = Finding(Slip.FORGOT_BIAS, "far", close=False), Finding(Slip.TAN, "near")
    assert ranked([far, near, Finding(Slip.TAN, "again")]) == (near, far)


def test_no_slip_is_made_up() -> None:
    exercise = everything(calculation(*tutorial.trained(), X))
    assert diagnose(exercise, Spot(0, Kind.SUM, 1), 7.77, {}) == ()
    assert sentence(()) == ""


def test_the_words_never_hold_the_answer() -> None:
    exercise = everything(calculation(*tutorial.trained(), X))
    for spot in exercise.blanks:
        right = f"{abs(value(exercise.calculation.page, spot)):.4f}"
        for answer in np.linspace(-2.0, 2.0, 21):
            assert right not in sentence(diagnose(exercise, spot, float(answer), {}))


@pytest.mark.parametrize("rounding", Rounding)
def test_a_wide_layer_is_diagnosed(rounding: Rounding) -> None:
    network = dense_network(300, "20 tanh, 1 tanh")
    random = np.random.default_rng(1)
    x = random.random(300)
    work = calculation(network, random_weights(random, network), x, rounding, 4)
    spot = Spot(0, Kind.Z, 7)
    exercise = chosen(work, [spot, Spot(0, Kind.SUM, 7)])
    answer = written(value(work.page, Spot(0, Kind.SUM, 7)), 4)
    assert mark(exercise, spot, answer, {}).verdict is Verdict.WRONG
    assert Slip.FORGOT_BIAS in [finding.slip for finding in diagnose(exercise, spot, answer, {})]


def test_a_layer_with_one_input_and_one_unit_has_no_neighbours() -> None:
    network = Network.chain(1, (Dense("one", 1, "tanh"),))
    work = calculation(network, Weights.for_network(network, [([[2.0]], [0.5])]), np.array([0.25]))
    exercise = everything(work)
    found = [finding.slip for finding in diagnose(exercise, Spot(0, Kind.Z), 0.5, {})]
    assert found == [Slip.FORGOT_BIAS, Slip.ROUNDED_EARLY]
    assert diagnose(exercise, Spot(0, Kind.SUM), 17.0, {}) == ()


# Backwards


@pytest.mark.parametrize(
    ("answer", "slip"),
    [
        ((0.4277 - 0.1157) / 0.3, Slip.FORGOT_BIAS),
        ((0.4277 - 0.1157 - 2 * 0.2145) / 0.3, Slip.BIAS_TWICE),
        ((0.4277 - 0.2145) / 0.3, Slip.MISSING_PRODUCT),
        (0.4277 - 0.1157 - 0.2145, Slip.NOT_DIVIDED),
        (-0.3248, Slip.SIGN),
        (0.3, Slip.ROUNDED_EARLY),
    ],
)
def test_slips_backwards(answer: float, slip: Slip) -> None:
    work = calculation(*tutorial.trained(), X)
    spot = Spot(0, Kind.WEIGHT, 1, 0)
    exercise = backwards.chosen(work, [spot])
    assert mark(exercise, spot, answer, {}).verdict is Verdict.WRONG
    assert slip in [finding.slip for finding in diagnose(exercise, spot, answer, {})]
