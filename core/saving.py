"""The one way to write a file: a crash at any moment leaves the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from itertools import count
from pathlib import Path

from core.errors import Refused, shorten

REASONS = {
    errno.ENOENT: "there is no such folder; make it first, or choose another",
    errno.ENOTDIR: "a part of the path before the name is a file, not a folder; choose another place",
    errno.EACCES: "there is no permission to write there; choose another place",
    errno.EPERM: "there is no permission to write there; choose another place",
    errno.EROFS: "that disk is read-only; choose another place",
    errno.ENOSPC: "the disk is full; make room, or choose another disk",
    errno.EDQUOT: "your share of the disk is used up; make room, or choose another disk",
    errno.EFBIG: "the file would be larger than is allowed there; choose another place",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ELOOP: "the links at that name lead in a circle; choose another name",
}


def write_whole(path: Path, data: bytes) -> None:
    """Make ``data`` the whole content of the file at ``path``, which may not exist yet.

    The bytes go to a new file in the same folder that then takes the old one's name. An old file's permissions
    are kept, and of a symbolic link the file that it leads to is replaced, not the link.

    Raises:
        Refused: the system does not allow it, or ``path`` is not an ordinary file; the old file is as it was.
    """
    if "\0" in str(path):
        raise Refused(f"expected the name of a file, got {shorten(str(path))!r}; choose another name")
    try:
        # Not path.resolve(): on a circle of links that one raises RuntimeError.
        target = Path(os.path.realpath(path))
        _replace(target, data, _old_mode(path, target))
    except OSError as problem:
        reason = REASONS.get(problem.errno or 0, problem.strerror or "the system gave no reason")
        raise Refused(f"could not save {shorten(path.name)}: {reason}") from None


def free_name(path: Path) -> Path:
    """Return ``path`` if nothing is there, or else the first of ``NAME-2``, ``NAME-3`` ... that is free."""
    if not os.path.lexists(path):
        return path
    name, _, number = path.stem.rpartition("-")
    first = int(number) + 1 if name and number.isascii() and number.isdecimal() and len(number) < 5 else 2
    stem = name if first > 2 else path.stem
    paths = (path.with_name(f"{stem}-{place}{path.suffix}") for place in count(first))
    return next(free for free in paths if not os.path.lexists(free))


def _old_mode(path: Path, target: Path) -> int | None:
    """Return the permissions of the file that is there, or None if there is none."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise Refused(f"expected the name of a file, got the folder {shorten(path.name)}; add a name to it")
    if not stat.S_ISREG(mode):
        raise Refused(f"expected an ordinary file, got the device or pipe {shorten(path.name)}; choose another name")
    if not os.access(target, os.W_OK):
        raise Refused(f"could not save {shorten(path.name)}: it is read-only; choose another name")
    return stat.S_IMODE(mode)


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    # A short name of its own, because "name.tmp" may be longer than a folder allows.
    beside = target.parent / f".byhand-{secrets.token_hex(8)}.tmp"
    try:
        _write_new(beside, data, mode)
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    _flush_folder(target.parent)


def _write_new(name: Path, data: bytes, mode: int | None) -> None:
    # The mode 0o666 lets the umask decide, as for any new file.
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            name.chmod(mode)
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    # The new file is in place already, so a file system that cannot flush a folder is no reason to say otherwise.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
