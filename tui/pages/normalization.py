"""Normalization: in a row for each output its input, the mean and the variance, and what it is scaled and moved by."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.page import NO_CELLS, Panel, Table, ends_of, name_beside
from tui.pages.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calculation.calculated import Calculated, Spot, Value
    from core.calculation.page import Call, Cells
    from core.formatting import Notation
    from core.operations.operation import At

DIRECT = 8
"""A number of the output, or of what is normalized, is made of fewer others than this."""


@dataclass(frozen=True, eq=False)
class Rows(Panel):
    """A row for each number of the output: the numbers that it comes from, found by going back from it."""

    outputs: Table
    """The output as one column, all its axes down."""
    values: tuple[Value, ...]
    call: Call
    found: dict[int, dict[int, Spot]] = field(default_factory=dict)
    """Row -> by place in ``values`` the number of it, as far as rows were asked for."""

    title = "outputs"

    @property
    def rows(self) -> int:
        """How many outputs there are."""
        return self.outputs.rows

    @property
    def columns(self) -> int:
        """How many values a row is of."""
        return len(self.values)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The least and the largest number of all of them."""
        return ends_of([self.outputs.done.array(value) for value in self.values])

    def spot(self, row: int, column: int) -> Spot | None:
        """Return the address of the number in a cell, None if the output doesn't come from such a one."""
        if row not in self.found:
            self.found[row] = self._back_from(self.outputs.spot(row, 0))
        return self.found[row].get(column)

    def _back_from(self, output: Spot) -> dict[int, Spot]:
        done = self.outputs.done
        places = {(value.call, value.name): at for at, value in enumerate(self.values)}
        row, waiting = {places[output.call, output.value]: output}, [output]
        while waiting:
            for source in done.made_of(waiting.pop(0), DIRECT):
                at = places.get((source.call, source.value))
                if at is not None and at not in row:
                    row[at] = source
                    # What is made of all inputs, a mean, is not looked into.
                    if prod(self.values[at].shape) == self.rows and source.call == self.call:
                        waiting.append(source)
        return row

    def number(self, row: int, column: int) -> float | None:
        """Return the number in a cell, None if there is none."""
        spot = self.spot(row, column)
        return None if spot is None else self.outputs.done.number(spot)

    def cells(self, value: Value, at: At, near: int) -> Cells:
        """Return the cells of numbers of a value: of one that is in many rows, the one ``near``, or else any."""
        column = next((place for place, one in enumerate(self.values) if one is value), None)
        if column is None:
            return NO_CELLS
        if value is self.outputs.values[0]:
            rows = self.outputs.cells(value, at)[:, 0]
            return np.stack([rows, np.full(len(rows), column)], axis=1)
        found = [self._row_of(value.spot(tuple(index)), column, near) for index in at[:DIRECT].tolist()]
        return np.array([(row, column) for row in found if row is not None], dtype=np.int64).reshape(-1, 2)

    def _row_of(self, spot: Spot, column: int, near: int) -> int | None:
        return next((row for row in (near, *self._likely(spot)) if self.spot(row, column) == spot), None)

    def _likely(self, spot: Spot) -> list[int]:
        """Return rows at the same places as a number, and those that differ from the first along one axis only."""
        shape = self.outputs.values[0].shape
        likely = []
        if len(spot.index) == len(shape):
            same = tuple(min(at, size - 1) for at, size in zip(spot.index, shape, strict=True))
            likely.append(int(np.ravel_multi_index(same, shape)))
        alone = [
            tuple(place if axis == one else 0 for axis in range(len(shape)))
            for one, size in enumerate(shape)
            for place in spot.index[:1]
            if place < size
        ]
        return [*likely, *(int(np.ravel_multi_index(index, shape)) for index in alone)]

    def row_name(self, row: int) -> str:
        """Return where the output is."""
        return self.outputs.row_name(row)

    @property
    def corner(self) -> str:
        """The names of the output's axes."""
        return self.outputs.corner

    def column_name(self, column: int) -> str:
        """Return what the numbers are."""
        return name_beside(self.call, self.values[column])


class NormalizedView(View):
    """The outputs in rows, beside them what they are made of; below, the mean and variance and what scales them."""

    def __init__(self, done: Calculated, call: Call, notation: Notation) -> None:
        super().__init__(done, call, notation)
        made = self.own[-1]
        outputs = Table(done, (made,), tuple(range(len(made.shape))))
        seen = {name for spot in self._seen(outputs) for name in [(spot.call, spot.value)]}
        direct = {(spot.call, spot.value) for spot in done.made_of(outputs.spot(0, 0), DIRECT)}
        # What the output is made of stands next to it: what scales it comes last, whatever it is normalized by.
        ordered = sorted((*self.given, *self.own[:-1], *self.weights), key=lambda one: (one.call, one.name) in direct)
        self._rows = Rows(outputs, tuple(one for one in (*ordered, made) if (one.call, one.name) in seen), call)

    def _seen(self, outputs: Table) -> list[Spot]:
        everything = (*self.given, *self.own, *self.weights)
        return list(Rows(outputs, everything, self.call)._back_from(outputs.spot(0, 0)).values())

    def turned_axes(self) -> tuple[str, ...]:
        """Return nothing: all places are in rows."""
        return ()

    def panels(self, spot: Spot) -> Sequence[Panel]:  # noqa: ARG002 - all are there
        """Return the rows."""
        return [self._rows]

    def first(self) -> Spot | None:
        """Return the first output."""
        return self._rows.outputs.spot(0, 0)
