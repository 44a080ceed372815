"""What went wrong with a wrong answer: the known slips are tried, and those that give the answer are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import CALCULATED, Kind, Spot, symbol
from core.calculation.unfolding import beside
from core.layers.pooling import Pooling
from core.practice.basis import Basis
from core.practice.marking import own_basis, right_numbers
from core.practice.slip import Candidate, Finding, Slip, ranked
from core.practice.slips_backwards import backwards_findings
from core.practice.slips_in_outputs import after, in_activation, in_bias, in_largest
from core.practice.slips_in_sums import FEW, Terms, in_sum, units_next_door
from core.practice.tolerance import activated, half, over_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import Array
    from core.calculation.forward import Step
    from core.practice.exercise import Exercise
    from core.practice.marks import Entry
    from core.practice.tolerance import Measured


WRITTEN = 2.5
"""Units of the last digit that rounding the numbers inside a formula can add, as in core.practice.tolerance."""


def diagnose(exercise: Exercise, spot: Spot, answer: float, entries: Mapping[Spot, Entry]) -> tuple[Finding, ...]:
    """Return the slips that would give ``answer``, which is wrong, for the blank ``spot``; the likeliest first.

    The slips are made with the learner's own earlier numbers, and with the exact ones where those are others (in a
    large model: where one of the learner's is wrong). A slip that would give a right
    answer as well is none. Nothing is found where no known slip comes near.
    """
    if spot.kind not in CALCULATED:
        return backwards_findings(exercise.calculation, spot, answer)
    work = exercise.calculation
    right = right_numbers(exercise, spot, entries)
    bases = [own_basis(exercise, spot, entries)]
    straight = all(entry.sound for entry in entries.values()) and not work.small
    if not straight and (work.exact is not work.page or _goes_by_own(exercise, spot)):
        bases.append(Basis(work.network, work.exact, work.digits))
    findings: list[Finding] = []
    with np.errstate(all="ignore"):
        for basis in bases:
            findings += _findings(basis, spot, answer, right)
    return ranked(findings)


def _goes_by_own(exercise: Exercise, spot: Spot) -> bool:
    """Return whether the learner comes to ``spot`` by numbers of other blanks."""
    whole_layer = spot.kind is Kind.OUTPUT and over_all(exercise.calculation.page.steps[spot.step].activation)

    def before(one: Spot) -> bool:
        earlier = CALCULATED.index(one.kind) < CALCULATED.index(spot.kind)
        return one.step < spot.step or (one.step == spot.step and earlier and (whole_layer or one.unit == spot.unit))

    return any(before(one) for one in exercise.blanks)


def _findings(basis: Basis, spot: Spot, answer: float, right: list[Measured]) -> list[Finding]:
    tried = _candidates(basis, spot)
    return [
        finding
        for candidate, errors in tried
        if (finding := candidate.finding(answer, errors, basis.digits, right)) is not None
    ]


Tried = list[tuple[Candidate, "Array | float"]]


def _candidates(basis: Basis, spot: Spot) -> Tried:
    """Return every candidate for a spot, with how far an answer may be from it."""
    step = basis.trace.steps[spot.step]
    if step.kernel is None and isinstance(step.layer, Pooling):
        return _of_largest(basis, spot, step)
    if spot.kind is Kind.OUTPUT:
        return _of_output(basis, spot)
    made, error = _before_activation(basis, spot, spot.kind)
    return [(candidate, error) for candidate in [*made, *_too_soon(basis, spot)]]


def _before_activation(basis: Basis, spot: Spot, kind: Kind) -> tuple[list[Candidate], float]:
    """Return the candidates for a unit's weighted sum or pre-activation, and how far an answer may be from one."""
    step = basis.trace.steps[spot.step]
    total_spot = Spot(spot.step, Kind.SUM, spot.unit)
    if kind is Kind.SUM or step.bias is None:
        terms = Terms(basis, spot.step, spot.unit)
        return in_sum(terms), terms.error
    total = basis.number(total_spot)
    digits, bias = basis.digits, float(step.bias[spot.unit])
    made, error = in_bias(step, spot.unit, total.value, digits), half(total.value, digits)
    if total_spot in basis.unseen or len(step.connections(spot.unit)) <= FEW:
        terms = Terms(basis, spot.step, spot.unit)
        made += [_moved(candidate, bias) for candidate in in_sum(terms)]
        error = terms.error
    return made, error + half(bias, digits) + half(total.value + bias, digits)


