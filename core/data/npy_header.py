"""The header of an array in NumPy's format: what shape and type it has, before any memory is taken for its numbers."""

from __future__ import annotations

import io
import warnings
from math import prod
from typing import TYPE_CHECKING, Any

from numpy.lib import format as npy

from core.errors import Refused, shorten

if TYPE_CHECKING:
    import numpy.typing as npt

VERSIONS = {(1, 0): (2, npy.read_array_header_1_0), (2, 0): (4, npy.read_array_header_2_0)}
"""Version of the format -> bytes of the header's length, and what reads these and the header."""

# Of a file that NumPy wrote in Python 2's time it says so on the terminal, again and again; it reads it all the same.
warnings.filterwarnings("ignore", "Reading `.npy` or `.npz` file required additional header parsing", UserWarning)

MAX_HEADER = 10_000
"""Bytes of a header; NumPy, which allows no more either, has read all of a longer one by then."""


class Header:
    """An array's shape and type, and how its numbers lie in the file."""

    def __init__(self, member: Any, where: str) -> None:
        found = VERSIONS.get(npy.read_magic(member))
        if found is None:
            raise Refused(f"{where}: expected an array of numbers, got one of named fields; save numbers alone")
        width, read = found
        start = member.read(width)
        length = int.from_bytes(start, "little")
        if length > MAX_HEADER:
            raise Refused(f"{where}: expected a header of at most {MAX_HEADER:,} bytes, got {length:,}; save it again")
        shape, self._columns_first, self.dtype = read(io.BytesIO(start + member.read(length)))
        self.shape: tuple[int, ...] = tuple(shape)
        self._where, self._begins = where, npy.MAGIC_LEN + width + length

    def require_within(self, size: int) -> None:
        """Refuse a file, or a member, that has not what the header says: before memory is taken for these.

        Raises:
            Refused: it has fewer bytes, or that is no shape.
        """
        if min(self.shape, default=0) < 0:
            raise Refused(f"{self._where}: expected a shape, got {shorten(str(self.shape))}; save it again")
        held, wanted = size - self._begins, prod(self.shape) * self.dtype.itemsize
        # Python objects, which are refused for what they are, have no size.
        if wanted > held and not self.dtype.hasobject:
            raise Refused(f"{self._where}: expected {wanted:,} bytes, got {max(0, held):,}; it is cut off")

    def laid_out(self, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return all the ``numbers`` of the file in the array's shape."""
        return numbers.reshape(self.shape, order="F" if self._columns_first else "C")
