"""Take: numbers moved, repeated, left out or padded; which, is fixed by shapes.

Each of these is a view where NumPy has one; of a single number it says where it comes from, so that no array of indices
is kept. The slope of what was moved is moved back; that of what was copied is added up over its copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.operations.operation import Places, Terms, row
from core.operations.writing import ATOM, Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Bool, Int

    from core.arrays import Array
    from core.operations.operation import At, Index, Shape
    from core.operations.program import Value
    from core.operations.rounding import Carry

    Rows = Bool[npt.NDArray[np.bool_], "numbers"]


class Take:
    """What all that only move numbers have in common; ``padding`` is what stands where none of the source's is."""

    padding: ClassVar[float] = 0.0

    def view(self, *sources: Array) -> Array:
        """Return the numbers where they go."""
        raise NotImplementedError

    def origins(self, at: At) -> list[tuple[Rows, Places]]:
        """Return where the numbers at ``at`` come from: for a source the rows of ``at``, and their places there.

        What comes from no source, the padding, is in none of them.
        """
        raise NotImplementedError

    def forward(self, carry: Carry, *sources: Array) -> Array:
        """Return the numbers where they go; they were written down before."""
        return self.view(*sources)

    def terms(self, index: Index, sources: Sequence[Array]) -> Terms:
        """Return the number that is moved here; there is none of the padding."""
        found = self.origins(row(index))
        return Terms(tuple(places for rows, places in found if rows.any()))

    def joined(self, carry: Carry, *factors: Array) -> float:
        """Return the number that is moved here."""
        return float(factors[0][0]) if factors else self.padding

    def off(self, made: Array, sources: Sequence[Array], offs: Sequence[Array]) -> Array:
        """Return what the numbers were off where they come from; padding is exact."""
        moved = self.view(*offs)
        return np.where(moved == self.padding, 0.0, moved)


def _from_one(at: At) -> list[tuple[Rows, Places]]:
    return [(np.ones(len(at), dtype=np.bool_), Places(0, at))]


@dataclass(frozen=True)
class Reshape(Take):
    """The same numbers in the same order, in another shape."""

    before: Shape
    shape: Shape

    def view(self, *sources: Array) -> Array:
        (source,) = sources
        return source.reshape((*source.shape[: source.ndim - len(self.before)], *self.shape))

    def origins(self, at: At) -> list[tuple[Rows, Places]]:
        if not self.shape:
            return _from_one(np.zeros((len(at), len(self.before)), dtype=np.int64))
        flat = np.ravel_multi_index(tuple(at.T), self.shape)
        places = np.unravel_index(flat, self.before) if self.before else ()
        return _from_one(np.stack(places, axis=-1) if places else np.zeros((len(at), 0), dtype=np.int64))

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        return [slope.reshape(*self.before)]

    def python(self, *sources: Written) -> Written:
        return Written(f"{sources[0].within(ATOM)}.reshape({self.shape})") if self.shape != self.before else sources[0]


@dataclass(frozen=True)
class Transpose(Take):
    """The axes in another order: ``order`` has, for every axis of the result, which one it was."""

    before: Shape
    order: tuple[int, ...]

    @cached_property
    def shape(self) -> Shape:
        """The source's sizes in the new order."""
        return tuple(self.before[axis] for axis in self.order)

    def view(self, *sources: Array) -> Array:
        (source,) = sources
        batch = source.ndim - len(self.before)
        return source.transpose(*range(batch), *(axis + batch for axis in self.order))

    def origins(self, at: At) -> list[tuple[Rows, Places]]:
        return _from_one(at[:, np.argsort(self.order)])

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        return [slope.transpose(*(int(axis) for axis in np.argsort(self.order)))]

    def python(self, *sources: Written) -> Written:
        return Written(f"{sources[0].within(ATOM)}.transpose({self.order})")


