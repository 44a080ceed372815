"""NumPy's files as named arrays: of each, shape and type are known before memory is taken for its numbers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.lib import format as npy

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    import numpy.typing as npt

ZIP = b"PK"

HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


class Header:
    """An array's shape and type, and how its numbers lie in the file."""

    def __init__(self, member: Any, where: str) -> None:
        read = HEADERS.get(npy.read_magic(member))
        if read is None:
            raise Refused(f"{where}: expected an array of numbers, got one of named fields; save numbers alone")
        shape, self._columns_first, self.dtype = read(member)
        self.shape: tuple[int, ...] = tuple(shape)

    def laid_out(self, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return all the ``numbers`` of the file in the array's shape."""
        return numbers.reshape(self.shape, order="F" if self._columns_first else "C")


class Arrays(Protocol):
    """Arrays by name."""

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the file's order."""

    def header(self, name: str, where: str) -> Header:
        """Return shape and type of one, before any memory is taken for it."""

    def load(self, name: str) -> npt.NDArray[Any]:
        """Return its numbers."""


class Archive:
    """The arrays of an ``.npz``."""

    def __init__(self, found: Any) -> None:
        self._found = found
        self.names: tuple[str, ...] = tuple(found.files)

    def header(self, name: str, where: str) -> Header:
        """Return shape and type of one."""
        with self._found.zip.open(f"{name}.npy") as member:
            return Header(member, where)

    def load(self, name: str) -> npt.NDArray[Any]:
        """Return its numbers."""
        return np.asarray(self._found[name])


class Single:
    """Arrays in a ``.npy`` each."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self.names: tuple[str, ...] = tuple(paths)

    def header(self, name: str, where: str) -> Header:
        """Return shape and type of one."""
        with self._paths[name].open("rb") as file:
            return Header(file, where)

    def load(self, name: str) -> npt.NDArray[Any]:
        """Return its numbers."""
        return np.asarray(np.load(self._paths[name], allow_pickle=False))


@contextmanager
def archive(file: BinaryIO, name: str) -> Iterator[Arrays]:
    """Open ``file``, which is called ``name``, as an archive of arrays; nothing in it is run.

    Raises:
        Refused: it is none, or damaged.
    """
    start = file.read(len(ZIP))
    if start != ZIP:
        got = "nothing" if not start else "another kind of file"
        raise Refused(f"{name}: expected an .npz file, as numpy.savez writes it, got {got}; save it again")
    file.seek(0)
    with _damaged(name), np.load(file, allow_pickle=False) as found:
        yield Archive(found)


@contextmanager
def single(paths: Mapping[str, Path], name: str) -> Iterator[Arrays]:
    """Open a ``.npy`` for each name.

    Raises:
        Refused: one is none, or damaged.
    """
    with _damaged(name):
        yield Single(paths)


@contextmanager
def _damaged(name: str) -> Iterator[None]:
    try:
        yield
    except (Refused, OSError):
        raise
    # What a damaged file makes zipfile, zlib and NumPy raise is in no document.
    except Exception as error:
        reason = shorten(str(error), 80) or type(error).__name__
        raise Refused(f"{name} is damaged and could not be read ({reason}); get it again") from None
