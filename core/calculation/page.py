"""The page of a call as data: its numbers laid out in tables, each cell of which knows which number it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import Place
from core.layers.writer import layers_of
from core.model.outline import Line, Outline, Sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt
    from jaxtyping import Int

    from core.arrays import Array
    from core.calculation.calculated import Calculated, Spot, Value
    from core.formatting import Notation
    from core.model.array_axes import ArrayAxes
    from core.model.summary import Calls
    from core.operations.operation import At, Index

    Call = tuple[str, ...]
    Cells = Int[npt.NDArray[np.int64], "numbers 2"]

NO_CELLS = np.zeros((0, 2), dtype=np.int64)

PLANE = ("row", "column")
"""The axes of a picture."""


class Panel(ABC):
    """A part of a page: rows and columns of numbers; unless it says otherwise, these have no names and no address."""

    title: str
    """What stands above it; nothing where the names of its columns say it all."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows it has."""

    @property
    @abstractmethod
    def columns(self) -> int:
        """How many columns it has."""

    @property
    @abstractmethod
    def ends(self) -> tuple[float, float]:
        """Its least and its largest number, or those of what it is a part of."""

    @abstractmethod
    def number(self, row: int, column: int) -> float | None:
        """Return the number in a cell, None if there is none."""

    def notation(self, usual: Notation) -> Notation:
        """Return how its numbers are written."""
        return usual

    @property
    def is_picture(self) -> bool:
        """Whether it shows places of an image, which can be seen as shades."""
        return False

    @property
    def corner(self) -> str:
        """What the names of the rows or columns are of, where they don't say it themselves."""
        return ""

    def spot(self, row: int, column: int) -> Spot | None:  # noqa: ARG002
        """Return the address of the number in a cell, None if it has none."""
        return None

    def cells(self, value: Value, at: At, near: int) -> Cells:  # noqa: ARG002
        """Return the cells in which numbers of a value stand, as rows and columns; most have one, some none.

        Of a number that stands in several rows it is the cell in the row ``near``, if it stands there.
        """
        return NO_CELLS

    def row_name(self, row: int) -> str:  # noqa: ARG002
        """Return what stands before a row."""
        return ""

    def column_name(self, column: int) -> str:  # noqa: ARG002
        """Return what stands above a column."""
        return ""


