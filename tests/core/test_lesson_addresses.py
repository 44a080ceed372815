"""Lessons on any model: what they begin with, and numbers asked for by their addresses."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest

from core.calculation.calculated import spoken
from core.calculation.followed import Asked, follow
from core.decimals import rounded
from core.errors import Refused
from core.formatting import number
from core.lessons.addresses import accepted_at, given_at
from core.lessons.checking import check, check_done
from core.lessons.lesson import Answer, Lesson
from core.lessons.places import find
from core.lessons.progress import Progress, do_instead
from core.model.layers_text import shape_text
from core.operations.rounding import Rounding
from core.practice.intervals import takes
from tests.core.learner import begun, lesson, seen

HEAD = "# T\nmodel: Conv1D 2 2 relu, LSTM 2 return_sequences, LayerNormalization, GRU 1, 1 tanh\ninputs: 4x2"
HELD = "[[[1, 0.5], [0.25, -1]], [[0, 2], [1, 0]]], [0.5, 0]"


def a_lesson(*lines: str) -> Lesson:
    return lesson("## S", *lines, head=f"{HEAD}\nweights: conv1d = {HELD}\nx: 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8")


def test_a_lesson_begins_with_any_layers_and_the_weights_that_it_says() -> None:
    state = begun(a_lesson("read")).state
    assert state.model.network.input_shapes == ((4, 2),) and state.x.tolist()[:2] == [0.1, 0.2]
    assert shape_text(state.model.network) == HEAD.splitlines()[1].removeprefix("model: ")
    assert state.model.weights.layers[0][0].tolist() == [[[1, 0.5], [0.25, -1]], [[0, 2], [1, 0]]]
    assert state.fits and state.model.weights.layers[1][0].any()


def test_every_number_is_found_by_its_address_and_right_however_it_was_rounded() -> None:
    state = begun(a_lesson("read")).state
    asked = Asked(state.model.network, state.model.weights, state.x, {}, Rounding.CARRIED, 4)
    made = follow(asked)
    for value in (*made.exact.weights, *made.exact.values):
        for index in product(*map(range, value.shape)):
            spot = value.spot(index)
            assert find(state.model.network, spoken(spot)) == spot
            exact, right = accepted_at(state, spot, 4)
            assert exact == made.exact.number(spot)
            for typed in (float(rounded(exact, 4)), *([made.written.number(spot)] if value.call else [])):
                assert takes(right, typed), (spoken(spot), typed)
            assert not takes(right, exact + 0.01), spoken(spot)
            assert given_at(state, spot, 4)


def test_a_step_asks_for_a_number_of_any_layer() -> None:
    of = a_lesson("answer: lstm/cell state[2,1]")
    (step,) = of.steps
    assert isinstance(step.check, Answer) and step.check.symbol == "lstm/cell state[2,1]"
    session = begun(of)
    exact, _ = accepted_at(session.state, step.check.spot, 4)
    right = check(step, number(exact, 4), seen(session), 4, Progress())
    assert right.right and right.sentence == f"Right: lstm/cell state[2,1] = {number(exact, 4)}."
    assert "1 digit after the point" in check(step, number(exact, 1), seen(session), 4, Progress()).sentence
    given = given_at(session.state, step.check.spot, 4)
    assert re.fullmatch(r"forget gate\[2,1\] = \S+, cell state\[1,1\] = .*", given)
    session.load_tutorial()
    with pytest.raises(Refused, match=r"expected a model with lstm/cell state\[2,1\], got another one by now"):
        check(step, "1", seen(session), 4, Progress())


def test_numbers_of_a_chain_have_addresses_beside_their_symbols() -> None:
    by_symbol, by_address = (
        lesson("## S", f"answer: {text}").steps[0] for text in ("z2 of hidden", "hidden/pre-activation[2]")
    )
    session = begun(lesson("## S", "read"))
    for step in (by_symbol, by_address):
        assert check(step, "0.4277", seen(session), 4, Progress()).right
        assert not check(step, "0.4377", seen(session), 4, Progress()).right


def test_weights_of_any_layer_are_asked_for_and_set_by_who_goes_past() -> None:
    of = a_lesson(
        "do: weights of layer_normalization = [2, 2], [0, 1]",
        "## S",
        "do: tab by-hand",
        "## S",
        "do: x = 1, 2, 3, 4, 5, 6, 7, 8",
    )
    session = begun(of)
    assert not check_done(of.steps[0], seen(session), Progress()).right
    assert do_instead(session, of.steps[0]) and do_instead(session, of.steps[2])
    assert check_done(of.steps[0], seen(session), Progress()).right
    assert check_done(of.steps[1], seen(session, "by-hand"), Progress()).right
    assert np.array_equal(session.state.x, np.arange(1, 9)) and check_done(of.steps[2], seen(session), Progress()).right
