"""The one way to open a file that a person names: ordinary files alone, and never waiting for another program."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
"""Opening a pipe would wait for its other end, and opening a terminal could make it this program's own."""


def open_file(path: Path, what: str) -> BinaryIO:
    """Return the ordinary file at ``path``, which should be ``what``, such as "a model file", open for reading.

    Raises:
        Refused: it is a folder, device or pipe.
        OSError: there is none, or it can't be opened.
    """
    # Before, because opening a device can do something; after, because another file can have taken the name.
    _require_ordinary(path, what, path.stat().st_mode)
    file = os.fdopen(os.open(path, FLAGS), "rb")
    try:
        _require_ordinary(path, what, os.fstat(file.fileno()).st_mode)
    except Refused:
        file.close()
        raise
    return file


def read_bytes(path: Path, what: str, most: int) -> bytes:
    """Return what is in the ordinary file at ``path``, which should be ``what``; of more than ``most`` bytes one more.

    Raises:
        Refused: there is no such file, or it can't be read.
    """
    name = shorten(path.name or str(path))
    try:
        with open_file(path, what) as file:
            return file.read(most + 1)
    except Refused:
        raise
    except FileNotFoundError:
        raise Refused(f"there is no file {shorten(str(path), 80)}; check the name") from None
    except PermissionError:
        raise Refused(f"there is no permission to read {name}; change it, or choose another file") from None
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "its name cannot be used"
        raise Refused(f"{name} could not be read: {why}; choose another file") from None


def size_of(file: BinaryIO) -> int:
    """Return how many bytes an open file says that it has; those of the system's own folders say 0."""
    return os.fstat(file.fileno()).st_size


def _require_ordinary(path: Path, what: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or pipe"
        raise Refused(f"expected {what}, got {shorten(path.name or str(path))}, which is {kind}; choose a file")