@dataclass(frozen=True, eq=False)
class Grid(Panel):
    """Values of one shape beside each other: axes ``down`` make its rows, axes ``across`` columns of each value.

    All other axes stand still at their place in ``at``. Rows are in the order of the numbers.
    """

    done: Calculated
    values: tuple[Value, ...]
    down: tuple[int, ...]
    across: tuple[int, ...] = ()
    at: Index = ()
    title: str = ""

    @cached_property
    def arrays(self) -> list[Array]:
        """The numbers of each value."""
        return [self.done.array(value) for value in self.values]

    @cached_property
    def rows(self) -> int:
        """How many places there are along the axes that go down."""
        return prod(self._sizes(self.down))

    @cached_property
    def columns(self) -> int:
        """How many places there are along the axes that go across, for every value."""
        return len(self.values) * self._each

    @cached_property
    def _each(self) -> int:
        return prod(self._sizes(self.across))

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The least and the largest number of the values, of all their places."""
        return ends_of(self.arrays)

    def notation(self, usual: Notation) -> Notation:
        """Return how its numbers are written: whole ones as such, if all of its values have those."""
        found = {self.done.notation(value, usual) for value in self.values}
        return found.pop() if len(found) == 1 else usual

    def _sizes(self, axes: Iterable[int]) -> tuple[int, ...]:
        return tuple(self.values[0].shape[axis] for axis in axes)

    def _index(self, row: int, column: int) -> Index:
        index = list(self.at or (0,) * len(self.values[0].shape))
        for axes, place in ((self.down, row), (self.across, column % self._each)):
            left = place
            for axis in reversed(axes):
                left, index[axis] = divmod(left, self.values[0].shape[axis])
        return tuple(index)

    def spot(self, row: int, column: int) -> Spot:
        """Return the address of the number in a cell."""
        return self.values[column // self._each].spot(self._index(row, column))

    def number(self, row: int, column: int) -> float:
        """Return the number in a cell."""
        return float(self.arrays[column // self._each][self._index(row, column)])

    def cells(self, value: Value, at: At, near: int = 0) -> Cells:  # noqa: ARG002 - each stands in one row
        """Return the cells of numbers of one of its values, without those for which another place stands still."""
        if value not in self.values:
            return NO_CELLS
        still = [axis for axis in range(len(value.shape)) if axis not in (*self.down, *self.across)]
        at = at[(at[:, still] == np.array(self.at or (0,) * len(value.shape), dtype=np.int64)[still]).all(axis=1)]
        row, column = (
            np.ravel_multi_index(tuple(at[:, axis] for axis in axes), self._sizes(axes)) if axes else np.zeros(len(at))
            for axes in (self.down, self.across)
        )
        return np.stack([row, column + self.values.index(value) * self._each], axis=1).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Table(Grid):
    """A grid with the names of its rows and columns."""

    names: tuple[str, ...] = ()
    """What stands above the columns of each value, if it isn't what stands along ``across``."""

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """What the axes are called."""
        return self._along.names

    @cached_property
    def _along(self) -> ArrayAxes:
        return self.done.array_axes(self.values[0])

    @property
    def is_picture(self) -> bool:
        """Whether rows and columns are those of an image."""
        return tuple(self.axes[axis] for axis in (*self.down[-1:], *self.across)) == PLANE

    @property
    def corner(self) -> str:
        """The names of the axes that go down, if there are several; or of the one across, if that isn't said there."""
        if len(self.down) > 1:
            return " ".join(self.axes[axis] for axis in self.down)
        return self.axes[self.across[-1]] if self.across and not self._along.parts else ""

    def row_name(self, row: int) -> str:
        """Return the name of the axis that goes down and its place, counted from 1; of several axes the places."""
        if len(self.down) == 1:
            return self._along.word(self.down[0], row)
        return " ".join(str(int(at) + 1) for at in np.unravel_index(row, self._sizes(self.down))) if self.down else ""

    def column_name(self, column: int) -> str:
        """Return the name of the value, or where along the axis across it is, with its gate if there are several."""
        if self.across:
            axis, place = self.across[-1], column % self._each
            if self._along.parts and axis == len(self.axes) - 1:
                return self._along.column(place)
            return self._along.word(axis, place) if len(self.down) > 1 else f"{place + 1}"
        return self.names[column] if self.names else self.values[column].name


def ends_of(arrays: Sequence[Array]) -> tuple[float, float]:
    """Return the least and the largest of all finite numbers, 0 and 0 if there are none."""
    finite = [array if np.isfinite(array).all() else array[np.isfinite(array)] for array in arrays]
    some = [array for array in finite if array.size]
    return (
        min((float(array.min()) for array in some), default=0.0),
        max((float(array.max()) for array in some), default=0.0),
    )


# What belongs to a call


def values_of(done: Calculated, call: Call) -> tuple[Value, ...]:
    """Return the values that a call writes down, in order; without a call the inputs."""
    return tuple(value for value in done.values if value.call == call)


