"""What moves a window over its input: the window on a picture of that, the kernel beside it, the products below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.calculation.expression import Gathered
from core.calculation.page import NO_CELLS, Grid, Table, ends_of, name_beside
from core.formatting import number
from core.layers.axes import PLACES
from tui.pages.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.arrays import Array
    from core.calculation.calculated import Calculated, Spot, Value
    from core.calculation.origins import At, Rows
    from core.calculation.page import Call, Cells, Panel

OVER_PLACES = {axis for axes in PLACES.values() for axis in axes}
"""The axes that a window moves along."""


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms of a sum as they lie under the window: a grid of numbers that are written down nowhere else."""

    title: str
    numbers: Array
    """As a grid, NaN where the window is beyond the input."""

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

    is_picture = False
    corner = ""

    def spot(self, row: int, column: int) -> Spot | None:  # noqa: ARG002 - a term has no address
        """Return nothing: terms have no address."""
        return None

    def number(self, row: int, column: int) -> float | None:
        """Return a term, None beyond the input."""
        number = float(self.numbers[row, column])
        return None if np.isnan(number) else number

    def cells(self, value: Value, at: At, near: int) -> Cells:  # noqa: ARG002 - terms have no address
        """Return none: terms have no address."""
        return NO_CELLS

    def row_name(self, row: int) -> str:  # noqa: ARG002 - its place says it
        """Return nothing."""
        return ""

    def column_name(self, column: int) -> str:  # noqa: ARG002 - its place says it
        """Return nothing."""
        return ""


@dataclass(frozen=True, eq=False)
class Under:
    """What lies under the window for one number: the terms that it is made of, of which values."""

    terms: Gathered
    source: Value
    kernel: Value | None
    rows: Rows
    """Which terms the parts of the source are in."""
    at: At
    """Where each of these is in the source."""
    of_kernel: At
    """Where the other part of each is in the kernel."""


