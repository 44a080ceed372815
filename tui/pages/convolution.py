"""What moves a window over its input: the window on a picture of that, the kernel beside it, the products below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.calculation.expression import Gathered
from core.calculation.page import Grid, Panel, Table, ends_of, name_beside
from core.layers.axes import PLACES
from tui.pages.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.arrays import Array
    from core.calculation.calculated import Calculated, Spot, Value
    from core.calculation.expression import Rows
    from core.calculation.page import Call
    from core.formatting import Notation
    from core.operations.operation import At

OVER_PLACES = {axis for axes in PLACES.values() for axis in axes}
"""The axes that a window moves along."""


@dataclass(frozen=True, eq=False)
class Terms(Panel):
    """The terms of a sum as they lie under the window: a grid of numbers that are written down nowhere else."""

    title: str
    numbers: Array
    there: npt.NDArray[np.bool_]
    """Where the window is on the input, and not beyond it."""

    @property
    def rows(self) -> int:
        """How high the window is."""
        return int(self.numbers.shape[0])

    @property
    def columns(self) -> int:
        """How wide the window is."""
        return int(self.numbers.shape[1])

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The least and the largest of the numbers."""
        return ends_of([self.numbers])

    def number(self, row: int, column: int) -> float | None:
        """Return a term, None beyond the input."""
        return float(self.numbers[row, column]) if self.there[row, column] else None


@dataclass(frozen=True, eq=False)
class Under:
    """What lies under the window for one number: the terms that it is made of, and of which values they are.

    ``rows`` are the terms that a number of the source is in, ``at`` where that is, ``of_kernel`` where the other part
    is in the kernel, if there is one; ``axes`` are those of a kernel that is a weight.
    """

    terms: Gathered
    source: Value
    rows: Rows
    at: At
    kernel: Value | None
    of_kernel: At
    axes: tuple[str, ...]

    @property
    def mixes(self) -> bool:
        """Whether each filter sees all channels; otherwise each channel is by itself."""
        return "filter" in self.axes and "channel" in self.axes

    @property
    def last(self) -> str:
        """What the last axis of what is made is called."""
        return "filter" if self.mixes else "channel"