def sources_of(done: Calculated, call: Call) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Return what the values of a call are made of directly and are not themselves: other values, and weights.

    Of a call that was not calculated here its layer's weights are known.
    """
    own = values_of(done, call)
    if all(map(done.is_from_keras, own)):
        layer = layers_of(call)
        return (), tuple(weight for weight in done.weights if layer and weight.call[: len(layer)] == layer)
    lines, its = done.written.program.lines, {id(value) for value in own}
    # Steps are made alike: all but the first go on from one before them.
    ends = [value.parts[at] for value in own for at in {min(value.parts), max(value.parts)}]
    waiting = [source for number in ends for source in lines[number].sources]
    seen, found = set(waiting), {}
    while waiting:
        number = waiting.pop()
        named = done.named(Place(number, ()))
        if named is None:
            new = set(lines[number].sources) - seen
            seen |= new
            waiting += new
        elif id(named[0]) not in its:
            found[id(named[0])] = number, named[0]
    ordered = [value for _, value in sorted(found.values(), key=lambda one: one[0])]
    weights = {id(weight) for weight in done.weights}
    return (
        tuple(value for value in ordered if id(value) not in weights),
        tuple(value for value in ordered if id(value) in weights),
    )


def outline_of(made: Calculated, calls: Calls) -> Outline:
    """Return the lines of a model of these ``calls``, with every call's weights and values inside it."""
    known = {row.path: row for row in calls.every()}
    held: dict[tuple[str, ...], list[Line]] = {}
    for value in (*made.weights, *made.values):
        # A layer's own layers, such as those of a Bidirectional, are no calls of the model.
        outwards = (value.call[:depth] for depth in range(len(value.call), 0, -1))
        around = next((call for call in outwards if call in known), ())
        name = "/".join((*value.call[len(around) :], value.name))
        if around not in known or (known[around].inside is not None and name == "output"):
            continue
        held.setdefault(around, []).append(Line(Sign.VALUE, value.call, value.name, name, value.shape, len(around)))
    return Outline(calls, held)


# Laying out


def page_of(done: Calculated, call: Call, still: Mapping[str, int]) -> list[Table]:
    """Return the tables of a call: what it is given, its kernels, then its values in order.

    Axes in ``still`` stand still at a place; of an image these are the channels.
    """
    given, weights = sources_of(done, call)
    own = values_of(done, call)
    small = [weight for weight in weights if len(weight.shape) < 2]
    beside = [value for value in given if own and _is_number_by_number(done, value, own)]
    apart = [value for value in given if value not in beside]
    large = [weight for weight in weights if len(weight.shape) >= 2]
    return [
        *laid_out(done, call, apart, still),
        *(table for weight in large for table in laid_out(done, call, [weight], {})),
        *laid_out(done, call, [*beside, *small, *own], still),
    ]


def laid_out(done: Calculated, call: Call, values: Sequence[Value], still: Mapping[str, int]) -> list[Table]:
    """Return the tables of values: those of one shape and axes together, as columns or, of images, one by one."""
    groups: dict[tuple[object, ...], list[Value]] = {}
    for value in values:
        # What one is made of, number by number, stands beside it, whatever its axes are called where it comes from.
        own = (one for one in values if one.call == call and one.shape == value.shape)
        like = value if value.call == call else next(own, value)
        groups.setdefault((value.shape, done.array_axes(like)), []).append(value)
    return [table for group in groups.values() for table in _tables(done, call, group, still)]


def _tables(done: Calculated, call: Call, values: list[Value], still: Mapping[str, int]) -> list[Table]:
    axes, shape = done.axes_of(values[0]), values[0].shape
    at = tuple(min(still.get(axis, 0), max(size - 1, 0)) for axis, size in zip(axes, shape, strict=True))
    free = tuple(place for place, axis in enumerate(axes) if axis not in still)
    names = tuple(name_beside(call, value) for value in values)
    if len(free) < 2 or (len(values) > 1 and tuple(axes[axis] for axis in free[-2:]) != PLANE):
        return [Table(done, tuple(values), free, (), at, "", names)]
    held = ", ".join(f"{axis} {at[place] + 1}" for place, axis in enumerate(axes) if axis in still)
    return [
        Table(done, (value,), free[:-1], free[-1:], at, ", ".join(filter(None, (name, held))))
        for name, value in zip(names, values, strict=True)
    ]


def name_beside(call: Call, value: Value) -> str:
    """Return what a value is called on the page of a call: of another call with that call's name."""
    return value.name if value.call in (call, layers_of(call)) else value.words


def _is_number_by_number(done: Calculated, source: Value, own: Sequence[Value]) -> bool:
    """Return whether each number of a value is made of one number of the source, at the same place."""
    for value in own:
        if value.shape == source.shape and 0 not in value.shape:
            last = tuple(size - 1 for size in value.shape)
            of_source = [at.tolist() for one, at in done.origins(value.spot(last)) if one is source]
            if of_source:
                return of_source == [[list(last)]]
    return False
