"""What every operation answers: its shape, its numbers, the terms of one of them, its slopes, what float32 may be off.

Shapes are those of one point, without the batch. The arrays that an operation is given may have a batch before that, or
none (a layer's weights, a point alone): axes are counted from the end, and a batch of several arrays broadcasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import Array
    from core.operations.program import Value
    from core.operations.rounding import Carry
    from core.operations.writing import Written

    At = Int[npt.NDArray[np.int64], "numbers rank"]
    """Places in an array: a row of indices for each number."""


class Misfit(Refused):
    """Shapes that an operation can't be of; whoever writes a layer's arithmetic says which layer it was."""


Shape = tuple[int, ...]
Index = tuple[int, ...]

ROUNDING = 2.0**-24
"""The most by which one rounding to float32 changes a number of size 1."""

FUNCTION = 32 * ROUNDING
"""How far float32's own tanh, exp or erf may be off, for a result of size 1: they are approximations too.

Of a smaller result it is as much less, down to ``FINEST``: TensorFlow's were found to be off by at most a third of it.
"""

FINEST = 2.0**-10

WHOLE = 2.0**24
"""Up to here float32 has all whole numbers, so that sums of them are exact in any order."""

FLUSHED = float(np.finfo(np.float32).tiny)
"""Below this size a float32 has fewer digits, and may be taken for 0."""


def are_whole(numbers: Array, off: Array) -> npt.NDArray[np.bool_]:
    """Return which are whole numbers, and off by nothing."""
    return np.asarray((numbers == np.rint(numbers)) & (off == 0.0))


def row(index: Sequence[int]) -> At:
    """Return one index as the row of indices that many places go by."""
    return np.array([index], dtype=np.int64).reshape(1, len(index))


@dataclass(frozen=True, eq=False)
class Places:
    """Numbers of one source: a row of ``at`` for each, its index there."""

    source: int
    at: Int[npt.NDArray[np.int64], "numbers rank"]

    def of(self, sources: Sequence[Array]) -> Float[Array, "numbers"]:
        """Return the numbers there."""
        numbers = sources[self.source][tuple(self.at.T)]
        return np.asarray(numbers).reshape(-1) if self.at.shape[1] else np.full(len(self.at), numbers)


@dataclass(frozen=True, eq=False)
class Terms:
    """What one number is made of: ``factors`` has, for every source that is in it, one place for each of the terms."""

    factors: tuple[Places, ...]

    def __len__(self) -> int:
        return len(self.factors[0].at) if self.factors else 0


class Operation(Protocol):
    """One operation between sources whose shapes it knows."""

    @property
    def shape(self) -> Shape:
        """The shape of what it makes of one point."""

    def forward(self, carry: Carry, *sources: Array) -> Array:
        """Return what it makes, written down as ``carry`` says, with the batch that the sources have."""

    def terms(self, index: Index, sources: Sequence[Array]) -> Terms:
        """Return what the number at ``index`` is made of."""

    def joined(self, carry: Carry, *factors: Array) -> float:
        """Return the number that terms come to: ``factors`` has the numbers of every one of its :meth:`terms`."""

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        """Return for every source how fast a quantity changes with it, if it changes with ``made`` as ``slope`` says.

        None where it does not change with that source.
        """

    def off(self, made: Array, sources: Sequence[Array], offs: Sequence[Array]) -> Array:
        """Return how far float32 may be off from ``made``, of one point, if it is off from the sources by ``offs``."""

    def python(self, *sources: Written) -> Written:
        """Return it in Python with NumPy, for one point, of what its sources are called there.

        A few functions stand there under their names: see :mod:`core.operations.in_python`.
        """
