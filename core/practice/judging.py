"""Judging an answer on a sheet: right, right with the learner's own wrong numbers, or wrong, and to what tolerance."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from core.operations.rounding import Carry
from core.operations.run import needed
from core.practice.intervals import exactly, takes, written
from core.practice.marks import Entry, Mark, Verdict
from core.practice.working import Working

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.calculation.calculated import Spot
    from core.practice.intervals import Ends
    from core.practice.sheet import Sheet

    Entries = Mapping[Spot, Entry]

NEAREST = 3
"""Of so many wrong answers in the same call, or just before it, each may have been gone by; of others all or none."""


def judge(sheet: Sheet, spot: Spot, answer: float, entries: Entries) -> Mark:
    """Return the mark of ``answer`` for the blank ``spot``; ``entries`` is what stands in other blanks.

    Right is what careful work comes to on any way, from right numbers that the learner wrote before or afresh. What
    follows from wrong ones is carried forward.
    """
    right = right_numbers(sheet, spot, entries)
    tolerance = float(np.abs(right - sheet.work.page.number(spot)).max())
    verdict = Verdict.WRONG
    if takes(right, answer):
        verdict = Verdict.RIGHT
    elif any(takes(ends, answer) for ends in _forward(sheet, spot, entries)):
        verdict = Verdict.CARRIED_FORWARD
    return Mark(verdict, tolerance, sheet.work.digits)


def judge_all(sheet: Sheet, answers: Mapping[Spot, float], revealed: Entries) -> dict[Spot, Mark]:
    """Return the marks of all ``answers`` at once, each with those before it; ``revealed`` numbers are known too."""
    marks: dict[Spot, Mark] = {}
    entries = dict(revealed)
    for spot in sheet.blanks:
        if spot in answers:
            marks[spot] = judge(sheet, spot, answers[spot], entries)
            entries[spot] = Entry(answers[spot], marks[spot].verdict is Verdict.RIGHT)
    return marks


def right_numbers(sheet: Sheet, spot: Spot, entries: Entries) -> Ends:
    """Return what the number at ``spot`` comes to on every right way, from the learner's right numbers and afresh."""
    ways = sheet.working(_sound(entries)).right(sheet.line(spot).solved)
    afresh = np.array([done.number(spot) for done in sheet.work.afresh])
    found = np.concatenate([ways, written(exactly(afresh), sheet.work.digits)])
    # Powers of numbers of which little is known may have no end: that says nothing of an answer.
    finite = np.isfinite(found).all(axis=1)
    return found[finite] if finite.any() else found


def _sound(entries: Entries) -> dict[Spot, float]:
    return {at: entry.value for at, entry in entries.items() if entry.sound}


def _forward(sheet: Sheet, spot: Spot, entries: Entries) -> Iterator[Ends]:
    """Give what the number at ``spot`` comes to with wrong answers of the learner's own.

    A learner may go by every one of them, or work a number out again from those before it: each choice is tried.
    """
    if spot in sheet.lines:
        return
    work, place = sheet.work, sheet.work.page.place(spot)
    sound, wrong = _sound(entries), _wrong_before(sheet, spot, entries)
    if work.small and wrong:
        carry = Carry(work.rounding, work.digits)
        for known in (wrong, sound | wrong):
            yield written(exactly(np.array([work.done(carry, known).number(spot)])), work.digits)
    for taken in _choices(list(wrong), spot):
        gone_by = {at: wrong[at] for at in taken}
        yield sheet.working(sound | gone_by).right(place)
        # Blanks without an answer may also be known to be what they are.
        there = {work.page.place(at): number for at, number in gone_by.items()}
        yield Working(work.page, work.digits, there).right(place)


def _wrong_before(sheet: Sheet, spot: Spot, entries: Entries) -> dict[Spot, float]:
    """Return the wrong answers, in order, in blanks that the number at ``spot`` may be made of."""
    program = sheet.work.page.written.program
    before = needed(program, program.lines[sheet.work.page.place(spot).value].sources)
    there = [at for place, at in sheet.places.items() if place.value in before and at in entries]
    return {at: entries[at].value for at in there if not entries[at].sound}


def _choices(wrong: Sequence[Spot], spot: Spot) -> Iterator[tuple[Spot, ...]]:
    """Give the sets of wrong answers, none of them empty, that a learner may go by; first all of them."""
    here = [at for at in wrong if at.call == spot.call]
    near = here[-NEAREST:] if here else wrong[-NEAREST:]
    far = tuple(at for at in wrong if at not in near)
    for taken in product((True, False), repeat=len(near)):
        if chosen := (*far, *(at for at, is_taken in zip(near, taken, strict=True) if is_taken)):
            yield chosen
    # Whoever goes by a number of the same call may need none before it.
    if far:
        yield tuple(near)
