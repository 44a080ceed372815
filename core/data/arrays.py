"""NumPy's files as named arrays: of each, shape and type are known before memory is taken for its numbers."""

from __future__ import annotations

import os
import zipfile
from contextlib import contextmanager
from struct import unpack_from
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from core.data.checks import require_bytes
from core.data.npy_header import Header
from core.errors import Refused, shorten
from core.reading import open_file, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    import numpy.typing as npt

ZIP = b"PK"

PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How NumPy packs; others take the memory that the file says."""

END, LONGEST_END = b"PK\5\6", (1 << 16) + 98
"""How the end of an archive begins, and how many bytes it may have ("4.3.16" in PKWARE's APPNOTE)."""

MAX_DIRECTORY = 1 << 22
"""Bytes of what is said in an archive of all its members, of which each takes 20 times as many in memory."""


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

    def __init__(self, found: Any, name: str) -> None:
        self._found, self._file = found, name
        self.names: tuple[str, ...] = tuple(found.files)

    def header(self, name: str, where: str) -> Header:
        """Return shape and type of one."""
        member = self._member(name)
        if member.compress_type not in PACKINGS:
            raise Refused(f"{where}: expected arrays that are stored or deflated, got others; save them again")
        with self._found.zip.open(member) as file:
            return Header(file, where)

    def load(self, name: str) -> npt.NDArray[Any]:
        """Return its numbers."""
        self.header(name, f"{self._file}, {name}").require_within(self._member(name).file_size)
        return np.asarray(self._found[name])

    def _member(self, name: str) -> zipfile.ZipInfo:
        found: zipfile.ZipInfo = self._found.zip.getinfo(f"{name}.npy")
        return found


class Single:
    """Arrays in a ``.npy`` each."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self.names: tuple[str, ...] = tuple(paths)

    def header(self, name: str, where: str) -> Header:
        """Return shape and type of one."""
        with open_file(self._paths[name], "a data file") as file:
            return Header(file, where)

    def load(self, name: str) -> npt.NDArray[Any]:
        """Return its numbers."""
        with open_file(self._paths[name], "a data file") as file:
            Header(file, f"{shorten(self._paths[name].name)}, {name}").require_within(size_of(file))
            file.seek(0)
            return np.asarray(np.load(file, allow_pickle=False))


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
    require_bytes(f"{name}, its directory", _directory(file), MAX_DIRECTORY)
    file.seek(0)
    with _damaged(name), np.load(file, allow_pickle=False) as found:
        yield Archive(found, name)


def _directory(file: BinaryIO) -> int:
    """Return how many bytes say of an archive what its members are, as its end has it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST_END))
    end = file.read()
    at = end.rfind(END)
    if at < 0 or len(end) < at + 16:
        return 0
    said: int = unpack_from("<I", end, at + 12)[0]
    # Of a larger one, and of one of many members, it stands in a record before that.
    return unpack_from("<Q", end, at - 36)[0] if at >= 76 and end[at - 20 :].startswith(b"PK\6\7") else said


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