class WindowView(View):
    """A number of the output in hand, and what lies under the window there: of one channel, and of one filter.

    Where each filter sees all channels, both are turned; where each channel is by itself, that alone.
    """

    def __init__(self, done: Calculated, call: Call, notation: Notation) -> None:
        super().__init__(done, call, notation)
        self._at = self.first()
        self._under = self._found(self._at)

    def first(self) -> Spot:
        """Return the first number of the output."""
        return self.own[-1].spot((0,) * len(self.own[-1].shape))

    def turned_axes(self) -> tuple[str, ...]:
        """Return the filter, and the channel."""
        return "filter", "channel"

    @property
    def turns(self) -> tuple[str, ...]:
        """The filter and the channel, or the channel alone, if there are several; of a sequence all are seen."""
        axes = ("filter", "channel") if self._under.mixes and len(self._at.index) > 2 else (self._under.last,)
        return tuple(axis for axis in axes if self.size(axis) > 1)

    def size(self, axis: str) -> int:
        """Return how many filters or channels there are."""
        if axis == "channel" and self._under.mixes and self._under.kernel is not None:
            return self._under.kernel.shape[self._under.axes.index("channel")]
        return self.done.value_of(self._at).shape[-1]

    def settle(self, spot: Spot) -> None:
        """Go to a number of the output with the window, or to the filter and the channel of another one."""
        value, under = self.done.value_of(spot), self._under
        if self._is_made(value):
            self._at = spot
            self._under = self._found(spot)
            self.places[self._under.last] = spot.index[-1]
        elif value is under.source:
            self.places["channel"] = spot.index[-1] % self.size("channel")
        elif value is under.kernel and under.axes:
            self._settle_in_kernel(dict(zip(under.axes, spot.index, strict=True)), value.shape[-1])

    def _settle_in_kernel(self, index: dict[str, int], multiple: int) -> None:
        self.places["channel"] = index["channel"]
        last = index["filter"] if self._under.mixes else index["channel"] * multiple + index["multiple"]
        self.places[self._under.last] = last
        self._at = msgspec.structs.replace(self._at, index=(*self._at.index[:-1], last))
        self._under = self._found(self._at)

    def turned(self, spot: Spot, axis: str, by: int) -> Spot:
        """Turn on to another filter or channel, the number in hand too if it is of one."""
        value = self.done.value_of(spot)
        if axis != self._under.last:
            if not self._is_made(value):
                return super().turned(spot, axis, by)
            # What is a channel of the output is a filter here: the number in hand stays.
            self.places[axis] = (self.places[axis] + by) % self.size(axis)
            return spot
        if self._is_made(value):
            return value.spot((*spot.index[:-1], (spot.index[-1] + by) % value.shape[-1]))
        # The window goes on to it, and the number in hand only if it has that axis.
        last = (self._at.index[-1] + by) % self.size(axis)
        self._at = msgspec.structs.replace(self._at, index=(*self._at.index[:-1], last))
        self._under, self.places[axis] = self._found(self._at), last
        at = [place for place, name in enumerate(self.done.axes_of(value)) if name == axis]
        return value.spot(tuple(last if place in at else one for place, one in enumerate(spot.index)))

    def _is_made(self, value: Value) -> bool:
        """Return whether a value has a number for each place of the window."""
        return value.call == self.call and self.done.axes_of(value) == self.done.axes_of(self.own[-1])

    def _is_weight(self, value: Value) -> bool:
        return any(value is weight for weight in self.weights)

    def _found(self, spot: Spot) -> Under:
        """Return what lies under the window: the first sum on the way back from a number."""
        expression = self.done.open(spot)
        while not isinstance(expression, Gathered):
            # From the activation to the pre-activation, and from there to the sum before the bias.
            before = next(value for value, _ in self.done.origins(spot) if self._is_made(value))
            spot = before.spot(spot.index)
            expression = self.done.open(spot)
        parts = sorted(self.done.terms_of(expression), key=lambda part: self._is_weight(part[0]))
        (source, rows, at), *others = parts
        for kernel, in_terms, places in others:
            of_kernel = np.zeros((len(expression), len(kernel.shape)), dtype=np.int64)
            of_kernel[in_terms] = places
            axes = self.done.axes_of(kernel) if self._is_weight(kernel) else ()
            return Under(expression, source, rows, at, kernel, of_kernel[rows], axes)
        return Under(expression, source, rows, at, None, at[:, :0], ())

    def made_of(self, spot: Spot) -> list[tuple[Value, At]]:
        """Return what the number in hand is made of, and what lies under the window and its kernel."""
        under = self._under
        kernel = [] if under.kernel is None else [(under.kernel, under.of_kernel)]
        return [*self.done.origins(spot), (under.source, under.at), *kernel]

    # The tables

    def panels(self, spot: Spot) -> Sequence[Panel]:  # noqa: ARG002 - the window goes with the output
        """Return the input and its kernel, the output, the products, and what is under the window."""
        under, own = self._under, self.done.value_of(self._at)
        which = f"{under.last} {self._at.index[-1] + 1}"
        channel = self._channel(under)
        return [
            self._picture(under.source, f"channel {channel + 1}", channel),
            *([self._kernel(under, under.kernel, which)] if under.kernel is not None and under.axes else []),
            self._picture(own, which, self._at.index[-1]),
            *self._terms(under, channel),
        ]

    def _channel(self, under: Under) -> int:
        """Return which channel of the input is shown: of groups, one of those that the filter sees."""
        channels: list[int] = sorted(set(under.at[:, -1].tolist())) or [0]
        return channels[min(self.places["channel"], len(channels) - 1) if under.mixes else 0]

    def _picture(self, value: Value, which: str, channel: int) -> Table:
        rank, name = len(value.shape), name_beside(self.call, value)
        if rank == 2:
            return Table(self.done, (value,), (0,), (1,), (), name)
        down, at = tuple(range(rank - 2)), (*[0] * (rank - 1), channel)
        return Table(self.done, (value,), down, (rank - 2,), at, f"{name}, {which}")

    def _kernel(self, under: Under, kernel: Value, which: str) -> Grid:
        along = [place for place, axis in enumerate(under.axes) if axis in OVER_PLACES]
        if len(along) == 1:
            along.append(under.axes.index("channel"))
        channel, multiple = divmod(self._at.index[-1], kernel.shape[-1])
        at = self.places if under.mixes else {"channel": channel, "multiple": multiple}
        index = tuple(at.get(axis, 0) for axis in under.axes)
        return Grid(self.done, (kernel,), tuple(along[:-1]), (along[-1],), index, f"{kernel.name}, {which}")

    def _terms(self, under: Under, channel: int) -> list[Terms]:
        """Return the products, if there are any, and the numbers under the window, as they lie there."""
        seen = np.ones(len(under.at), dtype=np.bool_)
        if len(under.source.shape) > 2:
            seen = under.at[:, -1] == channel
        numbers = self.done.array(under.source)[tuple(under.at[seen].T)]
        cells, size = self._cells(under, seen)

        def laid(title: str, some: Array) -> Terms:
            grid, there = np.zeros(size), np.zeros(size, dtype=np.bool_)
            grid[cells], there[cells] = some, True
            return Terms(title, grid, there)

        if under.kernel is None:
            return [laid(f"under the window: {under.terms.how}", numbers)]
        products = under.terms.numbers[under.rows[seen]]
        title = f"products, sum {self.notation(products.sum())}"
        return [laid(title, products), laid("under the window", numbers)]

    def _cells(self, under: Under, seen: npt.NDArray[np.bool_]) -> tuple[tuple[Rows, Rows], tuple[int, int]]:
        """Return in which row and column of the window each of the numbers lies, and how many there are."""
        if under.kernel is not None and under.axes:
            table = self._kernel(under, under.kernel, "")
            rows, columns = table.cells(under.kernel, under.of_kernel[seen]).T
            return (rows, columns), (table.rows, table.columns)
        at = under.at[seen]
        *before, (names, columns) = [
            np.unique(axis, return_inverse=True) for axis in (at[:, :-1] if at.shape[1] > 2 else at).T
        ]
        rows = np.zeros(len(at), dtype=np.int64)
        for along, order in before:
            rows = rows * len(along) + order
        return (rows, columns), (int(rows.max(initial=0)) + 1, len(names))
