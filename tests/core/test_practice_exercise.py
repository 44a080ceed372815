"""Exercises: what is blank by choice, by layer and by level, seeds, samples of wide layers, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.forward import trace
from core.calculation.spot import CALCULATED, Kind, Spot, calculated, value
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model import tutorial
from core.model.layers_text import dense_network
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from core.practice.exercise import Calculation, by_level, calculation, chosen, everything, layer
from core.practice.possible import Practice, not_practisable
from core.practice.sheet import FEW, MOST_BLANKS, SAMPLE, Level
from core.practice.sources import source
from tests.core.practice_people import random_network, random_weights, random_work

X = np.array([0.3, 0.1])

PASSING = Network.chain(2, (Dropout("drop", 0.5), Activation("same", "linear")))


def tutorials() -> Calculation:
    return calculation(*tutorial.trained(), X)


def work_of(network: Network, seed: int = 0) -> Calculation:
    random = np.random.default_rng(seed)
    return calculation(network, random_weights(random, network), random.random(network.inputs))


# What is blank


def test_everything_of_the_tutorials_model_is_18_numbers_in_the_order_of_the_calculation() -> None:
    exercise = everything(tutorials())
    assert list(exercise.blanks) == list(calculated(tutorials().page))
    assert (len(exercise.blanks), exercise.possible, exercise.in_words) == (18, 18, "18 numbers are blank.")


def test_one_layer() -> None:
    exercise = layer(tutorials(), 1)
    assert exercise.blanks == (Spot(1, Kind.SUM), Spot(1, Kind.Z), Spot(1, Kind.OUTPUT))


def test_chosen_numbers_are_put_in_order() -> None:
    later, sooner = Spot(1, Kind.OUTPUT), Spot(0, Kind.SUM, 3)
    assert chosen(tutorials(), [later, sooner, later]).blanks == (sooner, later)
    assert chosen(tutorials(), [later]).in_words == "1 number is blank."


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_makes_the_same_exercise(level: Level, seed: int) -> None:
    network = dense_network(4, "30 tanh, 60 relu, 2 softmax")
    first, again = (by_level(work_of(network), level, seed) for _ in range(2))
    assert first.blanks == again.blanks


@pytest.mark.parametrize("level", Level)
def test_other_seeds_make_other_exercises(level: Level) -> None:
    network = dense_network(4, "30 tanh, 60 relu, 2 softmax")
    made = {by_level(work_of(network), level, seed).blanks for seed in range(12)}
    assert len(made) > 2


@pytest.mark.parametrize("seed", range(8))
def test_easy_is_a_few_numbers_of_one_layer(seed: int) -> None:
    blanks = by_level(tutorials(), Level.EASY, seed).blanks
    assert len({spot.step for spot in blanks}) == 1
    kinds = {spot.kind for spot in blanks}
    assert (len(blanks), len(kinds)) == ((FEW, 1) if blanks[0].step == 0 else (2, 2))


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_each_level_asks_more_than_the_one_before_wherever_there_is_more(seed: int) -> None:
    work = random_work(np.random.default_rng(seed))
    try:
        easy, medium, hard = (by_level(work, level, seed).blanks for level in Level)
    except Refused:
        return
    whole, steps = everything(work).blanks, [spot.step for spot in everything(work).blanks]
    singles = all(steps.count(step) == 1 for step in steps)
    assert set(easy) <= set(medium) <= set(hard) == set(whole)
    assert len(easy) < len(medium) or (singles and len(easy) == 1)
    assert len(medium) < len(hard) or len(set(steps)) == 1


@pytest.mark.parametrize("seed", range(6))
def test_easy_and_medium_differ_where_a_layer_is_one_unit_whose_numbers_are_all_the_same(seed: int) -> None:
    network = Network.chain(1, (Dense("one", 1, "relu"),))
    work = calculation(network, Weights.for_network(network, [([[1.0]], [0.0])]), np.array([0.5]))
    assert len(by_level(work, Level.EASY, seed).blanks) < len(by_level(work, Level.MEDIUM, seed).blanks)


@pytest.mark.parametrize("seed", range(8))
def test_medium_is_all_of_one_layer(seed: int) -> None:
    blanks = by_level(tutorials(), Level.MEDIUM, seed).blanks
    assert blanks in (layer(tutorials(), 0).blanks, layer(tutorials(), 1).blanks)


def test_hard_is_everything_or_everything_down_to_the_layer_that_is_asked_for() -> None:
    assert by_level(tutorials(), Level.HARD).blanks == everything(tutorials()).blanks
    assert by_level(tutorials(), Level.HARD, place=0).blanks == layer(tutorials(), 0).blanks
    assert by_level(tutorials(), Level.HARD, place=1).blanks == everything(tutorials()).blanks
    assert {spot.step for spot in by_level(tutorials(), Level.EASY, 3, place=0).blanks} == {0}


def test_of_a_wide_layer_a_sample_of_whole_units_is_blank_and_the_number_is_said() -> None:
    exercise = everything(work_of(dense_network(2, "4096 tanh, 1 tanh")), seed=7)
    assert len(exercise.blanks) == 3 * SAMPLE + 3
    assert exercise.possible == 3 * 4096 + 3
    assert exercise.in_words == "39 of 12,291 numbers are blank: a sample, the same for the same seed."
    by_unit: dict[tuple[int, int], list[Kind]] = {}
    for spot in exercise.blanks:
        by_unit.setdefault((spot.step, spot.unit), []).append(spot.kind)
    assert all(tuple(kinds) == CALCULATED for kinds in by_unit.values())
    assert (1, 0) in by_unit


def test_a_thousand_layers_are_sampled_too() -> None:
    exercise = everything(work_of(Network.chain(2, tuple(Dense(f"l{place}", 2, "tanh") for place in range(200)))))
    assert 0 < len(exercise.blanks) <= MOST_BLANKS
    assert exercise.possible == 1200


# Numbers that only repeat others


def test_what_repeats_a_number_is_blank_where_that_is_made() -> None:
    network = Network.chain(
        2, (Dense("a", 2, use_bias=False), Dropout("b", 0.5), Activation("c", "relu"), Dense("d", 1))
    )
    work = work_of(network)
    made = Spot(0, Kind.SUM, 1)
    repeats = [Spot(0, Kind.Z, 1), Spot(0, Kind.OUTPUT, 1), Spot(1, Kind.OUTPUT, 1), Spot(2, Kind.Z, 1)]
    for spot in repeats:
        exercise = chosen(work, [spot])
        assert exercise.blanks == (made,)
        assert all(exercise.hides(other) for other in [made, *repeats, Spot(2, Kind.INPUT, input=1)])
        assert exercise.blank(spot) == made
    assert not exercise.hides(Spot(0, Kind.SUM, 0)) and exercise.blank(Spot(0, Kind.SUM, 0)) is None
    assert everything(work).blanks == (
        Spot(0, Kind.SUM, 0),
        made,
        Spot(2, Kind.OUTPUT, 0),
        Spot(2, Kind.OUTPUT, 1),
        Spot(3, Kind.SUM),
        Spot(3, Kind.Z),
    )


@given(st.integers(0, 2**32 - 1))
def test_a_number_and_the_one_that_it_repeats_are_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random)
    steps = trace(network, random_weights(random, network), random.uniform(-2, 2, network.inputs))
    for spot in calculated(steps):
        assert value(steps, source(network, spot)) == value(steps, spot)
        assert source(network, source(network, spot)) == source(network, spot)


def test_what_shows_the_same_number_after_a_blank_is_blank_too() -> None:
    network = Network.chain(1, (Dense("one", 2, "relu"),))
    work = calculation(network, Weights.for_network(network, [([[0.5, -0.5]], [0.0, 0.25])]), np.array([0.5]))
    assert chosen(work, [Spot(0, Kind.SUM, 0)]).blanks == tuple(Spot(0, kind, 0) for kind in CALCULATED)
    assert chosen(work, [Spot(0, Kind.SUM, 1)]).blanks == (Spot(0, Kind.SUM, 1),)
    assert chosen(work, [Spot(0, Kind.OUTPUT, 0)]).blanks == (Spot(0, Kind.OUTPUT, 0),)


def test_outputs_over_all_units_come_after_all_that_they_are_made_of() -> None:
    blanks = everything(work_of(dense_network(2, "3 softmax"))).blanks
    assert [spot.kind for spot in blanks] == [Kind.SUM, Kind.Z] * 3 + [Kind.OUTPUT] * 3


def test_a_thousand_layers_that_pass_a_number_on_are_walked_through() -> None:
    network = Network.chain(1, tuple(Dropout(f"l{place}", 0.5) for place in range(1000)))
    assert source(network, Spot(999, Kind.OUTPUT)) == Spot(0, Kind.INPUT)


# What is refused, and what cannot be practised


@pytest.mark.parametrize(
    ("spots", "message"),
    [
        ([], "expected 1 to 100 numbers to blank, got 0"),
        ([Spot(2, Kind.SUM)], "expected a number of one of 2 layers, got layer 3"),
        ([Spot(0, Kind.SUM, 5)], "expected a number that hidden has, got weighted sum 6"),
        ([Spot(0, Kind.OUTPUT, -1)], "expected a number that hidden has"),
        ([Spot(0, Kind.WEIGHT, 1, 1)], "expected numbers that are calculated, got one that is given"),
        ([Spot(0, Kind.BIAS, 1)], "expected numbers that are calculated"),
        ([Spot(0, Kind.INPUT)], "expected numbers that are calculated"),
        ([Spot(0, Kind.BIAS, 9)], "expected a number that hidden has, got bias 10"),
        ([Spot(0, Kind.WEIGHT, 0, 2)], "expected a number that hidden has, got weight 1"),
        ([Spot(0, Kind.INPUT, 0, 2)], "expected a number that hidden has, got input 1"),
    ],
)
def test_choices_that_are_refused(spots: list[Spot], message: str) -> None:
    with pytest.raises(Refused, match=message):
        chosen(tutorials(), spots)


def test_too_many_are_refused() -> None:
    work = work_of(dense_network(1, "101"))
    with pytest.raises(Refused, match="expected 1 to 100 numbers to blank, got 101"):
        chosen(work, [Spot(0, Kind.SUM, unit) for unit in range(101)])


@pytest.mark.parametrize("digits", [0, 10, -1])
def test_digits_are_1_to_9(digits: int) -> None:
    with pytest.raises(Refused, match="expected digits from 1 to 9"):
        calculation(*tutorial.trained(), X, Rounding.SHOWN, digits)


def test_another_number_of_inputs_is_refused() -> None:
    with pytest.raises(Refused, match="expected 2 numbers, got 3"):
        calculation(*tutorial.trained(), np.zeros(3))


def test_numbers_that_are_not_finite_are_never_blank() -> None:
    network, weights = tutorial.trained()
    work = calculation(network, weights.with_number(0, 0, (0, 2), float("nan")), X)
    blanks = everything(work).blanks
    assert len(blanks) == 12 and all(spot.step == 0 and spot.unit != 2 for spot in blanks)
    with pytest.raises(Refused, match="expected finite numbers that can be typed"):
        chosen(work, [Spot(0, Kind.SUM, 2)])
    with pytest.raises(Refused, match="got only nan or numbers beyond"):
        layer(work, 1)
    with pytest.raises(Refused, match="got only nan"):
        by_level(work, Level.EASY, place=1)


def test_a_layer_or_model_that_calculates_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="expected a layer that calculates something, got drop, which passes its inputs"):
        layer(work_of(PASSING), 0)
    with pytest.raises(Refused, match="expected a layer that calculates something, got drop"):
        by_level(work_of(PASSING), Level.EASY, place=0)
    for level in Level:
        with pytest.raises(Refused, match="expected a model that calculates something"):
            by_level(work_of(PASSING), level)
    with pytest.raises(Refused, match="expected a model that calculates something"):
        everything(calculation(Network.chain(2, ()), Weights(()), X))
    with pytest.raises(Refused, match="expected numbers that are calculated"):
        chosen(work_of(PASSING), [Spot(1, Kind.OUTPUT)])


def test_what_cannot_be_practised_is_said_and_the_rest_works() -> None:
    assert not_practisable(tutorial.trained()[0], labelled=True) == {}
    assert set(not_practisable(tutorial.trained()[0], labelled=False)) == {Practice.LOSS}
    activations = Network.chain(2, (Activation("act", "tanh"),))
    reasons = not_practisable(activations, labelled=True)
    assert set(reasons) == {Practice.SUMS, Practice.BACKWARDS}
    assert reasons[Practice.SUMS] == "This model has no Dense layer, so there are no weighted sums and no biases."
    assert everything(work_of(activations)).blanks == (Spot(0, Kind.OUTPUT, 0), Spot(0, Kind.OUTPUT, 1))
    assert set(not_practisable(PASSING, labelled=False)) == set(Practice)