@dataclass(frozen=True)
class Slice(Take):
    """``count`` numbers along an axis, from ``start`` on and ``step`` apart; backwards if that is negative."""

    before: Shape
    axis: int
    start: int
    count: int
    step: int = 1

    @cached_property
    def shape(self) -> Shape:
        """The source's, with so many along the axis."""
        return _with_size(self.before, self.axis, self.count)

    @cached_property
    def _where(self) -> tuple[object, ...]:
        stop = self.start + self.step * self.count
        along = slice(self.start, stop if stop >= 0 else None, self.step) if self.count else slice(0, 0)
        return (..., along, *[slice(None)] * (len(self.before) - self.axis - 1))

    def view(self, *sources: Array) -> Array:
        return sources[0][self._where]  # type: ignore[index]

    def origins(self, at: At) -> list[tuple[Rows, Places]]:
        at = at.copy()
        at[:, self.axis] = self.start + self.step * at[:, self.axis]
        return _from_one(at)

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        return [slope.spread(self.axis, self.before[self.axis], self.start, self.step)]

    def python(self, *sources: Written) -> Written:
        stop = self.start + self.step * self.count
        along = f"{self.start}:{stop if stop >= 0 else ''}" + (f":{self.step}" if self.step != 1 else "")
        return Written(f"{sources[0].within(ATOM)}[{':, ' * self.axis}{along if self.count else '0:0'}]")


@dataclass(frozen=True)
class Spread(Take):
    """Numbers set out along an axis of ``size``: at ``start`` and ``step`` after each other, ``padding`` between them.

    So it is zero padding, and what :class:`Slice` took away put back. Numbers that lie beyond the ends are left out.
    """

    before: Shape
    axis: int
    size: int
    start: int
    step: int = 1
    padding: float = 0.0  # type: ignore[misc]

    @cached_property
    def shape(self) -> Shape:
        """The source's, with ``size`` along the axis."""
        return _with_size(self.before, self.axis, self.size)

    @cached_property
    def _taken(self) -> tuple[int, int]:
        """The first of the source's numbers that is inside, and how many are."""
        at = self.start + self.step * np.arange(self.before[self.axis])
        inside = np.flatnonzero((at >= 0) & (at < self.size))
        return (int(inside[0]), inside.size) if inside.size else (0, 0)

    @cached_property
    def _there(self) -> Slice:
        first, count = self._taken
        return Slice(self.shape, self.axis, self.start + self.step * first if count else 0, count, self.step)

    @cached_property
    def _here(self) -> Slice:
        return Slice(self.before, self.axis, *self._taken)

    def view(self, *sources: Array) -> Array:
        (source,) = sources
        made = np.full((*source.shape[: source.ndim - len(self.before)], *self.shape), self.padding)
        self._there.view(made)[...] = self._here.view(source)
        return made

    def origins(self, at: At) -> list[tuple[Rows, Places]]:
        steps, between = np.divmod(at[:, self.axis] - self.start, self.step)
        rows = (between == 0) & (steps >= 0) & (steps < self.before[self.axis])
        places = at[rows].copy()
        places[:, self.axis] = steps[rows]
        return [(rows, Places(0, places))]

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        first, count = self._taken
        taken = slope.slice(self.axis, self._there.start, count, self.step)
        return [taken.spread(self.axis, self.before[self.axis], first)]

    def python(self, *sources: Written) -> Written:
        settings = f"{self.axis}, {self.size}, {self.start}, {self.step}"
        padding = f", {self.padding!r}".replace("inf", "np.inf") if self.padding else ""
        return Written(f"spread({sources[0].text}, {settings}{padding})")


@dataclass(frozen=True)
class Repeat(Take):
    """Each number along an axis ``times`` in a row."""

    before: Shape
    axis: int
    times: int

    @cached_property
    def shape(self) -> Shape:
        """The source's, so many times as long along the axis."""
        return _with_size(self.before, self.axis, self.before[self.axis] * self.times)

    def view(self, *sources: Array) -> Array:
        (source,) = sources
        axis = self.axis - len(self.before)
        if self.before[self.axis] == 1:
            return np.broadcast_to(source, (*source.shape[: source.ndim - len(self.before)], *self.shape))
        return np.repeat(source, self.times, axis=axis)

    def origins(self, at: At) -> list[tuple[Rows, Places]]:
        at = at.copy()
        at[:, self.axis] //= self.times
        return _from_one(at)

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        size, axis = self.before[self.axis], self.axis
        copies = slope.reshape(*self.before[:axis], size, self.times, *self.before[axis + 1 :])
        return [copies.over("sum", axis + 1).reshape(*self.before)]

    def python(self, *sources: Written) -> Written:
        return Written(f"np.repeat({sources[0].text}, {self.times}, axis={self.axis})")


