"""A blank as a question on one line: what is asked, how it is calculated, and every number that it needs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS
from core.calculation.spot import CALCULATED, Kind, Spot, in_words, symbol
from core.calculation.unfold import ENDS, MAX_TERMS
from core.calculation.unfolding import beside
from core.formatting import number
from core.layers.pooling import Pooling
from core.practice.marking import own_basis
from core.practice.sources import kinds_made, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Int

    from core.calculation.forward import Step
    from core.practice.basis import Basis
    from core.practice.exercise import Exercise
    from core.practice.marks import Entry


class Asked:
    """One blank as the learner stands before it: which numbers are there, whose they are, and how they are named."""

    def __init__(self, exercise: Exercise, spot: Spot, entries: Mapping[Spot, Entry]) -> None:
        self.exercise, self.spot = exercise, spot
        self.work = exercise.calculation
        self.step: Step = self.work.page.steps[spot.step]
        self.basis: Basis = own_basis(exercise, spot, entries)
        self._answered = {at for at, entry in entries.items() if not entry.revealed}

    def name(self, kind: Kind, unit: int = 0, row: int = 0) -> str:
        """Return the symbol of a number of this step."""
        return symbol(self.work.network, Spot(self.spot.step, kind, unit, row))

    def is_blank(self, kind: Kind, unit: int = 0, row: int = 0) -> bool:
        """Return whether a number of this step is one that the learner has not found yet."""
        made = source(self.work.network, Spot(self.spot.step, kind, unit, row))
        return made in self.basis.unseen or made == source(self.work.network, self.spot)

    def text(self, kind: Kind, unit: int = 0, row: int = 0) -> str:
        """Return a number of this step as it is written."""
        return number(self.basis.number(Spot(self.spot.step, kind, unit, row)).value, self.work.digits)

    def told(self, kind: Kind, unit: int = 0, row: int = 0) -> str:
        """Return a number of this step with its name: ``x1 = 0.3000``; a blank one is said to be blank."""
        name = self.name(kind, unit, row)
        if self.is_blank(kind, unit, row):
            return f"{name} is still blank"
        own = source(self.work.network, Spot(self.spot.step, kind, unit, row)) in self._answered
        return f"{name} = {self.text(kind, unit, row)}{' (your answer)' if own else ''}"

    @cached_property
    def connected(self) -> Int[np.ndarray, "rows"]:
        """The inputs that the number is made of."""
        return self.step.connections(self.spot.unit)

    @property
    def chooses(self) -> bool:
        """Whether the number is the largest of some, and not calculated from them."""
        return self.step.kernel is None and isinstance(self.step.layer, Pooling)

    @property
    def first_beside(self) -> int:
        """The first of the pre-activations that an activation over all units is over: those of a place of an image."""
        return beside(self.step, self.spot.unit)[0]

    def rows(self) -> list[int]:
        """Return the inputs that are written out: all of a few; of many the ends and the learner's own."""
        connected: list[int] = self.connected.tolist()
        if len(connected) <= MAX_TERMS:
            return connected
        own = set(self.basis.own(self.spot.step, Kind.INPUT)) & set(connected)
        if self.spot.kind in (Kind.WEIGHT, Kind.INPUT):
            own.add(self.spot.input)
        return sorted({*connected[:ENDS], *own, *connected[-ENDS:]})

    @property
    def others(self) -> Int[np.ndarray, "others"]:
        """The inputs that the number is made of too, but that are not written out."""
        return np.setdiff1d(self.connected, self.rows())

    def products(self, between: str) -> str:
        """Return the weighted sum in symbols, such as ``w11 x1 + w21 x2``, with ``between`` weight and input."""
        rows = self.rows()
        weights = [self.name(Kind.WEIGHT, self.spot.unit, row) for row in rows]
        parts = [f"{weight}{between}{self.name(Kind.INPUT, 0, row)}" for weight, row in zip(weights, rows, strict=True)]
        if (more := self.connected.size - len(rows)) > 0:
            parts.append(f"the {more:,} other products" if between != " " else f"({more:,} more products)")
        return (" plus " if between != " " else " + ").join(parts)

    def rest(self) -> float:
        """Return the sum of the products that are not written out."""
        assert self.step.kernel is not None
        inputs, _ = self.basis.inputs(self.spot.step)
        return float(self.step.kernel[self.others, self.spot.unit] @ inputs[self.others])


def question(exercise: Exercise, spot: Spot, entries: Mapping[Spot, Entry]) -> str:
    """Return the question for the blank ``spot`` on one line, with the numbers that it needs in words.

    ``entries`` are the numbers that stand in the other blanks: the learner goes on with those.
    """
    asked = Asked(exercise, spot, entries)
    name, words = symbol(asked.work.network, spot), in_words(asked.work.network, spot)
    if spot.kind is Kind.INPUT:
        words += f", seen from unit {spot.unit + 1:,}"
    how = {Kind.SUM: _sum, Kind.Z: _with_bias, Kind.OUTPUT: _output}.get(spot.kind, _missing)(asked)
    return f"{name}, {words}: {how}.{_also(asked)}"


