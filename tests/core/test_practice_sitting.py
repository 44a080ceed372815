"""A sitting: answers, hints, what is revealed, the score, the time, and being left and resumed."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.calculated import Spot
from core.errors import Refused
from core.layers.dense import Dense
from core.model import tutorial
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.marks import RULE, Verdict, When
from core.practice.saved import MOST_BYTES, resume, save
from core.practice.sheet import Sheet, chosen
from core.practice.sitting import Sitting, begin
from core.practice.telling import hints, question
from tests.core.practice_people import ChainWork, blanks_of, chain_work, random_weights, random_work, written

X = np.array([0.3, 0.1])

S2, Z2, H2 = (Spot(("hidden",), name, (1,)) for name in ("weighted sum", "pre-activation", "output"))
Y = Spot(("output",), "output", (0,))


def tutorials() -> ChainWork:
    return chain_work(*tutorial.trained(), X)


def resumed(data: bytes, network: Network, weights: Weights, now: float = 0.0) -> Sitting:
    return resume(data, network.graph, weights.by_name(network), now)


def unit_2(when: When = When.AT_ONCE) -> Sitting:
    return begin(chosen(tutorials().work, [S2, Z2, H2]), when)


# Answers


def test_answers_are_marked_at_once_and_leave_the_sitting_before_as_it_was() -> None:
    before = unit_2()
    after = before.answered(S2, " 0,2132 ")
    assert before.blanks[S2].value is None and before.open() == [S2, Z2, H2]
    assert after.blanks[S2].right and after.blanks[S2].attempts == 1
    assert after.open() == [Z2, H2]


def test_a_wrong_answer_stays_open_and_each_attempt_counts() -> None:
    sitting = unit_2().answered(S2, "0.9").answered(S2, "0.8")
    assert sitting.open() == [S2, Z2, H2]
    assert sitting.blanks[S2].attempts == 2 and not sitting.blanks[S2].right
    assert sitting.answered(S2, "0.2132").blanks[S2].points == 0.5


@pytest.mark.parametrize(
    "text", ["", "  ", "nonsense", "nan", "inf", "1e999", "1/0", "0.2 0.3", "9" * 500, "__import__"]
)
def test_what_is_no_number_is_refused_and_is_no_attempt(text: str) -> None:
    for sitting in (unit_2(), unit_2(When.AT_END)):
        with pytest.raises(Refused, match="expected a number"):
            sitting.answered(S2, text)
        assert sitting.blanks[S2].attempts == 0


@pytest.mark.parametrize("text", ["0.25", "0,25", "1/4", "+.25", "25e-2"])
def test_numbers_can_be_written_in_several_ways(text: str) -> None:
    network = Network.chain(1, (Dense("one", 1),))
    work = chain_work(network, Weights.for_network(network, [([[0.5]], [0.0])]), np.array([0.5]))
    spot = Spot(("one",), "weighted sum", (0,))
    assert begin(chosen(work.work, [spot])).answered(spot, text).blanks[spot].right


def test_what_is_right_or_revealed_or_finished_takes_no_answer_any_more() -> None:
    right = unit_2().answered(S2, "0.2132")
    for sitting, message in [
        (right, "s2 is right already"),
        (unit_2().revealed(S2), "s2 is revealed already"),
        (right.finish(1.0), "this practice is finished"),
    ]:
        with pytest.raises(Refused, match=message):
            sitting.answered(S2, "0.2")
        with pytest.raises(Refused, match=message):
            sitting.hinted(S2)
        with pytest.raises(Refused, match=message):
            sitting.revealed(S2)


def test_a_wrong_answer_has_its_slip_and_a_right_one_none() -> None:
    sitting = unit_2().answered(Z2, "0.2132")
    assert sitting.findings(Z2)[0].words == "the bias b2 was left out"
    assert sitting.answered(Z2, "0.4277").findings(Z2) == () == sitting.findings(H2)


def test_an_error_is_carried_forward_until_it_is_mended() -> None:
    sitting = unit_2().answered(Z2, "0.5277").answered(H2, "0.4837")
    mark = sitting.blanks[H2].mark
    assert mark is not None and mark.verdict is Verdict.CARRIED_FORWARD
    assert sitting.open() == [S2, Z2]
    assert sitting.score.in_words == (
        "1 of 3 points: 1 right (1 of them with an earlier error carried forward), 0 revealed, 2 not found."
    )


def test_at_the_end_all_are_marked_and_an_answer_can_be_changed_before() -> None:
    sitting = unit_2(When.AT_END).answered(S2, "7").answered(S2, "0.2132").answered(Z2, "0.5").answered(H2, "0.4621")
    assert all(blank.mark is None for blank in sitting.blanks.values())
    assert sitting.open() == [] and sitting.score.points == 0
    ended = sitting.finish(10.0)
    assert [blank.mark and blank.mark.verdict for blank in ended.blanks.values()] == [
        Verdict.RIGHT,
        Verdict.WRONG,
        Verdict.CARRIED_FORWARD,
    ]
    assert ended.blanks[S2].attempts == 1
    assert ended.score.points == 2.0 and ended.finish(20.0) is ended


# Hints, revealing, score, time


def test_hints_come_one_by_one_and_are_counted() -> None:
    sitting, lines = unit_2(), []
    for _ in range(3):
        sitting, line = sitting.hinted(S2)
        lines.append(line)
    assert lines == [
        "s2 = w12*x1 + w22*x2",
        "w12 * x1 = 0.3248 * 0.3000 = 0.0974",
        "w22 * x2 = 1.1575 * 0.1000 ~= 0.1157",
    ]
    with pytest.raises(Refused, match="that was the last hint"):
        sitting.hinted(S2)
    assert sitting.answered(S2, "0.2132").blanks[S2].points == 0.25


def test_points_never_fall_below_0() -> None:
    sitting = unit_2()
    for _ in range(7):
        sitting = sitting.answered(S2, "9")
    assert sitting.answered(S2, "0.2132").blanks[S2].points == 0.0


def test_what_is_revealed_is_worth_nothing_and_the_learner_goes_on_with_it() -> None:
    sitting = unit_2().answered(S2, "0.9").revealed(S2)
    assert sitting.shown(S2) == "0.2132"
    assert "s2 = 0.2132, b2" in question(sitting.sheet, Z2, sitting.entries(Z2))
    sitting = sitting.answered(Z2, "0.4277").answered(H2, "0.4034")
    assert (sitting.score.points, sitting.score.revealed, sitting.open()) == (2.0, 1, [])


def test_revealed_numbers_are_known_when_all_is_marked_at_the_end() -> None:
    sitting = unit_2(When.AT_END).answered(S2, "9").revealed(S2).answered(Z2, "0.4277").finish(0.0)
    assert sitting.blanks[S2].mark is None and sitting.blanks[Z2].right


def test_the_rule_and_the_score_are_sentences() -> None:
    assert RULE.startswith("1 point for each number")
    assert unit_2().score.in_words == "0 of 3 points: 0 right, 0 revealed, 3 not found."
    assert (
        begin(chosen(tutorials().work, [Y])).answered(Y, "0.9301").score.in_words.startswith("1 of 1 point: 1 right,")
    )


def test_time_is_the_callers_and_stands_still_at_the_end() -> None:
    sitting = begin(tutorials().everything(), now=100.0)
    assert sitting.elapsed(100.0) == 0.0 and sitting.elapsed(160.5) == 60.5
    assert sitting.elapsed(90.0) == 0.0  # A clock that was set back.
    ended = sitting.finish(130.0)
    assert ended.elapsed(900.0) == 30.0


# Hints and questions in general


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_hints_and_questions_never_give_a_blank_number_away(seed: int) -> None:
    random = np.random.default_rng(seed)
    chain = random_work(random, digits=9)
    try:
        sheet = chosen(chain.work, blanks_of(random, chain))
    except Refused:
        return
    for spot in sheet.blanks:
        asked, lines = question(sheet, spot, {}), hints(sheet, spot, {})
        assert "\n" not in asked and "\n" not in "".join(lines)
        before = {other for other in sheet.blanks if other.call == spot.call}
        before |= {at for at in chain.work.page.made_of(spot, 20) if sheet.hides(at)}
        for hidden in before:
            given_away = rf"{re.escape(chain.work.symbol(chain.work.page.place(hidden)))} = -?[0-9.e+]+"
            told = [*asked.partition(", where ")[2].rstrip(".").split(", "), *lines]
            assert not any(re.fullmatch(given_away, line) for line in told)


def test_a_product_of_a_number_that_is_not_found_yet_is_not_given_away() -> None:
    lines = hints(tutorials().everything(), Spot(("output",), "weighted sum", (0,)), {})
    assert lines[1] == "v11 * h1: h1 is still blank: find that first"


def test_the_only_product_is_given_without_its_result() -> None:
    network = Network.chain(1, (Dense("one", 1),))
    chain = chain_work(network, Weights.for_network(network, [([[0.5]], [0.25])]), np.array([0.5]))
    total = Spot(("one",), "weighted sum", (0,))
    assert hints(chain.everything(), total, {})[-1] == "w11 * x1 = 0.5000 * 0.5000"


def test_a_wide_sum_has_a_dozen_hints_and_a_short_question() -> None:
    network = chain_network(4000, "2 tanh")
    random = np.random.default_rng(0)
    chain = chain_work(network, random_weights(random, network), random.random(4000))
    sheet, total = chain.everything(), Spot((network.layers[0].name,), "weighted sum", (0,))
    lines = hints(sheet, total, {})
    assert len(lines) == 13 and lines[1].startswith("the products 1 to 334 add up to ")
    made = sum(float(line.rsplit(" ", 1)[1]) for line in lines[1:])
    assert made == pytest.approx(chain.work.page.number(total), abs=0.001)
    asked = question(sheet, total, {})
    assert len(asked) < 500 and "(3,996 more)" in asked and "the 3,996 others add up to" in asked


def test_a_question_holds_the_numbers_that_it_needs() -> None:
    sitting = unit_2()
    assert question(sitting.sheet, S2, {}) == (
        "s2, the weighted sum of hidden, unit 2: s2 = w12*x1 + w22*x2, where "
        "x1 = 0.3000, w12 = 0.3248, x2 = 0.1000, w22 = 1.1575."
    )
    sitting = sitting.answered(S2, "0.5")
    assert question(sitting.sheet, Z2, sitting.entries(Z2)) == (
        "z2, the pre-activation of hidden, unit 2: z2 = s2 + b2, where s2 = 0.5000 (your answer), b2 = 0.2145."
    )
    assert "h2 = tanh(z2), where z2 is still blank" in question(sitting.sheet, H2, sitting.entries(H2))


def test_a_question_backwards_leaves_only_the_missing_number_out() -> None:
    missing = Spot(("hidden",), "kernel", (0, 1))
    sheet = backwards.chosen(tutorials().work, {missing: Z2})
    assert question(sheet, missing, {}) == (
        "w12, the kernel of hidden, input 1, unit 2: it is missing in z2 = w12*x1 + w22*x2 + b2, "
        "where z2 = 0.4277, x1 = 0.3000, x2 = 0.1000, w22 = 1.1575, b2 = 0.2145."
    )
    assert hints(sheet, missing, {}) == (
        "z2 = w12*x1 + w22*x2 + b2",
        "w12 = (z2 - b2 - w22*x2) / x1",
        "z2 = 0.4277",
        "b2 = 0.2145",
        "0.4277 - 0.2145 = 0.2132",
        "w22 * x2 = 1.1575 * 0.1000 ~= 0.1157",
        "0.2132 - 0.1157 ~= 0.0974",
        "x1 = 0.3000",
    )


# Left and resumed


def some_sitting(seed: int) -> Sitting:
    """Return a sitting in which something of everything was done."""
    random = np.random.default_rng(seed)
    work = random_work(random, dense_only=True)
    exercise = work.everything()
    if random.random() < 0.3:
        with suppress(Refused):
            exercise = backwards.exercise(work.work, seed)
    sitting = begin(exercise, When.AT_ONCE if random.random() < 0.5 else When.AT_END, now=50.0)
    for spot in exercise.blanks:
        if random.random() < 0.3:
            sitting = sitting.hinted(spot)[0]
        if random.random() < 0.6:
            off = 0.0 if random.random() < 0.7 else 1.0
            sitting = sitting.answered(spot, repr(written(work.work.page.number(spot) + off, work.digits)))
        if random.random() < 0.2 and not sitting.blanks[spot].right:
            sitting = sitting.revealed(spot)
    return sitting.finish(60.0) if random.random() < 0.3 else sitting


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_a_sitting_that_is_resumed_is_the_one_that_was_left(seed: int) -> None:
    left = some_sitting(seed)
    work = left.sheet.work
    back = resume(save(left, 80.0), work.graph, work.weights, now=1000.0)
    assert dict(back.blanks) == dict(left.blanks) and list(back.blanks) == list(left.blanks)
    assert (back.sheet.blanks, back.sheet.possible) == (left.sheet.blanks, left.sheet.possible)
    assert (back.when, back.finished, back.score.in_words) == (left.when, left.finished, left.score.in_words)
    assert back.elapsed(1005.0) == (left.elapsed(80.0) if left.finished else 35.0)
    again = back.sheet.work
    assert (again.rounding, again.digits, again.inputs[0].tolist()) == (
        work.rounding,
        work.digits,
        work.inputs[0].tolist(),
    )
    assert all(back.findings(spot) == left.findings(spot) for spot in left.blanks)


def test_the_file_is_readable_json() -> None:
    text = json.loads(save(unit_2().answered(S2, "0.5"), 1.0))
    assert (text["format"], text["when"]) == ("byhand practice 2", "at-once")
    assert text["blanks"][0]["value"] == 0.5


def test_a_practice_belongs_to_its_model_and_weights_frozen_or_not() -> None:
    network, weights = tutorial.trained()
    data = save(unit_2(), 0.0)
    frozen = network.with_trained([0], False)
    assert resumed(data, frozen, weights).sheet.blanks == (S2, Z2, H2)
    for other in (chain_network(2, "5 relu, 1 tanh"), chain_network(2, "4 tanh, 1 tanh"), chain_network(3, "1")):
        with pytest.raises(Refused, match="expected the model and the weights that this practice was begun with"):
            resumed(data, other, random_weights(np.random.default_rng(0), other))
    with pytest.raises(Refused, match="expected the model and the weights that this practice was begun with"):
        resumed(data, network, weights.with_number(0, 1, (0,), 0.5))


def test_a_practice_of_an_earlier_version_is_refused_by_its_name() -> None:
    data = b'{"format": "byhand practice 1", "shape": "2 inputs > 5 tanh > 1 tanh"}'
    with pytest.raises(Refused, match=r"an earlier byhand saved \(byhand practice 1\); finish it"):
        resumed(data, *tutorial.trained())


def damaged(**changes: Any) -> bytes:
    """Return a saved sitting in which some fields are others; ``blank`` changes its first blank."""
    saved = json.loads(save(unit_2().answered(S2, "0.5"), 1.0))
    saved["blanks"][0].update(changes.pop("blank", {}))
    saved.update(changes)
    return json.dumps(saved).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "byhand practice 3"},
        {"x": [0.3]},
        {"x": [{"shape": [2], "numbers": [0.3]}]},
        {"x": [{"shape": [2], "numbers": [0.3, 1e300]}]},
        {"x": [{"shape": [1], "numbers": [0.3]}]},
        {"digits": 0},
        {"digits": 10},
        {"rounding": "up"},
        {"when": "never"},
        {"possible": 2},
        {"possible": -1},
        {"blanks": []},
        {"seconds": -1},
        {"seconds": "long"},
        {"finished": None},
        {"extra": 1},
        {"blank": {"at": {"call": ["nowhere"], "name": "weighted sum", "index": [1]}}},
        {"blank": {"at": {"call": ["hidden"], "name": "weighted sum", "index": [9]}}},
        {"blank": {"at": {"call": ["hidden"], "name": "weighted sum", "index": [-1]}}},
        {"blank": {"at": {"call": ["hidden"], "name": "bias", "index": [1]}}},
        {"blank": {"at": {"call": ["output"], "name": "output", "index": [0]}}},
        {"blank": {"result": {"call": ["hidden"], "name": "pre-activation", "index": [1]}}},
        {"blank": {"value": None}},
        {"blank": {"value": 1e39}},
        {"blank": {"attempts": 0}},
        {"blank": {"attempts": 1.5}},
        {"blank": {"verdict": None}},
        {"blank": {"verdict": "perfect"}},
        {"blank": {"tolerance": None}},
        {"blank": {"tolerance": -1}},
        {"blank": {"hints": -1}},
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(changes: dict[str, Any]) -> None:
    network, weights = tutorial.trained()
    assert resumed(damaged(), network, weights).blanks[S2].value == 0.5
    with pytest.raises(Refused, match="expected a practice that byhand saved, got another or a damaged file"):
        resumed(damaged(**changes), network, weights)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"PK\x03\x04",
        b"\xff\xfe",
        b"[" * 100_000,
        b"1e999",
    ],
)
def test_a_foreign_file_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(Refused, match="expected a practice that byhand saved"):
        resumed(data, *tutorial.trained())


def test_a_file_that_is_cut_anywhere_is_refused() -> None:
    data = save(unit_2().answered(S2, "0.5"), 1.0)
    for end in range(0, len(data) - 1, 7):
        with pytest.raises(Refused, match="expected a practice that byhand saved"):
            resumed(data[:end], *tutorial.trained())


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(Refused, match="expected a saved practice of at most"):
        resumed(b" " * (MOST_BYTES + 1), *tutorial.trained())


@pytest.mark.parametrize("rounding", Rounding)
def test_the_screens_steps_work_in_either_rounding(rounding: Rounding) -> None:
    exercise = chain_work(*tutorial.trained(), X, rounding).everything()
    sitting = begin(exercise)
    for spot in exercise.blanks:
        sitting = sitting.answered(spot, written_of(exercise, spot))
    assert sitting.open() == [] and sitting.score.points == 18
    assert written_of(exercise, Y) == ("0.9302" if rounding is Rounding.SHOWN else "0.9301")


def written_of(exercise: Sheet, spot: Spot) -> str:
    return f"{exercise.work.page.number(spot):.4f}"
