"""Marking an answer: right, right with the learner's own earlier numbers, or wrong, and to what tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.spot import CALCULATED, value
from core.practice.backwards import acceptable
from core.practice.basis import Basis
from core.practice.carried_forward import forward_numbers
from core.practice.marks import Entry, Mark, Verdict
from core.practice.tolerance import Measured, half
from core.practice.ways import Ways

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.calculation.forward import Trace
    from core.calculation.spot import Spot
    from core.practice.exercise import Exercise


def mark(exercise: Exercise, spot: Spot, answer: float, entries: Mapping[Spot, Entry]) -> Mark:
    """Return the mark of ``answer`` for the blank ``spot``; ``entries`` is what stands in other blanks.

    Right is what the exact calculation gives, what the carried one gives, and what follows from right numbers that
    the learner wrote before, each with its rounding. An answer that follows from wrong ones is carried forward.
    """
    numbers = accepted(exercise, spot, entries)
    there = value(exercise.calculation.page, spot)
    tolerance = max(abs(number.value - there) + number.error for number in numbers)
    verdict = Verdict.WRONG
    if any(number.takes(answer) for number in numbers):
        verdict = Verdict.RIGHT
    elif any(number.takes(answer) for number in forward_numbers(exercise, spot, entries)):
        verdict = Verdict.CARRIED_FORWARD
    return Mark(verdict, tolerance, exercise.calculation.digits)


def mark_all(exercise: Exercise, answers: Mapping[Spot, float], revealed: Mapping[Spot, Entry]) -> dict[Spot, Mark]:
    """Return the marks of all ``answers`` at once, each with those before it; ``revealed`` numbers are known too."""
    marks: dict[Spot, Mark] = {}
    entries = dict(revealed)
    for spot in exercise.blanks:
        if spot in answers:
            marks[spot] = mark(exercise, spot, answers[spot], entries)
            entries[spot] = Entry(answers[spot], marks[spot].verdict is Verdict.RIGHT)
    return marks


def accepted(exercise: Exercise, spot: Spot, entries: Mapping[Spot, Entry]) -> list[Measured]:
    """Return what is right at the blank ``spot``, forwards or backwards; ``entries`` is what stands in other blanks."""
    if spot.kind not in CALCULATED:
        return acceptable(exercise.calculation, spot)
    return right_numbers(exercise, spot, entries)


def right_numbers(exercise: Exercise, spot: Spot, entries: Mapping[Spot, Entry]) -> list[Measured]:
    """Return what the number at ``spot`` comes to on every right way, from the learner's right numbers and afresh."""
    sound = {at: entry.value for at, entry in entries.items() if entry.sound and at != spot}
    found = Ways(exercise.basis(sound)).right(spot)
    return found + [written(trace, spot, exercise.calculation.digits) for trace in exercise.afresh]


def written(trace: Trace, spot: Spot, digits: int) -> Measured:
    """Return a number of a whole calculation as it is written down at its end."""
    number = value(trace, spot)
    return Measured(number, half(number, digits))


def own_basis(exercise: Exercise, spot: Spot, entries: Mapping[Spot, Entry]) -> Basis:
    """Return what the learner goes by at ``spot``: own answers, then the page; blanks without one are worked out.

    Backwards each missing number is found by itself, from the page.
    """
    if spot.kind not in CALCULATED:
        return Basis(exercise.calculation.network, exercise.calculation.page, exercise.calculation.digits)
    return exercise.basis({at: entry.value for at, entry in entries.items() if at != spot})
