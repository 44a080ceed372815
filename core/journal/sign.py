"""A sign that a session has a file open, for every byhand on this machine, whosever it is and wherever its journal is.

It is a socket that nobody can connect to; its name says which file, who and since when. Such names are no files: the
system lists them, and takes them away with the process, however that ends. Linux alone has them.

No lock on the model's file would do. HDF5 locks files in the same way, so that a training elsewhere could not save to
it, and a file that is saved is replaced by another one, which has no lock.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sys
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

NAME = "byhand"
"""What the names of signs begin with."""

SIGNS = Path("/proc/net/unix")
"""Where the system lists them, a line each."""


class Elsewhere(NamedTuple):
    """Who has ``file`` open: a process on this ``host``, since ``begun`` (seconds since 1970)."""

    file: Path
    host: str
    process: int
    begun: float


class Sign:
    """The sign of one session, in this process."""

    def __init__(self, begun: float) -> None:
        self._who = f"{os.getpid()}/{begun:.0f}"
        self._file: Path | None = None
        self._socket: socket.socket | None = None

    def at(self, file: Path | None) -> None:
        """Say that ``file`` is open, and no other."""
        if file == self._file:
            return
        self.take_away()
        self._file = file
        if file is None or sys.platform != "linux":
            return
        # Without a sign all else goes on: there may be no folder any more that the path begins in.
        with contextlib.suppress(OSError):
            name = f"\0{NAME}/{_key(file)}/{self._who}"
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.bind(name)

    def take_away(self) -> None:
        """Say that no file is open."""
        if self._socket is not None:
            self._socket.close()
        self._file = self._socket = None


def seen(file: Path) -> Elsewhere | None:
    """Return who else on this machine has ``file`` open; None if nobody has, or the system does not say."""
    with contextlib.suppress(OSError):
        name, listed = rf"@{NAME}/{_key(file)}/(\d{{1,10}})/(\d{{1,10}})$", SIGNS.read_text(errors="replace")
        for process, begun in (map(int, sign.groups()) for sign in re.finditer(name, listed, re.MULTILINE)):
            if process != os.getpid():
                return Elsewhere(file, socket.gethostname(), process, begun)
    return None


def _key(file: Path) -> str:
    # Not the path: any person can read the list.
    return blake2b(os.fsencode(os.path.realpath(file)), digest_size=16).hexdigest()
