"""Slips: each kind, made on 50 random steps, is named in all but one; what is right by luck is no slip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.layers.dense import Dense
from core.model import tutorial
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.judging import judge
from core.practice.marks import Entry, Verdict
from core.practice.mistakes import diagnose
from core.practice.sheet import Sheet, chosen
from core.practice.slip import Finding, Slip, ranked, sentence
from tests.core.practice_people import ChainWork, chain_work, random_weights, random_work, written
from tests.core.practice_slips import IN_BIAS, IN_OUTPUT, IN_SUM, answer_with, unit_of

if TYPE_CHECKING:
    from core.calculation.calculated import Spot
    from core.practice.sheet import Sheet

STEPS = 30

X = np.array([0.3, 0.1])

OF_THE_BIAS = (Slip.FORGOT_BIAS, Slip.BIAS_TWICE, Slip.BIAS_SUBTRACTED, Slip.OTHER_BIAS)


def tutorials() -> ChainWork:
    return chain_work(*tutorial.trained(), X)


def slipped(slip: Slip, seed: int) -> tuple[Sheet, Spot, float] | None:
    """Return a sheet, a blank of it, and what someone answers there who makes ``slip``; None if none can be."""
    random = np.random.default_rng(seed)
    chain = random_work(random, digits=int(random.integers(3, 7)), dense_only=True)
    place, unit = unit_of(chain, random)
    step = chain.page.steps[place]
    made = {"weighted sum": step.weighted_sum, "pre-activation": step.pre_activation, "output": step.output}
    there = [value for value, array in made.items() if array is not None and unit.unit < array.size]
    spot = chain.at(place, there[int(random.integers(len(there)))], unit.unit)
    if chain.source(spot) != spot or (slip in OF_THE_BIAS and step.bias is None):
        return None
    answer = answer_with(slip, spot.value, unit, random)
    if answer is None or not abs(answer) < 1e30:
        return None
    sheet = chain.everything() if random.random() < 0.5 else chain.sheet([spot])
    return sheet, spot, written(answer, chain.digits)


@pytest.mark.parametrize("slip", [*dict.fromkeys([*IN_SUM, *IN_BIAS, *IN_OUTPUT])])
def test_a_slip_is_named(slip: Slip) -> None:
    made = named = seed = 0
    while made < STEPS:
        seed += 1
        if (case := slipped(slip, seed)) is None:
            continue
        sheet, spot, answer = case
        # Left out are only answers that are right, within the tolerance that is marked to: no one made a slip there.
        if judge(sheet, spot, answer, {}).right:
            continue
        made += 1
        named += slip in [finding.slip for finding in diagnose(sheet, spot, answer, {})]
    assert named >= made - 1


def test_a_slip_made_with_ones_own_wrong_number_is_named() -> None:
    chain = tutorials()
    wrong = {chain.at(0, "weighted sum", 1): Entry(0.5, sound=False)}
    twice = 0.5 + 2.0 * 0.21453567
    found = diagnose(chain.everything(), chain.at(0, "pre-activation", 1), round(twice, 4), wrong)
    assert found[0].slip is Slip.BIAS_TWICE


@pytest.mark.parametrize(
    ("value", "answer", "words"),
    [
        ("pre-activation", 0.6422, "It looks as if the bias b2 was added twice."),
        ("pre-activation", -0.0013, "It looks as if the bias b2 was taken away, not added."),
        ("pre-activation", 0.3302, "It looks as if w12 x1 was left out."),
        ("weighted sum", 0.4277, "It looks as if that is z2 already."),
        ("output", 0.6053, "It looks as if sigmoid was taken for tanh."),
        ("output", 0.4560, "It looks as if tan was taken for tanh."),
        ("output", -0.4034, "It looks as if the sign of the whole is the other one."),
    ],
)
def test_a_slip_is_named_in_words(value: str, answer: float, words: str) -> None:
    chain = tutorials()
    assert sentence(diagnose(chain.everything(), chain.at(0, value, 1), answer, {})) == words


def test_a_bias_added_too_soon_is_one() -> None:
    chain = tutorials()
    found = diagnose(chain.everything(), chain.at(0, "weighted sum", 1), 0.4277, {})
    assert found[0].slip is Slip.BIAS_TOO_SOON


def test_both_slips_are_said_where_two_give_the_same_number() -> None:
    chain = tutorials()
    told = sentence(diagnose(chain.everything(), chain.at(0, "output", 1), 0.4277, {}))
    assert told == "Two slips would give that number: tanh was left out; or relu was taken for the activation."


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
    chain = tutorials()
    assert diagnose(chain.everything(), chain.at(0, "weighted sum", 1), 7.77, {}) == ()
    assert sentence(()) == ""


def test_the_words_never_hold_the_answer() -> None:
    exercise = tutorials().everything()
    for spot in exercise.blanks:
        right = f"{abs(exercise.work.page.number(spot)):.4f}"
        for answer in np.linspace(-2.0, 2.0, 21):
            assert right not in sentence(diagnose(exercise, spot, float(answer), {}))


@pytest.mark.parametrize("rounding", Rounding)
def test_a_wide_layer_is_diagnosed(rounding: Rounding) -> None:
    network = chain_network(300, "20 tanh, 1 tanh")
    random = np.random.default_rng(1)
    x = random.random(300)
    chain = chain_work(network, random_weights(random, network), x, rounding, 4)
    spot, total = (chain.at(0, value, 7) for value in ("pre-activation", "weighted sum"))
    exercise = chosen(chain.work, [spot, total])
    answer = written(chain.work.page.number(total), 4)
    assert judge(exercise, spot, answer, {}).verdict is Verdict.WRONG
    assert Slip.FORGOT_BIAS in [finding.slip for finding in diagnose(exercise, spot, answer, {})]


def test_a_layer_with_one_input_and_one_unit_has_no_neighbours() -> None:
    network = Network.chain(1, (Dense("one", 1, "tanh"),))
    chain = chain_work(network, Weights.for_network(network, [([[2.0]], [0.5])]), np.array([0.25]))
    found = [finding.slip for finding in diagnose(chain.everything(), chain.at(0, "pre-activation"), 0.5, {})]
    assert found[0] is Slip.FORGOT_BIAS and set(found[1:]) <= {
        Slip.MISSING_PRODUCT,
        Slip.LEFT_OUT,
        Slip.OTHER_NUMBER,
        Slip.ROUNDED_EARLY,
    }
    assert diagnose(chain.everything(), chain.at(0, "weighted sum"), 17.0, {}) == ()


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
    chain = tutorials()
    spot, result = chain.at(0, "kernel", 1, 0), chain.at(0, "pre-activation", 1)
    exercise = backwards.chosen(chain.work, {spot: result})
    assert judge(exercise, spot, answer, {}).verdict is Verdict.WRONG
    assert slip in [finding.slip for finding in diagnose(exercise, spot, answer, {})]


def test_one_mistake_is_said_once() -> None:
    said = [Finding(Slip.BIAS_SUBTRACTED, "the bias b1 was taken away"), Finding(Slip.SIGN, "the sign of b1 was lost")]
    assert sentence(tuple(said)) == "It looks as if the bias b1 was taken away."
    left = [Finding(Slip.FORGOT_BIAS, "the bias b1 was left out"), Finding(Slip.OTHER_PART, "s1 was taken for z1")]
    assert sentence(tuple(left)) == "It looks as if the bias b1 was left out."
    both = [Finding(Slip.FORGOT_BIAS, "the bias b1 was left out"), Finding(Slip.SIGN, "the sign of s1 was lost")]
    assert sentence(tuple(both)).startswith("Two slips would give that number: ")
