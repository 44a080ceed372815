"""Errors that are carried forward: what a number comes to with the learner's own wrong answers before it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from core.calculation.forward import Part, trace
from core.calculation.spot import CALCULATED, Kind, Spot, value
from core.practice.basis import Basis
from core.practice.tolerance import Measured, half, over_all
from core.practice.ways import Ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.practice.exercise import Calculation, Exercise
    from core.practice.marks import Entry

PARTS = {Kind.SUM: Part.WEIGHTED_SUM, Kind.Z: Part.PRE_ACTIVATION, Kind.OUTPUT: Part.OUTPUT}

NEAREST = 3
"""Of so many wrong answers in the same unit, or just before it, each may have been gone by; of others all or none."""


def forward_numbers(exercise: Exercise, spot: Spot, entries: Mapping[Spot, Entry]) -> Iterator[Measured]:
    """Give what the number at ``spot`` comes to with wrong answers of the learner's own.

    A learner may go by every one of them, or work a number out again from those before it: each choice is tried.
    """
    if spot.kind not in CALCULATED:
        return
    work = exercise.calculation
    sound = {at: entry.value for at, entry in entries.items() if entry.sound and at != spot}
    wrong = [at for at in exercise.blanks if at in entries and not entries[at].sound and _before(exercise, at, spot)]
    if work.small and wrong:
        own = {at: entries[at].value for at in wrong}
        yield from (_done_anew(work, known, spot) for known in (own, sound | own))
    for chosen in _choices(wrong, spot):
        gone_by = {at: entries[at].value for at in chosen}
        yield from Ways(exercise.basis(sound | gone_by)).right(spot)
        # Blanks without an answer may also be known to be what they are.
        yield from Ways(Basis(work.network, work.page, work.digits, gone_by)).right(spot)


def _before(exercise: Exercise, one: Spot, spot: Spot) -> bool:
    """Return whether the number at ``spot`` may be made of that at ``one``."""
    if one.step != spot.step:
        return one.step < spot.step
    whole = spot.kind is Kind.OUTPUT and over_all(exercise.calculation.page.steps[spot.step].activation)
    return CALCULATED.index(one.kind) < CALCULATED.index(spot.kind) and (whole or one.unit == spot.unit)


def _choices(wrong: Sequence[Spot], spot: Spot) -> Iterator[tuple[Spot, ...]]:
    """Give the sets of wrong answers, none of them empty, that a learner may go by; first all of them."""
    here = [at for at in wrong if at.step == spot.step]
    near = here[-NEAREST:] if here else wrong[-NEAREST:]
    far = tuple(at for at in wrong if at not in near)
    for taken in product((True, False), repeat=len(near)):
        if chosen := (*far, *(at for at, is_taken in zip(near, taken, strict=True) if is_taken)):
            yield chosen
    # Whoever goes by a number of the same unit needs none before it.
    if far and not here:
        yield tuple(near)


def _done_anew(work: Calculation, own: Mapping[Spot, float], spot: Spot) -> Measured:
    """Return what comes of the whole calculation done anew with the learner's numbers, the page left aside."""
    forced = {(at.step, PARTS[at.kind], at.unit): number for at, number in own.items()}
    number = value(trace(work.network, work.weights, work.x, work.rounding, work.digits, forced), spot)
    return Measured(number, half(number, work.digits))
