"""Lessons: symbols, what is right and what is not, things to do, beginning and going on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given as given_that
from hypothesis import settings
from hypothesis import strategies as st

from core.calculation.calculated import Spot, addresses_of
from core.data.dataset import SumRule, generate
from core.errors import Refused
from core.export.calculation.symbols import Symbols
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.lessons.addresses import accepted_at, given_at
from core.lessons.checking import check, check_done, hint
from core.lessons.conditions import Seen
from core.lessons.lesson import Answer, Do, Step
from core.lessons.places import find, in_full
from core.lessons.progress import Progress, start
from core.lessons.shelf import built_in
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.tutorial import trained
from core.operations.rounding import Rounding
from core.session.session import Session
from core.session.state import Model, State
from tests.core.learner import a_choice, begun, lesson, only_step, seen, spots
from tests.traced import written

NETWORK, WEIGHTS = trained()


# Symbols

NETWORKS = [
    NETWORK,
    chain_network(12, "11 relu, 3 softmax"),
    Network.chain(
        2, (Dense("a", 3, use_bias=False), Activation("b", "relu"), Dropout("c", 0.5), Dense("d d", 2, "tanh"))
    ),
    Network.chain(2, (Dense("only", 4, "glu"),)),
    Network.chain(1, tuple(Dense(f"layer {place}", 1) for place in range(9))),
]


def symbol(network: Network, spot: Spot) -> str:
    """Return what a number is called on the page."""
    made = addresses_of(network)
    return str(Symbols(made).of(made.value_of(spot), spot.index, ()))


@pytest.mark.parametrize("network", NETWORKS)
def test_every_number_of_a_calculation_is_found_by_its_symbol(network: Network) -> None:
    for spot in spots(network):
        (layer,) = spot.call or network.paths[0]
        assert find(network, f"{symbol(network, spot)} of {layer}") == spot
        assert find(network, in_full(network, spot)) == spot


@pytest.mark.parametrize(
    "text", ["", "s0", "s6", "w", "w1", "w13 of output", "h6", "Y", "y1", "s²", "w1,2", "of hidden"]
)
def test_what_is_no_symbol_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        find(NETWORK, text)


# Right and wrong


def answer(text: str) -> Step:
    return only_step(f"answer: {text}")


def test_a_number_of_the_calculation_is_right_however_it_was_rounded() -> None:
    session = begun(built_in()[3])
    step = answer("y")
    for typed in ("0.9302", "0.9301", "0,9302", "0.93016", "  0.9302 "):
        assert check(step, typed, seen(session), 4, Progress()).right, typed
    for typed in ("0.92", "-0.9302", "0.9304", "1"):
        assert not check(step, typed, seen(session), 4, Progress()).right, typed


def test_too_few_digits_are_named() -> None:
    session = begun(built_in()[0])
    verdict = check(answer("s2 of hidden"), "0.21", seen(session), 4, Progress())
    assert not verdict.right
    assert verdict.sentence == "Not yet: that is right to 2 digits after the point, but 4 are wanted."


@pytest.mark.parametrize("typed", ["", "nan", "inf", "1e400", "abc", "1/0", "0.2132 or so", "9" * 500])
@pytest.mark.parametrize("lines", [["answer: s2"], ["number: 1"], a_choice(1)], ids=["answer", "number", "choice"])
def test_what_is_no_answer_is_refused_and_no_attempt(typed: str, lines: list[str]) -> None:
    step, session = only_step(*lines), begun(built_in()[0])
    with pytest.raises(Refused):
        check(step, typed, seen(session), 4, Progress())


@pytest.mark.parametrize("digits", [1, 4, 9])
@pytest.mark.parametrize("rounding", list(Rounding))
@given_that(numbers=st.lists(st.floats(-9, 9, width=32), min_size=23, max_size=23), at=st.integers(0, 35))
@settings(max_examples=60)
def test_the_calculations_own_number_is_never_wrong(
    rounding: Rounding, digits: int, numbers: list[float], at: int
) -> None:
    session = Session()
    session.load_tutorial()
    kernel, bias = np.reshape(numbers[:10], (2, 5)), np.array(numbers[10:15])
    session.set_layer(0, [kernel, bias])
    session.set_layer(1, [np.reshape(numbers[15:20], (5, 1)), np.array(numbers[20:21])])
    session.set_x(numbers[21:])
    state = session.state
    spot = list(spots(NETWORK))[at % len(list(spots(NETWORK)))]
    made = written(state.model.network, state.model.weights, state.x, rounding, digits)
    step = answer(in_full(NETWORK, spot))
    assert check(step, f"{made.number(spot):.{digits}f}", Seen(state), digits, Progress()).right
    assert isinstance(step.check, Answer)
    _, right = accepted_at(state, step.check.spot, digits)
    for beyond in (right.min() - 0.01, right.max() + 0.01):
        assert not check(step, f"{beyond:.12f}", Seen(state), digits, Progress()).right


def test_a_model_that_has_no_such_number_any_more_is_said() -> None:
    session = begun(built_in()[0])
    session.load_always_right()
    with pytest.raises(Refused, match="expected a model with s2 of hidden, got another one by now"):
        check(answer("s2 of hidden"), "1", seen(session), 4, Progress())


def test_a_number_that_is_not_finite_is_said() -> None:
    session = begun(built_in()[0])
    session.set_number(0, 1, (1,), float("nan"))
    with pytest.raises(Refused, match="expected a finite z2 of hidden, got nan"):
        check(answer("z2"), "1", seen(session), 4, Progress())


def test_hints_come_one_after_the_other_and_the_last_one_again() -> None:
    step, session = only_step("number: 1", "hint: a", "hint: b"), begun(built_in()[0])
    progress = Progress()
    said = []
    for _ in range(3):
        verdict = check(step, "2", seen(session), 4, progress)
        said.append(verdict.sentence)
        progress = progress.after(verdict)
    assert said == [f"Not yet: 2 is not it. Hint: {text}" for text in "abb"]
    assert hint(step, Progress().with_hint()) == "Hint: b"
    assert hint(only_step("read"), Progress()) == "There is no hint for this step."


def test_an_option_is_replied_to() -> None:
    step = only_step(
        "choice:", "- [ ] a", "  reply: No a.", "- [x] b", "  reply: Yes b.", "", "hint: h", "right: Good."
    )
    looks = seen(begun(built_in()[0]))
    assert check(step, "1", looks, 4, Progress()).sentence == "Not yet: No a."
    assert check(step, "2", looks, 4, Progress()).sentence == "Right. Good. Yes b."


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("0.3 to 0.31", ["0.3", "0.305", "0.31", "0,31"], ["0.29", "0.311", "-0.3"]),
        ("0.4277 +- 0.0001", ["0.4276", "0.4277", "0.4278"], ["0.4279", "0.4275"]),
        ("0.5 ± 0.1", ["0.4", "0.6"], ["0.7"]),
        ("-2 to -1", ["-1.5"], ["1.5"]),
        ("1/3 +- 0.01", ["1/3", "0.33"], ["0.3"]),
        ("21", ["21", "21.0", "42/2"], ["21.001", "20"]),
    ],
)
def test_a_fixed_number(text: str, inside: list[str], outside: list[str]) -> None:
    step, looks = only_step(f"number: {text}"), seen(begun(built_in()[0]))
    assert [check(step, typed, looks, 4, Progress()).right for typed in inside] == [True] * len(inside)
    assert [check(step, typed, looks, 4, Progress()).right for typed in outside] == [False] * len(outside)


# Conditions


def condition(text: str) -> Any:
    return only_step(f"do: {text}").check


def test_a_tab_is_open() -> None:
    session = begun(built_in()[0])
    assert condition("tab by-hand").look(seen(session, "by-hand")).met
    assert not condition("tab by-hand").look(seen(session, "data")).met
    assert condition("tab by-hand").wanted == "open the By hand tab"


def test_the_sign_of_the_prediction() -> None:
    session = begun(built_in()[0])
    met = {word: condition(f"predict {word}").look(seen(session)).met for word in ("positive", "negative", "zero")}
    assert met == {"positive": True, "negative": False, "zero": False}
    session.load_always_right()
    assert condition("predict negative").look(seen(session)).met
    session.set_x([0.2, 0.3])
    assert condition("predict zero").look(seen(session)).met
    assert condition("predict zero").look(seen(session)).now == "it is 0.0000"


def test_an_effect_of_other_weights_does_not_count() -> None:
    session = begun(built_in()[0])
    stale = seen(session)
    session.load_always_right()
    late = Seen(session.state, "", stale.effect)
    for text in ("predict positive", "sign accuracy = 86.4 %"):
        assert condition(text).look(stale).met
        assert not condition(text).look(late).met


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("= 86.4 %", True),
        ("= 0.864", True),
        (">= 86.4 %", True),
        ("> 86.4 %", False),
        ("< 90 %", True),
        ("<= 0.8", False),
    ],
)
def test_the_sign_accuracy_on_the_data(text: str, expected: bool) -> None:
    assert condition(f"sign accuracy {text}").look(seen(begun(built_in()[0]))).met is expected


def test_the_weights_of_a_layer() -> None:
    session = begun(lesson("model: 1 tanh", "## S", "read"))
    wanted = lesson("model: 1 tanh", "## S", "do: weights of output = [[1],[1]], [-0.5]").steps[0].check
    full = lesson("model: 1 tanh", "## S", "do: weights of output = [[[1.0], [1.0]], [-0.5]]").steps[0].check
    assert isinstance(wanted, Do) and isinstance(full, Do)
    assert not wanted.look(seen(session)).met
    session.set_layer(0, [[[1.0], [1.0]], [-0.5]])
    assert wanted.look(seen(session)).met
    assert full.look(seen(session)).met
    assert wanted.wanted == "give output the weights [[1.0], [1.0]], [-0.5]"
    session.load_tutorial()
    assert not wanted.look(seen(session)).met


def test_the_epochs_that_have_ended() -> None:
    session = begun(built_in()[0])
    assert condition("epochs = 0").look(seen(session)).met
    assert not condition("epochs >= 1").look(seen(session)).met
    session.runs.start()
    session.runs.add_epochs([{"loss": 0.5}, {"loss": 0.25}], 0.1)
    assert condition("epochs >= 2").look(seen(session)).met
    assert condition("epochs >= 3").look(seen(session)).now == "2 epochs so far"


def test_the_point_in_hand() -> None:
    session = begun(built_in()[0])
    assert not condition("x = 0.7, 0.2").look(seen(session)).met
    assert condition("x = 0.7, 0.2").wanted == "set x to 0.7, 0.2"
    session.set_x([0.7, 0.2])
    assert condition("x = 0.7, 0.2").look(seen(session)).met


def test_what_is_still_to_be_done_is_said_with_how_it_stands() -> None:
    session = begun(built_in()[0])
    step = only_step("do: x = 0.7, 0.2", "hint: Press x.", "right: Good.")
    assert check_done(step, seen(session), Progress()).sentence == (
        "Not yet: set x to 0.7, 0.2; x is 0.3, 0.1. Hint: Press x."
    )
    session.set_x([0.7, 0.2])
    assert check_done(step, seen(session), Progress()).sentence == "Done. Good."


# Beginning and going on


def test_a_lesson_begins_with_its_own_model_as_one_step() -> None:
    session = Session()
    session.set_number(0, 0, (0, 0), 0.5)
    before = session.state
    assert start(session, built_in()[0]) is True
    assert session.state.done[-1] == "lesson: What a weighted sum is"
    assert len(session.state.done) == len(before.done) + 1
    session.trail.undo()
    assert session.state.model is before.model
    assert session.state.dataset is before.dataset


def test_nothing_is_put_aside_where_nothing_was_done() -> None:
    session = Session()
    assert [start(session, of) for of in built_in()] == [False] * 8


def test_a_lesson_does_not_begin_during_a_training() -> None:
    session = Session()
    session.runs.start()
    before = session.state
    with pytest.raises(Refused, match="a training is under way"):
        start(session, built_in()[0])
    assert session.state is before


def test_other_data_of_the_person_give_way_to_those_of_the_lesson() -> None:
    session = Session()
    session.take_data(generate(SumRule(10, 2, 0.9, 3, 0.5)))
    start(session, built_in()[6])
    assert session.state.dataset.origin == SumRule()


def test_progress_counts_wrong_answers_and_what_was_gone_past() -> None:
    of = lesson("## A", "number: 1", "## B", "read", "## C", "number: 1")
    looks, progress = seen(begun(of)), Progress()
    progress = progress.after(check(of.steps[0], "2", looks, 4, progress))
    assert (progress.wrong, progress.done, progress.may_go_on(of)) == (1, False, False)
    progress = progress.after(check(of.steps[0], "1", looks, 4, progress))
    assert progress.may_go_on(of)
    progress = progress.onward(of).onward(of)
    assert (progress.step, progress.skipped) == (2, frozenset())
    end = progress.onward(of)
    assert end.current(of) is None
    assert end.in_words(of) == "2 of 3 steps done, 1 wrong answer, 1 skipped"
    assert end.onward(of) is end
    assert end.back().step == 2


# For whoever does not see the page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("s2 of hidden", "x1 = 0.3000, w12 = 0.3248, x2 = 0.1000, w22 = 1.1575"),
        ("z2 of hidden", "s2 = 0.2132, b2 = 0.2145"),
        ("h2", "z2 = 0.4277; the activation is tanh"),
        ("y", "z1 = 1.6596; the activation is tanh"),
        ("b2", "hidden/bias [-0.1829, 0.2145, 0.0135, 0.2774, 0.0960]"),
        ("x1", "inputs [0.3000, 0.1000]"),
        ("v21", "output/kernel [[-0.8776], [1.0935], [0.2198], [1.3138], [-0.1030]]"),
    ],
)
def test_what_is_needed_for_a_number_is_given(text: str, said: str) -> None:
    session = begun(lesson("x: 0.3, 0.1", "## S", "read"))
    session.take("the tutorial's", Model(NETWORK, WEIGHTS, WEIGHTS), session.state.dataset)
    assert given(session.state, text) == said


def given(state: State, text: str) -> str:
    """Return what is told about the number that ``text`` names."""
    return given_at(state, find(state.model.network, text), 4)


def test_of_a_long_sum_is_told_what_the_terms_between_come_to() -> None:
    wide = begun(lesson(f"x: {', '.join(['1'] * 40)}", "model: 2 softmax", "## S", "read")).state
    told = given(wide, "s1").split(", ", maxsplit=2)
    assert told[0] == "x1 = 1.0000" and told[-1].endswith(
        "x40 = 1.0000, w40,1 = 0.3394, the 36 others add up to 0.5840"
    )
    assert given(wide, "w11") == "output/kernel of 80 numbers, which the By hand tab shows"
    assert given(wide, "y1").startswith("z1 = ")


def test_a_layer_without_weights_gives_what_comes_in() -> None:
    state = begun(lesson("x: 1, 2", "model: relu, dropout 0.5, 1", "## S", "read")).state
    assert [given(state, text) for text in ("h1", "k1")] == ["z1 = 1.0000; the activation is relu", "h1 = 1.0000"]
