"""Ways: how a careful person may come to a number, each way with the ends between which the number then lies.

On the page stand exact numbers of which so many digits are shown: a person goes by the ones or the others, and writes
each number on the way down or keeps it. Each of these is a way of its own, so that none needs much tolerance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import CALCULATED, Kind, Spot, value
from core.calculation.unfold import ENDS, MAX_TERMS
from core.calculation.unfolding import beside
from core.layers.pooling import Pooling
from core.practice.by_steps import activated_ways, as_printed, corners, rounded, shares_ways
from core.practice.sources import source
from core.practice.tolerance import Measured, half, half_unit, over_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from core.arrays import Array
    from core.calculation.forward import Step
    from core.practice.basis import Basis

MOST_TOTALS = 100
"""Up to so many products, a person may write every running total down."""

GUARD = 0.1
"""Half a unit of one digit more than is asked for: careful people keep one."""


class Ways:
    """The ways to every blank of one person, who goes by ``basis``."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._found: dict[Spot, Array] = {}
        self._rows: dict[tuple[int, Kind], Array] = {}

    def right(self, spot: Spot) -> list[Measured]:
        """Return what may be answered at ``spot``: of each way the middle, and how far an answer may be from that."""
        with np.errstate(all="ignore"):
            # In this order none has to wait for many others.
            for earlier in sorted(one for one in self._basis.unseen if one.step < spot.step):
                self.ends(earlier)
            ends = self.ends(spot)
            middles = ends.mean(axis=1)
            errors = (ends[:, 1] - ends[:, 0]) / 2.0 + half_unit(middles, self._basis.digits)
        return [Measured(float(middle), float(error)) for middle, error in zip(middles, errors, strict=True)]

    def ends(self, spot: Spot) -> Float[Array, "ways 2"]:
        """Return the ends of the calculated number at ``spot`` on each way, before it is written down."""
        if spot not in self._found:
            self._found[spot] = _different(self._made(spot))
        return self._found[spot]

    def taken(self, spot: Spot) -> Float[Array, "ways 2"]:
        """Return the ends of what the person takes for a number: an own answer, one worked out before, the page's."""
        made, digits = source(self._basis.network, spot), self._basis.digits
        if made in self._basis.known:
            own = self._basis.known[made]
            return np.array([[own - half(own, digits), own + half(own, digits)]])
        if made in self._basis.unseen:
            ends = self.ends(made)
            return np.asarray(ends + half_unit(ends, digits) * np.array([-1.0, 1.0]))
        return self._read(np.array([value(self._basis.trace, made)]))[:, 0]

    def _read(self, numbers: Float[Array, "numbers"]) -> Float[Array, "2 numbers 2"]:
        """Return numbers of the page as they are, and as they are shown."""
        ways = np.stack([numbers, as_printed(numbers, self._basis.digits)])
        return np.stack([ways, ways], axis=-1)

    def _row(self, place: int, kind: Kind) -> Float[Array, "2 numbers 2"]:
        """Return a step's inputs or pre-activations: exact and shown, the person's own among them."""
        if (place, kind) not in self._rows:
            step = self._basis.trace.steps[place]
            numbers = step.inputs if kind is Kind.INPUT else step.pre_activation
            assert numbers is not None
            row = self._read(np.asarray(numbers, dtype=np.float64))
            for unit, spot in self._basis.own(place, kind).items():
                ends = self.taken(spot)
                row[:, unit] = ends[:, 0].min(), ends[:, 1].max()
            self._rows[place, kind] = row
        return self._rows[place, kind]

    def _made(self, spot: Spot) -> Array:
        step = self._basis.trace.steps[spot.step]
        if spot.kind is Kind.SUM:
            return self._sum(step, spot)
        if spot.kind is Kind.Z:
            return self._with_bias(step, spot)
        if step.kernel is None and isinstance(step.layer, Pooling):
            return np.asarray(self._row(spot.step, Kind.INPUT)[:, step.connections(spot.unit)].max(axis=1))
        if over_all(step.activation):
            first, own = beside(step, spot.unit)
            rows = self._row(spot.step, Kind.Z)[:, first : first + step.channels]
            return np.concatenate([shares_ways(step.activation, row, own, self._basis.digits) for row in rows])
        return activated_ways(step.activation, self._of_unit(Spot(spot.step, Kind.Z, spot.unit)), self._basis.digits)

    def _with_bias(self, step: Step, spot: Spot) -> Array:
        assert step.bias is not None
        total = self._of_unit(Spot(spot.step, Kind.SUM, spot.unit))
        bias = self._read(np.array([float(step.bias[spot.unit])]))[:, 0]
        return np.concatenate([total + added for added in bias])

    def _of_unit(self, spot: Spot) -> Array:
        """Return what the person takes for a number of the same unit.

        One that the page shows may be worked out again, because the lines beside it write every product out.
        """
        made, taken = source(self._basis.network, spot), self.taken(spot)
        shown = made not in self._basis.known and made not in self._basis.unseen
        if not shown or made.step != spot.step or made.kind not in CALCULATED:
            return taken
        if len(self._basis.trace.steps[spot.step].connections(spot.unit)) > MAX_TERMS:
            return taken
        again = self.ends(made)
        return np.concatenate([taken, again, rounded(again, self._basis.digits)])

    def _sum(self, step: Step, spot: Spot) -> Array:
        assert step.kernel is not None
        rows, digits = step.connections(spot.unit), self._basis.digits
        x = self._row(spot.step, Kind.INPUT)[:, rows]
        # A copy: in a large kernel the numbers of a column lie far apart, and each walk over them takes long.
        w = self._read(np.array(step.kernel[rows, spot.unit], dtype=np.float64))
        products = np.stack([corners(weights, inputs) for inputs in x for weights in w])
        ways = [_kept(products, digits), rounded(products, digits).sum(axis=1)]
        if len(rows) <= MOST_TOTALS:
            ways.append(_running(products, digits))
        if len(rows) > MAX_TERMS:
            ways += self._in_groups(products, self._written_out(spot.step, rows.tolist()))
        if isinstance(step.layer, Pooling):
            ways.append(rounded(x.sum(axis=1), digits) / len(rows))
        return np.concatenate(ways)

    def _written_out(self, place: int, rows: Sequence[int]) -> list[int]:
        """Return which of many products a question writes out: the ends and the person's own."""
        own = self._basis.own(place, Kind.INPUT)
        return [at for at, row in enumerate(rows) if at < ENDS or at >= len(rows) - ENDS or row in own]

    def _in_groups(self, products: Array, written_out: list[int]) -> list[Array]:
        """Return the sums of many products by what a question tells of them, and by what the hints do."""
        digits, rest = self._basis.digits, np.delete(products[0], written_out, axis=0).sum(axis=0)
        told = rounded(rest, digits)
        single = products[:, written_out]
        groups = np.stack([part.sum(axis=1) for part in np.array_split(products, MAX_TERMS, axis=1)], axis=1)
        return [
            _kept(single, digits) + told,
            rounded(single, digits).sum(axis=1) + told,
            rounded(groups, digits).sum(axis=1),
        ]


def _different(ends: Float[Array, "ways 2"]) -> Float[Array, "fewer 2"]:
    """Return the ways that differ, in their order, the page's own first; none on which powers grow beyond bounds."""
    possible = np.asarray(np.isfinite(ends).all(axis=1))
    possible[0] = True
    return np.array(list(dict.fromkeys((low, high) for low, high in ends[possible].tolist())))


def _kept(products: Float[Array, "ways terms 2"], digits: int) -> Float[Array, "ways 2"]:
    """Return the sums of products that are not rounded, or only to one digit more than is asked for."""
    off = GUARD * half_unit(np.abs(products).max(axis=-1), digits).sum(axis=1)
    # The second part is what float64's own sums can be off.
    off = off + 1e-13 * np.abs(products).max(axis=-1).sum(axis=1)
    return np.asarray(products.sum(axis=1) + off[:, np.newaxis] * np.array([-1.0, 1.0]))


def _running(products: Float[Array, "ways terms 2"], digits: int) -> Float[Array, "ways 2"]:
    """Return the sums of products added up one after the other, each total written down."""
    total = products[:, 0]
    for term in range(1, products.shape[1]):
        total = rounded(total, digits) + products[:, term]
    return total