def _moved(candidate: Candidate, by: float) -> Candidate:
    return Candidate(candidate.slip, candidate.values + by, candidate.words, candidate.of_one)


def _too_soon(basis: Basis, spot: Spot) -> list[Candidate]:
    """Return what comes of a later part of the step done already."""
    step = basis.trace.steps[spot.step]
    made = []
    z = basis.expected(spot).value
    if spot.kind is Kind.SUM and step.bias is not None:
        z += float(step.bias[spot.unit])
        made.append(Candidate(Slip.BIAS_TOO_SOON, np.array([z]), "the bias is in it already"))
    if step.activation != "linear" and step.pre_activation is not None:
        # The page's numbers will do for the other units: the learner's own would take long in a wide layer.
        first, own = spot.unit - spot.unit % step.channels, spot.unit % step.channels
        values = after(step.activation, step.pre_activation[first : first + step.channels], own, np.array([z]))
        words = f"the activation, {step.activation}, is in it already"
        made.append(Candidate(Slip.ACTIVATED_TOO_SOON, values, words))
    return made


def _of_output(basis: Basis, spot: Spot) -> Tried:
    step, digits = basis.trace.steps[spot.step], basis.digits
    assert step.pre_activation is not None
    name, first, unit = step.activation, 0, spot.unit
    z = step.pre_activation.copy()
    if over_all(name):
        # Its own place of an image is all that it is over.
        first, (z, _, unit) = beside(step, spot.unit)[0], basis.beside(spot)
        z = z.copy()
    made_of = Spot(spot.step, Kind.Z, first + unit)
    own = basis.number(made_of)
    before, off = ([], own.error) if step.kernel is None else _before_activation(basis, made_of, Kind.Z)
    tried = _in_activation(name, z, unit, own.value, off, digits, first)
    if not before:
        return tried
    # All at once: an activation takes as long for one number as for hundreds.
    ends = np.cumsum([candidate.values.size for candidate in before])[:-1]
    numbers = np.concatenate([candidate.values for candidate in before])
    values = after(name, z, unit, numbers)
    errors = np.full(numbers.size, basis.expected(spot).error)
    if not over_all(name):
        errors = activated(name, numbers, off, digits)[1]
    for candidate, made, error in zip(before, np.split(values, ends), np.split(errors, ends), strict=True):
        tried.append((Candidate(candidate.slip, made, candidate.words, candidate.of_one), error))
    return tried


def _of_largest(basis: Basis, spot: Spot, step: Step) -> Tried:
    inputs, _ = basis.inputs(spot.step)
    places = basis.network.shapes()[spot.step + 1]
    elsewhere = [inputs[step.connections(unit)].max() for unit in units_next_door(places, spot.unit).tolist()]

    def name(row: int) -> str:
        return symbol(basis.network, Spot(spot.step, Kind.INPUT, input=row))

    made = in_largest(inputs, step.connections(spot.unit).tolist(), name, np.array(elsewhere), basis.digits)
    return [(candidate, basis.expected(spot).error) for candidate in made]


def _in_activation(name: str, z: Array, unit: int, own: float, off: float, digits: int, first: int) -> Tried:
    """Return the candidates of an activation, each with what ``off`` in the pre-activation ``own`` does to it."""

    def at(value: float) -> list[Candidate]:
        z[unit] = value
        return in_activation(name, z, unit, digits, first)

    tried: Tried = []
    for low, high, candidate in zip(at(own - off), at(own + off), at(own), strict=True):
        off_here = np.maximum(np.abs(low.values - candidate.values), np.abs(high.values - candidate.values))
        tried.append((candidate, off_here + WRITTEN * 10.0**-digits))
    return tried
