"""Practice of any model: right is never marked wrong, a wrong answer is not let through, slips are named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.calculated import Spot
from core.errors import Refused
from core.formatting import number
from core.layers.dense import Dense
from core.layers.merging import Add
from core.model.graph import Call, Graph, Input, Source, chain
from core.operations.rounding import Rounding
from core.practice.intervals import takes
from core.practice.judging import judge, judge_all
from core.practice.marks import Entry, Verdict, When
from core.practice.mistakes import diagnose
from core.practice.saved import resume, save
from core.practice.sheet import MOST_BLANKS, Level, by_level, chosen, of_calls, work
from core.practice.sitting import Sitting, begin
from core.practice.slip import Slip
from core.practice.telling import hints, key_answer, question
from tests.core.practice_people import Person, blanks_of, random_work
from tests.core.sheets import MODELS, Worker, some_sheet, some_work
from tests.graphs import opened

if TYPE_CHECKING:
    from collections.abc import Callable


SEEDS = st.integers(0, 2**32 - 1)

NAMES = st.sampled_from(sorted(MODELS))


@settings(max_examples=30)
@given(SEEDS, NAMES)
def test_a_right_answer_is_never_marked_wrong(seed: int, name: str) -> None:
    random = np.random.default_rng(seed)
    sheet = some_sheet(name, random)
    person, entries = Worker(sheet, random), dict[Spot, Entry]()
    for spot in sheet.blanks[:30]:
        page = sheet.work.page.number(spot)
        for answer in (person.works_out(spot), page, float(number(page, sheet.work.digits))):
            assert judge(sheet, spot, answer, entries).verdict is Verdict.RIGHT, (spot, answer)
        if random.random() < 0.75:
            person.answers[spot] = person.said[spot]
            entries[spot] = Entry(person.said[spot], sound=True)


@settings(max_examples=30)
@given(SEEDS, NAMES)
def test_an_error_is_marked_once_and_what_follows_from_it_is_never_wrong(seed: int, name: str) -> None:
    random = np.random.default_rng(seed)
    sheet = some_sheet(name, random, digits=int(random.integers(2, 7)))
    person, entries = Worker(sheet, random), dict[Spot, Entry]()
    for spot in sheet.blanks[:20]:
        answer = person.works_out(spot)
        assert judge(sheet, spot, answer, entries).verdict is not Verdict.WRONG, (spot, answer)
        if random.random() < 0.1 and not any(not entry.sound for entry in entries.values()):
            answer += 0.3 + random.random()
        sound = judge(sheet, spot, answer, entries).verdict is Verdict.RIGHT
        entries[spot] = Entry(answer, sound)
        person.answers[spot] = answer


@settings(max_examples=30)
@given(SEEDS, NAMES)
def test_an_answer_beyond_the_tolerance_is_wrong_and_the_tolerance_is_small(seed: int, name: str) -> None:
    random = np.random.default_rng(seed)
    sheet = some_sheet(name, random, digits=int(random.integers(3, 8)))
    # Someone who has found all numbers before.
    entries = {spot: Entry(sheet.work.page.number(spot), sound=True) for spot in sheet.blanks}
    for spot in sheet.blanks[:20]:
        there = sheet.work.page.number(spot)
        tolerance = judge(sheet, spot, there, entries).tolerance
        assert tolerance <= 25.0 * 10.0**-sheet.work.digits * max(1.0, abs(there)), spot
        for answer in (there + 1.01 * tolerance, there - 1.01 * tolerance):
            assert judge(sheet, spot, answer, entries).verdict is Verdict.WRONG, spot


@settings(max_examples=20)
@given(SEEDS, st.integers(1, 6))
def test_a_float32_that_reads_as_half_way_is_right_rounded_as_it_reads_and_as_it_is(seed: int, digits: int) -> None:
    # 2.094615 is 2.0946149826 as a float32: the page has it as 2.09462.
    random = np.random.default_rng(seed)
    halves = (random.integers(0, 10 ** (digits + 1), 4) * 10 + 5) / 10.0 ** (digits + 1)
    first = halves.astype(np.float32).astype(np.float64)
    inputs, both = (Input("x", (4,)), Input("y", (4,))), (Source("x"), Source("y"))
    model = opened(Graph("sum", inputs, (Add("add"),), (Call("add", both),), (Source("add"),)))
    here = work(model.graph, model.weights, [first, np.zeros(4)], Rounding.SHOWN, digits)
    sheet = of_calls(here, here.calls())
    for spot in sheet.blanks:
        exact = float(first[spot.index])
        for answer in (number(here.page.number(spot), digits), number(exact, digits), f"{exact:.{digits}f}"):
            right = sheet.working({}).right(here.page.place(spot))
            assert takes(right, float(answer)), (spot, exact, answer)


@pytest.mark.parametrize("seed", range(4))
def test_with_few_digits_the_tolerance_is_a_number_still(seed: int) -> None:
    # With one digit, a variance of 0.2 may be anything down to 0 and below, and has a root all the same.
    sheet = by_level(some_work("branches", np.random.default_rng(seed), digits=1), Level.HARD)
    for spot in sheet.blanks:
        assert np.isfinite(judge(sheet, spot, 0.0, {}).tolerance), spot


# Chains of the first layers: the people of the older tests work them out


@settings(max_examples=75)
@given(SEEDS)
def test_what_people_come_to_in_a_chain_is_right(seed: int) -> None:
    random = np.random.default_rng(seed)
    made = random_work(random)
    try:
        sheet = chosen(made.work, blanks_of(random, made))
    except Refused:
        return
    person, entries = Person(made, random), dict[Spot, Entry]()
    for spot in sheet.blanks:
        answer = person.works_out(spot)
        assert judge(sheet, spot, answer, entries).verdict is Verdict.RIGHT, (spot, answer)
        if random.random() < 0.75:
            person.answers[spot] = answer
            entries[spot] = Entry(answer, sound=True)


# Slips

SLIPS = [
    ("lstm", "lstm/input gate", lambda n, i: n("forget gate", i), Slip.OTHER_NUMBER),
    ("lstm", "lstm/hidden state", lambda n, i: n("hidden state", (i[0] - 1, i[1])), Slip.OTHER_NUMBER),
    ("lstm", "lstm/hidden state", lambda n, i: n("output gate", i) * n("cell state", i), Slip.FORGOT_ACTIVATION),
    (
        "lstm",
        "lstm/cell state",
        lambda n, i: n("output gate", i) * n("cell state", (i[0] - 1, i[1])) + n("input gate", i) * n("candidate", i),
        Slip.OTHER_PART,
    ),
    ("lstm", "lstm/cell state", lambda n, i: n("input gate", i) * n("candidate", i), Slip.LEFT_OUT),
    ("attention", "attention/weight", lambda n, i: n("weight", (1 - i[0], *i[1:])), Slip.OTHER_NUMBER),
    ("attention", "attention/weight", lambda n, i: np.exp(n("score", i)), Slip.NOT_DIVIDED),
    (
        "attention",
        "attention/attended",
        lambda n, i: sum(n("weight", (i[1], i[0], k)) * n("value", (k, 1 - i[1], i[2])) for k in range(4)),
        Slip.OTHER_INPUT,
    ),
    ("residual", "mean/output", lambda n, i: 4.0 * n("output", i), Slip.SUM_FOR_MEAN),
    ("residual", "add/output", lambda n, i: n("output", i) - 2.0 * n("norm/output", i), Slip.SIGN),
    ("residual", "conv/output", lambda n, i: n("pre-activation", i), Slip.FORGOT_ACTIVATION),
    ("residual", "conv/weighted sum", lambda n, i: n("weighted sum", (i[0], i[1] + 1, i[2])), Slip.OTHER_NUMBER),
    ("gru", "gru/update gate", lambda n, i: n("reset gate", i), Slip.OTHER_NUMBER),
    ("branches", "norm/output", lambda n, i: n("normalized", i) * n("gamma", i), Slip.FORGOT_BIAS),
    ("words", "rnn/hidden state", lambda n, i: n("pre-activation", i), Slip.FORGOT_ACTIVATION),
]


@pytest.mark.parametrize(("name", "words", "made", "slip"), SLIPS)
def test_a_slip_is_named(name: str, words: str, made: Callable[..., float], slip: Slip) -> None:
    here, tried = some_work(name, np.random.default_rng(5), digits=5), 0
    value = here.page.find(words)

    def at(called: str, index: tuple[int, ...]) -> float:
        other = here.page.find(called if "/" in called else f"{value.call[0]}/{called}")
        return here.page.number(other.spot(index))

    for index in np.ndindex(value.shape):
        try:
            answer = made(at, index)
        except Refused:
            continue
        spot = value.spot(index)
        sheet = chosen(here, [spot])
        written = float(number(float(answer), 5))
        if tried < 6 and not judge(sheet, spot, written, {}).right:
            tried += 1
            assert slip in [finding.slip for finding in diagnose(sheet, spot, written, {})], (spot, written)
    assert tried


def test_no_slip_is_named_that_is_right_itself() -> None:
    for name in MODELS:
        random = np.random.default_rng(3)
        sheet = some_sheet(name, random, digits=3)
        for spot in sheet.blanks[:6]:
            right = sheet.work.page.number(spot)
            for finding in diagnose(sheet, spot, right + 0.0501, {}):
                assert finding.words and finding.slip in Slip


# What is told


@settings(max_examples=30)
@given(SEEDS, NAMES)
def test_hints_end_without_the_answer_and_their_sums_lead_to_it(seed: int, name: str) -> None:
    sheet = some_sheet(name, np.random.default_rng(seed), digits=6)
    for spot in sheet.blanks[:8]:
        answer = number(sheet.work.page.number(spot), 6)
        lines, asked = hints(sheet, spot, {}), question(sheet, spot, {})
        # What the question says is no hint: it would cost, and say nothing.
        said = [line for line in lines if f"{line}, " in asked or f"{line}." in asked]
        assert not said or sheet.work.symbols.are_letters
        made = [line for line in lines if re.search(rf"(=|add up to) {re.escape(answer)}$", line)]
        # A number that is only passed on, as by relu, stands on the page.
        assert all(len(line.split(" = ")) == 2 and "+" not in line for line in made), made


def test_a_hint_goes_by_the_learners_own_number_and_gives_no_blank_one_away() -> None:
    here = some_work("lstm", np.random.default_rng(1), digits=4)
    sheet = by_level(here, Level.HARD, 0, here.call("output"))
    total, z = Spot(("output",), "weighted sum", (0,)), Spot(("output",), "pre-activation", (0,))
    assert {total, z} <= set(sheet.blanks)
    assert "weighted sum[1] is still blank" in question(sheet, z, {})
    own = {total: Entry(0.1234, sound=False)}
    assert "weighted sum[1] = 0.1234 (your answer)" in question(sheet, z, own)
    assert number(here.page.number(total), 4) not in " ".join(hints(sheet, z, own))


def test_of_a_long_sum_the_others_are_told_together_and_lead_to_a_right_answer() -> None:
    here = some_work("wide", np.random.default_rng(2), digits=3)
    spot = Spot(("wide",), "weighted sum", (4,))
    sheet = chosen(here, [spot])
    asked = question(sheet, spot, {})
    (rest,) = re.findall(r"the 26 others add up to (-?\d+\.\d+)", asked)
    numbers = [float(one) for one in re.findall(r"[xw][\d,]+ = (-?\d+\.\d+)", asked)]
    products = sum(first * second for first, second in zip(numbers[::2], numbers[1::2], strict=True))
    assert judge(sheet, spot, round(products + float(rest), 3), {}).right
    groups = [float(one) for line in hints(sheet, spot, {})[1:] for one in re.findall(r"add up to (-?\d+\.\d+)", line)]
    assert len(groups) == 12
    assert judge(sheet, spot, round(sum(groups), 3), {}).right


# Sheets


@pytest.mark.parametrize("level", Level)
def test_the_same_seed_blanks_the_same_numbers(level: Level) -> None:
    here = some_work("residual", np.random.default_rng(0))
    first, again = by_level(here, level, 7), by_level(here, level, 7)
    assert first.blanks == again.blanks
    assert 1 <= len(first.blanks) <= MOST_BLANKS
    assert all(here.is_made(here.page.place(spot)) for spot in first.blanks)


def test_what_only_repeats_a_number_is_blank_where_that_is_made() -> None:
    model = opened(chain("one", Input("x", (2,)), [Dense("one", 2, use_bias=False), Dense("two", 1)]))
    here = work(model.graph, model.weights, [np.array([0.3, 0.1])])
    sheet = chosen(here, [Spot(("one",), "output", (1,))])
    assert sheet.blanks == (Spot(("one",), "weighted sum", (1,)),)
    assert "is still blank" in question(sheet, Spot(("two",), "weighted sum", (0,)), {})


@pytest.mark.parametrize(
    "spot",
    [
        Spot((), "x", (0,)),
        Spot(("one",), "output", (5,)),
        Spot(("no",), "output", (0,)),
        Spot(("one",), "kernel", (0, 0)),
    ],
)
def test_what_is_given_or_not_there_is_no_blank(spot: Spot) -> None:
    model = opened(chain("one", Input("x", (2,)), [Dense("one", 2)]))
    here = work(model.graph, model.weights, [np.array([0.3, 0.1])])
    with pytest.raises(Refused, match="expected"):
        chosen(here, [spot])


# Sittings


def at_work() -> Sitting:
    return begin(by_level(some_work("lstm", np.random.default_rng(4), digits=4), Level.MEDIUM, 1))


def test_a_sitting_is_answered_hinted_revealed_and_scored() -> None:
    sitting = at_work()
    first, second, third, *_ = sitting.open()
    sitting = sitting.answered(first, sitting.shown(first))
    assert sitting.blanks[first].right
    sitting = sitting.answered(second, "99")
    assert not sitting.blanks[second].right
    sitting, hint = sitting.hinted(third)
    assert hint
    sitting = sitting.revealed(third)
    assert (sitting.score.right, sitting.score.revealed) == (1, 1)
    with pytest.raises(Refused, match="revealed already"):
        sitting.answered(third, "1")
    assert sitting.finish(5.0).elapsed(100.0) == 5.0


def test_a_saved_sitting_is_resumed_and_belongs_to_its_model() -> None:
    sitting, sheet = at_work(), at_work().sheet
    spot = sitting.open()[0]
    sitting = sitting.answered(spot, sitting.shown(spot)).answered(sitting.open()[1], "12")
    data = save(sitting, 7.0)
    again = resume(data, sheet.work.graph, sheet.work.weights)
    assert (again.blanks, again.elapsed(0.0), again.sheet.blanks) == (sitting.blanks, 7.0, sheet.blanks)
    other = some_work("gru", np.random.default_rng(4))
    with pytest.raises(Refused, match="expected the model"):
        resume(data, other.graph, other.weights)
    for damaged in (data[:50], data.replace(b'"value"', b'"other"'), b"{}"):
        with pytest.raises(Refused, match="damaged"):
            resume(damaged, sheet.work.graph, sheet.work.weights)


def test_at_the_end_all_are_marked_each_with_those_before_it() -> None:
    sheet = at_work().sheet
    answers = {spot: sheet.work.page.number(spot) for spot in sheet.blanks}
    assert all(mark.verdict is Verdict.RIGHT for mark in judge_all(sheet, answers, {}).values())
    sitting = begin(sheet, When.AT_END)
    for spot in sheet.blanks:
        sitting = sitting.answered(spot, sitting.shown(spot))
    assert sitting.finish(1.0).score.right == len(sheet.blanks)


@pytest.mark.parametrize("rounding", Rounding)
def test_a_key_takes_all_that_marking_takes(rounding: Rounding) -> None:
    before = some_work("attention", np.random.default_rng(6), digits=3)
    sheet = by_level(work(before.graph, before.weights, before.inputs, rounding, 3), Level.MEDIUM, 2)
    for spot in sheet.blanks:
        answer = key_answer(sheet, spot)
        there, off = float(answer.text), float(answer.tolerance)
        assert judge(sheet, spot, there, {}).right
        assert not any(judge(sheet, spot, there + side * 1.2 * off, {}).right for side in (-1.0, 1.0))
