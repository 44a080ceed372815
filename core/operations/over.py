"""Over: one number of many, along axes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.operations.operation import FLUSHED, ROUNDING, WHOLE, Index, Places, Shape, Terms, are_whole
from core.operations.writing import ATOM, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.arrays import Array
    from core.operations.program import Value
    from core.operations.rounding import Carry

Made = Literal["sum", "mean", "largest", "smallest"]

OF: dict[str, Callable[..., Array]] = {"sum": np.sum, "mean": np.mean, "largest": np.max, "smallest": np.min}
"""What NumPy calls each."""


@dataclass(frozen=True)
class Over:
    """The sum, mean, largest or smallest along ``axes``, counted from the end; they are left as axes of 1."""

    made: Made
    axes: tuple[int, ...]
    before: Shape

    @cached_property
    def shape(self) -> Shape:
        """The source's shape with 1 for every axis that is gone over."""
        return tuple(1 if at - len(self.before) in self.axes else size for at, size in enumerate(self.before))

    @property
    def count(self) -> int:
        """How many numbers one is made of."""
        return prod(self.before[axis] for axis in self.axes)

    def forward(self, carry: Carry, *sources: Array) -> Array:
        """Return one number of many."""
        return carry(OF[self.made](sources[0], axis=self.axes, keepdims=True))

    def terms(self, index: Index, sources: Sequence[Array]) -> Terms:
        """Return the numbers along the axes."""
        along = [
            range(size) if at - len(self.before) in self.axes else [index[at]] for at, size in enumerate(self.before)
        ]
        grid = np.meshgrid(*(np.array(places, dtype=np.int64) for places in along), indexing="ij")
        return Terms((Places(0, np.stack([axis.reshape(-1) for axis in grid], axis=-1)),))

    def joined(self, carry: Carry, *factors: Array) -> float:
        """Return one number of many."""
        return float(carry(OF[self.made](factors[0])))

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        """Return the slope for each number that was added, its share of that in a mean, and that of the chosen ones."""
        (source,) = sources
        match self.made:
            case "sum":
                return [slope.broadcast_to(self.before)]
            case "mean":
                return [(slope / float(self.count)).broadcast_to(self.before)]
        chosen = source.each("equal", made)
        return [chosen * (slope / chosen.over("sum", *self.axes))]

    def off(self, made: Array, sources: Sequence[Array], offs: Sequence[Array]) -> Array:
        """Return what a sum's roundings and its terms may be off; the chosen one of many as far as any can move it."""
        (source,), (off,) = sources, offs
        if self.made in ("largest", "smallest"):
            low, high = (OF[self.made](end, axis=self.axes, keepdims=True) for end in (source - off, source + off))
            return np.asarray(np.maximum(high - made, made - low))
        sizes = np.abs(source).sum(axis=self.axes, keepdims=True)
        whole = are_whole(source, off).all(axis=self.axes, keepdims=True) & (sizes < WHOLE)
        rounded = np.where(whole, 0.0, roundings(self.count) * sizes)
        total = rounded + off.sum(axis=self.axes, keepdims=True) + FLUSHED * self.count * (rounded > 0.0)
        return np.asarray(total / self.count + ROUNDING * np.abs(made) if self.made == "mean" else total)

    def python(self, *sources: Written) -> Written:
        """Return a method of the array."""
        name = {"largest": "max", "smallest": "min"}.get(self.made, self.made)
        return Written(f"{sources[0].within(ATOM)}.{name}(axis={self.axes}, keepdims=True)")


LIKELY = 10.0
"""How many times the usual sum of roundings is tolerated; Higham and Mary's lambda."""


def roundings(terms: int) -> float:
    """Return how much the roundings of a sum of so many terms come to, as a share of the terms' sizes added up.

    Not the worst case, the number of terms, but one that is as good as never exceeded, since roundings partly cancel
    (Higham and Mary, "A new approach to probabilistic rounding error analysis", 2019).
    """
    return float(min(terms + 2, LIKELY * np.sqrt(terms + 2)) * ROUNDING)
