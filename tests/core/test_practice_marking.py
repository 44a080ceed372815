"""Marking: a right answer is never marked wrong, an error is marked once, and a wrong answer is not let through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.spot import Kind, Spot, value
from core.errors import Refused
from core.layers.dense import Dense
from core.model import tutorial
from core.model.layers_text import dense_network
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from core.practice.exercise import Calculation, Exercise, calculation, chosen, everything, layer
from core.practice.marking import mark, mark_all
from core.practice.marks import Entry, Verdict
from core.practice.sheet import LARGEST
from tests.core.practice_people import Person, blanks_of, random_weights, random_work, written

X = np.array([0.3, 0.1])

Y = Spot(1, Kind.OUTPUT)

SEEDS = st.integers(0, 2**32 - 1)


def tutorials(rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Calculation:
    return calculation(*tutorial.trained(), X, rounding, digits)


def some_exercise(random: np.random.Generator) -> Exercise | None:
    """Return an exercise of a random network, or None where nothing is calculated."""
    work = random_work(random)
    try:
        return chosen(work, blanks_of(random, work))
    except Refused:
        return None


def test_a_right_answer_is_never_marked_wrong() -> None:
    marked = 0

    @settings(max_examples=160)
    @given(SEEDS)
    def one(seed: int) -> None:
        nonlocal marked
        random = np.random.default_rng(seed)
        if (exercise := some_exercise(random)) is None:
            return
        work, entries = exercise.calculation, dict[Spot, Entry]()
        person = Person(exercise, random)
        for spot in exercise.blanks:
            exact, page = value(work.exact, spot), value(work.page, spot)
            answers = [exact, written(exact, work.digits), page, person.works_out(spot)]
            answers += [] if work.carried is None else [value(work.carried, spot)]
            for answer in answers:
                assert mark(exercise, spot, answer, entries).verdict is Verdict.RIGHT, (spot, answer)
            marked += len(answers)
            if random.random() < 0.75:
                person.answers[spot] = person.said[spot]
                entries[spot] = Entry(person.said[spot], sound=True)

    one()
    assert marked >= 10_000


def test_an_error_is_marked_once_and_what_follows_from_it_is_never_wrong() -> None:
    carried = 0

    @settings(max_examples=150)
    @given(SEEDS)
    def one(seed: int) -> None:
        nonlocal carried
        random = np.random.default_rng(seed)
        if (exercise := some_exercise(random)) is None:
            return
        person, entries = Person(exercise, random), dict[Spot, Entry]()
        for spot in exercise.blanks:
            answer = person.works_out(spot)
            if not abs(answer) <= LARGEST:
                return  # What followed from the error cannot be typed.
            made = mark(exercise, spot, answer, entries)
            assert made.verdict is not Verdict.WRONG, (spot, answer)
            carried += made.verdict is Verdict.CARRIED_FORWARD
            if random.random() < 0.75:
                if random.random() < 0.15:
                    answer += float(random.choice([-1, 1])) * (0.3 + random.random()) * max(1.0, abs(answer))
                    made = mark(exercise, spot, answer, entries)
                entries[spot] = Entry(answer, made.verdict is Verdict.RIGHT)
                person.answers[spot] = answer

    one()
    assert carried >= 500


@given(SEEDS)
@settings(max_examples=50)
def test_an_answer_beyond_the_tolerance_is_wrong(seed: int) -> None:
    random = np.random.default_rng(seed)
    exercise = some_exercise(random)
    if exercise is None or exercise.calculation.rounding is Rounding.CARRIED:
        return
    for spot in exercise.blanks:
        exact = value(exercise.calculation.page, spot)
        tolerance = mark(exercise, spot, exact, {}).tolerance
        for answer in (exact + 1.01 * tolerance, exact - 1.01 * tolerance):
            assert mark(exercise, spot, answer, {}).verdict is Verdict.WRONG


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("answer", [0.9301, 0.9302])
def test_the_tutorials_prediction_is_right_carried_and_shown(rounding: Rounding, answer: float) -> None:
    for exercise in (chosen(tutorials(rounding), [Y]), everything(tutorials(rounding))):
        assert mark(exercise, Y, answer, {}).verdict is Verdict.RIGHT


@pytest.mark.parametrize("answer", [0.92, 0.9310, 0.9290, -0.9302, 1.6597])
def test_other_predictions_are_wrong(answer: float) -> None:
    assert mark(chosen(tutorials(), [Y]), Y, answer, {}).verdict is Verdict.WRONG


def test_what_follows_from_a_wrong_number_is_carried_forward_and_what_does_not_is_not() -> None:
    exercise, z2, h2 = everything(tutorials()), Spot(0, Kind.Z, 1), Spot(0, Kind.OUTPUT, 1)
    wrong = {z2: Entry(0.5277, sound=False)}
    assert mark(exercise, z2, 0.5277, {}).verdict is Verdict.WRONG
    assert mark(exercise, h2, round(float(np.tanh(0.5277)), 4), wrong).verdict is Verdict.CARRIED_FORWARD
    assert mark(exercise, h2, 0.4034, wrong).verdict is Verdict.RIGHT
    assert mark(exercise, h2, 0.45, wrong).verdict is Verdict.WRONG


def test_a_blank_in_between_that_was_skipped_is_worked_out_from_the_wrong_number() -> None:
    exercise, s2 = everything(tutorials()), Spot(0, Kind.SUM, 1)
    wrong = {s2: Entry(0.5, sound=False)}
    answer = float(np.tanh(0.5 + 0.21453567))
    assert mark(exercise, Spot(0, Kind.OUTPUT, 1), round(answer, 4), wrong).verdict is Verdict.CARRIED_FORWARD


def test_a_wrong_number_may_be_gone_by_or_worked_out_again_from_the_wrong_one_before_it() -> None:
    exercise = layer(tutorials(), 1)
    s, z, y = exercise.blanks
    marks = mark_all(exercise, {s: 1.5, z: 1.5, y: 0.9441}, {})
    assert [one.verdict for one in marks.values()] == [Verdict.WRONG, Verdict.WRONG, Verdict.CARRIED_FORWARD]
    assert mark_all(exercise, {s: 1.5, z: 1.5, y: 0.9051}, {})[y].verdict is Verdict.CARRIED_FORWARD
    assert mark_all(exercise, {s: 1.5, z: 1.5, y: 0.9302}, {})[y].verdict is Verdict.RIGHT
    assert mark_all(exercise, {s: 1.5, z: 1.5, y: 0.9250}, {})[y].verdict is Verdict.WRONG


def test_of_several_wrong_inputs_any_may_have_been_gone_by() -> None:
    exercise = everything(tutorials())
    h1, h4, s = Spot(0, Kind.OUTPUT, 0), Spot(0, Kind.OUTPUT, 3), Spot(1, Kind.SUM)
    wrong = {h1: Entry(0.5, sound=False), h4: Entry(0.9, sound=False)}
    shown = [-0.51118, 0.40337, 0.37151, 0.30627, -0.11326]
    for first, fourth in ((0.5, 0.9), (0.5, shown[3]), (shown[0], 0.9)):
        h = np.array([first, *shown[1:3], fourth, shown[4]])
        through = float(h @ np.array([-0.87757, 1.09352, 0.21982, 1.31381, -0.10302]))
        assert mark(exercise, s, round(through, 4), wrong).verdict is Verdict.CARRIED_FORWARD


@pytest.mark.parametrize(
    ("digits", "right", "wrong"),
    [
        (1, (1.4, 1.7, 0.9), (1.9, 1.5, 1.0)),
        (1, (1.3, 1.6, 0.9), (0.9, 1.3, 0.7)),
        (2, (1.39, 1.66, 0.93), (1.42, 1.69, 0.91)),
        (2, (1.38, 1.65, 0.93), (1.35, 1.62, 0.95)),
    ],
)
def test_with_few_digits_an_answer_is_still_marked_by_what_it_is_made_of(
    digits: int, right: tuple[float, ...], wrong: tuple[float, ...]
) -> None:
    exercise, entries = layer(tutorials(digits=digits), 1), dict[Spot, Entry]()
    for spot, good, bad in zip(exercise.blanks, right, wrong, strict=True):
        assert mark(exercise, spot, bad, entries).verdict is Verdict.WRONG
        assert mark(exercise, spot, good, entries).verdict is Verdict.RIGHT
        entries[spot] = Entry(good, sound=True)


def test_adding_two_numbers_has_the_tolerance_of_three_roundings() -> None:
    exercise = layer(tutorials(digits=1), 1)
    s, z, y = exercise.blanks
    own = {s: Entry(1.4, sound=True)}
    assert mark(exercise, z, 1.7, own).tolerance <= 0.16
    assert mark(exercise, y, 0.9, own | {z: Entry(1.7, sound=True)}).tolerance <= 0.1


def test_either_rounding_of_a_tie_is_right() -> None:
    network = Network.chain(1, (Dense("one", 1, "linear"),))
    work = calculation(network, Weights.for_network(network, [([[0.5]], [0.5])]), np.array([0.5]), digits=1)
    exercise = everything(work)
    for answer in (0.2, 0.25, 0.3):
        assert mark(exercise, Spot(0, Kind.SUM), answer, {}).verdict is Verdict.RIGHT
    assert mark(exercise, Spot(0, Kind.SUM), 0.4, {}).verdict is Verdict.WRONG


def test_a_wrong_number_is_followed_through_numbers_that_the_page_shows() -> None:
    exercise = chosen(tutorials(), [Spot(0, Kind.Z, 1), Y])
    wrong = {Spot(0, Kind.Z, 1): Entry(0.5277, sound=False)}
    assert mark(exercise, Y, 0.9302, wrong).verdict is Verdict.RIGHT
    hidden = np.array([-0.51118, np.tanh(0.5277), 0.37151, 0.30627, -0.11326])
    through = float(np.tanh(hidden @ np.array([-0.87757, 1.09352, 0.21982, 1.31381, -0.10302]) + 0.27411))
    assert mark(exercise, Y, round(through, 4), wrong).verdict is Verdict.CARRIED_FORWARD


def test_all_are_marked_in_the_order_of_the_calculation() -> None:
    exercise = chosen(tutorials(), [Spot(0, kind, 1) for kind in (Kind.SUM, Kind.Z, Kind.OUTPUT)])
    s2, z2, h2 = exercise.blanks
    marks = mark_all(exercise, {h2: 0.6135, s2: 0.5, z2: 0.7145}, {})
    assert [marks[spot].verdict for spot in (s2, z2, h2)] == [
        Verdict.WRONG,
        Verdict.CARRIED_FORWARD,
        Verdict.CARRIED_FORWARD,
    ]
    shown = {s2: Entry(0.2132, sound=True, revealed=True)}
    assert [one.verdict for one in mark_all(exercise, {z2: 0.4277}, shown).values()] == [Verdict.RIGHT]


def test_a_mark_says_the_tolerance_and_never_the_answer() -> None:
    exercise, z2 = chosen(tutorials(), [Spot(0, Kind.Z, 1)]), Spot(0, Kind.Z, 1)
    made = mark(exercise, z2, 0.5, {})
    assert made.why.startswith("not right (to 0.00018: half of the 4th digit, plus what rounding")
    assert "0.42" not in made.why
    assert mark(exercise, z2, 0.4277, {}).why.startswith("right (to 0.00018: ")


@pytest.mark.parametrize(("digits", "place"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (9, "9th")])
def test_the_digit_is_named(digits: int, place: str) -> None:
    work = tutorials(digits=digits)
    assert f"half of the {place} digit" in mark(everything(work), Spot(0, Kind.SUM), 0.0, {}).why


def test_what_passes_unchanged_has_half_a_digit_of_tolerance() -> None:
    network = Network.chain(1, (Dense("one", 1, "relu"),))
    work = calculation(network, Weights.for_network(network, [([[1.0]], [0.5])]), np.array([2.0]))
    made = mark(chosen(work, [Spot(0, Kind.OUTPUT)]), Spot(0, Kind.OUTPUT), 2.5, {})
    assert made.tolerance == pytest.approx(0.000055)
    relu_of_a_negative = Weights.for_network(network, [([[-1.0]], [0.5])])
    flat = calculation(network, relu_of_a_negative, np.array([2.0]))
    made = mark(chosen(flat, [Spot(0, Kind.OUTPUT)]), Spot(0, Kind.OUTPUT), 0.0, {})
    assert made.tolerance == pytest.approx(0.00005)
    assert made.why == "right (to 0.00005: half of the 4th digit)"


def test_large_numbers_are_marked_by_the_digits_that_their_exponent_leaves() -> None:
    network = dense_network(2, "2")
    weights = Weights.for_network(network, [([[3.1e7, 1.0], [2.2e8, 1.0]], [5.0, 1.0])])
    work = calculation(network, weights, np.array([1.23456789, 2.3456789]))
    for spot in everything(work).blanks:
        shown = written(value(work.page, spot), 4)
        assert mark(everything(work), spot, shown, {}).right


def test_in_a_wide_layer_right_is_right_and_far_off_is_wrong() -> None:
    network = dense_network(3, "1500 tanh, 1 tanh")
    random = np.random.default_rng(3)
    work = calculation(network, random_weights(random, network, 0.1), random.random(3))
    exercise = everything(work)
    assert work.carried is None or work.small
    for spot in exercise.blanks:
        assert mark(exercise, spot, written(value(work.page, spot), 4), {}).verdict is Verdict.RIGHT
        assert mark(exercise, spot, value(work.page, spot) + 4.0, {}).verdict is Verdict.WRONG
