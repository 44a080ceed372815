"""Standing: where a training stands at an epoch's end beside its weights, so that it can go on as if never cut."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

if TYPE_CHECKING:
    import numpy.typing as npt

Type = Literal["<f4", "<f8", "<i4", "<i8", "<u4", "<u8"]
"""The types of what optimizers and random streams hold."""

TYPES: frozenset[str] = frozenset(get_args(Type))


class Numbers(msgspec.Struct, frozen=True):
    """An array as its type, its shape and its little-endian bytes in C order."""

    dtype: Type
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Numbers:
        """Return ``values`` as they are.

        Raises:
            ValueError: they are of another type than those that are kept.
        """
        import numpy as np

        array = np.asarray(values)
        kind: Any = array.dtype.newbyteorder("<").str
        if kind not in TYPES:
            raise ValueError(f"expected numbers of {', '.join(sorted(TYPES))}, got {kind}")
        return cls(kind, array.shape, np.ascontiguousarray(array, kind).tobytes())

    @property
    def is_whole(self) -> bool:
        """Whether there are as many bytes as the shape takes."""
        return len(self.data) == prod(self.shape) * int(self.dtype[-1])

    def array(self) -> npt.NDArray[Any]:
        """Return the values as a read-only array.

        Raises:
            ValueError: there are other than as many bytes as the shape takes.
        """
        import numpy as np

        return np.frombuffer(self.data, self.dtype).reshape(self.shape)


class Heard(msgspec.Struct, frozen=True):
    """What early stopping has counted: the ``best`` number and its epoch, and the epochs since one that was better.

    ``restored`` are the best epoch's weights, in a row, if these are what the training ends with.
    """

    best: float | None
    waited: int
    best_epoch: int | None
    restored: tuple[Numbers, ...] = ()


class Standing(msgspec.Struct, frozen=True, weakref=True):
    """Where a training stands after ``epoch`` whole epochs, which took ``seconds``, ``compiling`` of them to compile.

    ``held`` are the numbers of its optimizer and of its layers' random streams, in the order in which Keras has them;
    from ``stream`` on the next epochs' orders of points are drawn (see :mod:`core.engine.stream`).
    ``heard`` is None if nothing has been counted, or the count has ended the training.
    """

    epoch: int
    seconds: float
    compiling: float
    held: tuple[Numbers, ...]
    stream: Numbers
    heard: Heard | None = None

    @property
    def size(self) -> int:
        """How many bytes of numbers it takes, but for the few that say where the stream stands."""
        restored = () if self.heard is None else self.heard.restored
        return sum(len(numbers.data) for numbers in (*self.held, *restored))
