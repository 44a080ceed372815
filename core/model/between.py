"""What passes between a limited process and whoever asks it: a file in memory that both see, and an answer's length."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen
    from typing import BinaryIO

LENGTH = 8
"""Bytes before an answer that say how long it is."""

Content = bytes | memoryview
"""A file's bytes."""

Progress = Callable[[float], None]
"""Told the share of a file that was read, from 0 to 1; what it raises ends the reading."""

PIECE = 1 << 20
"""Bytes that are taken over at a time."""


class FileInMemory:
    """A file's bytes as they were when they were read: another process can be shown them, and nobody can change them.

    So what is found in them by the one is there for the other, and 500 MB are nowhere twice.
    """

    reader: Popen[bytes] | None = None
    """The process that waits to be asked about it, if one was started ahead."""

    def __init__(self) -> None:
        self._file: BinaryIO = _without_a_name()

    @classmethod
    def of(cls, data: Content) -> FileInMemory:
        """Return one that has ``data``."""
        made = cls()
        made.add(data)
        return made

    @property
    def handle(self) -> int:
        """The descriptor by which the other process has it."""
        return self._file.fileno()

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return os.fstat(self.handle).st_size

    @cached_property
    def content(self) -> memoryview:
        """What is in it; from then on nobody can change it."""
        if hasattr(os, "memfd_create"):
            import fcntl

            fcntl.fcntl(self.handle, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
        return seen_by(self.handle)

    def take(self, source: BinaryIO, most: int, progress: Progress) -> int:
        """Take over what ``source`` still has, but no more than ``most`` bytes and one, and return how many came.

        ``progress`` is told the share of ``most`` that has come, from 0 to 1.
        """
        piece, left = memoryview(bytearray(PIECE)), most + 1
        while left and (came := source.readinto(piece[:left])):  # type: ignore[attr-defined]
            self.add(piece[:came])
            left -= came
            progress(min((most + 1 - left) / max(most, 1), 1.0))
        return most + 1 - left

    def add(self, data: Content) -> None:
        """Add ``data`` behind what is there."""
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]


def _without_a_name() -> BinaryIO:
    """Return a new file that lies in memory; elsewhere than on Linux one on the disk stands for that."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("file", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "r+b", 0)
    from tempfile import TemporaryFile

    return TemporaryFile(buffering=0)


def seen_by(handle: int) -> memoryview:
    """Return what is in the file in memory with the descriptor ``handle``, which can only be read."""
    if not os.fstat(handle).st_size:
        return memoryview(b"")
    # Private, because a file that can't be written to any more is not mapped shared by every Linux.
    return memoryview(mmap.mmap(handle, 0, mmap.MAP_PRIVATE, mmap.PROT_READ))