def _also(asked: Asked) -> str:
    """Say that the number is the layer's output already, where nothing comes after it."""
    made = kinds_made(asked.work.network.layers[asked.spot.step])
    if asked.spot.kind not in CALCULATED or asked.spot.kind is not made[-1] or asked.spot.kind is Kind.OUTPUT:
        return ""
    return f" It is the output {asked.name(Kind.OUTPUT, asked.spot.unit)} too, since the activation is linear."


def _where(asked: Asked) -> str:
    unit = asked.spot.unit
    parts = []
    for row in asked.rows():
        for kind, at in ((Kind.WEIGHT, unit), (Kind.INPUT, 0)):
            if not _asked_for(asked, kind, row):
                parts.append(asked.told(kind, at, row))
    if asked.others.size:
        parts.append(f"the other products add up to {number(asked.rest(), asked.work.digits)}")
    return ", ".join(parts)


def _asked_for(asked: Asked, kind: Kind, row: int) -> bool:
    return asked.spot.kind is kind and asked.spot.input == row


def _sum(asked: Asked) -> str:
    return f"{asked.products(' times ')}, where {_where(asked)}"


def _with_bias(asked: Asked) -> str:
    unit = asked.spot.unit
    total, bias = asked.name(Kind.SUM, unit), asked.name(Kind.BIAS, unit)
    return f"{total} plus {bias}, where {asked.told(Kind.SUM, unit)}, {asked.told(Kind.BIAS, unit)}"


def _output(asked: Asked) -> str:
    name, unit = asked.step.activation, asked.spot.unit
    if asked.chooses:
        return _largest(asked)
    if name not in OVER_ALL_UNITS:
        return f"{name} of {_z_name(asked, unit)}, where {_z_told(asked, unit)}"
    size, (_, _, own), first = asked.step.channels, asked.basis.beside(asked.spot), asked.first_beside
    if name == "glu":
        unit, gate = first + own, first + own + size // 2
        return f"{_z_name(asked, unit)} times the sigmoid of {_z_name(asked, gate)}, where " + ", ".join(
            _z_told(asked, at) for at in (unit, gate)
        )
    written = _units(asked, size)
    told = ", ".join(_z_told(asked, at) for at in written)
    if len(written) < size:
        told += f"; {_others(asked, name, written)}"
    here = "" if len(asked.step.shape) == 1 else " of its place"
    return f"{name} over all {size:,} pre-activations{here}, for unit {unit + 1:,}, where {told}"


def _largest(asked: Asked) -> str:
    """Return the numbers of which the largest is asked for; of many, what the largest of those not written is."""
    told = ", ".join(asked.told(Kind.INPUT, 0, row) for row in asked.rows())
    if asked.others.size:
        inputs, _ = asked.basis.inputs(asked.spot.step)
        most = number(float(inputs[asked.others].max()), asked.work.digits)
        told += f", and the largest of the {asked.others.size:,} others is {most}"
    return f"the largest of {asked.connected.size:,} numbers under the window, where {told}"


def _units(asked: Asked, size: int) -> list[int]:
    """Return the units whose pre-activations are written out; ``size`` are beside each other."""
    first = asked.first_beside
    last = first + size
    if size <= MAX_TERMS:
        return list(range(first, last))
    own = {
        blank.unit for blank in asked.exercise.blanks if blank.step == asked.spot.step and blank.kind is not Kind.OUTPUT
    }
    here = {unit for unit in own if first <= unit < last}
    return sorted({*range(first, first + ENDS), asked.spot.unit, *here, *range(last - ENDS, last)})


def _others(asked: Asked, name: str, written: list[int]) -> str:
    z, _, _ = asked.basis.beside(asked.spot)
    others = np.delete(z, [unit - asked.first_beside for unit in written])
    if name == "sparsemax":
        return f"the largest of the {others.size:,} others is {number(float(others.max()), asked.work.digits)}"
    total = number(float(np.exp(others).sum()), asked.work.digits)
    return f"exp(z) of the {others.size:,} others adds up to {total}"


def _z_name(asked: Asked, unit: int) -> str:
    """Return the symbol of what the activation is applied to: without a Dense layer that is an input."""
    return asked.name(Kind.Z, unit) if asked.step.kernel is not None else asked.name(Kind.INPUT, 0, unit)


def _z_told(asked: Asked, unit: int) -> str:
    return asked.told(Kind.Z, unit) if asked.step.kernel is not None else asked.told(Kind.INPUT, 0, unit)


def _missing(asked: Asked) -> str:
    """Return a number that is to be solved for, by the line of its unit."""
    unit, step = asked.spot.unit, asked.step
    kind = Kind.SUM if step.bias is None else Kind.Z
    line = f"{asked.name(kind, unit)} = {asked.products(' times ')}"
    told = [asked.told(kind, unit)]
    if step.bias is not None:
        line += f" plus {asked.name(Kind.BIAS, unit)}"
        if asked.spot.kind is not Kind.BIAS:
            told.append(asked.told(Kind.BIAS, unit))
    return f"it is missing in {line}, where " + ", ".join([*told, _where(asked)])
