"""The journal of one session: a file that a thread writes, so that nothing waits for the disk."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
import time
from typing import TYPE_CHECKING

from core.errors import Refused
from core.journal import parts
from core.journal.records import MAGIC, append
from core.journal.sign import Sign
from core.journal.writing import Writer
from core.saving import REASONS, flush_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from core.journal.records import Bytes
    from core.journal.writing import Moment

REST = 0.25
"""Seconds after a change in which others are awaited: a key's own drawing is done by then, and many changes are one."""

AGAIN = 5.0
"""Seconds after which what could not be written is tried again."""

LEAST_GROWTH, GROWTH = 4 << 20, 4
"""A file is written anew once it has grown by so many bytes and is so many times as large as when it was new."""

PATIENCE = 3.0
"""Seconds for which the end of a session waits until the last change is on the disk."""

NEW = ".new"
"""What the name of a journal ends in while it is being written anew."""


class Journal:
    """Writes where a session stands, whenever it is told of that, to ``path``, and holds a lock on the file.

    The lock goes with the process, however that ends, so whoever finds the file unlocked knows that nobody writes it;
    and so does a sign of the file that is open, for those who keep their journals elsewhere.
    ``tell`` is given a sentence, from the thread, when the file can't be written, and when it can be again.
    """

    def __init__(self, path: Path, opened: Path | None, tell: Callable[[str], None]) -> None:
        """Begin the journal of a session that has the file ``opened`` open.

        Raises:
            OSError: it can't be written.
        """
        self.path, self._tell = path, tell
        self._begun = parts.BegunPart(socket.gethostname(), os.getpid(), time.time())
        self._file = _File(path, self._begun)
        self._file.open_on(opened)
        self._file.take_name()
        self._sign = Sign(self._begun.time)
        self._sign.at(opened)
        self._changed = threading.Condition()
        self._next: Moment | None = None
        self._replaced: Path | None = None
        self._ends, self._troubled = False, False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def take(self, moment: Moment) -> None:
        """Have this written soon; of several the newest is."""
        with self._changed:
            self._next = moment
            self._changed.notify_all()

    def replace(self, other: Path) -> None:
        """Take away the journal at ``other`` once this one has, on the disk, all that was taken last."""
        with self._changed:
            self._replaced = other
            self._changed.notify_all()

    def close(self, patience: float = PATIENCE) -> bool:
        """End once all that was taken is on the disk, and return whether it is."""
        with self._changed:
            self._ends = True
            self._changed.notify_all()
        self._thread.join(patience)
        self._sign.take_away()
        return not self._thread.is_alive() and not self._troubled

    def discard(self) -> None:
        """End, and take the file away: nothing of the session is wanted any more."""
        with self._changed:
            self._next = None
        self.close()
        with contextlib.suppress(OSError):
            self.path.unlink()

    # In the thread

    def _work(self) -> None:
        while (moment := self._awaited()) is not None:
            try:
                self._write(moment)
            except Exception as problem:
                # Whatever it is, later moments are tried, and it is said that this one is not kept.
                self._not_written(moment, problem)
            else:
                self._written()

    def _awaited(self) -> Moment | None:
        """Return what to write next, or None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._ends)
            # Not a sleep, because an end hurries it.
            self._changed.wait_for(lambda: self._ends, AGAIN if self._troubled else REST)
            moment, self._next = self._next, None
            return moment

    def _written(self) -> None:
        if self._troubled:
            self._tell("What is changed and not saved is kept again, should byhand end.")
        with self._changed:
            self._troubled = False
            if self._replaced is not None and self._next is None:
                with contextlib.suppress(OSError):
                    self._replaced.unlink()
                self._replaced = None

    def _not_written(self, moment: Moment, problem: Exception) -> None:
        if not self._troubled:
            known = isinstance(problem, OSError | Refused)
            otherwise = str(problem) if known else type(problem).__name__
            reason = REASONS.get(getattr(problem, "errno", None) or 0, otherwise)
            self._tell(f"What is changed and not saved is lost should byhand end; it can't be kept: {reason}.")
        with self._changed:
            self._troubled = True
            if self._next is None and not self._ends:
                self._next = moment

    def _write(self, moment: Moment) -> None:
        self._sign.at(moment.opened)
        if not self._file.must_be_anew:
            self._file.add(moment)
            return
        # Until it has the name, the one before is there, whole.
        file = _File(self.path, self._begun)
        try:
            file.add(moment)
            file.take_name()
            file.flush_name()
        except BaseException:
            file.throw_away()
            raise
        before, self._file = self._file, file
        # Nothing of it is wanted any more, and what could not be closed is closed all the same.
        with contextlib.suppress(OSError):
            before.close()


class _File:
    """The file of a journal, from when it is new until it is written anew; it is locked as long as it is open."""

    def __init__(self, path: Path, begun: parts.BegunPart) -> None:
        self._path, self._beside = path, path.with_suffix(NEW)
        self._descriptor = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._size, self._first, self._damaged = 0, 0, False
        self._opened: Path | None = None
        self._name_is_on_disk = False
        try:
            # Some file systems have no locks; there two at once are not told of each other.
            with contextlib.suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._append([MAGIC])
            self.writer = Writer(self._append)
            self.writer.put(begun)
        except BaseException:
            self.throw_away()
            raise

    @property
    def must_be_anew(self) -> bool:
        """Whether it is too large for what it has, or what is added would not be found."""
        too_large = self._size > self._first * GROWTH + LEAST_GROWTH
        return (self._first > 0 and too_large) or self._damaged or self.writer.outdated

    def open_on(self, opened: Path | None) -> None:
        """Have the file stand in it that is open from here on."""
        if opened != self._opened:
            self.writer.put(parts.AtPart(None if opened is None else _whole(opened)))
            self._opened = opened

    def add(self, moment: Moment) -> None:
        """Add where the session stands, and have it on the disk.

        Raises:
            OSError: the system did not take it; what was there before still is.
        """
        good = self._size
        try:
            self.open_on(moment.opened)
            self.writer.now(moment)
            os.fdatasync(self._descriptor)
            self.flush_name()
        except BaseException:
            # What the writer knows is not there.
            self._damaged = True
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, good)
            raise
        self._first = self._first or self._size

    def take_name(self) -> None:
        """Be the journal from now on; until that is on the disk, the one before is."""
        self._beside.replace(self._path)
        self._name_is_on_disk = False

    def flush_name(self) -> None:
        """Have on the disk under which name it stands."""
        if not self._name_is_on_disk:
            flush_folder(self._path.parent)
        self._name_is_on_disk = True

    def close(self) -> None:
        """Close it, and give the lock up."""
        os.close(self._descriptor)

    def throw_away(self) -> None:
        """Close it, and take it away while it has not the journal's name."""
        self.close()
        with contextlib.suppress(OSError):
            self._beside.unlink()

    def _append(self, buffers: Sequence[Bytes]) -> None:
        self._size += append(self._descriptor, buffers)


def _whole(path: Path) -> str:
    try:
        return os.path.realpath(path)
    except OSError:
        # The working folder was deleted.
        return str(path)
