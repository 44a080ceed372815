"""An array from a ``.npy`` file: its header is checked before a number of it is read, and nothing in it is run.

The format is that of the NumPy documentation ("numpy.lib.format"): a magic string, a version, the length of the
header, and the header, which says how the numbers are written, in which order, and the shape.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from core.editing.held import held
from core.errors import Refused, shorten
from core.reading import open_file

if TYPE_CHECKING:
    from pathlib import Path

    from core.arrays import KerasArray

MAGIC = b"\x93NUMPY"

LENGTH_BYTES = {1: 2, 2: 4}
"""Version of the format -> bytes of the header's length. Version 3 is for named fields, which no weight has."""

MAX_HEADER = 4_096
"""Bytes of a header; NumPy writes 118 for a matrix."""

_DESCR = re.compile(r"'descr'\s*+:\s*+'([<>|=]?[a-zA-Z]\w{0,20})'")
_ORDER = re.compile(r"'fortran_order'\s*+:\s*+(True|False)")
_SHAPE = re.compile(r"'shape'\s*+:\s*+\(([0-9, ]*+)\)")
_NUMBERS = re.compile(r"[<>|=]?(?:f[248]|[iu][1248])")


@dataclass(frozen=True)
class _Header:
    dtype: np.dtype[np.generic]
    column_by_column: bool
    shape: tuple[int, ...]


def load_npy(path: Path, shape: tuple[int, ...]) -> KerasArray:
    """Return the array of ``shape`` in the ``.npy`` file at ``path``, in float32.

    Raises:
        Refused: it can't be read, is no such file, holds something else than floats or whole numbers, an array of
            another shape, fewer numbers than it says, or a number that is not finite or too large for float32.
    """
    name = shorten(path.name)
    try:
        with open_file(path, "a .npy file") as file:
            values = _read(file, name, shape)
    except OSError as error:
        raise Refused(f"can't read {name}: {error.strerror or error}") from None
    return held(values)


def _read(file: IO[bytes], name: str, shape: tuple[int, ...]) -> np.ndarray:
    header = _header(file, name)
    if header.shape != shape:
        raise Refused(f"{name}: expected an array of shape {shape}, got {_shown(header.shape)}")
    wanted = math.prod(shape)
    data = file.read(wanted * header.dtype.itemsize)
    values = np.frombuffer(data, dtype=header.dtype, count=len(data) // header.dtype.itemsize)
    if values.size < wanted:
        raise Refused(f"{name}: expected {wanted:,} numbers, got {values.size:,}; the file is cut off")
    return values.reshape(shape, order="F" if header.column_by_column else "C")


def _header(file: IO[bytes], name: str) -> _Header:
    start = file.read(len(MAGIC) + 2)
    if not start.startswith(MAGIC):
        hint = "; an .npz file holds several" if start.startswith(b"PK") else ""
        raise Refused(f"{name}: expected a .npy file with one array, got another kind of file{hint}")
    size = LENGTH_BYTES.get(start[len(MAGIC)] if len(start) > len(MAGIC) else 0)
    if size is None:
        raise Refused(f"{name}: expected a .npy file of plain numbers, got another version of the format")
    length = int.from_bytes(file.read(size), "little")
    if length > MAX_HEADER:
        raise Refused(f"{name}: expected a header of at most {MAX_HEADER:,} bytes, got {length:,}")
    text = file.read(length).decode("latin-1")
    descr, order, shape = (pattern.search(text) for pattern in (_DESCR, _ORDER, _SHAPE))
    if descr is None or order is None or shape is None:
        raise Refused(f"{name}: expected one array of numbers, got {shorten(text.strip())!r}")
    if not _NUMBERS.fullmatch(descr[1]):
        raise Refused(f"{name}: expected floats or whole numbers, got {_kind(descr[1])}")
    sizes = tuple(int(size) for size in re.findall("[0-9]+", shape[1]))
    return _Header(np.dtype(descr[1]), order[1] == "True", sizes)


def _kind(descr: str) -> str:
    kinds = {"O": "Python objects", "c": "complex numbers", "b": "true and false", "U": "text", "S": "text"}
    kind = next((character for character in descr if character.isalpha()), "")
    return f"{kinds.get(kind, 'something else')} ({shorten(descr)})"


def _shown(shape: tuple[int, ...]) -> str:
    return shorten(str(shape), 60)
