"""Basis: the numbers that one person goes by, and what each blank comes to from there, with how far it may be off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import Kind, Spot, value
from core.calculation.unfolding import beside
from core.layers.pooling import Pooling
from core.practice.sources import source
from core.practice.tolerance import Measured, activated, activated_over_all, half, half_unit, over_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float

    from core.arrays import Array
    from core.calculation.forward import Step, Trace
    from core.model.network import Network


@dataclass(frozen=True, eq=False)
class Basis:
    """A calculation as one person sees it.

    ``known`` are numbers that they go by instead of the trace's (their own answers), ``unseen`` those that they have
    to calculate first; all others stand on the page, to ``digits`` decimal places.
    """

    network: Network
    trace: Trace
    digits: int
    known: Mapping[Spot, float] = field(default_factory=dict)
    unseen: frozenset[Spot] = frozenset()
    _memory: dict[Spot, Measured] = field(default_factory=dict)
    _rows: dict[tuple[int, Kind], tuple[Array, Array]] = field(default_factory=dict)

    def number(self, spot: Spot) -> Measured:
        """Return the number that the person takes for ``spot``."""
        made = source(self.network, spot)
        if made in self.known:
            own = self.known[made]
            return Measured(own, half(own, self.digits))
        if made in self.unseen:
            return self.expected(made)
        shown = value(self.trace, made)
        return Measured(shown, half(shown, self.digits))

    def expected(self, spot: Spot) -> Measured:
        """Return what the calculated number at ``spot``, which must be where it is made, comes to for this person.

        The error is half a unit of the last digit, plus all that rounding the numbers that it is made of can do:
        the operands, every product or every running total, and what is inside an activation's formula.
        """
        if spot not in self._memory:
            with np.errstate(all="ignore"):
                self._memory[spot] = self._expected(spot)
        return self._memory[spot]

    def inputs(self, place: int) -> tuple[Float[Array, "inputs"], Float[Array, "inputs"]]:
        """Return the inputs of a step, and how far each may be off."""
        return self._row(place, Kind.INPUT, self.trace.steps[place].inputs)

    def pre_activations(self, place: int) -> tuple[Float[Array, "units"], Float[Array, "units"]]:
        """Return the pre-activations of a step, which must have some, and how far each may be off."""
        z = self.trace.steps[place].pre_activation
        assert z is not None
        return self._row(place, Kind.Z, z)

    def beside(self, spot: Spot) -> tuple[Float[Array, "channels"], Float[Array, "channels"], int]:
        """Return what an activation over all units is over at a unit: the pre-activations of its place of an image.

        That is the whole step without an image; then how far each may be off, and which of the outputs is the unit's.
        """
        step = self.trace.steps[spot.step]
        z, errors = self.pre_activations(spot.step)
        first, unit = beside(step, spot.unit)
        here = slice(first, first + step.channels)
        return z[here], errors[here], unit

    def take_over(self, other: Basis) -> None:
        """Take over what ``other``, which sees the same page, has worked out before the first number that differs."""
        differing = {spot for spot, _ in self.known.items() ^ other.known.items()} | (self.unseen ^ other.unseen)
        first = min((spot.step for spot in differing), default=len(self.trace.steps))
        for spot, number in other._memory.items():
            if spot.step < first or (spot.step == first and spot.kind is Kind.SUM):
                self._memory[spot] = number
        for (place, kind), row in other._rows.items():
            if place < first or (place == first and kind is Kind.INPUT):
                self._rows[place, kind] = row

    def own(self, place: int, kind: Kind) -> dict[int, Spot]:
        """Return which of a step's inputs or pre-activations, by their places, are known or unseen, and made where."""
        step = self.trace.steps[place]
        z = step.output if step.pre_activation is None else step.pre_activation
        size = step.inputs.size if kind is Kind.INPUT else z.size
        # All of a row are made at one step, and are of one kind.
        first = source(self.network, Spot(place, kind))
        here = (spot for spot in (*self.known, *self.unseen) if (spot.step, spot.kind) == (first.step, first.kind))
        return {spot.unit: spot for spot in here if spot.unit < size}

    def _expected(self, spot: Spot) -> Measured:
        step = self.trace.steps[spot.step]
        if spot.kind is Kind.SUM:
            return self._sum(step, spot)
        if spot.kind is Kind.Z:
            return self._with_bias(step, spot)
        if step.kernel is None and isinstance(step.layer, Pooling):
            return self._largest(step, spot)
        if over_all(step.activation):
            z, errors, unit = self.beside(spot)
            return activated_over_all(step.activation, z, errors, unit, self.digits)
        z_here = self.number(Spot(spot.step, Kind.Z, spot.unit))
        made, error = activated(step.activation, z_here.value, z_here.error, self.digits)
        return Measured(float(made), float(error))

    def _sum(self, step: Step, spot: Spot) -> Measured:
        assert step.kernel is not None
        rows = step.connections(spot.unit)
        x, off = (numbers[rows] for numbers in self.inputs(spot.step))
        # A copy: in a large kernel the numbers of a column lie far apart, and each walk over them takes long.
        w = step.kernel[rows, spot.unit]
        products = w * x
        sizes = np.abs(products)
        written = half_unit(np.maximum(sizes, np.abs(np.cumsum(products))), self.digits)
        rounding = np.abs(w) * off + (np.abs(x) + off) * half_unit(w, self.digits) + written
        total = float(products.sum())
        # The last part is what float64's own sums can be off.
        return Measured(total, float(rounding.sum()) + half(total, self.digits) + 1e-13 * float(sizes.sum()))

    def _largest(self, step: Step, spot: Spot) -> Measured:
        rows = step.connections(spot.unit)
        x, off = (numbers[rows] for numbers in self.inputs(spot.step))
        # The largest of several numbers is off by no more than the one that is off most.
        return Measured(float(x.max()), float(off.max()))

    def _with_bias(self, step: Step, spot: Spot) -> Measured:
        assert step.bias is not None
        total_spot = Spot(spot.step, Kind.SUM, spot.unit)
        total, bias = self.number(total_spot), float(step.bias[spot.unit])
        z = total.value + bias
        return Measured(z, total.error + half(bias, self.digits) + half(z, self.digits))

    def _row(self, place: int, kind: Kind, written: Array) -> tuple[Array, Array]:
        """Return a vector of a step with this person's own numbers in their places, and how far each may be off."""
        if (place, kind) not in self._rows:
            values, errors = written.copy(), half_unit(written, self.digits)
            for unit, spot in self.own(place, kind).items():
                values[unit], errors[unit] = self.number(spot)
            self._rows[place, kind] = (values, errors)
        return self._rows[place, kind]
