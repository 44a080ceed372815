"""The one way to write a file: a crash at any moment leaves the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

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


PIECE = 1 << 24
"""Bytes that are written at a time, so that a session which ends need not wait for the whole of a large array."""


BESIDE, BESIDE_NAME = ".byhand-", re.compile(r"\.byhand-[0-9a-f]{16}\.tmp")
"""What the name of a file begins with while it is being written, and what it is as a whole."""

LEFT = 3600.0
"""Seconds after which a file that was being written, and that nobody wrote to since, is one that a kill has left."""


class Stamp(NamedTuple):
    """By what one content of a file is told from the next, without reading it; ``changed`` is in nanoseconds."""

    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """Return that of the file with this ``status``."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


GONE = Stamp(0, 0, 0)
"""What there is where no file is."""


class ChangedMeanwhile(Refused):
    """A file is not as it was known any more: somebody else wrote it, or took it away."""


def stamp_at(path: Path) -> Stamp:
    """Return the stamp of the file that ``path`` leads to."""
    try:
        return Stamp.of(path.stat())
    except (OSError, ValueError):
        return GONE


def is_same_file(path: Path, other: Path) -> bool:
    """Say whether two paths lead to one place, whether or not there is a file."""
    try:
        return path == other or os.path.realpath(path) == os.path.realpath(other)
    except OSError:
        # The folder that byhand was started in is gone.
        return False


def write_whole(path: Path, data: bytes | memoryview, known: Stamp | None = None) -> Stamp:
    """Make ``data`` the whole content of the file at ``path``, which may not exist yet, and return its stamp.

    The bytes go to a new file in the same folder that then takes the old one's name. An old file's permissions and
    owner are kept, and of a symbolic link the file that it leads to is replaced, not the link.

    Raises:
        ChangedMeanwhile: the file is another one than that ``known``.
        Refused: the system does not allow it, or ``path`` is not an ordinary file; the old file is as it was.
    """
    if "\0" in str(path):
        raise Refused(f"expected the name of a file, got {shorten(str(path))!r}; choose another name")
    try:
        # Not path.resolve(): on a circle of links that one raises RuntimeError.
        target = Path(os.path.realpath(path))
        old = _old(path, target)
        _require_known(path, target, known)
        return _replace(target, data, old, known)
    except OSError as problem:
        raise Refused(f"could not save {shorten(path.name)}: {reason_of(problem)}") from None


def reason_of(problem: OSError) -> str:
    """Return why the system did not write something, and what to do."""
    return REASONS.get(problem.errno or 0, problem.strerror or "the system gave no reason")


def free_name(path: Path) -> Path:
    """Return ``path`` if nothing is there, or else the first of ``NAME-2``, ``NAME-3`` ... that is free."""
    if not os.path.lexists(path):
        return path
    name, _, number = path.stem.rpartition("-")
    first = int(number) + 1 if name and number.isascii() and number.isdecimal() and len(number) < 5 else 2
    stem = name if first > 2 else path.stem
    paths = (path.with_name(f"{stem}-{place}{path.suffix}") for place in count(first))
    return next(free for free in paths if not os.path.lexists(free))


def _require_known(path: Path, target: Path, known: Stamp | None) -> None:
    now = stamp_at(target)
    if known in (None, now):
        return
    what = "is not there any more: it was deleted or renamed" if now == GONE else "was changed by somebody else"
    raise ChangedMeanwhile(
        f"{shorten(path.name)} {what} since it was opened or saved here; try again, or save under another name"
    )


def _old(path: Path, target: Path) -> os.stat_result | None:
    """Return the status of the file that is there, or None if there is none."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        raise Refused(f"expected the name of a file, got the folder {shorten(path.name)}; add a name to it")
    if not stat.S_ISREG(mode):
        raise Refused(f"expected an ordinary file, got the device or pipe {shorten(path.name)}; choose another name")
    if not os.access(target, os.W_OK):
        raise Refused(f"could not save {shorten(path.name)}: it is read-only; choose another name")
    return status


def _replace(target: Path, data: bytes | memoryview, old: os.stat_result | None, known: Stamp | None) -> Stamp:
    # A short name of its own, because "name.tmp" may be longer than a folder allows.
    beside = target.parent / f"{BESIDE}{os.urandom(8).hex()}.tmp"
    try:
        stamp = _write_new(beside, data, old)
        # Once more: large files take long to write.
        _require_known(target, target, known)
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    flush_folder(target.parent)
    _remove_left(target.parent)
    return stamp


def _remove_left(folder: Path) -> None:
    """Take away what saves have left half written there that were killed."""
    for path in folder.glob(f"{BESIDE}*.tmp"):
        # One may be another person's, or gone already.
        with contextlib.suppress(OSError):
            if BESIDE_NAME.fullmatch(path.name) and time.time() - path.stat().st_mtime > LEFT:
                path.unlink()


def _write_new(name: Path, data: bytes | memoryview, old: os.stat_result | None) -> Stamp:
    # The mode 0o666 lets the umask decide, as for any new file.
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        if old is not None:
            mode = _given_to_owner(descriptor, old)
            # Behind that, because another owner takes some permissions away.
            name.chmod(mode)
        write_all(descriptor, data)
        os.fsync(descriptor)
        stamp = Stamp.of(os.fstat(descriptor))
    except BaseException:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        raise
    # Some file systems say only here that there is no room.
    os.close(descriptor)
    return stamp


def write_all(descriptor: int, data: bytes | memoryview) -> int:
    """Write all of ``data`` to an open file, and return how many bytes it was.

    Raises:
        OSError: the system did not take all of it.
    """
    # In a loop: a disk that is nearly full takes a part, and refuses the next one.
    left = memoryview(data).cast("B")
    while left:
        left = left[os.write(descriptor, left[:PIECE]) :]
    return memoryview(data).nbytes


def _given_to_owner(descriptor: int, old: os.stat_result) -> int:
    """Give a file the owner and group that the old one has, and return the permissions that it may have then."""
    new, mode = os.fstat(descriptor), stat.S_IMODE(old.st_mode)
    if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid) or not hasattr(os, "fchown"):
        return mode
    try:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except PermissionError:
        if new.st_uid == old.st_uid:
            # One's own, of a group that one is not in: the group that it has instead may do what all others may.
            return mode & ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
        raise Refused(
            "could not save it: it belongs to somebody else and would be yours; choose another name"
        ) from None
    return mode


def flush_folder(folder: Path) -> None:
    """Have on the disk which names a folder has."""
    # The new file is in place already, so a file system that cannot flush a folder is no reason to say otherwise.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
