"""View: what a page shows of a call, table by table, and the axes that it turns; the one that suits any call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.page import PLANE, Table, name_beside, page_of, sources_of, values_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calculation.calculated import Calculated, Spot, Value
    from core.calculation.page import Call, Panel
    from core.formatting import Notation
    from core.operations.operation import At


class View:
    """The numbers of a call for one of its numbers in hand; of images a channel at a time.

    ``turns`` are what its keys turn, each a name of an axis; ``places`` is where each stands, counted from 0.
    """

    def __init__(self, done: Calculated, call: Call, notation: Notation) -> None:
        self.done, self.call, self.notation = done, call, notation
        self.own: tuple[Value, ...] = values_of(done, call)
        self.given, self.weights = sources_of(done, call)
        self.places: dict[str, int] = dict.fromkeys(self.turned_axes(), 0)
        self._made: tuple[tuple[int, ...], list[Table]] | None = None

    def turned_axes(self) -> tuple[str, ...]:
        """Return which axes stand still at one place, of which a key shows the next."""
        axes = [self.done.axes_of(value) for value in (*self.given, *self.own)]
        return ("channel",) if any(one[-3:] == (*PLANE, "channel") for one in axes) else ()

    @property
    def turns(self) -> tuple[str, ...]:
        """What its keys turn: those axes that have more than one place."""
        return tuple(axis for axis in self.places if self.size(axis) > 1)

    def size(self, axis: str) -> int:
        """Return how many places an axis has."""
        values = (*self.given, *self.own)
        return max((dict(zip(self.done.axes_of(v), v.shape, strict=True)).get(axis, 0) for v in values), default=0)

    def settle(self, spot: Spot) -> None:
        """Go to where a number is."""
        for axis, at in zip(self.done.axes_of(self.done.value_of(spot)), spot.index, strict=True):
            if axis in self.places:
                self.places[axis] = at

    def turned(self, spot: Spot, axis: str, by: int) -> Spot:
        """Turn on by so many places, and return the number in hand, which goes with it where it has that axis."""
        value = self.done.value_of(spot)
        axes = self.done.axes_of(value)
        if axis in axes:
            at = axes.index(axis)
            place = (spot.index[at] + by) % value.shape[at]
            return value.spot((*spot.index[:at], place, *spot.index[at + 1 :]))
        self.places[axis] = (self.places[axis] + by) % max(self.size(axis), 1)
        return spot

    def panels(self, spot: Spot) -> Sequence[Panel]:  # noqa: ARG002 - other views go by it
        """Return the tables for a number in hand; they are the same until something is turned."""
        places = tuple(self.places.values())
        if self._made is None or self._made[0] != places:
            self._made = places, self.tables()
        return self._made[1]

    def tables(self) -> list[Table]:
        """Return the tables for where everything stands that is turned."""
        return page_of(self.done, self.call, self.places)

    def made_of(self, spot: Spot) -> list[tuple[Value, At]]:
        """Return what is marked as what the number in hand is made of."""
        return self.done.origins(spot)

    def alone(self, value: Value, spot: Spot) -> Panel:
        """Return a value as a table of its own, with the number at ``spot`` in it: it is in none of the others."""
        axes = tuple(range(len(value.shape)))
        name = name_beside(self.call, value)
        return Table(self.done, (value,), axes[:-1], axes[-1:], spot.index, name)

    def first(self) -> Spot | None:
        """Return the number that is in hand at first; None if there is none."""
        values = self.own or self.weights
        return next((value.spot((0,) * len(value.shape)) for value in values if 0 not in value.shape), None)