class WindowView(View):
    """A number of the output in hand, and what lies under the window there: of one channel, and of one filter.

    Where each filter sees all channels, both are turned; where each channel is by itself, that alone.
    """

    def __init__(self, done: Calculated, call: Call, digits: int) -> None:
        super().__init__(done, call, digits)
        self._made = self.own[-1]
        self._at = self._made.spot((0,) * len(self._made.shape))
        self._under = self._found(self._at)
        kernel = self._under.kernel
        axes = done.axes_of(kernel) if kernel is not None else ()
        self._mixes = "filter" in axes and "channel" in axes
        self._channels = kernel.shape[axes.index("channel")] if kernel and self._mixes else self._made.shape[-1]

    def turned_axes(self) -> tuple[str, ...]:
        """Return the filter, and the channel."""
        return "filter", "channel"

    @property
    def turns(self) -> tuple[str, ...]:
        """The filter and the channel, or the channel alone, if there are several."""
        axes = ("filter", "channel") if self._mixes and len(self._made.shape) > 2 else (self._last,)
        return tuple(axis for axis in axes if self.size(axis) > 1)

    @property
    def _last(self) -> str:
        """What the last axis of the output is called."""
        return "filter" if self._mixes else "channel"

    def size(self, axis: str) -> int:
        """Return how many filters or channels there are."""
        return self._channels if axis == "channel" else self._made.shape[-1]

    def settle(self, spot: Spot) -> None:
        """Go to a number of the output with the window, or to the filter and the channel of another one."""
        value = self.done.value_of(spot)
        if self._is_made(value):
            self._at = spot
            self.places[self._last] = spot.index[-1]
        elif value is self._under.source:
            self.places["channel"] = spot.index[-1] % self._channels
        elif value is self._under.kernel:
            self._settle_in_kernel(dict(zip(self.done.axes_of(value), spot.index, strict=True)), value)

    def _settle_in_kernel(self, index: dict[str, int], kernel: Value) -> None:
        self.places["channel"] = index.get("channel", 0)
        last = index["filter"] if self._mixes else index["channel"] * kernel.shape[-1] + index.get("multiple", 0)
        self.places[self._last] = last
        self._at = msgspec.structs.replace(self._at, index=(*self._at.index[:-1], last))

    def turned(self, spot: Spot, axis: str, by: int) -> Spot:
        """Turn on to another filter or channel, the number in hand too if it is of one."""
        value = self.done.value_of(spot)
        if not self._is_made(value) or (axis == "channel" and self._mixes):
            return super().turned(spot, axis, by)
        return value.spot((*spot.index[:-1], (spot.index[-1] + by) % value.shape[-1]))

    def _is_made(self, value: Value) -> bool:
        return value.call == self.call and len(value.shape) == len(self._made.shape)

    def _found(self, spot: Spot) -> Under:
        """Return what lies under the window: the first sum on the way back from a number."""
        expression = self.done.open(spot)
        while not isinstance(expression, Gathered):
            # From the activation to the pre-activation, and from there to the sum before the bias.
            before = next(value for value, _ in self.done.origins(spot) if self._is_made(value))
            spot = before.spot(spot.index)
            expression = self.done.open(spot)
        parts = self.done.terms_of(expression)
        weights = [part for part in parts if any(part[0] is weight for weight in self.weights)]
        kernel = weights[0] if weights else parts[1] if len(parts) > 1 else None
        source = next(part for part in parts if part is not kernel)
        whole = np.zeros((len(expression), len(kernel[0].shape) if kernel else 0), dtype=np.int64)
        if kernel:
            whole[kernel[1]] = kernel[2]
        return Under(expression, source[0], kernel[0] if kernel else None, source[1], source[2], whole[source[1]])

    def made_of(self, spot: Spot) -> list[tuple[Value, At]]:
        """Return what lies under the window and its kernel, and what the number in hand is made of directly."""
        direct = [(value, at) for value, at in self.done.origins(spot) if self._is_made(value)]
        window = [(self._under.source, self._under.at)]
        return [*direct, *window, *([(self._under.kernel, self._under.of_kernel)] if self._under.kernel else [])]

    def first(self) -> Spot:
        """Return the first number of the output."""
        return self._made.spot((0,) * len(self._made.shape))

    # The tables

    def panels(self, spot: Spot) -> Sequence[Panel]:  # noqa: ARG002 - the window goes with the output
        """Return the input and its kernel, the output, the products, and what is under the window."""
        under = self._under = self._found(self._at)
        own = self.done.value_of(self._at)
        filter_ = f"{self._last} {self._at.index[-1] + 1}"
        found = [self._picture(under.source, f"channel {self._channel(under) + 1}", self._channel(under))]
        if under.kernel is not None and any(under.kernel is weight for weight in self.weights):
            found.append(self._kernel(under.kernel, filter_))
        found.append(self._picture(own, filter_, self._at.index[-1]))
        return [*found, *self._terms(under)]

    def _channel(self, under: Under) -> int:
        """Return which channel of the input is shown: of groups, one of those that the filter sees."""
        channels = sorted(set(under.at[:, -1].tolist()))
        if not channels:
            return self.places["channel"]
        return channels[min(self.places["channel"], len(channels) - 1)] if self._mixes else channels[0]

    def _picture(self, value: Value, which: str, channel: int) -> Table:
        rank, name = len(value.shape), name_beside(self.call, value)
        if rank == 2:
            return Table(self.done, (value,), (0,), (1,), (), name)
        down = tuple(range(rank - 2))
        return Table(self.done, (value,), down, (rank - 2,), (0,) * (rank - 1) + (channel,), f"{name}, {which}")

    def _kernel(self, kernel: Value, filter_: str) -> Table:
        axes = self.done.axes_of(kernel)
        along = [place for place, axis in enumerate(axes) if axis in OVER_PLACES]
        if len(along) == 1:
            along.append(axes.index("channel"))
        at = dict(zip(axes, (0,) * len(axes), strict=True)) | self.places
        if not self._mixes:
            at["multiple"] = self._at.index[-1] % kernel.shape[-1]
            at["channel"] = self._at.index[-1] // kernel.shape[-1]
        index = tuple(at[axis] for axis in axes)
        return Grid(self.done, (kernel,), tuple(along[:-1]), (along[-1],), index, f"{kernel.name}, {filter_}")

    def _terms(self, under: Under) -> list[Terms]:
        """Return the products, if there are any, and the numbers under the window, as they lie there."""
        seen = np.ones(len(under.at), dtype=np.bool_)
        if len(under.source.shape) > 2:
            seen = under.at[:, -1] == self._channel(under)
        array = self.done.array(under.source)
        numbers = array[tuple(under.at[seen].T)]
        rows, columns, size = self._grid(under, seen)
        grid = np.full(size, np.nan)
        grid[rows, columns] = numbers
        if under.kernel is None:
            return [Terms(f"under the window, {under.terms.how} {self._text(under.terms.number)}", grid)]
        products = np.full(size, np.nan)
        products[rows, columns] = under.terms.numbers[under.rows[seen]]
        return [Terms(f"products, sum {self._text(np.nansum(products))}", products), Terms("under the window", grid)]

    def _text(self, number_: float) -> str:
        return number(number_, self.digits)

    def _grid(self, under: Under, seen: npt.NDArray[np.bool_]) -> tuple[Rows, Rows, tuple[int, int]]:
        """Return in which row and column of the window each of the numbers lies, and how many there are."""
        kernel = under.kernel
        if kernel is not None and any(kernel is weight for weight in self.weights):
            table = self._kernel(kernel, "")
            rows, columns = table.cells(kernel, under.of_kernel[seen]).T
            return rows, columns, (table.rows, table.columns)
        at = under.at[seen]
        places = at[:, :-1] if at.shape[1] > 2 else at
        ranks = [np.unique(axis, return_inverse=True) for axis in places.T]
        rows = np.zeros(len(at), dtype=np.int64)
        for names, order in ranks[:-1]:
            rows = rows * len(names) + order
        columns = ranks[-1][1]
        return rows, columns, (int(rows.max(initial=0)) + 1, int(columns.max(initial=0)) + 1)