@dataclass(frozen=True)
class Join(Take):
    """Sources one after the other along an axis."""

    before: tuple[Shape, ...]
    axis: int

    @cached_property
    def shape(self) -> Shape:
        """As long along the axis as all of them together."""
        return _with_size(self.before[0], self.axis, sum(shape[self.axis] for shape in self.before))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each source begins along the axis."""
        return tuple(accumulate((shape[self.axis] for shape in self.before[:-1]), initial=0))

    @cached_property
    def _ends(self) -> Int[npt.NDArray[np.int64], "sources"]:
        return np.cumsum([shape[self.axis] for shape in self.before])

    def view(self, *sources: Array) -> Array:
        rank = len(self.shape)
        batch = max((source.shape[: source.ndim - rank] for source in sources), key=len)
        whole = [np.broadcast_to(source, (*batch, *source.shape[source.ndim - rank :])) for source in sources]
        return np.concatenate(whole, axis=self.axis - rank)

    def origins(self, at: At) -> list[tuple[Rows, Places]]:
        # Of thousands of steps put together one number comes from one: the others are not asked.
        sources = np.searchsorted(self._ends, at[:, self.axis], side="right")
        found = []
        for source in np.unique(sources).tolist():
            rows = sources == source
            places = at[rows].copy()
            places[:, self.axis] -= self.starts[source]
            found.append((rows, Places(source, places)))
        return found

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        parts = zip(self.starts, self.before, strict=True)
        return [slope.slice(self.axis, start, shape[self.axis]) for start, shape in parts]

    def python(self, *sources: Written) -> Written:
        return Written(f"np.concatenate([{', '.join(source.text for source in sources)}], axis={self.axis})")


@dataclass(frozen=True)
class Window(Take):
    """What lies under a window of ``size`` at each of its places along an axis, as an axis after that of the places.

    It moves by ``stride``, and between the numbers that it takes are ``dilation`` - 1 others.
    """

    before: Shape
    axis: int
    size: int
    stride: int = 1
    dilation: int = 1

    @cached_property
    def places(self) -> int:
        """How many places the window has along the axis; none if it is wider."""
        return max(0, (self.before[self.axis] - (self.size - 1) * self.dilation - 1) // self.stride + 1)

    @cached_property
    def shape(self) -> Shape:
        """The source's, with the places and the window's numbers in place of the axis."""
        return (*self.before[: self.axis], self.places, self.size, *self.before[self.axis + 1 :])

    def view(self, *sources: Array) -> Array:
        (source,) = sources
        axis = source.ndim - len(self.before) + self.axis
        between = source.strides[axis]
        return np.lib.stride_tricks.as_strided(
            source,
            (*source.shape[:axis], self.places, self.size, *source.shape[axis + 1 :]),
            (*source.strides[:axis], between * self.stride, between * self.dilation, *source.strides[axis + 1 :]),
            writeable=False,
        )

    def origins(self, at: At) -> list[tuple[Rows, Places]]:
        along = at[:, self.axis] * self.stride + at[:, self.axis + 1] * self.dilation
        return _from_one(np.concatenate([at[:, : self.axis], along[:, np.newaxis], at[:, self.axis + 2 :]], axis=1))

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        back: Value | None = None
        for offset in range(self.size):
            under = slope.slice(self.axis + 1, offset, 1).squeeze(self.axis + 1)
            there = under.spread(self.axis, self.before[self.axis], offset * self.dilation, self.stride)
            back = there if back is None else back + there
        return [back]

    def python(self, *sources: Written) -> Written:
        return Written(f"window({sources[0].text}, {self.axis}, {self.size}, {self.stride}, {self.dilation})")


def _with_size(shape: Shape, axis: int, size: int) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])
