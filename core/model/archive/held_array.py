"""An array of a file of weights, and what is asked of all of them before they leave the limited process."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.errors import Refused, shorten
from core.limits import allowing, allowing_more, most
from core.model.in_layer import InLayer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

MAX_ARRAYS = 100_000

MAX_PATH = 1_000
"""Characters of an array's names."""

MAX_AXES = 32
"""What HDF5 has at most; NumPy has more."""

OPTIMIZERS = ("optimizer", "optimizer_weights")
"""Under which Keras keeps what an optimizer remembers."""

OF_ZIP = "zip of Keras"
"""What the format of a model's zip is called."""

WIDE = np.dtype("<f8").itemsize
"""Bytes of the widest number that is read."""


@dataclass(frozen=True, eq=False)
class HeldArray(InLayer):
    """An array as a file has it: its layer, or none, its name, its numbers, and what the file calls their type."""

    layer: str
    name: str
    values: npt.NDArray[Any]
    dtype: str

    @property
    def of_optimizer(self) -> bool:
        """Whether an optimizer remembers it, and no layer has it."""
        return self.path.partition("/")[0] in OPTIMIZERS


class Read(NamedTuple):
    """What a file of weights says of itself, its arrays in order, and the names of what it has that is no numbers.

    Beside them there may be the model that they are ``of_model``.
    """

    format: str
    saved_by: str
    arrays: Iterable[HeldArray]
    left_out: list[str]
    of_model: bool = False


def holds_numbers(dtype: np.dtype[Any]) -> bool:
    """Say whether numbers of this type are read: of up to 8 bytes each, real, and no named fields."""
    return dtype.kind in "fiub" and dtype.itemsize <= WIDE


def plainly(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the numbers in the byte order that they are sent in."""
    return values.astype(values.dtype.newbyteorder("<"), copy=False)


def declared(what: str, shape: tuple[int, ...], itemsize: int) -> int:
    """Return how many bytes an array takes.

    Raises:
        Refused: it has more axes than any weight, or sides that are no size.
    """
    if len(shape) > MAX_AXES or any(side < 0 for side in shape) or prod(max(side, 1) for side in shape) >> 48:
        raise Refused(f"expected {what} of a shape that a weight has, got {shorten(str(shape))}; don't trust this file")
    return prod(shape) * itemsize


def bounded(arrays: Iterable[HeldArray]) -> Iterator[HeldArray]:
    """Give ``arrays``, each of which has a name of its own that can be shown.

    Raises:
        Refused: they are too many, or a name is too long, no text, or there twice.
    """
    names = set[str]()
    for array in arrays:
        if len(array.path) > most(MAX_PATH):
            raise Refused(
                f"expected names of arrays of at most {most(MAX_PATH):,} characters, got {shorten(array.path)!r} of "
                f"{len(array.path):,}; {allowing(len(array.path), MAX_PATH)}"
            )
        if array.path in names:
            raise Refused(f"expected every array once, got {shorten(array.path)!r} twice; don't trust this file")
        names.add(array.path)
        if len(names) > most(MAX_ARRAYS):
            raise Refused(f"expected at most {most(MAX_ARRAYS):,} arrays, got more; {allowing_more()}")
        yield array
